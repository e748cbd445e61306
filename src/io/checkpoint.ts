import { crc32 } from 'node:zlib';
import type { RandomState, RandomStream } from '../math/random.js';
import { InputError } from './errors.js';
import { readBytes, writeAtomic } from './files.js';

export type SavedArray = Float32Array | Float64Array | Int32Array | Uint8Array;

/** Everything an object needs to go on bit for bit: arrays, and values that JSON can hold. */
export interface Saved {
  arrays: Record<string, SavedArray>;
  values: Record<string, unknown>;
}

export interface Stateful {
  save(): Saved;
  /** Throws InputError if what was saved is of another shape. */
  restore(saved: Saved): void;
}

const kinds = { F32: Float32Array, F64: Float64Array, I32: Int32Array, U8: Uint8Array } as const;
type Kind = keyof typeof kinds;

function kindOf(array: SavedArray): Kind {
  return (Object.keys(kinds) as Kind[]).find((kind) => array instanceof kinds[kind])!;
}

/** Joins parts under `name/`. */
export function saveParts(parts: Readonly<Record<string, Stateful>>): Saved {
  const whole: Saved = { arrays: {}, values: {} };
  for (const [name, part] of Object.entries(parts)) {
    const saved = part.save();
    for (const key of Object.keys(saved.arrays)) whole.arrays[`${name}/${key}`] = saved.arrays[key]!;
    for (const key of Object.keys(saved.values)) whole.values[`${name}/${key}`] = saved.values[key];
  }
  return whole;
}

/** The inverse of `saveParts`. */
export function restoreParts(saved: Saved, parts: Readonly<Record<string, Stateful>>): void {
  for (const [name, part] of Object.entries(parts)) {
    const under = <T>(record: Record<string, T>): Record<string, T> =>
      Object.fromEntries(
        Object.entries(record)
          .filter(([key]) => key.startsWith(`${name}/`))
          .map(([key, value]) => [key.slice(name.length + 1), value]),
      );
    part.restore({ arrays: under(saved.arrays), values: under(saved.values) });
  }
}

/** Copies a saved array into `target`. Throws InputError if it is missing or of another length or kind. */
export function restoreArray(target: SavedArray, saved: Saved, name: string): void {
  const source = saved.arrays[name];
  if (source === undefined) throw new InputError(`The checkpoint holds no "${name}"; it was made by another configuration.`);
  if (source.length !== target.length || kindOf(source) !== kindOf(target)) {
    throw new InputError(
      `The checkpoint's "${name}" has ${source.length} values; this configuration expects ${target.length}.`,
    );
  }
  target.set(source);
}

/** A saved value. Throws InputError if it is missing. */
export function savedValue<T>(saved: Saved, name: string): T {
  if (!(name in saved.values)) throw new InputError(`The checkpoint holds no "${name}"; it was made by another configuration.`);
  return saved.values[name] as T;
}

/**
 * Writes a checkpoint in the safetensors format (length, JSON header, raw arrays); values and a checksum of everything are
 * under `__metadata__`.
 */
export function writeCheckpoint(file: string, saved: Saved): void {
  const entries: Record<string, Entry> = {};
  const chunks: Buffer[] = [];
  let offset = 0;
  for (const [name, array] of Object.entries(saved.arrays)) {
    const bytes = Buffer.from(array.buffer, array.byteOffset, array.byteLength);
    entries[name] = { dtype: kindOf(array), shape: [array.length], data_offsets: [offset, offset + bytes.length] };
    chunks.push(bytes);
    offset += bytes.length;
  }
  const values = JSON.stringify(saved.values);
  const crc32 = String(checksum(values, entries, chunks));
  const text = Buffer.from(JSON.stringify({ __metadata__: { values, crc32 }, ...entries }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  writeAtomic(file, Buffer.concat([length, text, ...chunks]));
}

/** Reads what `writeCheckpoint` wrote. Throws InputError for a missing, truncated or otherwise broken file. */
export function readCheckpoint(file: string): Saved {
  const bytes = readBytes(file);
  const broken = (why: string): InputError => new InputError(`${file} is not a whole checkpoint: ${why}.`);
  if (bytes.length < 8) throw broken(`it has only ${bytes.length} bytes`);
  const headerLength = Number(bytes.readBigUInt64LE(0));
  if (headerLength > bytes.length - 8) throw broken('its header is cut off');
  let saved: Saved;
  try {
    const header = JSON.parse(bytes.toString('utf8', 8, 8 + headerLength)) as Record<string, Entry> & {
      __metadata__: { values: string; crc32?: string };
    };
    const { __metadata__, ...entries } = header;
    saved = { arrays: {}, values: JSON.parse(__metadata__.values) as Record<string, unknown> };
    const body = bytes.subarray(8 + headerLength);
    const { values, crc32 } = __metadata__;
    if (crc32 !== undefined && crc32 !== String(checksum(values, entries, [body]))) throw new RangeError('changed');
    for (const [name, entry] of Object.entries(entries)) saved.arrays[name] = readArray(body, entry);
  } catch {
    throw broken('its bytes are not those that were written');
  }
  return saved;
}

/** Reading restores the order of the header's keys, so its JSON is that which was written. */
function checksum(values: string, entries: Readonly<Record<string, Entry>>, body: readonly Uint8Array[]): number {
  return body.reduce((crc, chunk) => crc32(chunk, crc), crc32(values + JSON.stringify(entries)));
}

interface Entry {
  dtype: Kind;
  shape: [number];
  data_offsets: [number, number];
}

function readArray(body: Buffer, { dtype, shape, data_offsets: [from, to] }: Entry): SavedArray {
  const Type = kinds[dtype];
  if (to > body.length || to - from !== shape[0] * Type.BYTES_PER_ELEMENT) throw new RangeError('array out of bounds');
  const copy = new Uint8Array(body.subarray(from, to));
  return new Type(copy.buffer, 0, shape[0]);
}

/** An array as something a checkpoint can hold. */
export const arrayState = (array: SavedArray): Stateful => ({
  save: () => ({ arrays: { values: array }, values: {} }),
  restore: (saved) => restoreArray(array, saved, 'values'),
});

/** A random stream as something a checkpoint can hold. */
export const streamState = (stream: RandomStream): Stateful => ({
  save: () => ({ arrays: {}, values: { state: stream.state() } }),
  restore: (saved) => stream.restore(savedValue<RandomState>(saved, 'state')),
});

/** Counts, kept in variables of their owner, as something a checkpoint can hold. `restore` throws InputError if one is missing. */
export const countState = <Counts extends Record<string, number>>(read: () => Counts, restore: (counts: Counts) => void): Stateful => ({
  save: () => ({ arrays: {}, values: read() }),
  restore: (saved) => restore(Object.fromEntries(Object.keys(read()).map((key) => [key, savedValue<number>(saved, key)])) as Counts),
});
