import { randomStream } from '../../src/math/random.js';
import { cycleDays, cycleHours, fastHours, slowDays } from './model.js';

const hoursPerBlock = 720;
const daysPerBlock = 360;
/** Hours and days before a block from which its states start; what is left of the start is below 1e-8 and 1e-5. */
const fastBurnIn = 240;
const slowBurnInBlocks = 2;
const slowComponents = slowDays.length + 2 * cycleHours.length;
const slowTau = [...slowDays, ...Array.from({ length: 2 * cycleHours.length }, () => cycleDays)];
const keptStates = 512;
const keptFastNoise = 32;
const keptSlowNoise = 8;

/** Which share of the slow ones each daily state belongs to: a cycle has two states, its cosine and its sine. */
const shareOfSlow = [...slowDays.keys(), ...cycleHours.flatMap((_, c) => [slowDays.length + c, slowDays.length + c])];
/** How much of a day's and of the next day's state is in each hour, component by component. */
const fromHere = new Float64Array(24 * slowComponents);
const fromNext = new Float64Array(24 * slowComponents);
for (let k = 0; k < slowComponents; k++) {
  const rho = Math.exp(-1 / slowTau[k]!);
  for (let h = 0; h < 24; h++) {
    const part = h / 24;
    // Interpolating between two correlated states loses variance; it is given back.
    const spread = Math.sqrt((1 - part) ** 2 + part ** 2 + 2 * part * (1 - part) * rho);
    const turn = turnOf(k, h) / spread;
    fromHere[k * 24 + h] = (1 - part) * turn;
    fromNext[k * 24 + h] = part * turn;
  }
}

/** The factor by which a cycle's state counts at an hour of the day: its cosine or its sine; 1 for what is no cycle. */
function turnOf(component: number, hour: number): number {
  const state = component - slowDays.length;
  if (state < 0) return 1;
  const angle = (2 * Math.PI * hour) / cycleHours[state >> 1]!;
  return state % 2 === 0 ? Math.cos(angle) : Math.sin(angle);
}

/**
 * Correlated standard Gaussian processes, one per series, defined for every hour since 1970 or before: what an hour
 * holds depends on the seed and the hour only, never on the window asked for. Time is cut into blocks; each block's
 * noise has a named stream, and its autoregressive states start in the blocks before it.
 */
export class GaussianField {
  readonly #fastNoise = new Map<number, Float64Array>();
  readonly #slowNoise = new Map<number, Float64Array>();
  readonly #slow = new Map<string, Float64Array>();
  readonly #seed: number;
  readonly #name: string;
  readonly #fastFactor: readonly Float64Array[];
  readonly #slowFactor: readonly Float64Array[];

  /** `name` keeps the streams of several fields apart; `fastFactor` and `slowFactor`: Cholesky factors (lower) of the correlations between series. */
  constructor(
    seed: number,
    name: string,
    fastFactor: readonly Float64Array[],
    slowFactor: readonly Float64Array[],
  ) {
    this.#seed = seed;
    this.#name = name;
    this.#fastFactor = fastFactor;
    this.#slowFactor = slowFactor;
  }

  static readonly hoursPerBlock = hoursPerBlock;

