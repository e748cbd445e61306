import { dot, fitLogistic, logistic } from './logisticFit.js';
import { BatchReader } from './batchReader.js';
import type { RoutingTrace } from './trace.js';

/** How fast the moving averages of an expert's rate forget, per batch. */
const forgetting = [0.3, 0.1, 0.03];
/** Features of an expert: constant, long-run rate, its moving averages, active now, rows now, active in the batch before. */
const width = 2 + forgetting.length + 3;
/** Features that an expert keeps when it is not active: the chance that it comes back is read off them alone. */
const lasting = width - 3;
/** More rows than this say no more about the next batch. */
const mostRows = 3;
/** Tokens spread evenly over the experts that stand for what is known before the first batch. */
const priorTokens = 20;

/** Before anything is learned: the chance that the long-run rate alone gives. */
export const untrained = Float64Array.from({ length: width }, (_, i) => (i === 1 ? 1 : 0));

/**
 * Forecasts which experts the next batch will need, from the batches so far. An expert at r rows a token is active in a
 * batch of n tokens with probability about 1 - exp(-n r); its log-odds, at its long-run rate and at three moving averages,
 * and what it did in the last two batches, enter a logistic regression. The next batch is taken to be as large as the
 * present one.
 */
export class ExpertForecast {
  /** Chance of each expert to be active in the next batch. */
  readonly next: Float64Array;
  /** Chance of each expert to be active in a batch after one in which it was not. */
  readonly later: Float64Array;
  /** experts x width, after the batch last observed. */
  readonly features: Float64Array;
  readonly #topK: number;
  readonly #weights: Float64Array;
  readonly #rows: Float64Array;
  #tokens = priorTokens;
  readonly #averages: Float64Array[];

  constructor(experts: number, topK: number, weights: Float64Array) {
    this.next = new Float64Array(experts).fill(0.5);
    this.later = new Float64Array(experts).fill(0.5);
    this.features = new Float64Array(experts * width);
    this.#topK = topK;
    this.#weights = weights;
    this.#rows = new Float64Array(experts).fill((priorTokens * topK) / experts);
    this.#averages = forgetting.map(() => new Float64Array(experts).fill(topK / experts));
  }

  /** Takes in a batch: how many rows each expert has in it. */
  observe(rows: Int32Array): void {
    let pairs = 0;
    for (const count of rows) pairs += count;
    const tokens = pairs / this.#topK;
    this.#tokens += tokens;
    for (let expert = 0; expert < rows.length; expert++) {
      const count = rows[expert]!;
      this.#rows[expert]! += count;
      const x = this.features.subarray(expert * width, (expert + 1) * width);
      const longRun = logOddsOfAny((tokens * this.#rows[expert]!) / this.#tokens);
      const activeBefore = x[lasting]!;
      x[0] = 1;
      x[1] = longRun;
      for (let i = 0; i < forgetting.length; i++) {
        const average = this.#averages[i]!;
        average[expert]! += forgetting[i]! * (count / tokens - average[expert]!);
        x[2 + i] = logOddsOfAny(tokens * average[expert]!) - longRun;
      }
      x[lasting] = count > 0 ? 1 : 0;
      x[lasting + 1] = Math.min(mostRows, count);
      x[lasting + 2] = activeBefore;
      this.next[expert] = clampedChance(dot(this.#weights, x));
      this.later[expert] = clampedChance(dot(this.#weights.subarray(0, lasting), x));
    }
  }
}

/** Log-odds of at least one event where `expected` are expected (Poisson), within what a log can tell apart. */
function logOddsOfAny(expected: number): number {
  return Math.log(Math.expm1(Math.min(6, Math.max(0.01, expected))));
}

/** No expert is certain to come, and none to stay away. */
const clampedChance = (logOdds: number): number => Math.min(0.995, Math.max(0.005, logistic(logOdds)));

/** Ridge towards `untrained`, in examples. */
const ridge = 5;
/** Examples (batch and expert) at most; the latest count. */
const mostExamples = 200_000;
/** A batch more than so many times as large as the one before, or smaller, says nothing of repetition. */
const likeSize = 2;

/** First of the batches before `until` that are learned from. */
export const firstLearned = (trace: RoutingTrace, until: number): number =>
  Math.max(0, until - 1 - Math.floor(mostExamples / trace.experts));

/** Learns the forecast's weights from the batches of a trace before `until`. */
export function learnForecast(trace: RoutingTrace, until: number): Float64Array {
  const { experts, topK, batchStarts } = trace;
  const reader = new BatchReader(trace);
  const forecast = new ExpertForecast(experts, topK, untrained);
  const first = firstLearned(trace, until);
  const size = (batch: number): number => batchStarts[batch + 1]! - batchStarts[batch]!;
  const features: Float64Array[] = [];
  const outcomes: number[] = [];
  for (let batch = 0; batch < until; batch++) {
    reader.read(batch);
    const change = batch > 0 ? size(batch) / size(batch - 1) : Infinity;
    if (batch > first && change <= likeSize && change >= 1 / likeSize) {
      features.push(forecast.features.slice());
      for (const rows of reader.rows) outcomes.push(rows > 0 ? 1 : 0);
    }
    forecast.observe(reader.rows);
  }
  const all = new Float64Array(features.length * experts * width);
  features.forEach((each, i) => all.set(each, i * experts * width));
  return fitLogistic({ width, features: all, outcomes: Uint8Array.from(outcomes) }, untrained, ridge);
}
