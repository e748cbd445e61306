import { textTable } from '../../src/io/table.js';
import type { Evaluation } from '../run/summarise.js';

/** Methods side by side; money in utility units, all per day. */
export function evaluationTable(rows: readonly { name: string; evaluation: Evaluation }[]): string {
  return textTable(
    ['method', 'utility', '+-', 'late %', 'revenue', 'penalty', 'transfer', 'energy', 'kWh', 'kg CO2'],
    rows.map(({ name, evaluation: e }) => [
      name,
      e.utility.mean.toFixed(0),
      e.utility.ci95 === null ? '-' : e.utility.ci95.toFixed(0),
      (100 * e.lateRate).toFixed(2),
      e.revenue.toFixed(0),
      e.penalty.toFixed(0),
      e.transferCost.toFixed(0),
      e.energyCost.toFixed(0),
      e.energyKwh.toFixed(0),
      e.carbonKg.toFixed(0),
    ]),
  );
}
