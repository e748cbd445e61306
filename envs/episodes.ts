import { InputError } from '../src/io/errors.js';
import { randomStream } from '../src/math/random.js';
import type { RandomStream } from '../src/math/random.js';
import { parseDay } from './site/day.js';
import type { ResetOptions } from './contract/environment.js';
import type { FleetSimulator } from './fleet.js';

/**
 * Which day comes next and with which jobs. Both are functions of the seed and of how many episodes went before since
 * it was set, so `reset({seed, options: {day}})` always gives the same jobs, whatever the policy did before.
 */
export class Episodes {
  private random: RandomStream;
  private episode = 0;

  /** Throws InputError for an empty list or what is no date. */
  constructor(
    readonly days: readonly string[],
    private seed: number,
  ) {
    if (days.length === 0) throw new InputError('Days: found none, expected at least one UTC date.');
    for (const day of days) parseDay(day);
    this.random = randomStream(seed, 'days');
  }

  /** Begins the next day on the fleet and returns its date. `options` may hold `day` (a UTC date) and `record` (boolean). */
  begin(fleet: FleetSimulator, { seed, options = {} }: ResetOptions, { needsJobs = false } = {}): string {
    for (const key of Object.keys(options)) {
      if (key !== 'day' && key !== 'record') throw new InputError(`Reset option "${key}" is unknown; expected day or record.`);
    }
    if (seed !== undefined) {
      if (!Number.isSafeInteger(seed)) throw new InputError(`Seed: found ${seed}, expected an integer.`);
      this.seed = seed;
      this.episode = 0;
      this.random = randomStream(seed, 'days');
    }
    const drawn = this.days[this.random.integer(this.days.length)]!;
    const day = options['day'] === undefined ? drawn : String(options['day']);
    const jobs = fleet.generateJobs(day, this.seed, this.episode++);
    if (needsJobs && jobs.length === 0) throw new InputError(`Day ${day}: found no job, expected at least one; raise jobs.perDay.`);
    const fresh = seed !== undefined || !fleet.fleet.carryQueues;
    fleet.beginDay(day, jobs, { record: options['record'] === true, fresh });
    return day;
  }
}
