import type { ChartConfiguration } from 'chart.js';
import type { DayRecord } from '../../envs/index.js';
import { barChart } from '../../src/plots/charts.js';

/** Who sends which jobs where: a bar for each origin and deadline class, split by the site that ran them. */
export function flowFigure(record: DayRecord): ChartConfiguration {
  const names = record.sites.map((site) => site.name);
  const classes = Object.entries(record.flows) as [keyof DayRecord['flows'], number[][][]][];
  const bars = names.flatMap((origin, from) =>
    classes.map(([deadline, flows]) => ({ name: `${origin}, ${deadline}`, jobs: flows[from]!.map((slots) => sum(slots)) })),
  );
  return barChart({
    title: `Jobs by origin, deadline and destination, ${record.day}`,
    categories: bars.map((bar) => bar.name),
    y: { label: 'jobs' },
    stacked: true,
    series: names.map((name, to) => ({ name: `run at ${name}`, values: bars.map((bar) => bar.jobs[to]!) })),
  });
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
