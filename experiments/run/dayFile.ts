import { z } from 'zod';
import type { DayRecord } from '../../envs/index.js';
import { mostSites } from '../../envs/index.js';
import { validate } from '../../src/io/config.js';
import { writeAtomic } from '../../src/io/files.js';

const series = z.array(z.number());

const siteSchema = z.object({
  name: z.string(),
  region: z.string(),
  priceUsdPerMwh: series,
  carbonKgPerKwh: series,
  outdoorCelsius: series,
  jobs: series,
  utilisation: series,
  backlogSeconds: series,
  clockShare: series,
  supplyCelsius: series,
  gpuUsdPerHour: series.default([]),
  storedUsdPerMwh: series.default([]),
  itKw: series,
  coolingKw: series,
  pvKw: series,
  windKw: series,
  curtailedKw: series,
  batteryKw: series,
  soc: series,
  gridKw: series,
});

const flows = z.array(z.array(series));

/** What `day.json` holds: the record of a day, every series with one value a slot. */
const daySchema = z
  .object({
    day: z.string(),
    slotSeconds: z.number().positive(),
    sites: z.array(siteSchema).min(1).max(mostSites),
    flows: z.object({ short: flows, long: flows }),
    late: series,
    utility: series,
  })
  .superRefine(({ sites, flows: { short, long }, late, utility }, context) => {
    const all = [
      ...sites.flatMap((site) => Object.values(site).filter((value) => typeof value !== 'string' && value.length > 0)),
      ...[short, long].flatMap((of) => of.flat()),
      utility,
    ];
    const square = [short, long].every((of) => of.length === sites.length && of.every((row) => row.length === sites.length));
    if (!square || all.some((values) => values.length !== late.length)) {
      context.addIssue({ code: 'custom', path: ['sites'], message: 'expected series of one length, and flows between all sites' });
    }
  }) satisfies z.ZodType<DayRecord>;

/** Digits that a value keeps in the file: more than any axis shows. */
const digits = 6;

/** Writes a day for viewers, values rounded to six significant digits. */
export function writeDay(file: string, record: DayRecord): void {
  const round = (_key: string, value: unknown): unknown => (typeof value === 'number' ? Number(value.toPrecision(digits)) : value);
  writeAtomic(file, `${JSON.stringify(record, round)}\n`);
}

/** Checks the parsed content of a `day.json`. Throws InputError naming `where` and what is wrong. */
export const readDay = (content: unknown, where: string): DayRecord => validate(daySchema, content, where);
