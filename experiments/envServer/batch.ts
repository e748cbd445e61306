import type { Environment } from '../../envs/index.js';
import { InputError } from '../../src/io/errors.js';
import { frameKinds, headerBytes } from './frames.js';
import type { Autoreset, InfoColumn, ResetRequest } from './protocol.js';

/** Bits of an environment's byte in a reply. */
export const flags = { terminated: 1, truncated: 2, begun: 4, stepped: 8 } as const;

type Info = Readonly<Record<string, unknown>>;

/** What is told of an episode's beginning and end and is no figure of a step. */
interface Detail {
  readonly env: number;
  begun?: Info;
  ended?: Info;
}

/** The columns of `info` that are numbers or truth values, found by a step of an environment made for the purpose. */
export function infoColumns(environment: Environment<object>): InfoColumn[] {
  const { low, high } = environment.actionSpace;
  environment.reset({ seed: 0 });
  const { info } = environment.step(low.map((value, i) => (value + high[i]!) / 2));
  return Object.entries(info).flatMap(([name, value]): InfoColumn[] =>
    typeof value === 'number' || typeof value === 'boolean' ? [{ name, type: typeof value as InfoColumn['type'] }] : [],
  );
}

/**
 * Environments that are stepped together, with Gymnasium's rules of automatic reset, and the frame that tells of them:
 * after the header the lengths of details (bytes) and of final observations (rows), u32; rewards [envs] and infos
 * [columns, envs], f64; observations [envs, size] and final observations [rows, size], f32; flags [envs], u8; details,
 * JSON. One buffer serves all replies: send each before the next is asked for.
 */
export class Batch {
  readonly observationSize: number;
  readonly actionSize: number;
  readonly #observations: Float32Array;
  readonly #finals: Float32Array;
  readonly #rewards: Float64Array;
  readonly #infos: Float64Array;
  readonly #flags: Uint8Array;
  /** Whether an environment's episode is over, or has not begun. */
  readonly #over: boolean[];
  readonly #seeded: boolean[];
  readonly #actions: Float32Array[];
  #details: Detail[] = [];
  #finalRows = 0;
  #frame = Buffer.alloc(0);

  /** Environments that are reset without ever having been given a seed take `firstSeed` plus their index. */
  constructor(
    readonly environments: readonly Environment<object>[],
    readonly columns: readonly InfoColumn[],
    readonly autoreset: Autoreset,
    readonly firstSeed: number,
  ) {
    const count = environments.length;
    const { observationSpace, actionSpace } = environments[0]!;
    this.observationSize = observationSpace.size;
    this.actionSize = actionSpace.size;
    this.#observations = new Float32Array(count * observationSpace.size);
    this.#finals = new Float32Array(autoreset === 'same-step' ? count * observationSpace.size : 0);
    this.#rewards = new Float64Array(count);
    this.#infos = new Float64Array(columns.length * count);
    this.#flags = new Uint8Array(count);
    this.#over = environments.map(() => true);
    this.#seeded = environments.map(() => false);
    this.#actions = environments.map(() => new Float32Array(actionSpace.size));
  }

  /** Bytes of the body of a frame with actions. */
  get actionBytes(): number {
    return 4 * this.environments.length * this.actionSize;
  }

  /** Begins episodes of the environments named, the others stay as they are. Throws InputError for an unknown index or option. */
  reset(requests: readonly ResetRequest[]): Buffer {
    this.#clear();
    for (const { index, seed, options } of requests) {
      if (index >= this.environments.length) {
        throw new InputError(`env-server: reset: found environment ${index}, expected 0 to ${this.environments.length - 1}.`);
      }
      this.#begin(index, seed, options);
    }
    return this.#reply();
  }

