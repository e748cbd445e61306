import type { BoxSpace, Environment, ResetOptions, Step } from '../../envs/index.js';
import { randomStream } from '../../src/math/random.js';
import type { RandomStream } from '../../src/math/random.js';

const gravity = 10;
const mass = 1;
const length = 1;
const stepSeconds = 0.05;
const maxSpeed = 8;
const maxTorque = 2;
const episodeSteps = 200;

const box = (...high: number[]): BoxSpace => ({ size: high.length, low: Float32Array.from(high, (value) => -value), high: Float32Array.from(high) });

/**
 * Gymnasium's Pendulum-v1: a rod to be swung up and held by a torque in [-2, 2] N m; observed are the cosine and sine of
 * its angle from upright and its angular velocity. Reward: -(angle^2 + 0.1 velocity^2 + 0.001 torque^2) before the move,
 * the angle in [-pi, pi). Starts at any angle, velocity in [-1, 1] rad/s; 200 steps of 0.05 s, then truncation.
 * Source: gymnasium/envs/classic_control/pendulum.py.
 */
export class Pendulum implements Environment<Record<string, never>> {
  readonly observationSpace = box(1, 1, maxSpeed);
  readonly actionSpace = box(maxTorque);
  readonly #observation = new Float32Array(3);
  #random: RandomStream = randomStream(0, 'pendulum');
  #angle = 0;
  #velocity = 0;
  /** Steps left in the episode. */
  #left = 0;

  reset({ seed }: ResetOptions = {}): { observation: Float32Array; info: Record<string, never> } {
    if (seed !== undefined) this.#random = randomStream(seed, 'pendulum');
    this.place(Math.PI * (2 * this.#random.next() - 1), 2 * this.#random.next() - 1);
    return { observation: this.#observe(), info: {} };
  }

  /** Begins an episode at a given angle from upright (rad) and angular velocity (rad/s). */
  place(angle: number, velocity: number): void {
    this.#angle = angle;
    this.#velocity = velocity;
    this.#left = episodeSteps;
  }

  step(action: Float32Array): Step<Record<string, never>> {
    if (this.#left === 0) throw new Error('The environment must be reset before a step and after the end of an episode.');
    if (action.length !== 1 || !Number.isFinite(action[0])) throw new Error(`Action: found [${action.join(', ')}], expected one finite number.`);
    const torque = Math.min(maxTorque, Math.max(-maxTorque, action[0]!));
    const turned = this.#angle + Math.PI;
    const angle = turned - 2 * Math.PI * Math.floor(turned / (2 * Math.PI)) - Math.PI;
    const cost = angle ** 2 + 0.1 * this.#velocity ** 2 + 0.001 * torque ** 2;
    const acceleration = ((3 * gravity) / (2 * length)) * Math.sin(this.#angle) + (3 / (mass * length ** 2)) * torque;
    this.#velocity = Math.min(maxSpeed, Math.max(-maxSpeed, this.#velocity + acceleration * stepSeconds));
    this.#angle += this.#velocity * stepSeconds;
    this.#left--;
    return { observation: this.#observe(), reward: -cost, terminated: false, truncated: this.#left === 0, info: {} };
  }

  #observe(): Float32Array {
    this.#observation.set([Math.cos(this.#angle), Math.sin(this.#angle), this.#velocity]);
    return this.#observation;
  }
}
