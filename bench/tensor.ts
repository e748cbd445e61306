import { randomStream } from '../src/math/random.js';
import { fitTrees, predictTrees } from '../src/math/trees/trees.js';
import { binRows, createBinning } from '../src/math/trees/binning.js';
import { knobFeatures } from '../workloads/tensor/models/features.js';
import { createTuner } from '../workloads/tensor/strategies/methods.js';
import { runSession } from '../workloads/tensor/study/session.js';
import { timeObjective } from '../workloads/tensor/measure/objective.js';
import type { SearchSpace } from '../workloads/tensor/space.js';
import { productSize } from '../workloads/tensor/space.js';
import { medianMs } from './measure.js';
import type { Section } from './section.js';

const [rows, features] = [512, 40];

/** A space as large and as sparse as that of a matrix product on a GPU (18,000 of 82,944), with made-up times. */
function gemmLikeSpace(): SearchSpace {
  const powers = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => 2 ** (from + i));
  const lists = [powers(4, 7), powers(4, 7), powers(3, 5), powers(3, 5), powers(3, 5), powers(3, 5), powers(0, 3), powers(0, 3), [0, 1], [0, 1]];
  const knobs = lists.map((values, k) => ({ name: `k${k}`, values }));
  const size = productSize(knobs, 'bench');
  const random = randomStream(1, 'valid');
  const valid = Uint8Array.from({ length: size }, () => (random.next() < 18_000 / size ? 1 : 0));
  const indices = Array.from(valid.keys()).filter((index) => valid[index] === 1);
  return { name: 'bench', objective: timeObjective, knobs, size, isValid: (index) => valid[index] === 1, sample: (draws) => indices[draws.integer(indices.length)]! };
}

/** A stand-in for a measurement: smooth in the knobs, with interactions, and cheap. */
const timeAt = (index: number): number => 1 + Math.abs(Math.sin(index / 977)) + ((index >> 3) % 7) / 7 + (index % 4) / 8;

/** Fits and predictions of 100 trees of depth 3 (512 rows of 40 features), and the tuner's own time over 512 trials on 18,000 configurations. */
export const tensor: Section = {
  name: 'tensor',
  run: async () => {
    const random = randomStream(1, 'bench');
    const values = Float32Array.from({ length: rows * features }, () => random.next());
    const targets = Float64Array.from({ length: rows }, (_, i) => values[i * features]! * values[i * features + 1]! + values[i * features + 2]!);
    const binning = createBinning(values, features);
    const bins = binRows(binning, values);
    const model = fitTrees(binning, bins, targets, { objective: 'rank' });
    const all = Int32Array.from({ length: rows }, (_, i) => i);
    const scores = new Float32Array(rows);
    const space = gemmLikeSpace();
    const trials = 512;
    const session = await runSession({
      space,
      tuner: createTuner('rank', { space, features: knobFeatures(space.knobs), seed: 0, trials, confirm: 0.25 }),
      measurer: { measure: (requests) => Promise.resolve(requests.map(({ index }) => ({ ok: true, costs: [timeAt(index)] }))) },
      trials,
    });
    return {
      treesFitRankMs: medianMs(() => void fitTrees(binning, bins, targets, { objective: 'rank' })),
      treesFitRegressionMs: medianMs(() => void fitTrees(binning, bins, targets, { objective: 'regression' })),
      treesPredictMicrosecondsPerRow: (1000 * medianMs(() => predictTrees(model, bins, all, scores))) / rows,
      tunerMsPerTrial: session.tunerMs / trials,
    };
  },
};
