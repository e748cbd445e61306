import { parseYaml } from '../../src/io/config.js';
import type { RunRow } from './catalogue.js';
import { groupBy } from './groupBy.js';

/** Keys named at most; more would hide the method. */
const mostKeys = 3;
const longestValue = 24;

/**
 * What to call the methods of some runs. Runs of one experiment and method whose configurations differ in more than the
 * seed are methods of their own, called by what sets them apart: `ddpg, no shaping (transfer.allowed false)`.
 * Returns a name for each run; `configOf` gives a run's config.yaml.
 */
export function namesOf(rows: readonly RunRow[], configOf: (id: string) => string): Map<string, string> {
  const names = new Map<string, string>();
  const alike = groupBy(rows, (row) => JSON.stringify([row.experiment, row.method]));
  for (const group of alike.values()) {
    const variants = [...groupBy(group, (row) => row.variant).values()];
    if (variants.length === 1) {
      for (const row of group) names.set(row.id, row.method);
      continue;
    }
    const settings = variants.map(([first]) => flat(parse(configOf(first!.id))));
    const keys = [...new Set(settings.flatMap((one) => [...one.keys()]))].filter((key) => new Set(settings.map((one) => one.get(key))).size > 1 && key !== 'seed');
    variants.forEach((members, i) => {
      const said = keys.slice(0, mostKeys).map((key) => `${key.split('.').slice(-2).join('.')} ${settings[i]!.get(key) ?? 'unset'}`);
      const more = keys.length > mostKeys ? ', \u2026' : '';
      for (const row of members) names.set(row.id, `${row.method} (${keys.length === 0 ? `variant ${i + 1}` : said.join(', ')}${more})`);
    });
    // Names that leave out what differs must still differ.
    const used = new Map<string, string>();
    for (const row of group) {
      const name = names.get(row.id)!;
      if ((used.get(name) ?? row.variant) !== row.variant) names.set(row.id, `${name} ${row.variant.slice(0, 4)}`);
      else used.set(name, row.variant);
    }
  }
  return names;
}

function parse(text: string): unknown {
  try {
    return parseYaml(text, 'config.yaml');
  } catch {
    return {};
  }
}

/** Leaves of a configuration by their path. */
function flat(value: unknown, path = '', into = new Map<string, string>()): Map<string, string> {
  if (typeof value === 'object' && value !== null) for (const [key, inner] of Object.entries(value)) flat(inner, path === '' ? key : `${path}.${key}`, into);
  else into.set(path, String(value).slice(0, longestValue));
  return into;
}
