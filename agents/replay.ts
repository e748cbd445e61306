import type { Saved, Stateful } from '../src/io/checkpoint.js';
import { createRowTable } from '../src/engine/index.js';
import { restoreArray, savedValue } from '../src/io/checkpoint.js';
import { requireMemory } from '../src/io/memory.js';
import type { RandomStream } from '../src/math/random.js';

export interface Transition {
  readonly observation: Float32Array;
  /** The executed action. */
  readonly action: Float32Array;
  readonly reward: number;
  readonly next: Float32Array;
  /** Nothing follows `next`, so its value is zero. A day's end is truncation instead, and is bootstrapped. */
  readonly terminated: boolean;
  readonly truncated: boolean;
  /** Credit for the shaper, in utility units. */
  readonly label: number;
  /** Reward that a shaping agent proposed for this transition; 0 if omitted. */
  readonly proposal?: number;
  /** What the value of `next` is multiplied by, where steps differ in length; the buffer's if omitted. */
  readonly discount?: number;
}

/** A minibatch; rows of fixed size, overwritten by the next `sample`. */
export interface ReplayBatch {
  readonly observations: Float32Array;
  readonly actions: Float32Array;
  readonly rewards: Float32Array;
  readonly next: Float32Array;
  /** What the value of `next` is multiplied by: discount^n, or 0 after a terminal step. */
  readonly discounts: Float32Array;
  /** Discounted sums of `labelSteps` labels. */
  readonly labels: Float32Array;
  readonly proposals: Float32Array;
}

export interface ReplayOptions {
  readonly capacity: number;
  readonly observationSize: number;
  readonly actionSize: number;
  readonly batchSize: number;
  readonly discount: number;
  /** Rewards summed before bootstrapping (1 is ordinary temporal-difference learning). */
  readonly nStep: number;
  /** Labels summed, discounted alike; 1 if omitted. */
  readonly labelSteps?: number;
}

/** A ring of transitions with n-step returns that stop at an episode's end. */
export interface ReplayBuffer extends Stateful {
  readonly size: number;
  /** What it holds when full. */
  readonly bytes: number;
  add(transition: Transition): void;
  /** Uniform with replacement. */
  sample(random: RandomStream): ReplayBatch;
}

/** Throws InputError if the machine cannot hold it. */
export function createReplayBuffer(options: ReplayOptions): ReplayBuffer {
  const { capacity, observationSize, actionSize, batchSize, discount, nStep, labelSteps = 1 } = options;
  const widths = { observations: observationSize, actions: actionSize, next: observationSize, rewards: 1, discounts: 1, labels: 1, proposals: 1 };
  const rowBytes = Float32Array.BYTES_PER_ELEMENT * Object.values(widths).reduce((sum, width) => sum + width, 0);
  requireMemory(capacity * rowBytes, 'agent.bufferSize');
  const table = createRowTable(capacity, batchSize, widths);
  const { values, stride, offset } = table;
  let size = 0;
  let head = 0;
  // The last rows written (at most nStep) whose n-step return is still growing, oldest first.
  let open: number[] = [];
  // The same of rows whose label is still growing, oldest first.
  let openLabels: number[] = [];

  const add = (transition: Transition): void => {
    const at = head * stride;
    values.set(transition.observation, at + offset.observations);
    values.set(transition.action, at + offset.actions);
    values[at + offset.rewards] = 0;
    values[at + offset.discounts] = 1;
    values[at + offset.labels] = 0;
    values[at + offset.proposals] = transition.proposal ?? 0;
    open.push(head);
    openLabels.push(head);
    head = (head + 1) % capacity;
    size = Math.min(size + 1, capacity);
    for (const grown of open) {
      const from = grown * stride;
      values[from + offset.rewards]! += values[from + offset.discounts]! * transition.reward;
      values[from + offset.discounts]! *= transition.terminated ? 0 : (transition.discount ?? discount);
      values.set(transition.next, from + offset.next);
    }
    let share = 1;
    for (let i = openLabels.length - 1; i >= 0; i--, share *= discount) {
      values[openLabels[i]! * stride + offset.labels]! += share * transition.label;
    }
    const ended = transition.terminated || transition.truncated;
    if (ended || open.length === nStep) open = ended ? [] : open.slice(1);
    if (ended || openLabels.length === labelSteps) openLabels = ended ? [] : openLabels.slice(1);
  };

  return {
    get size() {
      return size;
    },
    bytes: values.byteLength,
    add,
    sample: (random) => {
      for (let i = 0; i < batchSize; i++) table.chosen[i] = random.integer(size);
      table.gather();
      return table.batch;
    },
    save: (): Saved => ({ arrays: { rows: values.subarray(0, size * stride) }, values: { size, head, open: [...open], openLabels: [...openLabels] } }),
    restore: (saved) => {
      size = savedValue<number>(saved, 'size');
      head = savedValue<number>(saved, 'head');
      open = [...savedValue<number[]>(saved, 'open')];
      openLabels = [...savedValue<number[]>(saved, 'openLabels')];
      restoreArray(values.subarray(0, size * stride), saved, 'rows');
    },
  };
}
