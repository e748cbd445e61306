import { InputError } from '../../src/io/errors.js';
import { randomStream } from '../../src/math/random.js';
import { bootstrapInterval, mean, median } from '../../src/math/statistics.js';
import { measurementOf, objectiveOf, readHistory, spaceAndObjective } from '../../workloads/tensor/measure/history.js';
import type { Objective } from '../../workloads/tensor/measure/objective.js';
import { isTime, valueOfCost } from '../../workloads/tensor/measure/objective.js';

/** What tuning did to one kernel. Values in the objective's unit. */
export interface KernelLink {
  readonly space: string;
  readonly kind: 'gemm' | 'conv';
  readonly objective: Objective;
  /** What of a request the kernel changes. A throughput of given work is a time. */
  readonly changes: 'time' | 'energy';
  readonly trials: number;
  /** Median of the configurations that worked in the first round: what an untuned choice takes. */
  readonly before: number;
  /** Mean of the best configuration's samples. */
  readonly after: number;
  /** Cost after / before: below 1 is better, whatever the objective's direction; and its 95 % bootstrap interval over the first round's configurations. */
  readonly ratio: number;
  readonly ratioInterval: readonly [number, number];
}

/**
 * Reads what a tuning history found. The first space and objective of the file count; a space whose name says conv is a
 * convolution, any other a matrix product. Throws InputError for a bad history, one without two configurations that worked
 * in its first round, or one of an objective that says nothing of time or energy.
 */
export function kernelLink(file: string): KernelLink {
  const records = readHistory(file);
  const { space } = records[0]!;
  const objective = objectiveOf(records[0]!);
  const ofSpace = records.filter((record) => spaceAndObjective(record) === spaceAndObjective(records[0]!));
  const worked = ofSpace.flatMap((record) => {
    const measurement = measurementOf(record);
    return measurement.ok ? [{ round: record.round, cost: mean(measurement.costs) }] : [];
  });
  const firstRound = Math.min(...worked.map(({ round }) => round));
  const first = worked.filter(({ round }) => round === firstRound).map(({ cost }) => cost);
  if (first.length < 2) throw new InputError(`${file} has ${first.length} configurations that worked in its first round; expected at least 2, to tell what an untuned kernel takes.`);
  const after = Math.min(...worked.map(({ cost }) => cost));
  const before = median(first);
  const interval = bootstrapInterval(first, (sample) => after / median(sample), randomStream(0, 'chain/kernel'));
  return {
    space,
    kind: /conv/i.test(space) ? 'conv' : 'gemm',
    objective,
    changes: changedBy(objective, file),
    trials: ofSpace.length,
    before: valueOfCost(objective, before),
    after: valueOfCost(objective, after),
    ratio: after / before,
    ratioInterval: [interval.low, interval.high],
  };
}

function changedBy(objective: Objective, file: string): KernelLink['changes'] {
  const { direction, name, unit } = objective;
  if (isTime(objective) || (direction === 'maximise' && unit.endsWith('/s'))) return 'time';
  if (direction === 'minimise' && unit === 'J') return 'energy';
  throw new InputError(`${file} was tuned for ${name}; expected a time, a throughput or an energy, which reach a fleet.`);
}
