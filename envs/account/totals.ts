/**
 * The account of one day over the fleet. Money is in utility units (`utilityUnitUsd` each); each figure is summed on
 * its own, so that utility = revenue - penalty - transferCost - energyCost is a check, and so is
 * energyCost = importCost - exportRevenue + wearCost + storedEnergyCost.
 */
export interface DayTotals {
  utility: number;
  revenue: number;
  penalty: number;
  transferCost: number;
  energyCost: number;
  importCost: number;
  exportRevenue: number;
  wearCost: number;
  /** What it takes to give the batteries back the charge they began with, at the day's mean market price. */
  storedEnergyCost: number;
  /** Energy cost as charged to the jobs at dispatch, see `FleetSimulator.marginalUsdPerKwh`. */
  attributedEnergyCost: number;
  jobs: number;
  late: number;
  lateRate: number;
  transferred: number;
  /** Images of all jobs, one request of each bundle counted. */
  images: number;
  /** Text jobs among them, and those late. */
  textJobs: number;
  textLate: number;
  /** Mean denoising steps over image jobs. */
  meanSteps: number;
  /** GPU-seconds that dispatched jobs take, and GPU-seconds executed (past the day's end included). */
  dispatchedGpuSeconds: number;
  executedGpuSeconds: number;
  itKwh: number;
  coolingKwh: number;
  gridImportKwh: number;
  gridExportKwh: number;
  /** Available from PV and wind, the curtailed part included. */
  renewableKwh: number;
  curtailedKwh: number;
  chargedKwh: number;
  dischargedKwh: number;
  /** Direct emissions of the imported energy. */
  carbonKg: number;
}

export const emptyTotals = (): DayTotals => ({
  utility: 0,
  revenue: 0,
  penalty: 0,
  transferCost: 0,
  energyCost: 0,
  importCost: 0,
  exportRevenue: 0,
  wearCost: 0,
  storedEnergyCost: 0,
  attributedEnergyCost: 0,
  jobs: 0,
  late: 0,
  lateRate: 0,
  transferred: 0,
  images: 0,
  textJobs: 0,
  textLate: 0,
  meanSteps: 0,
  dispatchedGpuSeconds: 0,
  executedGpuSeconds: 0,
  itKwh: 0,
  coolingKwh: 0,
  gridImportKwh: 0,
  gridExportKwh: 0,
  renewableKwh: 0,
  curtailedKwh: 0,
  chargedKwh: 0,
  dischargedKwh: 0,
  carbonKg: 0,
});

/** Fills in what follows from the sums at the end of a day; `stepsSum` is of all image jobs. */
export function closeTotals(totals: DayTotals, stepsSum: number): DayTotals {
  totals.lateRate = totals.jobs === 0 ? 0 : totals.late / totals.jobs;
  const imageJobs = totals.jobs - totals.textJobs;
  totals.meanSteps = imageJobs === 0 ? 0 : stepsSum / imageJobs;
  return totals;
}
