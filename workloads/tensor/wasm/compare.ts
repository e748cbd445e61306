import { median } from '../../../src/math/statistics.js';
import { costOf } from '../measure/tally.js';
import type { WasmMeasurer } from './measure.js';
import { onnxruntimeTimeMs } from './onnxruntime.js';
import type { ScheduleSpace } from './schedule.js';

export interface Speed {
  readonly timeMs: number;
  readonly gflops: number;
}

export interface Comparison {
  readonly best: Speed;
  /** The untuned default schedule. */
  readonly default: Speed;
  /** The same operator in ONNX Runtime, one thread. */
  readonly onnxruntime: Speed;
  /** Default time / best time. */
  readonly speedup: number;
}

const repeats = 5;

/** Times the best schedule, the default and ONNX Runtime in turn, several times over, so that all meet the same machine. */
export async function compareWithDefault(space: ScheduleSpace, measurer: WasmMeasurer, best: number): Promise<Comparison> {
  const times = { best: [] as number[], default: [] as number[], onnxruntime: [] as number[] };
  for (let repeat = 0; repeat < repeats; repeat++) {
    const [bestRun, defaultRun] = await measurer.measure([{ index: best, repeat }, { index: space.defaultIndex, repeat }]);
    times.best.push(costOf(bestRun!));
    times.default.push(costOf(defaultRun!));
    times.onnxruntime.push(await onnxruntimeTimeMs(space.operator, measurer));
  }
  const speed = (samples: readonly number[]): Speed => {
    const timeMs = median(samples);
    return { timeMs, gflops: space.operator.flop / timeMs / 1e6 };
  };
  const result = { best: speed(times.best), default: speed(times.default), onnxruntime: speed(times.onnxruntime) };
  return { ...result, speedup: result.default.timeMs / result.best.timeMs };
}
