import { z } from 'zod';
import { InputError, suggest } from '../../src/io/errors.js';
import { forecastKinds } from '../control/forecastKinds.js';
import { storageProblem, storageSchema } from '../site/storage/index.js';
import { hostingProblem, servingSchema, textJobsSchema } from './serving.js';

/** Between 0 and 1, both included. */
const share = () => z.number().min(0).max(1);
const positive = (most: number) => z.number().positive().max(most);
const nonNegative = (most: number) => z.number().nonnegative().max(most);

const modelSchema = z
  .strictObject({
    name: z.string().min(1).default('SDXL').describe('Hosted model: a label, or where the device is named, a model of the catalogue.'),
    baseSeconds: nonNegative(1e4).default(0.8).describe('GPU-seconds per image at full clock besides the denoising steps (t0).'),
    secondsPerStep: positive(1e4).default(0.16).describe('GPU-seconds per image and denoising step at full clock (d).'),
    quality: z
      .strictObject({
        ceiling: positive(1e3).default(0.85).describe('Utility units per image that endless denoising would earn (U).'),
        slope: positive(10).default(0.22).describe('Steepness of the quality sigmoid, per step (a).'),
        midpoint: nonNegative(1e3).default(14).describe('Denoising steps at which half of the ceiling is reached (b).'),
      })
      .prefault({}),
  })
  .prefault({});

const gpusSchema = z
  .strictObject({
    count: z.int().min(1).max(1e5).default(4).describe('GPUs of the site; with a model that is spread over several, groups of so many.'),
    powerKw: positive(5).default(0.7).describe('Power of one busy GPU at full clock, kW (its host included).'),
    idleShare: share().default(0.15).describe('Power of an idle GPU as a share of powerKw.'),
    clock: z
      .strictObject({
        minShare: positive(1).default(0.5).describe('Lowest clock, as a share of the highest; 1 switches clock control off.'),
        boundShare: share().default(0.9).describe('Share of service time that scales with 1/clock (delta).'),
        voltageFloorShare: positive(1).default(0.79).describe('Lowest supply voltage, as a share of that at full clock.'),
        voltageKneeShare: nonNegative(0.99).default(0.75).describe('Clock share up to which the voltage stays at its floor; it rises linearly above.'),
      })
      .prefault({}),
  })
  .prefault({});

const coolingSchema = z
  .strictObject({
    supplyCelsius: z.number().min(5).max(45).default(25).describe('Supply air temperature unless it is controlled, degrees Celsius.'),
    supplyMinCelsius: z.number().min(5).max(45).default(18).describe('Lowest supply air temperature, degrees Celsius.'),
    supplyMaxCelsius: z.number().min(5).max(45).default(27).describe('Highest supply air temperature, degrees Celsius.'),
    fanShare: share().default(0.05).describe('Power of fans and pumps per IT power (share).'),
    freeBelowSupplyCelsius: z.number().min(0).max(100).default(29).describe('Outdoor air this much colder than the supply cools without the chiller, degrees Celsius.'),
    chillerAboveSupplyCelsius: z.number().min(0).max(100).default(9.8).describe('Outdoor air this much warmer than the supply leaves all cooling to the chiller, degrees Celsius.'),
    itPerCelsius: nonNegative(0.1).default(0.004).describe('Growth of IT power per degree Celsius of supply above 25 (leakage and server fans; share).'),
  })
  .prefault({});

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

