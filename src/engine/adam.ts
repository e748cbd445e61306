import type { ParameterBlock } from './parameters.js';
import { polyak } from './polyak.js';
import { kernelsOver } from './wasm/instance.js';

export interface AdamOptions {
  readonly learningRate: number;
  /** Decay of the mean of gradients; 0.9. */
  readonly beta1?: number;
  /** Decay of the mean of squared gradients; 0.999. */
  readonly beta2?: number;
  /** Added to the root of the second moment; 1e-8. */
  readonly epsilon?: number;
  /** Gradients are scaled down to this Euclidean norm; unlimited when omitted. */
  readonly maxGradientNorm?: number;
  /** Decoupled decay: each step first shrinks the parameters by learningRate x weightDecay (Loshchilov and Hutter 2019); 0. */
  readonly weightDecay?: number;
  /**
   * After each step, target += rate (parameters - target). In the same pass when the target was created beside the
   * block, in a second one otherwise.
   */
  readonly target?: { readonly block: ParameterBlock; readonly rate: number };
}

/** Everything an optimiser needs to go on bit for bit, apart from the parameters themselves. */
export interface AdamState {
  readonly step: number;
  readonly learningRate: number;
  readonly firstMoment: Float32Array;
  readonly secondMoment: Float32Array;
}

export interface Adam {
  /** May be changed between steps. */
  learningRate: number;
  /** One update of the block's parameters by `gradients` (flat, in its layout), and of the target. */
  step(gradients: Float32Array): void;
  /** A copy. */
  state(): AdamState;
  /** Throws when the state is of another size. */
  restore(state: AdamState): void;
}

/**
 * Adam (Kingma and Ba 2015, algorithm 1, with the bias corrections folded into step size and epsilon, as they note),
 * fused with clipping, decay and the target's average into one SIMD pass over flat arrays.
 */
export function createAdam(block: ParameterBlock, options: AdamOptions): Adam {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, maxGradientNorm = Infinity, weightDecay = 0, target } = options;
  const { flat, memory } = block;
  if (target !== undefined && target.block.flat.length !== flat.length) {
    throw new Error(`a target of ${target.block.flat.length} values for a block of ${flat.length}`);
  }
  const kernels = kernelsOver(memory.memory);
  const firstMoment = memory.allocate();
  const secondMoment = memory.allocate();
  let copied: Float32Array | undefined;
  let step = 0;
  const vectorBytes = Math.ceil(flat.length / 4) * 16;
  const targetBeside = target !== undefined && memory.holds(target.block.flat);

  const reachable = (gradients: Float32Array): Float32Array => {
    if (gradients.length !== flat.length) throw new Error(`${gradients.length} gradients for ${flat.length} parameters`);
    if (memory.holds(gradients)) return gradients;
    copied ??= memory.allocate();
    copied.set(gradients);
    return copied;
  };

  const self: Adam = {
    learningRate: options.learningRate,
    step: (gradients) => {
      const g = reachable(gradients).byteOffset;
      step++;
      const norm = maxGradientNorm === Infinity ? 0 : Math.sqrt(kernels.sumOfSquares(g + vectorBytes, g));
      const scale = norm > maxGradientNorm ? maxGradientNorm / norm : 1;
      const { stepSize, stepEpsilon } = correctedStep(step, self.learningRate, beta1, beta2, epsilon);
      const p = flat.byteOffset;
      const keep = 1 - self.learningRate * weightDecay;
      const args = [
        p + vectorBytes, p, g, firstMoment.byteOffset, secondMoment.byteOffset,
        scale, stepSize, beta1, 1 - beta1, beta2, 1 - beta2, stepEpsilon, keep,
      ] as const;
      if (targetBeside) kernels.adamWithTarget(...args, target.block.flat.byteOffset, target.rate);
      else kernels.adam(...args);
      if (target !== undefined && !targetBeside) polyak(target.block, block, target.rate);
    },
    state: () => ({
      step,
      learningRate: self.learningRate,
      firstMoment: firstMoment.slice(),
      secondMoment: secondMoment.slice(),
    }),
    restore: (state) => {
      if (state.firstMoment.length !== flat.length || state.secondMoment.length !== flat.length) {
        throw new Error(`an optimiser state of ${state.firstMoment.length} values for ${flat.length} parameters`);
      }
      step = state.step;
      self.learningRate = state.learningRate;
      firstMoment.set(state.firstMoment);
      secondMoment.set(state.secondMoment);
    },
  };
  return self;
}

/** Step size and epsilon with both bias corrections in them. */
export function correctedStep(
  step: number,
  learningRate: number,
  beta1: number,
  beta2: number,
  epsilon: number,
): { stepSize: number; stepEpsilon: number } {
  const root = Math.sqrt(1 - beta2 ** step);
  return { stepSize: (learningRate * root) / (1 - beta1 ** step), stepEpsilon: epsilon * root };
}
