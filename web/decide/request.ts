import { z } from 'zod';
import type { FleetConfig, StatedDecision } from '../../envs/index.js';
import { jobsPerDay, nominalSeconds } from '../../envs/index.js';
import { Refusal } from '../http/server.js';

/** Whether a policy looks at the fleet as the agents that act by the slot do, and so needs to be told more. */
export type Needs = 'job' | 'slot';

const amount = (most: number) => z.number().min(0).max(most);
const price = () => z.number().min(-1e5).max(1e5);
const celsius = () => z.number().min(-90).max(70);

/** The body of a decision request; `slot` policies demand what `job` policies leave optional. */
export function requestSchema(needs: Needs) {
  const slot = (schema: z.ZodNumber): z.ZodType<number | undefined> => (needs === 'slot' ? schema : schema.optional());
  return z.strictObject({
    job: z.strictObject({
      origin: z.string().min(1).max(200).describe('Name of the site where the job arrived.'),
      images: z.int().min(1).max(1024).describe('Images of one request of the bundle that the job stands for.'),
      secondsToDeadline: z.number().positive().max(1e7).describe('From its arrival to the latest completion in time, s.'),
      short: z.boolean().optional().describe('Whether it is of the short-deadline class; by its deadline if not given.'),
      time: z.iso.datetime().optional().describe('Its arrival, ISO 8601 in UTC; now if not given.'),
    }),
    sites: z
      .array(
        z.strictObject({
          name: z.string().min(1).max(200).describe('Name of the site, as the policy was trained.'),
          waitSeconds: amount(1e7).describe('Until a GPU is free, s; 0 if one is.'),
          backlogSeconds: amount(1e7).describe('Work still to be done, s per GPU.'),
          priceUsdPerMwh: price().describe('Market price now.'),
          priceInAnHourUsdPerMwh: price().describe('Market price in an hour.'),
          storedUsdPerMwh: price().optional().describe('What a MWh more in the battery is worth; the market price if not given.'),
          renewableKw: amount(1e7).describe('Power available from PV and wind, kW.'),
          soc: amount(1).describe('State of charge of the battery, a share of its capacity; 0 without one.'),
          outdoorCelsius: celsius().describe('Outdoor dry-bulb temperature.'),
          clockShare: z.number().positive().max(1).optional().describe('Clock of the GPUs, a share of the highest; 1 if not given.'),
          supplyCelsius: celsius().optional().describe("Supply air temperature; the site's configured one if not given."),
          bookedKw: amount(1e7).optional().describe('Power above idle that jobs dispatched so far draw on average over the current slot, kW; 0 if not given.'),
          priceAheadUsdPerMwh: slot(price().describe('Mean market price of the next six hours.')),
          offeredGpus: slot(amount(1e6).describe('GPU-seconds of work offered lately per second.')),
        }),
      )
      .min(1)
      .max(64)
      .describe('Every site that the policy was trained for, in any order.'),
    fleet: z
      .strictObject({
        jobsPerDay: amount(1e9).optional().describe('Jobs over the fleet at the rate of the last half hour; the configured mean if not given.'),
        arrivalsAhead: amount(1e4).optional().describe("Jobs expected over the next hour relative to the day's mean; 1 if not given."),
        recentLateShare: amount(1).optional().describe('Share of late jobs in the last half hour; 0 if not given.'),
      })
      .optional(),
  });
}

export type DecisionRequest = z.output<ReturnType<typeof requestSchema>>;

const dayMs = 86_400_000;

/** Of any instant, those before 1970 too, whose remainder is negative. */
const secondOfDay = (timeMs: number): number => (((timeMs % dayMs) + dayMs) % dayMs) / 1000;

/**
 * Checks a request and puts its sites into the fleet's order. Throws Refusal: 400 for what is malformed, naming the
 * field; 422 for a site that the policy was not trained for.
 */
export function readRequest(body: unknown, schema: z.ZodType<DecisionRequest>, fleet: FleetConfig): StatedDecision {
  const result = schema.safeParse(body);
  if (!result.success) throw refusalOf(result.error.issues[0]!);
  const { job, sites, fleet: recent = {} } = result.data;
  const names = fleet.sites.map((site) => site.name);
  const indexOf = (name: string, field: string): number => {
    const index = names.indexOf(name);
    if (index < 0) throw new Refusal(422, `${field}: the policy was not trained for a site "${name}"; it knows ${names.join(', ')}.`, field);
    return index;
  };
  const ordered: (DecisionRequest['sites'][number] | undefined)[] = names.map(() => undefined);
  sites.forEach((site, i) => {
    const index = indexOf(site.name, `sites.${i}.name`);
    if (ordered[index] !== undefined) throw new Refusal(400, `sites.${i}.name: found "${site.name}" twice, expected each site once.`, `sites.${i}.name`);
    ordered[index] = site;
  });
  const missing = names.find((_, i) => ordered[i] === undefined);
  if (missing !== undefined) throw new Refusal(400, `sites: "${missing}" is missing; expected all of ${names.join(', ')}.`, 'sites');
  const { deadline } = fleet.jobs;
  return {
    secondOfDay: secondOfDay(job.time === undefined ? Date.now() : Date.parse(job.time)),
    job: {
      origin: indexOf(job.origin, 'job.origin'),
      images: job.images,
      secondsToDeadline: job.secondsToDeadline,
      short: job.short ?? job.secondsToDeadline <= deadline.shortSlackMax * nominalSeconds(fleet, job.images),
    },
    jobsPerDay: recent.jobsPerDay ?? jobsPerDay(fleet),
    arrivalsAhead: recent.arrivalsAhead ?? 1,
    recentLateShare: recent.recentLateShare ?? 0,
    sites: ordered.map((site, k) => ({
      ...site!,
      priceAheadUsdPerMwh: site!.priceAheadUsdPerMwh ?? site!.priceUsdPerMwh,
      offeredGpus: site!.offeredGpus ?? 0,
      clockShare: site!.clockShare ?? 1,
      supplyCelsius: site!.supplyCelsius ?? fleet.sites[k]!.cooling.supplyCelsius,
      bookedKw: site!.bookedKw ?? 0,
    })),
  };
}

function refusalOf(issue: z.core.$ZodIssue): Refusal {
  const unknown = issue.code === 'unrecognized_keys' ? [issue.keys[0]!] : [];
  const field = [...issue.path, ...unknown].join('.');
  const reason = unknown.length > 0 ? 'unknown field' : issue.message.replace(/^[A-Z][a-z ]+: /, '').replace(/, received (.*)$/, ', found $1');
  return new Refusal(400, `${field === '' ? 'body' : field}: ${reason}.`, field === '' ? 'body' : field);
}
