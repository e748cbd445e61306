import { setImmediate as nextTurn } from 'node:timers/promises';
import { Interrupted } from '../../src/io/errors.js';

export interface DayByDayOptions {
  /** Once aborted, the work stops after its day, and `dayByDay` throws Interrupted. */
  readonly signal?: AbortSignal | undefined;
  /** Called after each day with how many are done. */
  readonly onDay?: ((done: number, day: string) => void) | undefined;
}

/** Works through days one by one; between two of them timers and signals get their turn. */
export async function dayByDay<T>(days: readonly string[], work: (day: string) => T | Promise<T>, { signal, onDay }: DayByDayOptions = {}): Promise<T[]> {
  const results: T[] = [];
  for (const day of days) {
    results.push(await work(day));
    onDay?.(results.length, day);
    await nextTurn();
    if (signal?.aborted === true) throw new Interrupted(`stopped after ${day}`);
  }
  return results;
}
