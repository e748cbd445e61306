import { textTable } from '../../src/io/table.js';
import type { Calibration } from './calibration.js';
import type { EstimateReport } from './commands.js';
import type { Comparison, ComparisonPoint } from './compare.js';
import { powerTerms } from './power.js';
import type { Errors, Validation } from './validate.js';

const fixed = (value: number, digits = 1): string => value.toFixed(digits);
const figure = (value: number): string => (Math.abs(value) >= 1000 ? value.toFixed(0) : value.toPrecision(3));
const percent = (value: number | null): string => (value === null ? '-' : fixed(value));

const basisNotes = {
  measured: 'calibrated on this device',
  'same chip': 'calibrated on the same chip in another board',
  forecast: 'not calibrated: forecast from its data sheet',
} as const;

/** An estimate for people. */
export function estimateText(report: EstimateReport): string {
  const { interval } = report;
  const row = (name: string, value: number, [low, high]: readonly [number, number]): string[] => [name, figure(value), `${figure(low)} to ${figure(high)}`];
  const shown = report.byKernel.slice(0, 8);
  return [
    `${report.workload} (${report.runtime}) on ${report.devices > 1 ? `${report.devices} x ` : ''}${report.gpu} at ${fixed(report.clockMhz, 0)} MHz${report.throttled ? ' (held down by its power limit)' : ''}, ${basisNotes[report.basis]}`,
    '',
    textTable(
      ['', 'estimate', `${100 * interval.level} % interval`],
      [row('time (ms)', report.timeMs, interval.timeMs), row('power (W)', report.powerW, interval.powerW), row('energy (J)', report.energyJ, interval.energyJ), ...servedRows(report)],
    ),
    '',
    textTable(['kernel', 'runs', 'ms', '% of busy time', 'bound by'], shown.map((k) => [k.kernel, `${k.count}`, figure(k.timeMs), fixed(100 * k.share), k.boundBy])),
    ...(report.byKernel.length > shown.length ? [`and ${report.byKernel.length - shown.length} more`] : []),
    '',
    textTable(['module', 'W'], powerTerms.map((name) => [name, fixed(report.byModule[name])])),
    ...report.warnings.map((warning) => `\nNote: ${warning}.`),
  ].join('\n');
}

const servedNames = {
  tokensPerSecond: 'tokens/s',
  joulesPerToken: 'J/token',
  timeToFirstTokenMs: 'time to first token (ms)',
  joulesPerImage: 'J/image',
  joulesPerVideo: 'J/video',
} as const;

const servedRows = (report: EstimateReport): string[][] =>
  (Object.keys(servedNames) as (keyof typeof servedNames)[]).flatMap((name) => {
    const value = report[name];
    return value === undefined ? [] : [[servedNames[name], figure(value), '']];
  });

/** A calibration for people. */
export function calibrationText(calibration: Calibration, out: string): string {
  const { devices, provenance, interval } = calibration;
  const count = (use: string): number => provenance.sources.reduce((sum, source) => sum + (source.use === use ? source.rows : 0), 0);
  const half = (value: number): string => `${fixed(100 * Math.expm1(value))} %`;
  return [
    `Fitted ${count('fitted')} measurements of ${devices.map(({ name }) => name).join(' and ')}; written to ${out}.`,
    `Each ${interval.heldOut} held out in turn${count('checked') === 0 ? '' : ` and ${count('checked')} measurements of others`}, ${100 * interval.level} % of times are within ${half(interval.time)}, powers ${half(interval.power)}, energies ${half(interval.energy)}.`,
    ...provenance.dropped.map(({ workload, why }) => `Dropped ${workload}: ${why}.`),
  ].join('\n');
}

/** Lee et al., EnergAIzer, ISPASS 2026 (arXiv 2604.20105): its own figures, for orientation. */
const energaizer =
  'For orientation: EnergAIzer reports power errors of 7.8 % (A100) and 8.2 % (A10), time errors of 11.6 and 9.0 %; it is fitted on micro-benchmarks, this model on whole workloads of the device.';

/** A validation for people. */
export function validationText(validation: Validation): string {
  const cells = (errors: Errors<number | null>): string[] => [percent(errors.time), percent(errors.power), percent(errors.energy)];
  const how = { family: 'each model family held out in turn', clock: 'fitted on every other clock, tested on the rest', half: 'fitted on half of the families, tested on the others, and the other way round', none: 'with a calibration as it is' };
  const none = ['-', '-', '-'];
  return [
    `${validation.gpu}, ${validation.runtime}: ${validation.rows} measurements, ${how[validation.holdout]}. Mean absolute errors in %.`,
    '',
    textTable(
      ['', 'rows', 'time', 'power', 'energy', 'time bias', 'power bias', 'energy bias'],
      [
        ['this model', `${validation.rows}`, ...cells(validation.mape), ...cells(validation.bias)],
        ['  median', '', ...cells(validation.median), ...none],
        ['  95th percentile', '', ...cells(validation.p95), ...none],
        ...(validation.byDevices.length > 1 ? validation.byDevices.map(({ devices, rows, median }) => [`  median, ${devices} GPU${devices > 1 ? 's' : ''}`, `${rows}`, ...cells(median), ...none]) : []),
        ...validation.byFamily.map(({ family, rows, mape, bias }) => [`  ${family}`, `${rows}`, ...cells(mape), ...cells(bias)]),
        ...validation.baselines.map(({ name, mape }) => [name, `${validation.rows}`, ...cells(mape), ...none]),
      ],
    ),
    '',
    `Of the ${100 * validation.coverage.level} % intervals ${fixed(100 * validation.coverage.time, 0)} % held the time, ${fixed(100 * validation.coverage.power, 0)} % the power, ${fixed(100 * validation.coverage.energy, 0)} % the energy.`,
    `An estimate took ${validation.msPerEstimate.p50.toPrecision(2)} ms (median), ${validation.msPerEstimate.p95.toPrecision(2)} ms (95th percentile).`,
    energaizer,
    ...droppedText(validation),
  ].join('\n');
}

function droppedText({ dropped }: Validation): string[] {
  const unlisted = dropped.filter(({ why }) => why.startsWith('no kernel list'));
  const impossible = dropped.filter((row) => !unlisted.includes(row));
  return [
    ...impossible.map(({ workload, why }) => `Dropped ${workload}: ${why}.`),
    ...(unlisted.length === 0 ? [] : [`Dropped ${unlisted.length} rows that have no kernel list (named under --json).`]),
  ];
}

/** A comparison for people: the thriftiest and the fastest clock of each GPU. */
export function comparisonText({ workload, item, best }: Comparison, out: string): string {
  const row = (goal: string, { gpu, clockMhz, timeMs, powerW, energyJ, energyInterval, basis }: ComparisonPoint): string[] => [
    gpu, goal, fixed(clockMhz, 0), figure(timeMs), fixed(powerW, 0), figure(energyJ), `${figure(energyInterval[0])} to ${figure(energyInterval[1])}`, basis,
  ];
  return [
    `${workload}`,
    '',
    textTable(
      ['GPU', 'clock for', 'MHz', `ms per ${item}`, 'W', `J per ${item}`, 'interval (J)', 'basis'],
      best.flatMap(({ thriftiest, fastest }) => [row('least energy', thriftiest), row('least time', fastest)]),
    ),
    '',
    `Figure: ${out}`,
  ].join('\n');
}
