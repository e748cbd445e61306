/**
 * Who should manage batteries and clocks? Trains agents that set them and compares them with price thresholds and the
 * rolling linear program on the same test days, fleets and jobs.
 *
 *     npx tsx bench/energyControl.ts DATA_FOLDER RESULTS.json [SEEDS] [STEPS]
 *
 * Every finished run is kept in RESULTS.json, and is not run again.
 */
import { existsSync, readFileSync } from 'node:fs';
import type { DayTotals } from '../envs/index.js';
import { createTrainee } from '../experiments/run/agent.js';
import { resolveExperiment } from '../experiments/run/config.js';
import { evaluateScheduler, schedulerFor } from '../experiments/run/evaluate.js';
import { loadSetting } from '../experiments/run/setting.js';
import { writeAtomic } from '../src/io/files.js';
import { textTable } from '../src/io/table.js';
import { mean, meanWithInterval } from '../src/math/statistics.js';

const [data, file, seeds = '5', steps = '10000'] = process.argv.slice(2);
if (data === undefined || file === undefined) throw new Error('expected DATA_FOLDER RESULTS.json [SEEDS] [STEPS]');

/** Of a day, in utility units: what is compared. */
const figures = ['utility', 'energyCost', 'wearCost', 'revenue'] as const;
type Figures = Record<(typeof figures)[number] | 'late' | 'dischargedKwh', number>;

const figuresOf = (totals: readonly DayTotals[]): Figures => ({
  ...(Object.fromEntries(figures.map((name) => [name, mean(totals.map((day) => day[name]))])) as Record<(typeof figures)[number], number>),
  late: mean(totals.map((day) => day.late)) / mean(totals.map((day) => day.jobs)),
  dischargedKwh: mean(totals.map((day) => day.dischargedKwh)),
});

const learner = [
  `steps=${steps}`,
  'shaping.kind=none',
  'agent.batchSize=64',
  'agent.updatesPerStep=0.5',
  // Charging pays hours later: 0.99 a slot looks some eight hours ahead.
  'agent.discount=0.99',
  'agent.nStep=6',
  'evaluation.schedulers=[]',
];

/** `fixed dispatch`: the price of GPU time cannot be moved, so that jobs go as `greedy-lambda` sends them. */
const learned: Record<string, string[]> = {
  'learned battery, threshold clock, fixed dispatch': ['environment.controls=[battery]', 'environment.priceRange=1e-9'],
  'learned battery and clock, fixed dispatch': ['environment.controls=[battery, clock]', 'environment.priceRange=1e-9'],
  'learned battery, clock and dispatch': ['environment.controls=[battery, clock]'],
};

const results: Record<string, Record<string, Figures>> = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as typeof results) : {};
const keep = (method: string, run: string, found: Figures): void => {
  results[method] = { ...results[method], [run]: found };
  writeAtomic(file, `${JSON.stringify(results, null, 2)}\n`);
  console.log(`${method}, ${run}: utility ${found.utility.toFixed(0)}, energy ${found.energyCost.toFixed(0)}`);
};
const missing = (method: string, run: string): boolean => results[method]?.[run] === undefined;

const rules: Record<string, string[]> = {
  'no battery, full clock': ['fleet.management.clockUtilisation=0', ...[0, 1, 2].map((k) => `fleet.sites.${k}.battery.powerKw=0`)],
  'threshold, no battery': [0, 1, 2].map((k) => `fleet.sites.${k}.battery.powerKw=0`),
  threshold: [],
  lp: ['fleet.management.strategy=lp'],
  'lp, persistence': ['fleet.management.strategy=lp', 'fleet.management.forecast=persistence'],
};
for (const [method, set] of Object.entries(rules)) {
  if (!missing(method, 'rule')) continue;
  const setting = await loadSetting(resolveExperiment({ preset: 'price', data, set }));
  const { totals } = evaluateScheduler(setting, schedulerFor(setting, 'greedy-lambda'), setting.days.test, { seed: setting.config.evaluation.seed });
  keep(method, 'rule', figuresOf(totals));
}

for (let seed = 0; seed < Number(seeds); seed++) {
  for (const [method, set] of Object.entries(learned)) {
    if (!missing(method, `seed ${seed}`)) continue;
    const setting = await loadSetting(resolveExperiment({ preset: 'joint', data, seed, set: [...learner, ...set] }));
    const { training, policy } = await createTrainee(setting);
    while (!training.done) await training.runDay();
    keep(method, `seed ${seed}`, figuresOf(policy.results(setting.days.test, setting.config.evaluation.seed).totals));
  }
}

const cell = (values: readonly number[], digits = 0): string => {
  const { mean: middle, ci95 } = meanWithInterval(values);
  return Number.isFinite(ci95) ? `${middle.toFixed(digits)} +- ${ci95.toFixed(digits)}` : middle.toFixed(digits);
};
const rows = Object.entries(results).map(([method, runs]) => {
  const of = (name: keyof Figures, scale = 1): number[] => Object.values(runs).map((run) => scale * run[name]);
  const count = Object.keys(runs).some((run) => run.startsWith('seed')) ? String(Object.keys(runs).length) : '-';
  return [method, count, cell(of('utility')), cell(of('energyCost')), cell(of('wearCost'), 1), cell(of('dischargedKwh'), 1), cell(of('revenue')), cell(of('late', 100), 2)];
});
console.log(textTable(['management', 'seeds', 'utility', 'energy', 'wear', 'discharged kWh', 'revenue', 'late %'], rows));
