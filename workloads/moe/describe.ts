import { textTable } from '../../src/io/table.js';
import type { Benchmark } from './benchmark.js';
import type { PlacementReport } from './comparePlacements.js';
import { phases } from './gating.js';
import type { OnlineCeiling } from './onlineOptimum.js';
import type { PolicyResult } from './replay.js';
import type { ReplayReport } from './replayControl.js';
import type { Reproduction } from './reproduce.js';
import type { ProfilePoint } from './serviceProfile.js';
import type { Simulation } from './simulate.js';
import { describeTrace } from './traceSource.js';

const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** A measurement of both gatings as tables. */
export function describeBenchmark(result: Benchmark): string {
  const { shape, wasteFactor, speedup, memoryRatio, weightBytes } = result;
  const both = [result.static, result.dynamic] as const;
  const row = (name: string, value: (of: (typeof both)[number]) => string): string[] => [name, ...both.map(value)];
  const table = textTable(
    ['', 'static', 'dynamic'],
    [
      row('tokens/s', (of) => of.tokensPerSecond.toFixed(0)),
      row('peak MiB besides weights', (of) => mebibytes(of.peakBytes)),
      row('token-expert pairs dropped', (of) => String(of.dropped)),
      row('rows computed by experts', (of) => String(of.rows)),
      row('one pass (ms)', (of) => of.medianMs.toFixed(2)),
      ...phases.map((phase) => row(`  ${phase} (ms)`, (of) => of.phasesMs[phase].toFixed(2))),
      row('experts (GFLOP/s)', (of) => of.expertGflopPerSecond.toFixed(1)),
    ],
  );
  return [
    `${shape.experts} experts, top-${shape.topK}, ${shape.tokens} tokens of width ${shape.dim}, capacity factor ${shape.capacityFactor}; weights ${mebibytes(weightBytes)} MiB`,
    table,
    `Dynamic gating is ${speedup.toFixed(2)} times as fast in ${(100 / memoryRatio).toFixed(0)} % of the memory; the waste factor E C / k is ${wasteFactor.toFixed(2)}.`,
    shortfall(result),
  ].join('\n');
}

/** Why the speed-up is not the waste factor: what both gatings have to do besides, and how fast experts run on few rows. */
function shortfall({ static: fixed, dynamic }: Benchmark): string {
  const besides = 1 - dynamic.phasesMs.experts / dynamic.medianMs;
  return (
    `Experts alone: ${(fixed.phasesMs.experts / dynamic.phasesMs.experts).toFixed(2)} times as fast, at ` +
    `${percent(dynamic.expertGflopPerSecond / fixed.expertGflopPerSecond)} of static gating's rate; ` +
    `routing, dispatch and combination are ${percent(besides)} of a dynamic pass.`
  );
}

/** A replay and its control as tables. */
export function describeReplay(result: ReplayReport): string {
  const table = (results: readonly PolicyResult[]): string =>
    textTable(
      ['policy', 'loads', 'prefetched', 'miss rate', 'GB moved', 'stall (ms)', 'overlapped (ms)'],
      results.map((policy) => [
        policy.name,
        String(policy.misses),
        String(policy.prefetched),
        percent(policy.missRate),
        (policy.bytesMoved / 1e9).toFixed(2),
        policy.stallMs.toFixed(1),
        policy.overlappedStallMs.toFixed(1),
      ]),
    );
  return [
    describeTrace(result),
    `${result.devices} devices with ${result.slots} slots each for experts of ${mebibytes(result.expertBytes)} MiB; ` +
      `learned on ${result.learnedBatches} batches, all judged on the ${result.judgedBatches} after them`,
    '',
    table(result.policies),
    '',
    'The same tokens shuffled in time (no locality left):',
    table(result.shuffled),
    ...(result.ceiling === undefined ? [] : ['', describeCeiling(result.ceiling)]),
  ].join('\n');
}

