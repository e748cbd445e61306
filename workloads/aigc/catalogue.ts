import { InputError, suggest } from '../../src/io/errors.js';
import type { ImageModel } from './images.js';
import { imageModels } from './images.js';
import type { TextModel } from './text.js';
import { textModels } from './text.js';

export type ServedModel = ImageModel | TextModel;

/** Every model that a fleet can serve by name. */
export const servedModels: readonly ServedModel[] = [...imageModels, ...textModels];

/** A model by its catalogue name. Throws InputError with the nearest name. */
export function servedModelNamed(name: string): ServedModel {
  const found = servedModels.find((model) => model.name === name);
  if (found === undefined) throw new InputError(`Unknown model "${name}".${suggest(name, servedModels.map((model) => model.name))}`);
  return found;
}
