import type { ChartConfiguration } from 'chart.js';
import type { DayTotals } from '../../envs/index.js';
import { barChart } from '../../src/plots/charts.js';
import { mean } from '../../src/math/statistics.js';

/** What each method earns and pays on an average day, in utility units. */
export function costFigure(methods: readonly { name: string; days: readonly DayTotals[] }[]): ChartConfiguration {
  const bars = [
    ['revenue', (day: DayTotals) => day.revenue],
    ['penalty for lateness', (day: DayTotals) => -day.penalty],
    ['transfer', (day: DayTotals) => -day.transferCost],
    ['energy', (day: DayTotals) => -day.energyCost],
    ['utility', (day: DayTotals) => day.utility],
  ] as const;
  return barChart({
    title: 'Where utility comes from and goes (mean day)',
    categories: methods.map((method) => method.name),
    y: { label: 'utility units per day' },
    series: bars.map(([name, of]) => ({ name, values: methods.map((method) => mean(method.days.map(of))) })),
  });
}
