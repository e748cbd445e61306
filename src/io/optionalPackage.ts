import { InputError } from './errors.js';

/** Loads an optional package by `load`. Throws InputError that says what needs it and how to install it where it is absent. */
export async function optionalPackage<T>(name: string, needs: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new InputError(`${needs} needs the package ${name}, which is not installed: npm install ${name}`);
  }
}