  /** z of one series for the hours of one block; `shares` as in the model. */
  block(series: number, block: number, shares: readonly number[]): Float64Array {
    const z = new Float64Array(hoursPerBlock);
    const weights = shares.map(Math.sqrt);
    fastHours.forEach((_, component) => this.#addFast(z, { series, block, component }, weights[component]!));
    this.#addSlow(z, series, block, weights.slice(fastHours.length));
    return z;
  }

  #addFast(z: Float64Array, { series, block, component }: { series: number; block: number; component: number }, weight: number): void {
    const rho = Math.exp(-1 / fastHours[component]!);
    const kick = Math.sqrt(1 - rho * rho);
    const factor = this.#fastFactor[series]!;
    const before = this.#noise('fast', block - 1);
    const noise = this.#noise('fast', block);
    const innovation = (from: Float64Array, hour: number): number => dot(factor, from, (hour * fastHours.length + component) * this.#count);
    let state = innovation(before, hoursPerBlock - fastBurnIn - 1);
    for (let h = hoursPerBlock - fastBurnIn; h < hoursPerBlock; h++) state = rho * state + kick * innovation(before, h);
    for (let h = 0; h < hoursPerBlock; h++) {
      state = rho * state + kick * innovation(noise, h);
      z[h] = z[h]! + weight * state;
    }
  }

  #addSlow(z: Float64Array, series: number, block: number, weights: readonly number[]): void {
    const firstDay = (block * hoursPerBlock) / 24;
    for (let d = 0; d < hoursPerBlock / 24; d++) {
      const here = this.#slowStates(series, Math.floor((firstDay + d) / daysPerBlock));
      const next = this.#slowStates(series, Math.floor((firstDay + d + 1) / daysPerBlock));
      const at = modulo(firstDay + d, daysPerBlock) * slowComponents;
      const after = modulo(firstDay + d + 1, daysPerBlock) * slowComponents;
      for (let k = 0; k < slowComponents; k++) {
        const weight = weights[shareOfSlow[k]!]!;
        for (let h = 0; h < 24; h++) {
          const at24 = k * 24 + h;
          z[d * 24 + h] = z[d * 24 + h]! + weight * (fromHere[at24]! * here[at + k]! + fromNext[at24]! * next[after + k]!);
        }
      }
    }
  }

  /** Daily states of one series over a block of days, component by component within a day. */
  #slowStates(series: number, block: number): Float64Array {
    const key = `${series}/${block}`;
    const known = this.#slow.get(key);
    if (known !== undefined) return known;
    const factor = this.#slowFactor[series]!;
    const rho = slowTau.map((tau) => Math.exp(-1 / tau));
    const kick = rho.map((value) => Math.sqrt(1 - value * value));
    const state = new Float64Array(slowComponents);
    const result = new Float64Array(daysPerBlock * slowComponents);
    for (let b = block - slowBurnInBlocks; b <= block; b++) {
      const noise = this.#noise('slow', b);
      for (let day = 0; day < daysPerBlock; day++) {
        const start = b === block - slowBurnInBlocks && day === 0;
        for (let k = 0; k < slowComponents; k++) {
          const innovation = dot(factor, noise, (day * slowComponents + k) * this.#count);
          state[k] = start ? innovation : rho[k]! * state[k]! + kick[k]! * innovation;
        }
        if (b === block) result.set(state, day * slowComponents);
      }
    }
    return keep(this.#slow, key, result, keptStates);
  }

  get #count(): number {
    return this.#fastFactor.length;
  }

  #noise(name: 'fast' | 'slow', block: number): Float64Array {
    const [cache, size, kept] =
      name === 'fast'
        ? [this.#fastNoise, hoursPerBlock * fastHours.length, keptFastNoise]
        : [this.#slowNoise, daysPerBlock * slowComponents, keptSlowNoise];
    const known = cache.get(block);
    if (known !== undefined) return known;
    const random = randomStream(this.#seed, `world/${this.#name}/${name}/${block}`);
    const noise = new Float64Array(size * this.#count);
    for (let i = 0; i < noise.length; i++) noise[i] = random.normal();
    return keep(cache, block, noise, kept);
  }
}

function keep<K>(cache: Map<K, Float64Array>, key: K, value: Float64Array, limit: number): Float64Array {
  if (cache.size >= limit) cache.delete(cache.keys().next().value as K);
  cache.set(key, value);
  return value;
}

/** Four sums side by side, because one would wait for each addition before the next. */
function dot(row: Float64Array, vector: Float64Array, offset: number): number {
  const length = row.length;
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let j = 0;
  for (; j + 3 < length; j += 4) {
    a += row[j]! * vector[offset + j]!;
    b += row[j + 1]! * vector[offset + j + 1]!;
    c += row[j + 2]! * vector[offset + j + 2]!;
    d += row[j + 3]! * vector[offset + j + 3]!;
  }
  for (; j < length; j++) a += row[j]! * vector[offset + j]!;
  return a + b + (c + d);
}

const modulo = (value: number, by: number): number => ((value % by) + by) % by;
