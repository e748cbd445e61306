import type * as Tf from '@tensorflow/tfjs';
import type { Layout, NamedTensors, ParameterBlock } from '../../src/engine/index.js';
import { createInference, mlp, tensorFlow } from '../../src/engine/index.js';
import type { RandomStream } from '../../src/math/random.js';

/** How an observation is laid out: what concerns the whole fleet, then one equal block for each site. */
export interface ObservationLayout {
  readonly globalSize: number;
  readonly siteSize: number;
  readonly sites: number;
}

/** An actor as an update sees it: from observations to what an action head turns into actions (before any squashing). */
export interface ActorNetwork {
  readonly layout: Layout;
  initialise(block: ParameterBlock, random: RandomStream): void;
  /** [rows, observation] -> [rows, outputs]. `latent` is the noise of a network that has a `latentShape`. */
  apply(parameters: NamedTensors, observations: Tf.Tensor2D, latent?: Tf.Tensor2D): Tf.Tensor2D;
  /** Shape of the latent noise that so many rows take; a network without takes none. */
  readonly latentShape?: (rows: number) => [number, number];
  /** Fills such noise; only with a `latentShape`. */
  readonly drawLatent?: (noise: Float32Array, random: RandomStream) => void;
}

/** An actor that acts outside a program too. */
export interface PolicyNetwork extends ActorNetwork {
  /** The same for one observation, outside the graph. */
  inference(block: ParameterBlock): (observation: Float32Array, raw: Float32Array) => void;
}

export interface PolicyNetworkOptions {
  readonly observationSize: number;
  readonly outputs: number;
  /** Groups that the outputs fall into, each with equally many for every site; 1 unless given. Only for `sharedPolicy`. */
  readonly groups?: number;
  readonly hidden: readonly number[];
  readonly outputScale: number;
}

/** One multilayer network over the whole observation. */
export function jointPolicy({ observationSize, outputs, hidden, outputScale }: PolicyNetworkOptions): PolicyNetwork {
  const network = mlp({ name: 'actor', inputs: observationSize, hidden, outputs, activation: 'relu', outputScale });
  return {
    layout: network.layout,
    initialise: network.initialise,
    apply: network.apply,
    inference: (block) => createInference(network, block),
  };
}

/**
 * One network applied to each site in turn, on [fleet, this site, mean of all sites]: what is learned at one site serves
 * them all, and the order of sites does not matter. Outputs are group by group, and site-major within each.
 */
export function sharedPolicy(options: PolicyNetworkOptions, { globalSize, siteSize, sites }: ObservationLayout): PolicyNetwork {
  const { groups = 1 } = options;
  const outputs = options.outputs / sites;
  const width = outputs / groups;
  const inputs = globalSize + 2 * siteSize;
  const network = mlp({
    name: 'actor',
    inputs,
    hidden: options.hidden,
    outputs,
    activation: 'relu',
    outputScale: options.outputScale,
  });
  return {
    layout: network.layout,
    initialise: network.initialise,
    apply: (parameters, observations) => {
      const tf = tensorFlow();
      const columns = (from: number, size: number): Tf.Tensor2D => tf.slice2d(observations, [0, from], [-1, size]);
      const fleet = columns(0, globalSize);
      const blocks = Array.from({ length: sites }, (_, k) => columns(globalSize + k * siteSize, siteSize));
      const average = tf.mul(tf.addN(blocks), 1 / sites) as Tf.Tensor2D;
      const said = blocks.map((block) => network.apply(parameters, tf.concat2d([fleet, block, average], 1)));
      const group = (g: number): Tf.Tensor2D[] => said.map((one) => tf.slice2d(one, [0, g * width], [-1, width]));
      return tf.concat2d(groups === 1 ? said : Array.from({ length: groups }, (_, g) => group(g)).flat(), 1);
    },
    inference: (block) => {
      const infer = createInference(network, block);
      const input = new Float32Array(inputs);
      const output = new Float32Array(outputs);
      return (observation, raw) => {
        for (let i = 0; i < globalSize; i++) input[i] = observation[i]!;
        for (let i = 0; i < siteSize; i++) {
          let sum = 0;
          for (let k = 0; k < sites; k++) sum += observation[globalSize + k * siteSize + i]!;
          input[globalSize + siteSize + i] = sum / sites;
        }
        for (let k = 0; k < sites; k++) {
          for (let i = 0; i < siteSize; i++) input[globalSize + i] = observation[globalSize + k * siteSize + i]!;
          infer(input, output);
          for (let i = 0; i < outputs; i++) raw[((i / width) | 0) * sites * width + k * width + (i % width)] = output[i]!;
        }
      };
    },
  };
}
