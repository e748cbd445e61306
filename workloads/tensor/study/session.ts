import type { HistoryFile } from '../measure/history.js';
import type { Measurement, Measurer } from '../measure/measurer.js';
import type { SearchSpace } from '../space.js';
import { configurationAt } from '../space.js';
import type { Tuner } from '../strategies/tuner.js';

/** One measured configuration of a session. */
export interface Trial {
  /** Batches before this one. */
  readonly round: number;
  readonly index: number;
  readonly measurement: Measurement;
  /** It was taken from the history, not measured. */
  readonly known: boolean;
}

export interface SessionOptions {
  space: SearchSpace;
  tuner: Tuner;
  measurer: Measurer;
  trials: number;
  /**
   * Where trials are kept, and under which name. What it holds already is not measured again: a resumed tuner, which is
   * deterministic, proposes the same trials and is told the same results, and so arrives where it was interrupted.
   */
  history?: { file: HistoryFile; method: string; seed: number };
  /** Called after every trial. */
  onTrial?: (trial: Trial, done: number) => void;
}

/** Lets the tuner spend its trials. Ends early when the space is used up. `tunerMs` is the tuner's own time. */
export async function runSession({ space, tuner, measurer, trials, history, onTrial }: SessionOptions): Promise<{ trials: Trial[]; tunerMs: number }> {
  const done: Trial[] = [];
  let tunerMs = 0;
  const repeats = new Map<number, number>();
  const measure = async (index: number, round: number): Promise<Pick<Trial, 'measurement' | 'known'>> => {
    const repeat = repeats.get(index) ?? 0;
    repeats.set(index, repeat + 1);
    const anew = async (): Promise<Measurement> => (await measurer.measure([{ index, repeat }]))[0]!;
    if (history === undefined) return { measurement: await anew(), known: false };
    const { file, method, seed } = history;
    const config = configurationAt(space.knobs, index);
    const known = file.find(method, seed, config, repeat);
    if (known !== undefined) return { measurement: known, known: true };
    const measurement = await anew();
    file.append({ method, seed, round, config, measurement });
    return { measurement, known: false };
  };
  for (let round = 0; done.length < trials; round++) {
    const asked = performance.now();
    const indices = await tuner.ask(trials - done.length);
    tunerMs += performance.now() - asked;
    if (indices.length === 0) break;
    const measurements: Measurement[] = [];
    for (const index of indices) {
      const trial = { round, index, ...(await measure(index, round)) };
      done.push(trial);
      measurements.push(trial.measurement);
      onTrial?.(trial, done.length);
    }
    const told = performance.now();
    tuner.tell(measurements);
    tunerMs += performance.now() - told;
  }
  return { trials: done, tunerMs };
}
