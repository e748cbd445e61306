import { InputError } from '../../../src/io/errors.js';
import { readText } from '../../../src/io/files.js';
import type { FeatureMap } from './features.js';
import { knobFeatures } from './features.js';
import type { HistoryRecord } from '../measure/history.js';
import { checkKnobs, parseHistory, resultOf } from '../measure/history.js';
import { parseCacheText } from '../measure/cacheFile.js';
import { hasObjective, parseKernelTunerCache } from '../measure/kernelTunerCache.js';
import type { Measurement } from '../measure/measurer.js';
import type { Objective } from '../measure/objective.js';
import type { SearchSpace } from '../space.js';
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
export function kernelExperience(files: readonly string[], { knobs, objective }: Pick<SearchSpace, 'knobs' | 'objective'>): Experience | undefined {
  if (files.length === 0) return undefined;
  const features = knobFeatures(knobs);
  const records = files.flatMap((file) => {
    const found = readRecords(file, objective);
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

/**
 * A history file's records, or those that a Kernel Tuner cache amounts to, of the objective sought if it measured that, else
 * of its own. Either way only the order counts that each record's own direction gives.
 */
function readRecords(file: string, objective?: Objective): HistoryRecord[] {
  const text = readText(file);
  if (!text.slice(0, 65_536).includes('"tune_params')) return parseHistory(text, file);
  const document = parseCacheText(text, file);
  const cache = parseKernelTunerCache(document, file, objective !== undefined && hasObjective(document, objective.name) ? { objective: objective.name, direction: objective.direction } : {});
  return Array.from(cache.indices, (index, row) => {
    const why = cache.failures.get(row);
    const measurement: Measurement = why === undefined ? { ok: true, costs: [cache.costs[row]!] } : { ok: false, why };
    return { space: cache.name, method: 'exhaustive', seed: 0, round: 0, config: configurationAt(cache.knobs, index), ...resultOf(measurement, cache.objective) };
  });
}
