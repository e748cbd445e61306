import { randomStream } from '../../src/math/random.js';
import type { BoxSpace, Environment } from './environment.js';

/** How long an episode may be before the check calls it endless. */
const mostSteps = 100_000;

/**
 * Checks that an environment keeps the contract of `Environment`: sound spaces; observations of the right size, finite
 * and within bounds; finite rewards; episodes that end; steps refused before `reset`, after the end and with a bad
 * action; the same seed and actions giving the same episode, even after one that was broken off; another seed another one. Throws Error naming the first
 * breach. The environment must be fresh, not reset yet.
 */
export function checkEnv<Info>(env: Environment<Info>, { seed = 1 } = {}): void {
  checkSpace(env.observationSpace, 'observation space');
  checkSpace(env.actionSpace, 'action space');
  const middle = env.actionSpace.low.map((low, i) => (low + env.actionSpace.high[i]!) / 2);
  mustThrow(() => env.step(middle), 'a step before reset');

  env.reset({ seed });
  mustThrow(() => env.step(new Float32Array(env.actionSpace.size + 1)), 'an action of the wrong size');
  mustThrow(() => env.step(new Float32Array(env.actionSpace.size).fill(NaN)), 'an action that is not finite');

  const first = playEpisode(env, seed);
  mustThrow(() => env.step(middle), 'a step after the end of an episode');
  env.reset({ seed: seed + 1 });
  for (let step = 0; step < 5; step++) if (isOver(env.step(middle))) break;
  const again = playEpisode(env, seed);
  if (first.join() !== again.join()) throw new Error('The same seed and actions gave two different episodes.');
  const other = playEpisode(env, seed + 1);
  if (first.join() === other.join()) throw new Error('Two seeds gave the same episode.');
}

function checkSpace({ size, low, high }: BoxSpace, name: string): void {
  if (!Number.isInteger(size) || size < 1) throw new Error(`The ${name} has size ${size}; expected a positive integer.`);
  if (low.length !== size || high.length !== size) throw new Error(`The ${name} has bounds of another size than ${size}.`);
  for (let i = 0; i < size; i++) {
    if (!(low[i]! < high[i]!)) throw new Error(`The ${name} has bounds ${low[i]} to ${high[i]} at component ${i}.`);
  }
}

/** Plays one episode of `seed`, always with the same random actions; returns the rewards and sums of observations. */
function playEpisode<Info>(env: Environment<Info>, seed: number): number[] {
  const random = randomStream(0, 'checkEnv');
  const { low, high, size } = env.actionSpace;
  const trace = [checkObservation(env.reset({ seed }).observation, env.observationSpace)];
  for (let step = 0; step < mostSteps; step++) {
    const action = Float32Array.from({ length: size }, (_, i) => low[i]! + (high[i]! - low[i]!) * random.next());
    const result = env.step(action);
    if (!Number.isFinite(result.reward)) throw new Error(`Step ${step} gave reward ${result.reward}.`);
    trace.push(result.reward, checkObservation(result.observation, env.observationSpace));
    if (isOver(result)) return trace;
  }
  throw new Error(`An episode did not end within ${mostSteps} steps.`);
}

const isOver = ({ terminated, truncated }: { terminated: boolean; truncated: boolean }): boolean => terminated || truncated;

function checkObservation(observation: Float32Array, { size, low, high }: BoxSpace): number {
  if (observation.length !== size) throw new Error(`An observation has ${observation.length} components; expected ${size}.`);
  let sum = 0;
  for (let i = 0; i < size; i++) {
    const value = observation[i]!;
    if (!(value >= low[i]! && value <= high[i]!)) throw new Error(`Observation component ${i} is ${value}; expected ${low[i]} to ${high[i]}.`);
    sum += value * (1 + i / size);
  }
  return sum;
}

function mustThrow(work: () => unknown, what: string): void {
  try {
    work();
  } catch {
    return;
  }
  throw new Error(`The environment accepted ${what}.`);
}