const siteSchema = z.strictObject({
  name: z.string().min(1).default('site').describe('Name of the data centre; unique in the fleet.'),
  region: z.string().min(1).default('US-CAL-CISO').describe('Market region, as the world names it.'),
  latitude: z.number().min(-90).max(90).optional().describe('Degrees north, with longitude and timeZone: where the region lies, if neither the data folder nor the generator knows it.'),
  longitude: z.number().min(-180).max(180).optional().describe('Degrees east.'),
  timeZone: z.string().refine(isTimeZone, 'expected an IANA time zone, such as Europe/Berlin').optional().describe('IANA name.'),
  demandWeight: nonNegative(1e6).default(1).describe('Share of the jobs that arrive here, relative to the other sites.'),
  model: modelSchema,
  device: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe("Accelerator by name; with it the model's service profile gives times, power and quality instead of the constants of model and gpus."),
  serving: servingSchema,
  gpus: gpusSchema,
  battery: storageSchema,
  pv: z
    .strictObject({
      peakKw: nonNegative(1e6).default(1.6).describe('PV power under standard test conditions, kW; 0 is no PV.'),
      yieldRatio: positive(3).default(1.2).describe('Output relative to horizontal modules: 1 flat, about 1.2 tilted or tracking the sun.'),
    })
    .prefault({}),
  wind: z
    .strictObject({
      ratedKw: nonNegative(1e6).default(0.6).describe('Rated wind power, kW; 0 is no wind.'),
      hubMetres: positive(300).default(90).describe('Hub height, m.'),
      speedRatio: positive(5).default(1.6).describe('Wind 10 m above ground at the turbine relative to that of the weather series, which is a city\'s.'),
    })
    .prefault({}),
  cooling: coolingSchema,
  exportShare: share().default(0.8).describe('Selling price as a share of the market price; 0 is no export.'),
});

const jobsSchema = z
  .strictObject({
    perDay: nonNegative(1e7).default(3638).describe('Expected image jobs per day over the fleet.'),
    bundleRequests: positive(1e6).default(16).describe('Like requests that one job stands for (B).'),
    images: z.array(z.int().min(1).max(1024)).min(1).default([1, 2, 4, 8]).describe('Images per request that occur.'),
    imageProbabilities: z.array(share()).min(1).default([0.58, 0.08, 0.19, 0.15]).describe('Probability of each entry of images; they sum to 1.'),
    evenShare: share().default(0.25).describe('Share of jobs that arrive evenly over the day; the others follow the arrival profile.'),
    deadline: z
      .strictObject({
        shortShare: share().default(0.5).describe('Probability that a job has a short deadline.'),
        shortSlackMin: positive(1e4).default(2.5).describe('Least slack of short deadlines, times the nominal service time.'),
        shortSlackMax: positive(1e4).default(4).describe('Most slack of short deadlines, times the nominal service time.'),
        longSlackMin: positive(1e4).default(6).describe('Least slack of long deadlines, times the nominal service time.'),
        longSlackMax: positive(1e4).default(12).describe('Most slack of long deadlines, times the nominal service time.'),
        nominalBaseSeconds: nonNegative(1e4).default(0.8).describe('Base GPU-seconds per image of the model that sets the nominal time.'),
        nominalSecondsPerStep: positive(1e4).default(0.16).describe('GPU-seconds per image and step of the model that sets the nominal time.'),
        nominalSteps: z.int().min(1).max(1000).default(20).describe('Denoising steps that set the nominal time.'),
      })
      .prefault({}),
    text: textJobsSchema,
  })
  .prefault({});

const managementSchema = z
  .strictObject({
    strategy: z
      .enum(['plan', 'threshold', 'learned'])
      .default('plan')
      .describe('Who sets batteries, clocks and supply temperatures: the value of stored energy by dynamic programming, price thresholds, or the agent.'),
    forecast: z
      .enum(forecastKinds)
      .default('day-ahead')
      .describe('Prices and renewables that a plan expects: those of the day before, those published a day ahead at noon, or the true ones.'),
    chargeBelowQuantile: share().default(0.3).describe('By thresholds, batteries charge below this quantile of the day\'s prices (share).'),
    dischargeAboveQuantile: share().default(0.7).describe('By thresholds, batteries discharge above this quantile of the day\'s prices (share).'),
    clockUtilisation: share().default(0.7).describe('Clocks of sites go as low as keeps a site this busy (share); 0 keeps them full.'),
  })
  .prefault({});

const transferSchema = z
  .strictObject({
    allowed: z.boolean().default(true).describe('Whether jobs may leave their origin; if not, each runs where it arrives whatever is asked.'),
    costPerImage: nonNegative(1e3).default(0.03).describe('Utility units per image of a job that runs away from its origin.'),
    delaySeconds: z
      .array(z.array(nonNegative(86_400)))
      .optional()
      .describe('Seconds from origin (row) to site (column); without it 8, 15, 10 s between three sites, otherwise 11 s.'),
  })
  .prefault({});

/** Sites that a fleet has at most. */
export const mostSites = 10_000;

