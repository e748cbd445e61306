import { existsSync, readFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { syntheticWorld } from '../../datasets/index.js';
import { InputError } from '../../src/io/errors.js';
import { writeAtomic } from '../../src/io/files.js';
import { experimentName } from '../run/config.js';

const templates = join(import.meta.dirname, 'init');
const days = 120;
const startMs = Date.UTC(2024, 0, 1);

/**
 * Writes what a fleet of one's own begins with, and returns the files and the commands to run next. The prices are the
 * generator's for US-CAL-CISO, to be replaced. Throws InputError for a folder that holds one of the files already.
 */
export function initFleet(folder: string): { files: string[]; commands: string[] } {
  const name = basename(resolve(folder));
  if (!experimentName.safeParse(name).success) {
    throw new InputError(`init: expected a folder name of letters, digits, ".", "_" and "-", found "${name}".`);
  }
  const from = relative('.', folder) || '.';
  const filled = (template: string): string => readFileSync(join(templates, template), 'utf8').replaceAll('FOLDER', from).replaceAll('NAME', name);
  const contents: Record<string, string> = {
    'fleet.yaml': filled('fleet.yaml'),
    'methods.yaml': filled('methods.yaml'),
    'mine.js': filled('mine.js'),
    [join('data', 'price', 'price_own.csv')]: prices(),
  };
  const files = Object.keys(contents).map((file) => join(from, file));
  const there = files.find((file) => existsSync(file));
  if (there !== undefined) throw new InputError(`init: ${there} is there already; name another folder, or remove it.`);
  Object.values(contents).forEach((text, i) => writeAtomic(files[i]!, text));
  const fleet = join(from, 'fleet.yaml');
  return {
    files,
    commands: [
      `npx jouleflow data check ${join(from, 'data')}`,
      `npx jouleflow train --config ${fleet}`,
      `npx jouleflow compare --list ${join(from, 'methods.yaml')}`,
    ],
  };
}

/** Two columns: the hour, UTC, and its price in USD/MWh. */
function prices(): string {
  const { priceUsdPerMwh } = syntheticWorld({ seed: 0, regions: ['US-CAL-CISO'] }).conditions('US-CAL-CISO', startMs, 24 * days, 3600);
  const rows = Array.from(priceUsdPerMwh, (price, hour) => `${new Date(startMs + hour * 3_600_000).toISOString().slice(0, 16).replace('T', ' ')},${price.toFixed(2)}`);
  return `datetime_utc,OWN\n${rows.join('\n')}\n`;
}
