import { InputError } from '../../src/io/errors.js';
import { randomStream } from '../../src/math/random.js';
import { bootstrapInterval, mean, median } from '../../src/math/statistics.js';
import { readHistory } from '../../workloads/tensor/measure/history.js';
import type { HistoryRecord } from '../../workloads/tensor/measure/history.js';

/** What tuning did to one kernel. Times in ms. */
export interface KernelLink {
  readonly space: string;
  readonly kind: 'gemm' | 'conv';
  readonly trials: number;
  /** Median of the configurations that worked in the first round: what an untuned choice takes. */
  readonly beforeMs: number;
  /** Mean of the best configuration's samples. */
  readonly afterMs: number;
  /** after / before, and its 95 % bootstrap interval over the first round's configurations. */
  readonly ratio: number;
  readonly ratioInterval: readonly [number, number];
}

const timeOf = ({ times }: HistoryRecord): number => mean(times!);

/**
 * Reads what a tuning history found. The first space of the file counts; a space whose name says conv is a convolution,
 * any other a matrix product. Throws InputError for a bad history or one without two rounds that worked.
 */
export function kernelLink(file: string): KernelLink {
  const records = readHistory(file);
  const { space } = records[0]!;
  const worked = records.filter((record) => record.space === space && record.times !== undefined);
  const rounds = worked.map(({ round }) => round);
  const first = worked.filter(({ round }) => round === Math.min(...rounds)).map(timeOf);
  if (first.length < 2) throw new InputError(`${file} has ${first.length} configurations that worked in its first round; expected at least 2, to tell an untuned kernel's time.`);
  const afterMs = Math.min(...worked.map(timeOf));
  const beforeMs = median(first);
  const interval = bootstrapInterval(first, (sample) => afterMs / median(sample), randomStream(0, 'chain/kernel'));
  return {
    space,
    kind: /conv/i.test(space) ? 'conv' : 'gemm',
    trials: records.filter((record) => record.space === space).length,
    beforeMs,
    afterMs,
    ratio: afterMs / beforeMs,
    ratioInterval: [interval.low, interval.high],
  };
}