  /**
   * Steps all environments by `actions` [envs, actions]. Throws InputError, and steps none, if one is not finite or
   * episodes are over and nothing begins them anew.
   */
  step(actions: Float32Array): Buffer {
    const bad = actions.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) throw new InputError(`env-server: step: found ${actions[bad]} at component ${bad % this.actionSize} of environment ${Math.floor(bad / this.actionSize)}'s action, expected a finite number.`);
    const over = this.#over.indexOf(true);
    if (over >= 0 && (this.autoreset !== 'next-step' || !this.#seeded[over])) {
      throw new InputError(`env-server: step: environment ${over}'s episode is over or has not begun, expected a reset.`);
    }
    this.#clear();
    for (let env = 0; env < this.environments.length; env++) {
      if (this.#over[env]!) this.#begin(env, null, {});
      else this.#step(env, actions);
    }
    return this.#reply();
  }

  #clear(): void {
    this.#rewards.fill(0);
    this.#infos.fill(0);
    this.#flags.fill(0);
    this.#details = [];
    this.#finalRows = 0;
  }

  #begin(env: number, seed: number | null, options: Info): void {
    const first = this.#seeded[env]! ? {} : { seed: this.firstSeed + env };
    const { observation, info } = this.environments[env]!.reset({ ...(seed === null ? first : { seed }), options });
    this.#seeded[env] = true;
    this.#over[env] = false;
    this.#observations.set(observation, env * this.observationSize);
    this.#flags[env]! |= flags.begun;
    this.#detail(env).begun = wordsOf(info);
  }

  #step(env: number, actions: Float32Array): void {
    const action = this.#actions[env]!;
    for (let i = 0, at = env * this.actionSize; i < action.length; i++) action[i] = actions[at + i]!;
    const { observation, reward, terminated, truncated, info } = this.environments[env]!.step(action);
    this.#rewards[env] = reward;
    const count = this.environments.length;
    for (let c = 0; c < this.columns.length; c++) this.#infos[c * count + env] = Number((info as Info)[this.columns[c]!.name]);
    this.#flags[env] = flags.stepped | (terminated ? flags.terminated : 0) | (truncated ? flags.truncated : 0);
    if (!terminated && !truncated) {
      this.#observations.set(observation, env * this.observationSize);
      return;
    }
    this.#detail(env).ended = wordsOf(info);
    if (this.autoreset === 'same-step') {
      this.#finals.set(observation, this.#finalRows++ * this.observationSize);
      this.#begin(env, null, {});
      return;
    }
    this.#observations.set(observation, env * this.observationSize);
    this.#over[env] = true;
  }

  #detail(env: number): Detail {
    const last = this.#details.at(-1);
    if (last?.env === env) return last;
    const detail = { env };
    this.#details.push(detail);
    return detail;
  }

  #reply(): Buffer {
    const details = this.#details.length === 0 ? null : Buffer.from(JSON.stringify(this.#details));
    const finals = this.#finals.subarray(0, this.#finalRows * this.observationSize);
    const parts = [this.#rewards, this.#infos, this.#observations, finals, this.#flags];
    const length = 8 + parts.reduce((sum, part) => sum + part.byteLength, 0) + (details?.length ?? 0);
    if (this.#frame.length < headerBytes + length) this.#frame = Buffer.allocUnsafeSlow(headerBytes + length);
    const frame = this.#frame.subarray(0, headerBytes + length);
    frame.writeUInt32LE(length, 0);
    frame.writeUInt32LE(frameKinds.batch, 4);
    frame.writeUInt32LE(details?.length ?? 0, 8);
    frame.writeUInt32LE(this.#finalRows, 12);
    let at = headerBytes + 8;
    for (const part of parts) {
      frame.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), at);
      at += part.byteLength;
    }
    details?.copy(frame, at);
    return frame;
  }
}

/** What an info says that is no figure: a date, a day's account, its record. */
function wordsOf(info: object): Info {
  return Object.fromEntries(Object.entries(info).filter(([, value]) => typeof value !== 'number' && typeof value !== 'boolean'));
}
