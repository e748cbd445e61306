import { InputError, suggest } from '../../../src/io/errors.js';
import type { Json } from './cacheValues.js';
import { isObject, shown } from './cacheValues.js';
import type { Direction, Objective } from './objective.js';
import { objectiveNamed, timeObjective } from './objective.js';

/** What the user asks for instead of what the file says. */
export interface ObjectiveChoice {
  readonly objective?: string | undefined;
  readonly direction?: Direction | undefined;
}

/** An objective, and under which key the entries hold it. */
export interface RecordedObjective extends Objective {
  readonly key: string;
}

/**
 * What a cache is tuned for: what is asked for, else what the file names, else the time. "energy" is also found under the
 * name of whoever measured it, such as nvml_energy. Throws InputError if the entries do not have it, or if neither the file,
 * nor its name, nor the user says whether it is better high or low.
 */
export function readObjective(document: Json, entries: readonly (readonly [string, unknown])[], choice: ObjectiveChoice, file: string): RecordedObjective {
  const own = ownObjective(document, choice, file);
  const name = choice.objective ?? own;
  const direction = choice.direction ?? (name === own ? ownDirection(document, file) : undefined);
  const objective = objectiveNamed(name, direction, file);
  const measured = metrics(document, entries);
  if (entries.some(([, entry]) => isObject(entry) && name in entry)) return { ...objective, key: name };
  const observed = [...measured].filter((key) => key.endsWith(`_${name}`));
  if (observed.length === 1) return { ...objective, key: observed[0]! };
  const what = observed.length > 1 ? `several objectives "${name}": ${observed.join(', ')}` : `no objective "${name}"`;
  throw new InputError(`${file}: its configurations have ${what}; choose with --objective.${observed.length > 1 ? '' : suggest(name, [...measured])}`);
}

function ownObjective(document: Json, choice: ObjectiveChoice, file: string): string {
  const found = document['objective'] ?? timeObjective.name;
  const names: unknown[] = Array.isArray(found) ? found : [found];
  if (names.length === 0 || !names.every((name) => typeof name === 'string' && name !== '')) {
    throw new InputError(`${file}: "objective" is ${shown(found)}; expected the name of what was measured, such as "time".`);
  }
  if (names.length > 1 && choice.objective === undefined) {
    throw new InputError(`${file} was tuned for several objectives, ${names.join(', ')}; choose one with --objective.`);
  }
  return names[0] as string;
}

function ownDirection(document: Json, file: string): Direction | undefined {
  const found = document['objective_higher_is_better'];
  const higher: unknown = Array.isArray(found) && found.length === 1 ? found[0] : found;
  if (higher === undefined || higher === null) return undefined;
  if (typeof higher !== 'boolean') throw new InputError(`${file}: "objective_higher_is_better" is ${shown(found)}; expected true or false.`);
  return higher ? 'maximise' : 'minimise';
}

/** Names under which any entry holds a number, knobs left out. */
function metrics(document: Json, entries: readonly (readonly [string, unknown])[]): Set<string> {
  const knobs = new Set(document['tune_params_keys'] as string[]);
  const found = new Set<string>();
  for (const [, entry] of entries) {
    if (!isObject(entry)) continue;
    for (const [key, value] of Object.entries(entry)) if (typeof value === 'number' && !knobs.has(key)) found.add(key);
  }
  return found;
}
