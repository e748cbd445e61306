/*
 * Fits the generator's coefficients to real series and writes them beside it:
 *
 *     npx tsx datasets/fit/main.ts ../shared/data
 */
import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import { readBytes, writeAtomic } from '../../src/io/files.js';
import type { Quantity } from '../conditions.js';
import { quantities } from '../conditions.js';
import type { HourlySeries } from '../hourly.js';
import { knownPlaces } from '../places.js';
import { carbonFiles, priceFiles, readSeries, weatherFiles } from '../realWorld.js';
import type { SeriesModel, WorldModel } from '../synthetic/model.js';
import { correlations, fitProfile, marginalScores } from './series.js';
import { fitSpikes } from './spikes.js';

const folder = process.argv[2] ?? '../shared/data';
const probabilities = [
  0, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.02, 0.035, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6,
  0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.925, 0.95, 0.965, 0.98, 0.99, 0.995, 0.9975, 0.999, 0.9995, 0.9998, 1,
];
/** Probability beyond the least and the greatest value of two years. */
const edge = 1 / (2 * 17_520);

const { series } = readSeries(folder);
const regions = [...series.price.keys()].filter((region) => quantities.every((quantity) => series[quantity].has(region)));
const all = regions.flatMap((region) => quantities.map((quantity) => ({ region, quantity, real: series[quantity].get(region)! })));
const first = Math.max(...all.map(({ real }) => real.firstHour));
const end = Math.min(...all.map(({ real }) => real.firstHour + real.values.length));
const common = (real: HourlySeries): HourlySeries => ({
  firstHour: first,
  values: real.values.slice(first - real.firstHour, end - real.firstHour),
});
const fits = all.map(({ region, quantity, real }) => {
  process.stderr.write('.');
  const zone = knownPlaces[region]!.timeZone;
  const whole = common(real);
  const spikes = quantity === 'price' ? fitSpikes(whole, zone) : undefined;
  const cap = spikes?.cap ?? Infinity;
  const series = { ...whole, values: whole.values.map((value) => Math.min(value, cap)) };
  return { ...fitProfile(series, zone), values: whole.values.filter((value) => value <= cap).sort(), spikes };
});
const { fast, slow } = correlations(fits.map(({ z, model }) => ({ z: z.values, shares: model.shares })));

/** Of n values in order, those that the probabilities stand for, the first and last being their least and greatest. */
const ofOrder = (sorted: Float64Array): number[] => probabilities.map((p) => sorted[Math.round(p * (sorted.length - 1))]!);

const models = fits.map(({ model, hours, values, spikes }): SeriesModel => ({
  ...model,
  scores: marginalScores(hours, probabilities.map((p) => Math.min(1 - edge, Math.max(edge, p)))),
  values: ofOrder(values),
  ...(spikes && { spikes }),
}));
const regionModel = (region: string): Record<Quantity, SeriesModel> =>
  Object.fromEntries(all.flatMap((of, i) => (of.region === region ? [[of.quantity, models[i]!]] : []))) as Record<Quantity, SeriesModel>;

const files = [...priceFiles(folder), ...carbonFiles(folder), ...weatherFiles(folder)];
const document: WorldModel = {
  provenance: {
    command: 'npx tsx datasets/fit/main.ts ../shared/data',
    hours: [new Date(first * 3_600_000).toISOString(), new Date(end * 3_600_000).toISOString()],
    files: files.map((file) => ({ name: basename(file), sha256: createHash('sha256').update(readBytes(file)).digest('hex') })),
    source: 'HewlettPackard/sustain-cluster (MIT): prices of market operators, carbon of Electricity Maps, weather of Open-Meteo',
  },
  regions: Object.fromEntries(regions.map((region) => [region, regionModel(region)])),
  fastCorrelation: fast,
  slowCorrelation: slow,
};
const rounded = JSON.stringify(document, (_, value) => (typeof value === 'number' ? Number(value.toPrecision(4)) : value));
writeAtomic(join(import.meta.dirname, '..', 'synthetic', 'model.json'), `${rounded}\n`);
process.stderr.write(`\n${regions.length} regions, ${rounded.length} bytes\n`);
