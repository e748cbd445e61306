import type { DayRecord, ServedFleet, SiteRecord } from '../../envs/index.js';
import type { Estimate } from '../../src/math/comparison.js';
import { crossedMean } from '../../src/math/comparison.js';
import { correlation, mean, ranks } from '../../src/math/statistics.js';

/** A qualitative finding of the paper, as a figure: it holds if the interval over runs and days lies on the expected side of zero. */
export interface Finding {
  readonly ask: string;
  readonly holds: boolean;
  /** Mean over runs and days, with its interval over both. */
  readonly estimate: Estimate;
  readonly unit: string;
  /** Which side of zero makes it a yes. */
  readonly expected: 'above' | 'below';
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** Records by run: each run has the same days, in the same order, one run behind another. */
function runsOf(records: readonly DayRecord[]): DayRecord[][] {
  const days = new Set(records.map(({ day }) => day)).size;
  return Array.from({ length: records.length / days }, (_, run) => records.slice(run * days, (run + 1) * days));
}

/** What recorded days of one policy say about the paper's qualitative findings. Days on which nothing moved are left out. */
export function findings(records: readonly DayRecord[], fleet: ServedFleet): Finding[] {
  const { sites } = fleet;
  const runs = runsOf(records);
  const best = (of: (site: (typeof sites)[number]) => number): number => {
    const values = sites.map(of);
    return values.indexOf(Math.max(...values));
  };
  const fast = best((site) => -(site.model.baseSeconds + 20 * site.model.secondsPerStep));
  const fine = best((site) => site.model.quality.ceiling);
  const shareTo = (record: DayRecord, deadline: 'short' | 'long', site: number): number => {
    const to = (k: number): number => sum(record.flows[deadline].map((destinations) => sum(destinations[k]!)));
    return to(site) / sum(sites.map((_, k) => to(k)));
  };
  const siteName = (k: number): string => `${sites[k]!.name} (${sites[k]!.model.name})`;
  const finding = (ask: string, unit: string, expected: Finding['expected'], of: (record: DayRecord) => number | null): Finding => {
    const scores = runs.map((run) => run.map(of).map((value) => (value === null || Number.isNaN(value) ? null : value)));
    const estimate = crossedMean(scores);
    return { ask, unit, expected, estimate, holds: expected === 'above' ? estimate.low > 0 : estimate.high < 0 };
  };
  return [
    finding('Do batteries charge when power is cheap and discharge when it is dear?', 'correlation of battery power with price within a day', 'below', (record) =>
      averageOfMoving(record.sites, (site) => correlation(site.batteryKw, site.priceUsdPerMwh)),
    ),
    finding('Is energy discharged at a higher price than it was charged at?', 'USD/MWh, discharge less charge', 'above', (record) =>
      averageOfMoving(record.sites, (site) => priceOf(site, -1) - priceOf(site, 1)),
    ),
    finding('Does more of the load run where and when power is cheap?', 'rank correlation of busy GPUs with price over sites, within a slot', 'below', loadAgainstPrice),
    finding(`Do short deadlines go to the fast site more than long ones do?`, `share sent to ${siteName(fast)}, short less long`, 'above', (record) =>
      shareTo(record, 'short', fast) - shareTo(record, 'long', fast),
    ),
    finding('Do short deadlines go to lightly loaded sites more than long ones do?', 'minutes of backlog at the destination, short less long', 'below', (record) =>
      backlogMet(record, 'short') - backlogMet(record, 'long'),
    ),
    finding(`Do long deadlines go to the high-quality site more than short ones do?`, `share sent to ${siteName(fine)}, long less short`, 'above', (record) =>
      shareTo(record, 'long', fine) - shareTo(record, 'short', fine),
    ),
  ];
}

function averageOfMoving(sites: readonly SiteRecord[], of: (site: SiteRecord) => number): number | null {
  const moving = sites.filter((site) => site.batteryKw.some((power) => power > 0) && site.batteryKw.some((power) => power < 0));
  return moving.length === 0 ? null : mean(moving.map(of));
}

/** Mean price while charging (sign 1) or discharging (-1), weighted by power. */
function priceOf(site: SiteRecord, sign: 1 | -1): number {
  const weights = site.batteryKw.map((power) => Math.max(0, sign * power));
  return sum(weights.map((weight, slot) => weight * site.priceUsdPerMwh[slot]!)) / sum(weights);
}

function loadAgainstPrice(record: DayRecord): number {
  const slots = record.sites[0]!.utilisation.map((_, slot) =>
    correlation(ranks(record.sites.map((site) => site.utilisation[slot]!)), ranks(record.sites.map((site) => site.priceUsdPerMwh[slot]!))),
  );
  return mean(slots);
}

/** Mean backlog, in minutes, that jobs of a deadline class find where they are sent: at the end of the slot before. */
function backlogMet(record: DayRecord, deadline: 'short' | 'long'): number {
  let jobs = 0;
  let minutes = 0;
  for (const destinations of record.flows[deadline]) {
    destinations.forEach((slots, site) =>
      slots.forEach((count, slot) => {
        jobs += count;
        if (slot > 0) minutes += (count * record.sites[site]!.backlogSeconds[slot - 1]!) / 60;
      }),
    );
  }
  return minutes / jobs;
}
