import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError } from '../src/io/errors.js';
import { readJson } from '../src/io/files.js';
import type { ImageRequests } from './formats/requests.js';
import { genTd26ClockAheadHours, readGenTd26 } from './formats/requests.js';
import { dayMs, hourMs } from './time.js';

/** How often requests arrive over the local day. */
export interface ArrivalProfile {
  /** 24 weights, the busiest hour's is 1. */
  readonly weightByLocalHour: Float64Array;
  readonly source: string;
}

/** What image requests ask for: shares of all requests that say it, most frequent first. */
export interface ImageMix {
  readonly imagesPerPrompt: readonly (readonly [images: number, share: number])[];
  readonly denoisingSteps: readonly (readonly [steps: number, share: number])[];
}

/** What `datasets/fit/arrivals.ts` derives from the GenTD26 trace and ships. */
export interface FittedArrivals {
  readonly provenance: { readonly file: string; readonly sha256: string; readonly requests: number; readonly command: string; readonly source: string };
  readonly weightByLocalHour: readonly number[];
  readonly mix: ImageMix;
}

const fitted = readJson(fileURLToPath(new URL('./arrivals.json', import.meta.url))) as FittedArrivals;

/** The hour-of-day profile of GenTD26 (a production Stable Diffusion service), its anonymised clock set to office hours. */
export const genTd26Profile: ArrivalProfile = {
  weightByLocalHour: Float64Array.from(fitted.weightByLocalHour),
  source: `embedded, from ${fitted.provenance.file} (${fitted.provenance.requests} requests)`,
};

/** What GenTD26's requests ask for. */
export const genTd26Mix: ImageMix = fitted.mix;

export const genTd26File = join('workload', 'alibaba_gentd26', 'lora_request_trace.csv');

/**
 * The arrival profile of a data folder's GenTD26 trace, or the embedded one where there is no folder or no such file.
 * Throws InputError for a bad file.
 */
export function arrivalProfile(folder?: string): ArrivalProfile {
  const file = folder === undefined ? undefined : join(folder, genTd26File);
  if (file === undefined || !existsSync(file)) return genTd26Profile;
  return { weightByLocalHour: hourProfile(readGenTd26(file)), source: file };
}

/** Requests by hour of the local day, divided by those of the busiest hour. */
export function hourProfile({ file, timeMs }: ImageRequests): Float64Array {
  if (timeMs.length < 24 || timeMs.at(-1)! - timeMs[0]! < dayMs) {
    throw new InputError(`${file} spans less than a day; expected at least one, to tell how requests spread over it.`);
  }
  const counts = new Float64Array(24);
  for (const time of timeMs) counts[Math.floor((time - genTd26ClockAheadHours * hourMs) / hourMs) % 24]!++;
  const most = Math.max(...counts);
  return counts.map((count) => count / most);
}

/** Shares of the values that are there, most frequent first; those below `least` are left out. */
export function shares(values: Float64Array, least: number): [value: number, share: number][] {
  const counts = new Map<number, number>();
  for (const value of values) if (!Number.isNaN(value)) counts.set(value, (counts.get(value) ?? 0) + 1);
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return [...counts]
    .map(([value, count]): [number, number] => [value, count / total])
    .filter(([, share]) => share >= least)
    .sort((a, b) => b[1] - a[1]);
}
