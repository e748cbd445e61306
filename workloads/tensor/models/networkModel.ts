import type * as tfjs from '../../../src/vendor/tfjs.js';
import type { Adam, Compiled, ParameterBlock } from '../../../src/engine/index.js';
import type { RandomStream } from '../../../src/math/random.js';
import type { Candidates } from './candidates.js';
import type { CostModel } from './costModel.js';

const hidden = [64, 64];
const trainBatch = 64;
const predictBatch = 256;
const stepsPerFit = 100;
const learningRate = 3e-3;

interface Engine {
  readonly train: Compiled<'x' | 'weight', 'net'>;
  readonly score: Compiled<'x', 'net'>;
  readonly optimiser: Adam;
  readonly block: ParameterBlock;
}

/**
 * A multilayer perceptron as a cost model, trained with the same pairwise logistic loss as the trees, on all pairs of a
 * minibatch. It goes on from its last weights when it is fitted again. Features are standardised by the measured rows.
 */
export function networkModel(random: RandomStream): CostModel {
  let engine: Engine | undefined;
  let shift = new Float32Array(0);
  let scale = new Float32Array(0);

  const copyRow = (candidates: Candidates, row: number, into: Float32Array, at: number): void => {
    const { features, width } = candidates;
    for (let f = 0; f < width; f++) into[at * width + f] = (features[row * width + f]! - shift[f]!) * scale[f]!;
  };
  return {
    fit: async (candidates, rows, performance) => {
      ({ shift, scale } = standardisation(candidates, rows));
      engine ??= await createEngine(candidates.width, random);
      const { train, optimiser } = engine;
      const { x, weight } = train.inputs;
      const drawn = new Int32Array(trainBatch);
      for (let step = 0; step < stepsPerFit; step++) {
        for (let i = 0; i < trainBatch; i++) {
          drawn[i] = random.integer(rows.length);
          copyRow(candidates, rows[drawn[i]!]!, x, i);
        }
        for (let i = 0; i < trainBatch; i++) {
          for (let j = 0; j < trainBatch; j++) {
            const better = performance[drawn[i]!]!;
            weight[i * trainBatch + j] = better > performance[drawn[j]!]! ? better * better : 0;
          }
        }
        await train.run();
        optimiser.step(train.gradients.net);
      }
    },
    predict: async (candidates, rows, scores) => {
      const { score } = engine!;
      for (let from = 0; from < rows.length; from += predictBatch) {
        const count = Math.min(predictBatch, rows.length - from);
        for (let i = 0; i < count; i++) copyRow(candidates, rows[from + i]!, score.inputs.x, i);
        await score.run();
        for (let i = 0; i < count; i++) scores[rows[from + i]!] = score.outputs['score']![i]!;
      }
    },
  };
}

function standardisation({ features, width }: Candidates, rows: Int32Array): { shift: Float32Array<ArrayBuffer>; scale: Float32Array<ArrayBuffer> } {
  const shift = new Float32Array(width);
  const scale = new Float32Array(width);
  for (let f = 0; f < width; f++) {
    let sum = 0;
    let squares = 0;
    for (const row of rows) {
      const value = features[row * width + f]!;
      sum += value;
      squares += value * value;
    }
    shift[f] = sum / rows.length;
    const deviation = Math.sqrt(Math.max(0, squares / rows.length - shift[f]! ** 2));
    scale[f] = deviation > 1e-6 ? 1 / deviation : 0;
  }
  return { shift, scale };
}

async function createEngine(width: number, random: RandomStream): Promise<Engine> {
  const { compile, createAdam, createParameters, gradientsOf, loadTensorFlow, mlp } = await import('../../../src/engine/index.js');
  const tf = await loadTensorFlow();
  const net = mlp({ name: 'net', inputs: width, hidden, outputs: 1, activation: 'relu' });
  const block = createParameters(net.layout);
  net.initialise(block, random);
  const train = await compile({
    inputs: { x: [trainBatch, width], weight: [trainBatch, trainBatch] },
    parameters: { net: block },
    build: ({ x, weight }, { net: params }) => {
      const { value, gradients } = gradientsOf((current) => {
        const scores = net.apply(current, x as tfjs.Tensor2D);
        // weight[i, j] > 0 where i is better than j: the loss of a pair is log(1 + exp(s_j - s_i)).
        const loss = tf.softplus(tf.sub(tf.transpose(scores), scores));
        return tf.div(tf.sum(tf.mul(weight, loss)), tf.add(tf.sum(weight), 1e-6)) as tfjs.Scalar;
      }, params);
      return { outputs: { loss: value }, gradients: { net: gradients } };
    },
  });
  const score = await compile({
    inputs: { x: [predictBatch, width] },
    parameters: { net: block },
    build: ({ x }, { net: params }) => ({ outputs: { score: net.apply(params, x as tfjs.Tensor2D) } }),
  });
  return { train, score: score as Engine['score'], optimiser: createAdam(block, { learningRate }), block };
}
