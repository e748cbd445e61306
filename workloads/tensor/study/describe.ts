import { textTable } from '../../../src/io/table.js';
import { withUnit } from '../measure/objective.js';
import type { SpaceReport } from './report.js';
import type { ReplayRunResult, WasmRunResult } from './run.js';
import type { StudyResult } from './study.js';

const significant = (value: number): string => Number(value.toPrecision(4)).toString();
const better = { minimise: 'least', maximise: 'most' } as const;

/** A replay study for people: one row per method, best found / optimum at each budget. */
export function describeStudy(study: StudyResult): string {
  const budgets = Object.keys(study.methods[0]?.ratio ?? {});
  const learned = study.methods.some(({ historyDropped }) => historyDropped !== null);
  const table = textTable(
    ['method', ...budgets.map((budget) => `@${budget}`), 'tuner ms/trial', ...(learned ? ['history dropped'] : [])],
    study.methods.map(({ name, ratio, tunerMsPerTrial, historyDropped }) => [
      name,
      ...budgets.map((budget) => `${ratio[budget]!.mean.toFixed(3)} ± ${ratio[budget]!.ci95.toFixed(3)}`),
      tunerMsPerTrial.toFixed(2),
      ...(learned ? [historyDropped === null ? '' : `${historyDropped} of ${study.seeds}`] : []),
    ]),
  );
  return [
    `${study.space}: ${study.configurations} configurations, ${study.failed} failed, optimum ${withUnit(study.objective, study.optimum)} (${study.objective.name}, ${better[study.objective.direction]} is best).`,
    `${study.objective.direction === 'minimise' ? 'Best found / optimum' : 'Optimum / best found'} after so many trials; mean and 95 % interval over ${study.seeds} seeds.`,
    '',
    table,
  ].join('\n');
}

const shownConfiguration = (config: object): string => Object.entries(config).map(([knob, value]) => `${knob}=${String(value)}`).join(' ');

/** A tuning run for people: the best configuration and what it is worth. */
export function describeRun(result: ReplayRunResult | WasmRunResult): string {
  const { best, failed, historyTrusted, method, objective, resumed, space, trials } = result;
  const lines = [`${space}: ${trials} trials with ${method}, ${failed} failed${resumed > 0 ? `, ${resumed} taken from the history` : ''}.`];
  if (historyTrusted === false) lines.push('What the other histories taught was dropped: it does not agree with what was measured here.');
  if (best === null) return [...lines, 'No configuration worked.'].join('\n');
  lines.push(`Best ${objective.name}: ${withUnit(objective, best.value)} with ${shownConfiguration(best.config)}`);
  if ('ratio' in result) {
    const ratio = objective.direction === 'minimise' ? result.ratio! : 1 / result.ratio!;
    lines.push(`Its true mean is ${ratio.toFixed(3)} x the optimum of ${withUnit(objective, result.optimum)}.`);
  } else if (result.comparison !== null) {
    const { comparison } = result;
    const row = (name: string, key: 'best' | 'default' | 'onnxruntime'): string[] => [
      name,
      significant(comparison[key].timeMs),
      comparison[key].gflops.toFixed(2),
    ];
    lines.push(
      '',
      textTable(
        ['measured again, in turn', 'ms', 'GFLOP/s'],
        [row('best schedule', 'best'), row('untuned default schedule', 'default'), row('ONNX Runtime, one thread', 'onnxruntime')],
      ),
      '',
      `The best schedule is ${comparison.speedup.toFixed(2)} x as fast as the default.`,
    );
  }
  return lines.join('\n');
}

/** Reports for people: the best time per method, the model by round, and where the figures are. */
export function describeReport(reports: readonly SpaceReport[]): string {
  return reports
    .map(({ figures, methods, objective, space }) => {
      const best = methods.map(({ bestSoFar, name, runs }) => {
        const last = bestSoFar.at(-1)!;
        return [name, String(runs), String(last.trial), `${significant(last.mean)}${last.ci95 === null ? '' : ` ± ${significant(last.ci95)}`}`];
      });
      const rounds = methods.flatMap(({ name, rounds }) =>
        rounds.map((round) => [name, String(round.round), round.trials.toFixed(0), round.rankCorrelation.toFixed(3), round.recallAt64.toFixed(3)]),
      );
      return [
        `${space}`,
        '',
        textTable(['method', 'runs', 'trials', `best ${objective.name} measured (${objective.unit})`], best),
        '',
        textTable(['model before round', 'round', 'trials', 'rank correlation', 'recall@64'], rounds),
        '',
        ...figures.map((figure) => `Drew ${figure}.`),
      ].join('\n');
    })
    .join('\n\n');
}