const describeCeiling = ({ batches, lifo, optimum, belady, closed }: OnlineCeiling): string =>
  `Batches drawn independently from ${batches} of the judged ones: lifo ${percent(lifo)}, the optimum without foresight ` +
  `${percent(optimum)}, belady ${percent(belady)}: at best ${percent(closed)} of the gap can be closed.`;

/** Placements judged as a table. */
export function describePlacements(result: PlacementReport): string {
  const rows = Object.entries(result.test).map(([method, test]) => {
    const train = result.train[method as keyof typeof result.train]!;
    return [method, ...[train, test].flatMap((b) => [percent(b.maxLoad), percent(b.avgMaxLoad), percent(b.maxDeviation)])];
  });
  const unproven = Object.keys(result.proven).filter((name) => result.proven[name as keyof typeof result.proven] === false);
  const proof = unproven.length > 0 ? `\nThe best found in the time allowed, not proven: ${unproven.join(', ')}.` : '';
  return [
    describeTrace(result),
    `${result.devices} devices, ${result.experts / result.devices} experts each, and ${result.spare} spare slots for copies; even is ${percent(1 / result.devices)}. ` +
      `Chosen on ${result.trainBatches} batches, judged on the ${result.testBatches} after them.`,
    '',
    textTable(
      ['method', 'chosen on: max', 'mean max', 'deviation', 'judged on: max', 'mean max', 'deviation'],
      rows,
    ) + proof,
  ].join('\n');
}

/** A simulation and the job profile that goes with it. */
export function describeSimulation(result: Simulation & { profile: readonly ProfilePoint[] }): string {
  const { memory } = result;
  const gib = (bytes: number): string => (bytes / 2 ** 30).toFixed(2);
  const parts = Object.entries(result.partsMs).map(([part, ms]) => [`  ${part} (ms)`, ms.toFixed(2)]);
  const summary = textTable(
    [`${result.model}, ${result.gating} gating, ${result.devices} devices`, 'predicted'],
    [
      ['latency of a pass (ms)', result.latencyMs.toFixed(1)],
      ...parts,
      ['latency of the dense model (ms)', result.denseLatencyMs.toFixed(1)],
      ['tokens/s, all devices', result.tokensPerSecond.toFixed(0)],
      ['memory per device (GiB)', gib(memory.totalBytes)],
      ['  weights (GiB)', gib(memory.weightsBytes)],
      ['  activations (GiB)', gib(memory.activationBytes)],
      ['waste factor of static gating', result.wasteFactor.toFixed(1)],
      ['largest share on one device', percent(result.busiestShare)],
    ],
  );
  const profile = textTable(
    ['requests together', 's', 'J a request', 'GiB a device'],
    result.profile.map((point) => [
      String(point.batch),
      point.seconds.toFixed(3),
      point.joules.toFixed(2),
      gib(point.memoryBytes),
    ]),
  );
  const calibration =
    `${result.tokensPerDevice} tokens per device. Calibrated on dense latencies: ` +
    `${result.launchMicroseconds.toFixed(1)} us per kernel launch, ${result.productTflopPerSecond.toFixed(1)} TFLOP/s in products.`;
  return [summary, memory.fits ? calibration : `${calibration} It does not fit the device's memory.`, '', profile].join('\n');
}

/** Predicted beside published as a table. */
export function describeReproduction(rows: readonly Reproduction[]): string {
  const number = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toFixed(2));
  return textTable(
    ['figure', 'unit', 'published', 'predicted', 'difference', 'all to one device', 'at best batches', 'within 15 % at skew'],
    rows.map((row) => [
      row.title,
      row.unit,
      number(row.value),
      number(row.predicted),
      `${row.relativeDifference >= 0 ? '+' : ''}${(100 * row.relativeDifference).toFixed(0)} %`,
      number(row.predictedOneDevice),
      row.predictedBestBatch === null ? '' : number(row.predictedBestBatch),
      row.impliedSkew === null ? 'none' : row.impliedSkew.join(' to '),
    ]),
  );
}
