/*
 * Prints, as a Markdown table, how the shipped generator compares with real series:
 *
 *     npx tsx datasets/fit/report.ts ../shared/data [windows]
 */
import { readSeries } from '../realWorld.js';
import { compare, excesses } from './fidelity.js';

const folder = process.argv[2] ?? '../shared/data';
const windows = Number(process.argv[3] ?? 12);
const digits = (value: number): string => (Math.abs(value) >= 100 ? value.toFixed(0) : Math.abs(value) >= 10 ? value.toFixed(1) : value.toFixed(2));
const lines = compare(readSeries(folder).series, Array.from({ length: windows }, (_, i) => i + 1)).map(({ region, quantity, real, generated, distance, allowed }) => {
  const both = (figure: 'mean' | 'sd' | 'lag1' | 'lag24' | 'clippedLag1' | 'clippedLag24' | 'q05' | 'q95'): string => `${digits(real[figure])} / ${digits(generated[figure])}`;
  const figures = (['mean', 'sd', 'q05', 'q95', 'lag1', 'lag24', 'clippedLag1', 'clippedLag24'] as const).map(both);
  return `| ${[quantity, region, ...figures, digits(distance.profile), excesses(distance, allowed).length === 0 ? 'yes' : 'no'].join(' | ')} |`;
});
const header = ['quantity', 'region', 'mean', 'sd', '5 %', '95 %', 'lag 1', 'lag 24', 'lag 1, clipped', 'lag 24, clipped', 'profile off', 'within'];
process.stdout.write(`| ${header.join(' | ')} |\n|${'---|'.repeat(header.length)}\n${lines.sort().join('\n')}\n`);
