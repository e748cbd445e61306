import type { ChartConfiguration } from 'chart.js';
import type { Axis } from './charts.js';
import { fill } from './style.js';

export interface IntervalChart {
  title: string;
  x: Axis;
  /** From top to bottom. Rows of one group share a fill and an entry in the legend. */
  rows: readonly { name: string; group: string; value: number; low: number; high: number }[];
}

/** Horizontal bars, each with its interval as a black whisker, as a Chart.js configuration. */
export function intervalChart({ title, x, rows }: IntervalChart): ChartConfiguration {
  // In order of name, so that a group looks the same in figures whose rows are sorted differently.
  const groups = [...new Set(rows.map((row) => row.group))].sort();
  const whiskers = {
    label: 'interval',
    data: rows.map(({ low, high }) => (high > low ? [low, high] : null)),
    backgroundColor: '#000000',
    barThickness: 3,
    grouped: false,
    order: 0,
  };
  const bars = groups.map((group, index) => ({
    label: group,
    data: rows.map((row) => (row.group === group ? row.value : null)),
    backgroundColor: fill(index),
    borderColor: '#333333',
    borderWidth: 1,
    grouped: false,
    order: 1,
  }));
  return {
    type: 'bar',
    data: { labels: rows.map((row) => row.name), datasets: [whiskers as never, ...bars] },
    options: {
      indexAxis: 'y',
      scales: {
        x: {
          title: { display: true, text: x.label },
          grid: { color: '#e6e6e6' },
          ...(x.min === undefined ? {} : { min: x.min }),
          ...(x.max === undefined ? {} : { max: x.max }),
        },
        y: { grid: { display: false }, ticks: { autoSkip: false } },
      },
      plugins: {
        title: { display: true, text: title, font: { size: 16 } },
        legend: { position: 'bottom', labels: { filter: (item) => item.text !== 'interval' } },
      },
    },
  };
}
