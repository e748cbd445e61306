import { join } from 'node:path';
import { barChart } from '../../src/plots/charts.js';
import { savePng } from '../../src/plots/render.js';
import { publishedFigures } from './published.js';
import type { PublishedFigure } from './published.js';
import { servedModel } from './servedModels.js';
import { simulate } from './simulate.js';
import type { Gating, Routing, Simulation } from './simulate.js';

export interface Reproduction extends PublishedFigure {
  readonly title: string;
  readonly unit: string;
  /** With even routing, both gatings at the published batch. */
  readonly predicted: number;
  /** predicted / published - 1. */
  readonly relativeDifference: number;
  /** With every token going to experts of one device: the other end of what routing can do to the figure. */
  readonly predictedOneDevice: number;
  /** Of a speed-up: highest throughput over highest throughput, each gating at its best batch that fits; else null. */
  readonly predictedBestBatch: number | null;
  /** Least and greatest Zipf exponent of routing at which the prediction is within 15 %; null where none is. */
  readonly impliedSkew: readonly [number, number] | null;
}

const gb = 2 ** 30;
type Figure = PublishedFigure['figure'];
/** Simulates the figure's model under one routing; at the published batch where none is given. */
type Run = (gating: Gating, nodes: number, batch?: number) => Simulation;

const figures: Record<Figure, { title: string; unit: string; predict: (run: Run) => number }> = {
  staticLatencyMs: { title: 'static gating, latency', unit: 'ms', predict: (run) => run('static', 1).latencyMs },
  speedupOneNode: { title: 'dynamic gating, speed-up on 1 node', unit: 'x', predict: (run) => speedup(run, 1) },
  speedupManyNodes: {
    title: 'dynamic gating, best speed-up on 2 or 4 nodes',
    unit: 'x',
    predict: (run) => Math.max(speedup(run, 2), speedup(run, 4)),
  },
  memoryPerDeviceGb: {
    title: 'static gating, memory per device',
    unit: 'GB',
    predict: (run) => run('static', 1).memory.totalBytes / gb,
  },
  staticActivationGb: {
    title: 'static gating, activations',
    unit: 'GB',
    predict: (run) => run('static', 1).memory.activationBytes / gb,
  },
  dynamicActivationGb: {
    title: 'dynamic gating, activations',
    unit: 'GB',
    predict: (run) => run('dynamic', 1).memory.activationBytes / gb,
  },
  wasteFactor: { title: 'waste factor E C / k', unit: 'x', predict: (run) => run('static', 1).wasteFactor },
};

const speedup = (run: Run, nodes: number): number => run('static', nodes).latencyMs / run('dynamic', nodes).latencyMs;

/** Speed-ups as the paper's summary states them: of the highest throughput, whatever batch reaches it. */
const bestBatchSpeedups: Partial<Record<Figure, (run: Run) => number>> = {
  speedupOneNode: (run) => throughputGain(run, 1),
  speedupManyNodes: (run) => Math.max(throughputGain(run, 2), throughputGain(run, 4)),
};

const throughputGain = (run: Run, nodes: number): number =>
  highestThroughput(run, 'dynamic', nodes) / highestThroughput(run, 'static', nodes);

/** Over batches of 1, 2, 4 ... sequences a device, and of three quarters of these, as long as they fit its memory. */
function highestThroughput(run: Run, gating: Gating, nodes: number): number {
  let highest = 0;
  for (let batch = 1; ; batch *= 2) {
    const tried = [batch, ...(batch >= 4 ? [(3 * batch) / 4] : [])].map((each) => run(gating, nodes, each));
    for (const { memory, tokensPerSecond } of tried) if (memory.fits) highest = Math.max(highest, tokensPerSecond);
    if (tried.every(({ memory }) => !memory.fits)) return highest;
  }
}

/** Zipf exponents of routing that are tried, from even to nearly all tokens on one pair of experts. */
const skews = Array.from({ length: 13 }, (_, i) => i / 4);
const aim = 0.15;

/** Every published figure beside what the simulator predicts for it, and what routing would have to be for it. */
export function reproduce(): Reproduction[] {
  return publishedFigures.map(({ model, figure, value }) => {
    const { title, unit, predict } = figures[figure];
    const runUnder =
      (routing: Routing): Run =>
      (gating, nodes, batch) =>
        simulate({ model, gating, nodes, routing, ...(batch === undefined ? {} : { batch }) });
    const predicted = predict(runUnder({ zipf: 0 }));
    const fitting = skews.filter((zipf) => Math.abs(predict(runUnder({ zipf })) / value - 1) <= aim);
    return {
      model,
      figure,
      title: `${servedModel(model).title}: ${title}`,
      unit,
      value,
      predicted,
      relativeDifference: predicted / value - 1,
      predictedOneDevice: predict(runUnder('one-device')),
      predictedBestBatch: bestBatchSpeedups[figure]?.(runUnder({ zipf: 0 })) ?? null,
      impliedSkew: fitting.length > 0 ? [fitting[0]!, fitting.at(-1)!] : null,
    };
  });
}

const charts: readonly { file: string; title: string; label: string; figures: readonly Figure[] }[] = [
  { file: 'moe-latency.png', title: 'Latency of static gating', label: 'latency (ms)', figures: ['staticLatencyMs'] },
  {
    file: 'moe-speedup.png',
    title: 'Speed-up of dynamic over static gating',
    label: 'speed-up',
    figures: ['speedupOneNode', 'speedupManyNodes'],
  },
  {
    file: 'moe-memory.png',
    title: 'Memory of a device',
    label: 'memory (GB)',
    figures: ['memoryPerDeviceGb', 'staticActivationGb', 'dynamicActivationGb'],
  },
];

/** Draws predicted beside published as bar charts; returns the files. Throws InputError where one cannot be written. */
export function drawReproduction(rows: readonly Reproduction[], folder: string): string[] {
  return charts.map((chart) => {
    const shown = rows.filter((row) => chart.figures.includes(row.figure));
    const file = join(folder, chart.file);
    savePng(
      file,
      barChart({
        title: chart.title,
        categories: shown.map((row) => `${row.model}, ${figures[row.figure].title.replace(/^.*, /, '')}`),
        y: { label: chart.label, logarithmic: chart.figures.includes('staticLatencyMs') },
        series: [
          { name: 'published', values: shown.map((row) => row.value) },
          { name: 'predicted, even routing', values: shown.map((row) => row.predicted) },
          { name: 'predicted, all to one device', values: shown.map((row) => row.predictedOneDevice) },
        ],
      }),
    );
    return file;
  });
}
