import type { Measurement, Measurer } from './measurer.js';
import type { Tuner } from './tuner.js';

/** One measured configuration of a session. */
export interface Trial {
  /** From 0. */
  readonly trial: number;
  /** Batches before this one. */
  readonly round: number;
  readonly index: number;
  readonly measurement: Measurement;
}

export interface SessionOptions {
  tuner: Tuner;
  measurer: Measurer;
  trials: number;
  /** The measurement of a trial done before an interruption; the tuner proposes the same again, nothing is measured twice. */
  recorded?: (trial: number, index: number) => Measurement | undefined;
  /** Called after every new measurement. */
  onTrial?: (trial: Trial) => void;
}

/** Lets the tuner spend its trials. Ends early when the space is used up. `tunerMs` is the tuner's own time. */
export async function runSession({ tuner, measurer, trials, recorded, onTrial }: SessionOptions): Promise<{ trials: Trial[]; tunerMs: number }> {
  const done: Trial[] = [];
  let tunerMs = 0;
  for (let round = 0; done.length < trials; round++) {
    const asked = performance.now();
    const indices = await tuner.ask(trials - done.length);
    tunerMs += performance.now() - asked;
    if (indices.length === 0) break;
    const measurements: Measurement[] = [];
    for (const index of indices) {
      const known = recorded?.(done.length, index);
      const measurement = known ?? (await measurer.measure([index]))[0]!;
      const trial = { trial: done.length, round, index, measurement };
      done.push(trial);
      measurements.push(measurement);
      if (known === undefined) onTrial?.(trial);
    }
    const told = performance.now();
    tuner.tell(measurements);
    tunerMs += performance.now() - told;
  }
  return { trials: done, tunerMs };
}
