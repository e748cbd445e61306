import { InputError } from '../../../src/io/errors.js';
import { readText } from '../../../src/io/files.js';
import { parseJson } from '../../../src/io/json.js';
import type { FeatureMap } from './features.js';
import { knobFeatures } from './features.js';
import type { HistoryRecord } from '../measure/history.js';
import { checkKnobs, parseHistory } from '../measure/history.js';
import { parseKernelTunerCache } from '../measure/kernelTunerCache.js';
import type { Knob } from '../space.js';
import { configurationAt } from '../space.js';
import type { Experience } from './transfer.js';
import { experienceOf } from './transfer.js';
import { operatorNamed } from '../wasm/operator.js';
import { programFeatures } from '../wasm/programFeatures.js';
import { scheduleSpace, wasmSuffix } from '../wasm/schedule.js';

/**
 * Experience for a measured space, from histories or caches of the same kernel on other devices or problems. Throws
 * InputError if a file's knobs are not those of the space.
 */
export function kernelExperience(files: readonly string[], knobs: readonly Knob[]): Experience | undefined {
  if (files.length === 0) return undefined;
  const features = knobFeatures(knobs);
  const records = files.flatMap((file) => {
    const found = readRecords(file);
    found.forEach((record, i) => checkKnobs(record, knobs, `${file}, record ${i + 1},`));
    return found;
  });
  return experienceOf(records, () => features);
}

/** Experience for generated programs, from histories of any operator and shape. Throws InputError for other histories. */
export function programExperience(files: readonly string[]): Experience | undefined {
  if (files.length === 0) return undefined;
  const records = files.flatMap((file) => {
    const found = readRecords(file);
    const foreign = found.find(({ space }) => programFeaturesNamed(space) === undefined);
    if (foreign !== undefined) {
      throw new InputError(`${file} is a history of another space, ${foreign.space}; expected histories of generated programs ("... ${wasmSuffix.trim()}").`);
    }
    return found;
  });
  return experienceOf(records, ({ space }) => programFeaturesNamed(space)!);
}

/** The features of a generated program's space, by the space's name. */
export function programFeaturesNamed(space: string): FeatureMap | undefined {
  const operator = space.endsWith(wasmSuffix) ? operatorNamed(space.slice(0, -wasmSuffix.length)) : undefined;
  return operator === undefined ? undefined : programFeatures(scheduleSpace(operator));
}

/** A history file's records, or those that a Kernel Tuner cache amounts to. */
function readRecords(file: string): HistoryRecord[] {
  const text = readText(file);
  if (!text.slice(0, 65_536).includes('"tune_params')) return parseHistory(text, file);
  const cache = parseKernelTunerCache(parseJson(text, file), file);
  return Array.from(cache.indices, (index, row) => {
    const record = { space: cache.name, method: 'exhaustive', seed: 0, round: 0, config: configurationAt(cache.knobs, index) };
    const why = cache.failures.get(row);
    return why === undefined ? { ...record, times: [cache.costs[row]!] } : { ...record, error: why };
  });
}
