import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createReplayBuffer } from '../../agents/replay.js';
import type { ReplayOptions } from '../../agents/replay.js';
import { randomStream } from '../../src/math/random.js';

const buffer = (options: Partial<ReplayOptions> = {}) =>
  createReplayBuffer({ capacity: 1000, observationSize: 1, actionSize: 1, batchSize: 64, discount: 0.5, nStep: 1, ...options });

/** Adds an episode whose observation is its index from `start`, with the given rewards. */
function addEpisode(replay: ReturnType<typeof buffer>, start: number, rewards: readonly number[], end: 'terminated' | 'truncated'): void {
  rewards.forEach((reward, i) => {
    const last = i === rewards.length - 1;
    replay.add({
      observation: Float32Array.of(start + i),
      action: Float32Array.of(-(start + i)),
      reward,
      next: Float32Array.of(start + i + 1),
      terminated: last && end === 'terminated',
      truncated: last && end === 'truncated',
      label: 10 * reward,
    });
  });
}

/** Every stored row by its observation. */
function rows(replay: ReturnType<typeof buffer>): Map<number, { reward: number; discount: number; next: number; label: number }> {
  const found = new Map<number, { reward: number; discount: number; next: number; label: number }>();
  const random = randomStream(1);
  for (let i = 0; i < 50; i++) {
    const batch = replay.sample(random);
    batch.rewards.forEach((reward, row) =>
      found.set(batch.observations[row]!, {
        reward,
        discount: batch.discounts[row]!,
        next: batch.next[row]!,
        label: batch.labels[row]!,
      }),
    );
  }
  return found;
}

describe('replay buffer', () => {
  it('bootstraps through truncation and not through termination', () => {
    const replay = buffer();
    addEpisode(replay, 0, [1, 2], 'truncated');
    addEpisode(replay, 10, [3, 4], 'terminated');
    const stored = rows(replay);
    expect(stored.get(1)).toEqual({ reward: 2, discount: 0.5, next: 2, label: 20 });
    expect(stored.get(11)).toEqual({ reward: 4, discount: 0, next: 12, label: 40 });
  });

  it('sums n-step returns as defined, and stops them at the episode end', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.array(fc.integer({ min: -8, max: 8 }), { minLength: 1, maxLength: 12 }),
        fc.constantFrom('terminated' as const, 'truncated' as const),
        (nStep, rewards, end) => {
          const replay = buffer({ nStep });
          addEpisode(replay, 0, rewards, end);
          addEpisode(replay, 100, [99], 'truncated');
          for (const [index, stored] of rows(replay)) {
            if (index >= 100) continue;
            const length = Math.min(nStep, rewards.length - index);
            let sum = 0;
            for (let k = 0; k < length; k++) sum += 0.5 ** k * rewards[index + k]!;
            const reachesEnd = index + length === rewards.length;
            expect(stored.reward).toBeCloseTo(sum, 6);
            expect(stored.discount).toBe(reachesEnd && end === 'terminated' ? 0 : 0.5 ** length);
            expect(stored.next).toBe(index + length);
          }
        },
      ),
    );
  });

  it('forgets the oldest when full, and goes on from what was saved', () => {
    const replay = buffer({ capacity: 5 });
    addEpisode(replay, 0, [1, 1, 1, 1, 1, 1, 1, 1], 'truncated');
    expect([...rows(replay).keys()].sort()).toEqual([3, 4, 5, 6, 7]);
    const copy = buffer({ capacity: 5 });
    copy.restore(structuredClone(replay.save()));
    addEpisode(replay, 20, [1], 'truncated');
    addEpisode(copy, 20, [1], 'truncated');
    expect(copy.sample(randomStream(2))).toEqual(replay.sample(randomStream(2)));
  });

  it('sums labels over their own number of steps, and keeps proposals', () => {
    const replay = buffer({ nStep: 2, labelSteps: 3 });
    addEpisode(replay, 0, [1, 2, 4, 8, 16], 'truncated');
    addEpisode(replay, 10, [1, 2], 'truncated');
    // Labels are ten times the reward, discounted by 0.5.
    const labels = [30, 60, 120, 160, 160, undefined, undefined, undefined, undefined, undefined, 20, 20];
    for (const [state, row] of rows(replay)) expect(row.label).toBe(labels[state]);
    const one = Float32Array.of(99);
    replay.add({ observation: one, action: one, reward: 0, next: one, terminated: false, truncated: false, label: 0, proposal: 0.25 });
    const { observations, proposals } = replay.sample(randomStream(1));
    expect([...proposals]).toEqual([...observations].map((state) => (state === 99 ? 0.25 : 0)));
    expect(Math.max(...proposals)).toBe(0.25);
  });
});
