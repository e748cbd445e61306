import type { FleetConfig } from '../envs/index.js';
import { InputError } from '../src/io/errors.js';

/** Throws InputError if the fleet has text jobs, of which whoever `name` is knows nothing: it plans with images and steps. */
export function refuseText(name: string, { jobs }: FleetConfig): void {
  if (jobs.text.perDay === 0) return;
  throw new InputError(`fleet.jobs.text.perDay: found ${jobs.text.perDay} with ${name}, expected 0: it knows images only.`);
}
