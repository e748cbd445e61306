import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { readText } from '../../src/io/files.js';
import { parseJsonLines } from '../../src/io/json.js';
import { textTable } from '../../src/io/table.js';
import { mean, meanWithInterval } from '../../src/math/statistics.js';
import { readKernelTunerCache } from '../../workloads/tensor/index.js';
import { ratioAt, replaySession } from '../../workloads/tensor/study/study.js';
import { holm, permutationTest } from './significance.js';

/**
 * Ours beside Kernel Tuner's strategies on measured spaces, with the same trials, seeds and noise:
 *
 *   node dist/bench/peers/kernelTuner.js --python venv/bin/python --out FOLDER [--seeds 50] [--strategies A,B,C] CACHE...
 *
 * Without --python it only reads what FOLDER holds. Sessions in FOLDER are not run again.
 */
const { values: options, positionals: caches } = parseArgs({
  allowPositionals: true,
  options: {
    python: { type: 'string' },
    out: { type: 'string', default: 'runs/peers' },
    seeds: { type: 'string', default: '50' },
    budgets: { type: 'string', default: '64,128,256' },
    strategies: { type: 'string', default: 'hybrid_vndx,genetic_algorithm,simulated_annealing,random_sample' },
    json: { type: 'boolean', default: false },
  },
});
const budgets = options.budgets.split(',').map(Number);
const seeds = Number(options.seeds);
const nameOf = (cache: string): string => basename(cache).split('.json')[0]!;

/** One session of a tuner: its ratio to the optimum at each budget. */
interface Session {
  readonly cache: string;
  readonly strategy: string;
  readonly seed: number;
  readonly budget: number;
  readonly ratio: Readonly<Record<string, number>>;
}

const sessionsIn = (file: string): Session[] => (existsSync(file) ? Array.from(parseJsonLines(readText(file), file), ({ value }) => value as Session) : []);

async function runOurs(file: string): Promise<void> {
  const budget = budgets.at(-1)!;
  const done = new Set(sessionsIn(file).map((session) => `${session.cache} ${session.seed} ${session.budget}`));
  for (const cache of caches) {
    const name = nameOf(cache);
    const space = readKernelTunerCache(cache);
    for (let seed = 0; seed < seeds; seed++) {
      if (done.has(`${name} ${seed} ${budget}`)) continue;
      const session = await replaySession(space, { method: 'rank', seed, trials: budget });
      const ratio = Object.fromEntries(budgets.map((mark) => [mark, ratioAt(session, mark)]));
      appendFileSync(file, `${JSON.stringify({ cache: name, strategy: 'rank', seed, budget, ratio, msPerTrial: session.tunerMs / session.ratios.length })}\n`);
    }
  }
}

function runTheirs(python: string, file: string): void {
  const script = join(import.meta.dirname, '../../../bench/peers/replayKernelTuner.py');
  const { status } = spawnSync(python, [script, '--seeds', String(seeds), '--budgets', options.budgets, '--strategies', options.strategies, '--out', file, ...caches], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`${python} ${script} exited ${status}.`);
}

/** Ratios by cache, strategy and budget. */
type Ratios = (cache: string, strategy: string, budget: number) => number[];

function summarise(ratios: Ratios): object {
  const rivals = options.strategies.split(',');
  const rows = caches.map(nameOf).flatMap((cache) => ['rank', ...rivals].map((strategy) => ({ cache, strategy })));
  const cells = rows.flatMap((row) => budgets.map((budget) => ({ ...row, budget, values: ratios(row.cache, row.strategy, budget) })));
  const compared = cells
    .filter(({ strategy, values }) => strategy !== 'rank' && values.length > 1)
    .map((cell) => ({ ...cell, ours: ratios(cell.cache, 'rank', cell.budget) }))
    .filter(({ ours }) => ours.length > 1);
  const corrected = holm(compared.map(({ ours, values }) => permutationTest(ours, values)));
  return {
    cells: cells.map(({ values, ...cell }) => ({ ...cell, seeds: values.length, ...meanWithInterval(values) })),
    comparisons: compared.map(({ values, ours, ...cell }, i) => ({ ...cell, difference: mean(ours) - mean(values), p: corrected[i]! })),
  };
}

function table(document: ReturnType<typeof summarise>): string {
  const { cells, comparisons } = document as { cells: { cache: string; strategy: string; budget: number; seeds: number; mean: number; ci95: number }[]; comparisons: { cache: string; strategy: string; budget: number; difference: number; p: number }[] };
  const verdict = (cell: (typeof cells)[number]): string => {
    const found = comparisons.find(({ cache, strategy, budget }) => cache === cell.cache && strategy === cell.strategy && budget === cell.budget);
    if (found === undefined || found.p >= 0.05) return '';
    return found.difference < 0 ? ' *' : ' !';
  };
  const rows = new Map<string, string[]>();
  for (const cell of cells) {
    const row = rows.get(`${cell.cache} ${cell.strategy}`) ?? [cell.cache, cell.strategy, String(cell.seeds)];
    row.push(cell.seeds === 0 ? '' : `${cell.mean.toFixed(3)} ± ${cell.ci95.toFixed(3)}${verdict(cell)}`);
    rows.set(`${cell.cache} ${cell.strategy}`, row);
  }
  return `${textTable(['space', 'method', 'seeds', ...budgets.map((budget) => `@${budget}`)], [...rows.values()])}\n\n* worse than rank, ! better than rank: p < 0.05 after Holm's correction over ${comparisons.length} comparisons.`;
}

mkdirSync(options.out, { recursive: true });
const files = { ours: join(options.out, 'rank.jsonl'), theirs: join(options.out, 'kernelTuner.jsonl') };
if (options.python !== undefined) runTheirs(options.python, files.theirs);
await runOurs(files.ours);
const sessions = [...sessionsIn(files.ours), ...sessionsIn(files.theirs)].filter(({ seed, budget }) => seed < seeds && budget === budgets.at(-1));
const document = summarise((cache, strategy, budget) =>
  sessions.filter((session) => session.cache === cache && session.strategy === strategy).map(({ ratio }) => ratio[budget] ?? Infinity),
);
process.stdout.write(`${options.json ? JSON.stringify(document) : table(document)}\n`);