/** Everything about a fleet of data centres and its jobs; each key has its unit in its name, a default and a description. */
export const fleetConfigSchema = z
  .strictObject({
    slotSeconds: z.int().min(1).max(3600).default(300).describe('Length of a slot, s; it divides an hour.'),
    utilityUnitUsd: positive(1e6).default(0.0025).describe('USD that one utility unit is worth.'),
    clockScope: z
      .enum(['job', 'site'])
      .default('job')
      .describe('Whether each job runs at a clock of its own, chosen with its site and steps, or at that of its site in the slot in which it is dispatched.'),
    onLate: z.enum(['run', 'abandon', 'reject']).default('run').describe('What becomes of a job that misses its deadline: it runs to its end, is stopped at the deadline, or is never started.'),
    latePenaltyPerImage: nonNegative(1e3).default(1).describe('Utility units per image of a late job.'),
    stepsChoices: z.array(z.int().min(1).max(1000)).min(1).default([6, 10, 14, 18, 22, 26, 30, 34, 38, 42]).describe('Denoising steps to choose from, ascending.'),
    executionNoise: nonNegative(2).default(0).describe('Spread of service times: each job takes exp(sigma z - sigma^2 / 2) times what is expected, z standard normal; 0 is none. How long it takes shows when it is done.'),
    carryQueues: z.boolean().default(false).describe('Whether queues and batteries go on from one episode to the next.'),
    jobs: jobsSchema,
    transfer: transferSchema,
    management: managementSchema,
    sites: z.array(siteSchema).min(1).max(mostSites).default(defaultSites),
  })
  .superRefine((fleet, context) => {
    const wrong = (path: PropertyKey[], message: string): void => context.addIssue({ code: 'custom', path, message });
    if (3600 % fleet.slotSeconds !== 0) wrong(['slotSeconds'], `expected a divisor of 3600, found ${fleet.slotSeconds}`);
    if (fleet.executionNoise > 0 && fleet.onLate === 'reject') {
      wrong(['onLate'], 'expected run or abandon with executionNoise, since who will be late is not known beforehand');
    }
    if (fleet.stepsChoices.some((steps, i) => i > 0 && steps <= fleet.stepsChoices[i - 1]!)) {
      wrong(['stepsChoices'], 'expected ascending numbers');
    }
    const { images, imageProbabilities, deadline } = fleet.jobs;
    const sum = imageProbabilities.reduce((a, b) => a + b, 0);
    if (imageProbabilities.length !== images.length) {
      wrong(['jobs', 'imageProbabilities'], `expected one per entry of images (${images.length}), found ${imageProbabilities.length}`);
    } else if (Math.abs(sum - 1) > 1e-6) wrong(['jobs', 'imageProbabilities'], `expected a sum of 1, found ${sum}`);
    if (deadline.shortSlackMin > deadline.shortSlackMax) wrong(['jobs', 'deadline', 'shortSlackMin'], 'expected at most shortSlackMax');
    if (deadline.longSlackMin > deadline.longSlackMax) wrong(['jobs', 'deadline', 'longSlackMin'], 'expected at most longSlackMax');
    const { chargeBelowQuantile, dischargeAboveQuantile } = fleet.management;
    if (chargeBelowQuantile > dischargeAboveQuantile) wrong(['management', 'chargeBelowQuantile'], 'expected at most dischargeAboveQuantile');
    const count = fleet.sites.length;
    const delays = fleet.transfer.delaySeconds;
    if (delays !== undefined && (delays.length !== count || delays.some((row) => row.length !== count))) {
      wrong(['transfer', 'delaySeconds'], `expected a ${count} x ${count} matrix, one row per site`);
    }
    if (fleet.sites.every((site) => site.demandWeight === 0)) wrong(['sites'], 'expected a positive demandWeight at some site');
    const hosting = hostingProblem(fleet.sites, fleet.jobs);
    if (hosting !== undefined) wrong(hosting.path, hosting.message);
    const names = new Set<string>();
    fleet.sites.forEach((site, k) => {
      if (names.has(site.name)) wrong(['sites', k, 'name'], `expected a unique name, found "${site.name}" twice`);
      names.add(site.name);
      const { battery, cooling } = site;
      const stored = storageProblem(battery);
      if (stored !== undefined) wrong(['sites', k, 'battery', stored.key], stored.message);
      if (cooling.supplyMinCelsius > cooling.supplyMaxCelsius) wrong(['sites', k, 'cooling', 'supplyMinCelsius'], 'expected at most supplyMaxCelsius');
      else if (cooling.supplyCelsius < cooling.supplyMinCelsius || cooling.supplyCelsius > cooling.supplyMaxCelsius) {
        wrong(['sites', k, 'cooling', 'supplyCelsius'], `expected a value from ${cooling.supplyMinCelsius} to ${cooling.supplyMaxCelsius}, found ${cooling.supplyCelsius}`);
      }
    });
  });

