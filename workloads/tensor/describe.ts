import { textTable } from '../../src/io/table.js';
import type { StudyResult } from './study.js';

const significant = (value: number): string => Number(value.toPrecision(4)).toString();

/** A replay study for people: one row per method, best found / optimum at each budget. */
export function describeStudy(study: StudyResult): string {
  const budgets = Object.keys(study.methods[0]?.ratio ?? {});
  const table = textTable(
    ['method', ...budgets.map((budget) => `@${budget}`), 'tuner ms/trial'],
    study.methods.map(({ name, ratio, tunerMsPerTrial }) => [
      name,
      ...budgets.map((budget) => `${ratio[budget]!.mean.toFixed(3)} ± ${ratio[budget]!.ci95.toFixed(3)}`),
      tunerMsPerTrial.toFixed(2),
    ]),
  );
  return [
    `${study.space}: ${study.configurations} configurations, ${study.failed} failed, optimum ${significant(study.optimumMs)} ms.`,
    `Best found / optimum after so many trials; mean and 95 % interval over ${study.seeds} seeds.`,
    '',
    table,
  ].join('\n');
}
