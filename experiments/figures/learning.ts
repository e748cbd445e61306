import type { ChartConfiguration } from 'chart.js';
import { lineChart } from '../../src/plots/charts.js';
import type { LineSeries } from '../../src/plots/charts.js';
import { mean, meanWithInterval } from '../../src/math/statistics.js';

/** Validation results of one run against environment steps. */
export interface LearningCurve {
  readonly steps: readonly number[];
  readonly utility: readonly number[];
  readonly lateRate: readonly number[];
}

/**
 * Learning curves: for each method the mean over its runs with a 95 % interval of that mean (none for a single run),
 * and rule-based schedulers as horizontal lines.
 */
export function learningFigure(
  measure: 'utility' | 'lateRate',
  methods: readonly { name: string; runs: readonly LearningCurve[] }[],
  references: readonly { name: string; utility: number; lateRate: number }[],
): ChartConfiguration {
  const scale = measure === 'lateRate' ? 100 : 1;
  return lineChart({
    title: measure === 'utility' ? 'Utility on validation days' : 'Late jobs on validation days',
    x: { label: 'environment steps' },
    y: { label: measure === 'utility' ? 'utility units per day' : 'late jobs (%)', ...(measure === 'lateRate' ? { min: 0 } : {}) },
    series: methods.map(({ name, runs }) => curve(name, runs, measure, scale)),
    references: references.map((reference) => ({ name: reference.name, y: scale * reference[measure] })),
  });
}

function curve(name: string, runs: readonly LearningCurve[], measure: 'utility' | 'lateRate', scale: number): LineSeries {
  const length = Math.min(...runs.map((run) => run.steps.length));
  const at = Array.from({ length }, (_, i) => runs.map((run) => scale * run[measure][i]!));
  const line = { name, x: runs[0]!.steps.slice(0, length), y: at.map((values) => mean(values)) };
  if (runs.length === 1) return line;
  const intervals = at.map((values) => meanWithInterval(values));
  return {
    ...line,
    low: intervals.map((interval) => interval.mean - interval.ci95),
    high: intervals.map((interval) => interval.mean + interval.ci95),
  };
}
