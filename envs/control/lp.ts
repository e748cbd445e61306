import type { Highs } from 'highs';
import type { FleetView, ManagedView } from '../view.js';
import { ThresholdManager } from './threshold.js';

/** What the linear program wants of a site's battery for the coming hour. */
interface Plan {
  batteryKw: number;
  /** Whether it means to buy, and to sell, in that hour; if not, the battery follows the actual load instead. */
  imports: boolean;
  exports: boolean;
}

/** Planned powers below this are solver noise, kW. */
const noise = 1e-6;

/**
 * Rolling horizon: every hour a linear program (HiGHS) plans the batteries over the coming hours, each an hourly block
 * of import, export, curtailment, charge and discharge under
 * `load + charge - discharge - renewables + curtailment = import - export`, at least cost of energy and wear; energy
 * left at the end is worth the horizon's mean price. The first hour is carried out. Prices and renewables are known a
 * day ahead or taken to stay as they are (`management.forecast`); the load is taken to stay as it was lately.
 * Clocks and supply temperatures are those of the price thresholds.
 */
export class LpManager extends ThresholdManager {
  override readonly name: string = 'lp';
  private plans: Plan[] = [];

  constructor(private readonly highs: Pick<Highs, 'solve'>) {
    super();
  }

  override beginSlot(fleet: ManagedView): void {
    super.beginSlot(fleet);
    if (fleet.slot % (3600 / fleet.slotSeconds) === 0) this.plans = this.solve(fleet);
  }

  override batteryKw(fleet: FleetView, site: number, netKw: number): number {
    const { batteryKw, imports, exports } = this.plans[site]!;
    if (batteryKw > 0 && !imports) return Math.max(0, Math.min(fleet.batteries[site]!.powerKw, -netKw));
    if (batteryKw < 0 && !exports) return -Math.min(-batteryKw, Math.max(0, netKw));
    return batteryKw;
  }

  private solve(fleet: FleetView): Plan[] {
    const problem = new LinearProgram();
    for (let k = 0; k < fleet.siteCount; k++) addSite(problem, fleet, k);
    const { Status, Columns } = this.highs.solve(problem.text());
    if (Status !== 'Optimal') throw new Error(`The linear program of slot ${fleet.slot} ended as ${Status}.`);
    const value = (name: string): number => (Columns[name] as { Primal: number }).Primal;
    return Array.from({ length: fleet.siteCount }, (_, k) => ({
      batteryKw: value(`c${k}_0`) - value(`d${k}_0`),
      imports: value(`b${k}_0`) > noise,
      exports: value(`x${k}_0`) > noise,
    }));
  }
}

/** A site's blocks: `b` import, `x` export, `u` curtailed, `c` charge, `d` discharge (kW), `e` energy stored after (kWh). */
function addSite(problem: LinearProgram, fleet: FleetView, k: number): void {
  const { management, sites } = fleet.fleet;
  const { battery, gpus } = sites[k]!;
  const market = fleet.markets[k]!;
  const { priceUsdPerKwh, renewableKw } = fleet.conditions.sites[k]!;
  const known = management.forecast === 'day-ahead';
  const hours = management.horizonHours;
  const dynamicKw = gpus.powerKw * (1 - gpus.idleShare);
  const itKw = (gpus.count * gpus.powerKw * gpus.idleShare + fleet.offeredGpus[k]! * dynamicKw) * fleet.itFactor[k]!;
  const loadKw = itKw * (1 + fleet.coolingRatio[k]!);
  const prices = Array.from({ length: hours }, (_, t) => (known ? hourMean(fleet, priceUsdPerKwh, t) : priceUsdPerKwh[fleet.slot]!));
  const leftValue = Math.max(0, prices.reduce((a, b) => a + b, 0) / hours);
  prices.forEach((price, t) => {
    const renewable = known ? hourMean(fleet, renewableKw, t) : renewableKw[fleet.slot]!;
    const { importCost, exportWorth, sells } = market.trades(price);
    problem.variable(`b${k}_${t}`, importCost, 0, loadKw + battery.powerKw);
    problem.variable(`x${k}_${t}`, -exportWorth, 0, sells ? renewable + battery.powerKw : 0);
    problem.variable(`u${k}_${t}`, 0, 0, renewable);
    problem.variable(`c${k}_${t}`, 0, 0, battery.powerKw);
    problem.variable(`d${k}_${t}`, battery.wearUsdPerKwh, 0, battery.powerKw);
    const last = t === hours - 1;
    const { capacityKwh, socMin, socMax, etaCharge, etaDischarge } = battery;
    problem.variable(`e${k}_${t}`, last ? -leftValue : 0, socMin * capacityKwh, socMax * capacityKwh);
    problem.equal([[1, `b${k}_${t}`], [-1, `x${k}_${t}`], [-1, `u${k}_${t}`], [-1, `c${k}_${t}`], [1, `d${k}_${t}`]], loadKw - renewable);
    const change: Term[] = [[1, `e${k}_${t}`], [-etaCharge, `c${k}_${t}`], [1 / etaDischarge, `d${k}_${t}`]];
    if (t === 0) problem.equal(change, fleet.batteries[k]!.energyKwh);
    else problem.equal([...change, [-1, `e${k}_${t - 1}`]], 0);
  });
}

/** Mean of a per-slot series over the hour that begins `ahead` hours from the current slot. */
function hourMean(fleet: FleetView, series: Float64Array, ahead: number): number {
  const perHour = 3600 / fleet.slotSeconds;
  const last = fleet.foreseenSlots - 1;
  let sum = 0;
  for (let i = 0; i < perHour; i++) sum += series[Math.min(last, fleet.slot + ahead * perHour + i)]!;
  return sum / perHour;
}

type Term = [coefficient: number, variable: string];

/** A linear program to be minimised, written in the CPLEX LP format. */
class LinearProgram {
  private readonly objective: string[] = [];
  private readonly rows: string[] = [];
  private readonly bounds: string[] = [];

  variable(name: string, cost: number, low: number, high: number): void {
    this.objective.push(term([cost, name]));
    this.bounds.push(`${low} <= ${name} <= ${high}`);
  }

  equal(terms: readonly Term[], value: number): void {
    this.rows.push(`r${this.rows.length}: ${terms.map(term).join(' ')} = ${value}`);
  }

  text(): string {
    return `Minimize\nobj: ${this.objective.join('\n')}\nSubject To\n${this.rows.join('\n')}\nBounds\n${this.bounds.join('\n')}\nEnd\n`;
  }
}

const term = ([coefficient, variable]: Term): string => `${coefficient < 0 ? '-' : '+'} ${Math.abs(coefficient)} ${variable}`;
