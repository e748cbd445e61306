import type { Saved, Stateful } from '../src/io/checkpoint.js';
import { restoreArray, savedValue } from '../src/io/checkpoint.js';
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
}

/** A minibatch; rows of fixed size, overwritten by the next `sample`. */
export interface ReplayBatch {
  readonly observations: Float32Array;
  readonly actions: Float32Array;
  readonly rewards: Float32Array;
  readonly next: Float32Array;
  /** What the value of `next` is multiplied by: discount^n, or 0 after a terminal step. */
  readonly discounts: Float32Array;
  readonly labels: Float32Array;
}

export interface ReplayOptions {
  readonly capacity: number;
  readonly observationSize: number;
  readonly actionSize: number;
  readonly batchSize: number;
  readonly discount: number;
  /** Rewards summed before bootstrapping (1 is ordinary temporal-difference learning). */
  readonly nStep: number;
}

/** A ring of transitions with n-step returns that stop at an episode's end. */
export interface ReplayBuffer extends Stateful {
  readonly size: number;
  add(transition: Transition): void;
  /** Uniform with replacement. */
  sample(random: RandomStream): ReplayBatch;
}

export function createReplayBuffer(options: ReplayOptions): ReplayBuffer {
  const { capacity, observationSize, actionSize, batchSize, discount, nStep } = options;
  const observations = table(capacity, batchSize, observationSize);
  const actions = table(capacity, batchSize, actionSize);
  const next = table(capacity, batchSize, observationSize);
  const rows = {
    observations: observations.rows,
    actions: actions.rows,
    rewards: new Float32Array(capacity),
    next: next.rows,
    discounts: new Float32Array(capacity),
    labels: new Float32Array(capacity),
  };
  const batch: ReplayBatch = {
    observations: observations.batch,
    actions: actions.batch,
    rewards: new Float32Array(batchSize),
    next: next.batch,
    discounts: new Float32Array(batchSize),
    labels: new Float32Array(batchSize),
  };
  let size = 0;
  let head = 0;
  // The last rows written (at most nStep) whose n-step return is still growing, oldest first.
  let open: number[] = [];

  const add = (transition: Transition): void => {
    const row = head;
    head = (head + 1) % capacity;
    size = Math.min(size + 1, capacity);
    rows.observations.set(transition.observation, row * observationSize);
    rows.actions.set(transition.action, row * actionSize);
    rows.rewards[row] = 0;
    rows.discounts[row] = 1;
    rows.labels[row] = transition.label;
    open.push(row);
    for (const grown of open) {
      rows.rewards[grown]! += rows.discounts[grown]! * transition.reward;
      rows.discounts[grown]! *= transition.terminated ? 0 : discount;
      rows.next.set(transition.next, grown * observationSize);
    }
    if (transition.terminated || transition.truncated) open = [];
    else if (open.length === nStep) open.shift();
  };

  const sample = (random: RandomStream): ReplayBatch => {
    for (let i = 0; i < batchSize; i++) {
      const row = random.integer(size);
      observations.copy(row, i);
      actions.copy(row, i);
      next.copy(row, i);
      batch.rewards[i] = rows.rewards[row]!;
      batch.discounts[i] = rows.discounts[row]!;
      batch.labels[i] = rows.labels[row]!;
    }
    return batch;
  };

  return {
    get size() {
      return size;
    },
    add,
    sample,
    save: (): Saved => ({ arrays: { ...rows }, values: { size, head, open: [...open] } }),
    restore: (saved) => {
      for (const [name, array] of Object.entries(rows)) restoreArray(array, saved, name);
      size = savedValue<number>(saved, 'size');
      head = savedValue<number>(saved, 'head');
      open = [...savedValue<number[]>(saved, 'open')];
    },
  };
}

/** Rows, and behind them in the same memory a batch, so that a row is copied by one move and nothing is allocated. */
function table(capacity: number, batchSize: number, width: number) {
  const all = new Float32Array((capacity + batchSize) * width);
  return {
    rows: all.subarray(0, capacity * width),
    batch: all.subarray(capacity * width),
    copy: (row: number, to: number): void => void all.copyWithin((capacity + to) * width, row * width, (row + 1) * width),
  };
}
