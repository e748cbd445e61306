import { describe, expect, it } from 'vitest';
import { checkEnv } from '../../../envs/index.js';
import { Pendulum } from '../../../experiments/pendulum/environment.js';
import { trainOnPendulum } from '../../../experiments/pendulum/study.js';

describe('the pendulum', () => {
  it('keeps the contract of an environment', () => checkEnv(new Pendulum()));

  it('moves as Gymnasium says', () => {
    const pendulum = new Pendulum();
    // By hand: acceleration 15 sin(1) + 3 x 2 = 18.6220648; velocity 0.5 + 0.05 x that; angle 1 + 0.05 x velocity.
    pendulum.place(1, 0.5);
    const { observation, reward } = pendulum.step(Float32Array.of(5));
    expect(reward).toBeCloseTo(-(1 + 0.1 * 0.25 + 0.001 * 4), 9);
    expect(observation[2]).toBeCloseTo(1.43110324, 5);
    expect(observation[0]).toBeCloseTo(Math.cos(1.071555162), 6);
    expect(observation[1]).toBeCloseTo(Math.sin(1.071555162), 6);
  });

  it('counts its angle from upright, either way, and limits its speed', () => {
    const pendulum = new Pendulum();
    pendulum.place(2 * Math.PI - 0.3, 0);
    expect(pendulum.step(Float32Array.of(0)).reward).toBeCloseTo(-0.09, 9);
    pendulum.place(Math.PI / 2, 7.9);
    expect(pendulum.step(Float32Array.of(2)).observation[2]).toBe(8);
  });

  it('is truncated after 200 steps', () => {
    const pendulum = new Pendulum();
    pendulum.reset({ seed: 1 });
    for (let step = 1; step <= 200; step++) {
      const { truncated, terminated } = pendulum.step(Float32Array.of(0));
      expect([truncated, terminated]).toEqual([step === 200, false]);
    }
  });
});

it('a learner gets better on it', async () => {
  const [before, after] = [await trainOnPendulum('sac', 1, 200), await trainOnPendulum('sac', 1, 4000)];
  expect(before).toBeLessThan(-900);
  expect(after).toBeGreaterThan(before + 400);
});
