import { resolveExperiment } from '../../experiments/index.js';
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
    const texts = [...groupBy(group, (row) => row.variant).values()];
    if (texts.length === 1) {
      for (const row of group) names.set(row.id, row.method);
      continue;
    }
    // A key that a run's version did not have yet was what is its default now.
    const read = texts.map((members) => ({ members, setting: new Map([...defaults(), ...flat(parse(configOf(members[0]!.id)))]) }));
    const same = [...groupBy(read, ({ setting }) => JSON.stringify([...setting].filter(([key]) => key !== 'seed').sort())).values()];
    const variants = same.map((texts) => texts.flatMap((one) => one.members));
    const settings = same.map((texts) => texts[0]!.setting);
    const keys = [...new Set(settings.flatMap((one) => [...one.keys()]))].filter((key) => new Set(settings.map((one) => one.get(key))).size > 1 && key !== 'seed');
    if (variants.length === 1) {
      for (const row of group) names.set(row.id, row.method);
      continue;
    }
    variants.forEach((members, i) => {
      const said = keys.slice(0, mostKeys).map((key) => `${key.split('.').slice(-2).join('.')} ${settings[i]!.get(key) ?? 'unset'}`);
      // Names that leave out some of what differs must still differ.
      const more = keys.length > mostKeys ? `, variant ${i + 1}` : '';
      for (const row of members) names.set(row.id, `${row.method} (${said.join(', ')}${more})`);
    });
  }
  return names;
}

let known: Map<string, string> | undefined;
const defaults = (): Map<string, string> => (known ??= flat(resolveExperiment({})));

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
