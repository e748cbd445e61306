import { describe, expect, it } from 'vitest';
import type { Environment, ResetOptions, Step } from '../../../envs/index.js';
import { Batch, flags, infoColumns } from '../../../experiments/envServer/batch.js';
import type { Autoreset } from '../../../experiments/envServer/protocol.js';
import type { Reply } from '../../support/envClient.js';
import { readReply } from '../../support/envClient.js';

interface CountInfo {
  readonly name: string;
  readonly count?: number;
  readonly even?: boolean;
}

/** Counts its steps, ends after `length` of them; observes the seed, the episode and the count. Rewards the action's sum. */
class Counter implements Environment<CountInfo> {
  readonly observationSpace = { size: 3, low: new Float32Array(3).fill(-100), high: new Float32Array(3).fill(100) };
  readonly actionSpace = { size: 2, low: new Float32Array(2).fill(-1), high: new Float32Array(2).fill(1) };
  readonly #observation = new Float32Array(3);

  constructor(
    private readonly length: number,
    private readonly terminates = false,
  ) {}

  reset({ seed }: ResetOptions = {}): { observation: Float32Array; info: CountInfo } {
    if (seed !== undefined) this.#observation.set([seed, 0]);
    this.#observation[1]! += 1;
    this.#observation[2] = 0;
    return { observation: this.#observation, info: { name: `episode ${this.#observation[1]}` } };
  }

  step(action: Float32Array): Step<CountInfo> {
    this.#observation[2]! += 1;
    const count = this.#observation[2]!;
    const over = count === this.length;
    const info = { name: 'counting', count, even: count % 2 === 0 };
    return { observation: this.#observation, reward: action[0]! + action[1]!, terminated: over && this.terminates, truncated: over && !this.terminates, info };
  }
}

const columns = infoColumns(new Counter(2));
const read = (frame: Buffer, envs = 2): Reply => readReply(frame, { envs, columns: columns.length, observation: 3 });
const batchOf = (autoreset: Autoreset): Batch => new Batch([new Counter(2), new Counter(3, true)], columns, autoreset, 40);
const all = (...seeds: (number | null)[]) => seeds.map((seed, index) => ({ index, seed, options: {} }));
const actions = Float32Array.of(0.5, 0.25, -1, 0.75);

it('finds the columns of an info', () => {
  expect(columns).toEqual([{ name: 'count', type: 'number' }, { name: 'even', type: 'boolean' }]);
});

describe('a batch', () => {
  it('gives each environment its action, seed, reward and figures', () => {
    const batch = batchOf('disabled');
    const begun = read(batch.reset(all(7, 8)));
    expect([...begun.observations]).toEqual([7, 1, 0, 8, 1, 0]);
    expect(begun.details).toEqual([{ env: 0, begun: { name: 'episode 1' } }, { env: 1, begun: { name: 'episode 1' } }]);
    const { observations, rewards, infos, flags: bits, details } = read(batch.step(actions));
    expect([...observations]).toEqual([7, 1, 1, 8, 1, 1]);
    expect([...rewards]).toEqual([0.75, -0.25]);
    expect([...infos]).toEqual([1, 1, 0, 0]);
    expect([...bits]).toEqual([flags.stepped, flags.stepped]);
    expect(details).toEqual([]);
  });

  it('numbers environments that were never given a seed, and leaves the stream of the others alone', () => {
    const batch = batchOf('disabled');
    expect([...read(batch.reset(all(null, null))).observations]).toEqual([40, 1, 0, 41, 1, 0]);
    expect([...read(batch.reset(all(null))).observations]).toEqual([40, 2, 0, 41, 1, 0]);
  });

  it('begins anew at the next step, which ignores the action', () => {
    const batch = batchOf('next-step');
    batch.reset(all(7, 8));
    batch.step(actions);
    const ended = read(batch.step(actions));
    expect([...ended.flags]).toEqual([flags.stepped | flags.truncated, flags.stepped]);
    expect([...ended.observations]).toEqual([7, 1, 2, 8, 1, 2]);
    expect(ended.details).toEqual([{ env: 0, ended: { name: 'counting' } }]);
    const again = read(batch.step(actions));
    expect([...again.flags]).toEqual([flags.begun, flags.stepped | flags.terminated]);
    expect([...again.observations]).toEqual([7, 2, 0, 8, 1, 3]);
    expect([...again.rewards]).toEqual([0, -0.25]);
    expect([...again.infos]).toEqual([0, 3, 0, 0]);
    expect(again.finals).toHaveLength(0);
  });

  it('begins anew at the same step, and tells of the last observation', () => {
    const batch = batchOf('same-step');
    batch.reset(all(7, 8));
    batch.step(actions);
    const { flags: bits, observations, finals, rewards, infos, details } = read(batch.step(actions));
    expect([...bits]).toEqual([flags.stepped | flags.truncated | flags.begun, flags.stepped]);
    expect([...observations]).toEqual([7, 2, 0, 8, 1, 2]);
    expect([...finals]).toEqual([7, 1, 2]);
    expect([...rewards]).toEqual([0.75, -0.25]);
    expect([...infos]).toEqual([2, 2, 1, 1]);
    expect(details).toEqual([{ env: 0, ended: { name: 'counting' }, begun: { name: 'episode 2' } }]);
  });

  it('does not begin anew by itself when it is not to', () => {
    const batch = batchOf('disabled');
    expect(() => batch.step(actions)).toThrow(/environment 0's episode is over or has not begun/);
    batch.reset(all(7, 8));
    for (let step = 0; step < 2; step++) batch.step(actions);
    expect(() => batch.step(actions)).toThrow(/environment 0's episode is over/);
    batch.reset(all(null));
    expect([...read(batch.step(actions)).observations]).toEqual([7, 2, 1, 8, 1, 3]);
  });

  it('steps none where one action is not finite', () => {
    const batch = batchOf('next-step');
    batch.reset(all(7, 8));
    expect(() => batch.step(Float32Array.of(0, 0, 0, NaN))).toThrow(/NaN at component 1 of environment 1's action, expected a finite number/);
    expect([...read(batch.step(actions)).observations]).toEqual([7, 1, 1, 8, 1, 1]);
  });

  it('refuses an environment that is not there', () => {
    expect(() => batchOf('disabled').reset([{ index: 2, seed: null, options: {} }])).toThrow(/environment 2, expected 0 to 1/);
  });
});
