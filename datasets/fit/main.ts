/*
 * Fits the generator's coefficients to real series and writes them beside it:
 *
 *     npx tsx datasets/fit/main.ts ../shared/data
 */
import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import { readBytes, writeAtomic } from '../../src/io/files.js';
import { quantile } from '../../src/math/statistics.js';
import type { Quantity } from '../conditions.js';
import { quantities } from '../conditions.js';
import type { HourlySeries } from '../hourly.js';
import { knownPlaces } from '../places.js';
import { carbonFiles, priceFiles, readSeries, weatherFiles } from '../realWorld.js';
import { Generator } from '../synthetic/generate.js';
import { GaussianField } from '../synthetic/gaussian.js';
import type { SeriesModel, WorldModel } from '../synthetic/model.js';
import { bands, correlations, fitProfile } from './series.js';

const folder = process.argv[2] ?? '../shared/data';
const probabilities = [
  0, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.02, 0.035, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6,
  0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.925, 0.95, 0.965, 0.98, 0.99, 0.995, 0.9975, 0.999, 0.9995, 0.9998, 1,
];
const simulatedYears = 16;

const { series } = readSeries(folder);
const regions = [...series.price.keys()].filter((region) => quantities.every((quantity) => series[quantity].has(region)));
const all = regions.flatMap((region) => quantities.map((quantity) => ({ region, quantity, real: series[quantity].get(region)! })));
const first = Math.max(...all.map(({ real }) => real.firstHour));
const end = Math.min(...all.map(({ real }) => real.firstHour + real.values.length));
const common = (real: HourlySeries): HourlySeries => ({
  firstHour: first,
  values: real.values.slice(first - real.firstHour, end - real.firstHour),
});
const fits = all.map(({ region, real }) => {
  process.stderr.write('.');
  return fitProfile(common(real), knownPlaces[region]!.timeZone);
});
const split = fits.map(({ z }) => bands(z.values));

const model: WorldModel = {
  provenance: {},
  regions: Object.fromEntries(regions.map((region) => [region, {} as Record<Quantity, SeriesModel>])),
  fastCorrelation: correlations(split.map(({ fast }) => fast)),
  slowCorrelation: correlations(split.map(({ slow }) => slow)),
};
const put = (index: number, scores: readonly number[], values: readonly number[]): void => {
  const { region, quantity } = all[index]!;
  (model.regions[region] as Record<Quantity, SeriesModel>)[quantity] = { ...fits[index]!.model, scores, values };
};
all.forEach((_, i) => put(i, [0], [0]));
const generator = new Generator(model, 1);
const blocks = Math.round((simulatedYears * 8766) / GaussianField.hoursPerBlock);
const simulated = all.map(() => new Float64Array(blocks * GaussianField.hoursPerBlock));
for (let b = 0; b < blocks; b++) {
  all.forEach(({ region, quantity }, i) => simulated[i]!.set(generator.scores(region, quantity, 600 + b), b * GaussianField.hoursPerBlock));
  process.stderr.write('-');
}
all.forEach(({ real }, i) => {
  const values = common(real).values.sort();
  const scores = simulated[i]!.sort();
  put(i, quantiles(scores), quantiles(values));
});

function quantiles(sorted: Float64Array): number[] {
  return probabilities.map((p) => quantile(sorted, p));
}

const files = [...priceFiles(folder), ...carbonFiles(folder), ...weatherFiles(folder)];
const document: WorldModel = {
  ...model,
  provenance: {
    command: 'npx tsx datasets/fit/main.ts ../shared/data',
    hours: [new Date(first * 3_600_000).toISOString(), new Date(end * 3_600_000).toISOString()],
    files: files.map((file) => ({ name: basename(file), sha256: createHash('sha256').update(readBytes(file)).digest('hex') })),
    source: 'HewlettPackard/sustain-cluster (MIT): prices of market operators, carbon of Electricity Maps, weather of Open-Meteo',
  },
};
const rounded = JSON.stringify(document, (_, value) => (typeof value === 'number' ? Number(value.toPrecision(4)) : value));
writeAtomic(join(import.meta.dirname, '..', 'synthetic', 'model.json'), `${rounded}\n`);
process.stderr.write(`\n${regions.length} regions, ${rounded.length} bytes\n`);
