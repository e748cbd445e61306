import type { ChartConfiguration } from 'chart.js';
import type { Estimate } from '../../src/math/comparison.js';
import { lineChart } from '../../src/plots/charts.js';
import { intervalChart } from '../../src/plots/intervals.js';
import type { LearningCurve } from './learning.js';

/** One method's figure with its 95 % interval over seeds. */
export interface Measured {
  readonly name: string;
  readonly learns: boolean;
  readonly estimate: Estimate;
}

/** Methods as bars with intervals, the best on top. `scale` multiplies what is drawn. */
export function methodBars(title: string, label: string, methods: readonly Measured[], { scale = 1, best = 'highest', max }: { scale?: number; best?: 'highest' | 'lowest'; max?: number } = {}): ChartConfiguration {
  const sign = best === 'highest' ? -1 : 1;
  const sorted = [...methods].sort((a, b) => sign * (a.estimate.value - b.estimate.value));
  return intervalChart({
    title,
    x: { label, ...(max === undefined ? {} : { max }) },
    rows: sorted.map(({ name, learns, estimate: { value, low, high } }) => ({
      name,
      group: learns ? 'learns' : 'rule or plan',
      value: scale * value,
      low: scale * low,
      high: scale * high,
    })),
  });
}

/** Lines with bands over a common horizontal axis: performance profiles. */
export function profileFigure(thresholds: readonly number[], methods: readonly { name: string; profile: readonly Estimate[] }[]): ChartConfiguration {
  return lineChart({
    title: 'Performance profile on test days',
    x: { label: 'share of the bound (tau)' },
    y: { label: 'days of all runs above tau (share)', min: 0, max: 1 },
    series: methods.map(({ name, profile }) => ({ name, x: thresholds, ...band(profile) })),
  });
}

/** Sample efficiency: interquartile mean of utility on the validation days against environment steps. */
export function efficiencyFigure(
  methods: readonly { name: string; steps: readonly number[]; points: readonly Estimate[] }[],
  references: readonly { name: string; y: number }[],
): ChartConfiguration {
  return lineChart({
    title: 'Utility on validation days, interquartile mean and 95 % interval over seeds',
    x: { label: 'environment steps' },
    y: { label: 'utility units per day' },
    series: methods.map(({ name, steps, points }) => ({ name, x: steps, ...band(points), points: true })),
    references,
  });
}

const band = (points: readonly Estimate[]): { y: number[]; low: number[]; high: number[] } => ({
  y: points.map((point) => point.value),
  low: points.map((point) => point.low),
  high: points.map((point) => point.high),
});

/** The steps at which all curves have a look: looks come at a day's end, so that steps differ a little between seeds. */
export function commonSteps(curves: readonly LearningCurve[]): number[] {
  const length = Math.min(...curves.map((curve) => curve.steps.length));
  return Array.from({ length }, (_, at) => curves.reduce((sum, curve) => sum + curve.steps[at]!, 0) / curves.length);
}
