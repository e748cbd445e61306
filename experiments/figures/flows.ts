import type { ChartConfiguration } from 'chart.js';
import type { DayRecord } from '../../envs/index.js';
import { barChart } from '../../src/plots/charts.js';

/** Who sends which jobs where, on an average of the days: a bar for each origin and deadline class, split by the site that ran them. */
export function flowFigure(records: readonly DayRecord[], when: string): ChartConfiguration {
  const names = records[0]!.sites.map((site) => site.name);
  const jobs = (deadline: keyof DayRecord['flows'], from: number, to: number): number =>
    sum(records.map((record) => sum(record.flows[deadline][from]![to]!))) / records.length;
  const bars = names.flatMap((origin, from) =>
    (['short', 'long'] as const).map((deadline) => ({
      name: `${origin}, ${deadline}`,
      jobs: names.map((_, to) => jobs(deadline, from, to)),
    })),
  );
  return barChart({
    title: `Jobs by origin, deadline and destination: ${when}`,
    categories: bars.map((bar) => bar.name),
    y: { label: 'jobs per day' },
    stacked: true,
    series: names.map((name, to) => ({ name: `run at ${name}`, values: bars.map((bar) => bar.jobs[to]!) })),
  });
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