export type FleetConfig = z.output<typeof fleetConfigSchema>;
export type FleetInput = z.input<typeof fleetConfigSchema>;
export type SiteConfig = FleetConfig['sites'][number];

type SiteInput = z.input<typeof siteSchema>;

/** Battery, PV and wind in proportion to a site's GPUs: 1.5 kWh, 0.35 kW, 0.4 kW peak and 0.15 kW rated for each. */
function site(name: string, region: string, count: number, model: SiteInput['model']): SiteInput {
  return {
    name,
    region,
    model,
    gpus: { count },
    battery: { capacityKwh: (3 * count) / 2, powerKw: (7 * count) / 20 },
    pv: { peakKw: (2 * count) / 5 },
    wind: { ratedKw: (3 * count) / 20 },
  };
}

function defaultSites(): z.output<typeof siteSchema>[] {
  return [
    site('CAISO', 'US-CAL-CISO', 3, {
      name: 'SD 1.5',
      baseSeconds: 0.4,
      secondsPerStep: 0.04,
      quality: { ceiling: 0.7, slope: 0.3, midpoint: 10 },
    }),
    site('ERCOT', 'US-TEX-ERCO', 5, { name: 'SDXL' }),
    site('PJM', 'US-MIDA-PJM', 6, {
      name: 'SD 3.5',
      baseSeconds: 1,
      secondsPerStep: 0.23,
      quality: { ceiling: 1, slope: 0.18, midpoint: 16 },
    }),
  ].map((input) => siteSchema.parse(input));
}

/**
 * Checks a fleet and fills in its defaults.
 * Throws InputError naming the key, what was found and what was expected.
 */
export function parseFleet(input: unknown): FleetConfig {
  const result = fleetConfigSchema.safeParse(input, { reportInput: true });
  if (result.success) return result.data;
  throw new InputError(`Fleet configuration, ${describeIssue(result.error.issues[0]!)}`);
}

/** `sites.0.gpus.powerKw: found 700, expected a number of at most 5.`; for an unknown key, the nearest known one. */
function describeIssue(issue: z.core.$ZodIssue): string {
  const path = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0]!;
    const beside = issue.path.reduce<unknown>((at, step) => (at as Record<PropertyKey, unknown>)[typeof step === 'number' ? 0 : step], defaultFleet());
    return `${path === '' ? '' : `${path}.`}${key}: unknown key.${suggest(key, Object.keys(beside as object))}`;
  }
  const where = path === '' ? 'top level' : path;
  if (issue.code === 'custom') return `${where}: ${issue.message}.`;
  const expected = issue.message.replace(/^[A-Z][a-z ]+: /, '').replace(/, received .*/, '').replace('number to be ', '');
  const found = typeof issue.input === 'number' ? String(issue.input) : JSON.stringify(issue.input);
  return `${where}: ${expected}, found ${found}.`;
}

/** The three default sites: CAISO with SD 1.5, ERCOT with SDXL, PJM with SD 3.5 on 3, 5 and 6 GPUs. */
export const defaultFleet = (): FleetConfig => parseFleet({});

/** Jobs of either kind that a day is expected to bring. */
export const jobsPerDay = ({ jobs }: FleetConfig): number => jobs.perDay + jobs.text.perDay;

/** Seconds from each origin to each site, row-major. */
export function transferDelays(fleet: FleetConfig): Float64Array {
  const count = fleet.sites.length;
  const three = [0, 8, 15, 8, 0, 10, 15, 10, 0];
  const given = fleet.transfer.delaySeconds?.flat() ?? (count === 3 ? three : undefined);
  return Float64Array.from({ length: count * count }, (_, i) => given?.[i] ?? (Math.floor(i / count) === i % count ? 0 : 11));
}
