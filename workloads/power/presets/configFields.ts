import { InputError } from '../../../src/io/errors.js';

/** Reads the fields of a JSON document, with messages that say where, what was found and what was expected. */
export class ConfigFields {
  readonly #fields: Readonly<Record<string, unknown>>;
  readonly #where: string;

  constructor(document: unknown, where: string) {
    if (typeof document !== 'object' || document === null || Array.isArray(document)) {
      throw new InputError(`${where}: expected a JSON object with a model's configuration, found ${brief(document)}.`);
    }
    this.#fields = document as Record<string, unknown>;
    this.#where = where;
  }

  error(field: string, expected: string, found: unknown = this.#fields[field]): InputError {
    return new InputError(`${this.#where}, "${field}": expected ${expected}, found ${brief(found)}.`);
  }

  /** The object in a field, or these fields where there is none. */
  within(field: string): ConfigFields {
    return this.optional(field) ?? this;
  }

  optional(field: string): ConfigFields | undefined {
    const value = this.#value(field);
    return value === undefined ? undefined : new ConfigFields(value, `${this.#where}, "${field}"`);
  }

  /** A whole number of at least one. */
  size(field: string, fallback?: number): number {
    const value = this.#value(field) ?? fallback;
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1 || value > 1e9) throw this.error(field, 'a whole number of at least 1');
    return value;
  }

  /** A whole number of at least zero. */
  count(field: string, fallback: number): number {
    const value = this.#value(field) ?? fallback;
    return value === 0 ? 0 : this.size(field, fallback);
  }

  flag(field: string, fallback: boolean): boolean {
    const value = this.#value(field) ?? fallback;
    if (typeof value !== 'boolean') throw this.error(field, 'true or false');
    return value;
  }

  text(field: string, fallback?: string): string {
    const value = this.#value(field) ?? fallback;
    if (typeof value !== 'string') throw this.error(field, 'a text');
    return value;
  }

  list(field: string): readonly unknown[] | undefined {
    const value = this.#value(field);
    if (value !== undefined && !Array.isArray(value)) throw this.error(field, 'a list');
    return value as readonly unknown[] | undefined;
  }

  /** One field over another, which must divide it. */
  quotient(what: string, value: number, by: string, divisor: number): number {
    if (value % divisor !== 0) throw new InputError(`${this.#where}, "${what}": expected a multiple of "${by}", ${divisor}, found ${value}.`);
    return value / divisor;
  }

  json(): string {
    return JSON.stringify(this.#fields);
  }

  /** Configurations write null for what they leave out. */
  #value(field: string): unknown {
    return this.#fields[field] ?? undefined;
  }
}

function brief(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
