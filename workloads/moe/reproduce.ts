import { join } from 'node:path';
import { barChart } from '../../src/plots/charts.js';
import { savePng } from '../../src/plots/render.js';
import { publishedFigures } from './published.js';
import type { PublishedFigure } from './published.js';
import { servedModel } from './servedModels.js';
import { simulate } from './simulate.js';
import type { Routing, Simulation } from './simulate.js';

export interface Reproduction extends PublishedFigure {
  readonly title: string;
  readonly unit: string;
  /** With even routing. */
  readonly predicted: number;
  /** predicted / published - 1. */
  readonly relativeDifference: number;
  /** With every token going to experts of one device: the other end of what routing can do to the figure. */
  readonly predictedOneDevice: number;
}

const gb = 2 ** 30;
type Figure = PublishedFigure['figure'];
/** Simulates the figure's model under one routing. */
type Run = (gating: 'static' | 'dynamic', nodes: number) => Simulation;

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

/** Every published figure beside what the simulator predicts for it. */
export function reproduce(): Reproduction[] {
  return publishedFigures.map(({ model, figure, value }) => {
    const { title, unit, predict } = figures[figure];
    const under = (routing: Routing): number => predict((gating, nodes) => simulate({ model, gating, nodes, routing }));
    const predicted = under({ zipf: 0 });
    return {
      model,
      figure,
      title: `${servedModel(model).title}: ${title}`,
      unit,
      value,
      predicted,
      relativeDifference: predicted / value - 1,
      predictedOneDevice: under('one-device'),
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
