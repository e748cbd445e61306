import type { Shape } from '../shapes.js';

export type DType = 'float32' | 'int32' | 'bool' | 'int64';
export type ConstantData = Float32Array | Int32Array | Uint8Array | BigInt64Array;

/** ONNX attributes: a bare number is an integer, a list is integers, `{float}` a float. */
export type Attributes = Readonly<Record<string, number | readonly number[] | { readonly float: number }>>;

/**
 * One value of a recorded graph and the operation that makes it (every operation here has one output).
 * `op` is an ONNX operator, or `Input` (then `name` is set), or `Constant` (then `data` is set).
 */
export interface Value {
  readonly id: number;
  readonly op: string;
  readonly inputs: readonly Value[];
  readonly attributes: Attributes;
  readonly shape: Shape;
  readonly dtype: DType;
  readonly name?: string;
  readonly data?: ConstantData;
}

/** The one number that a constant holds everywhere; undefined for anything else. */
export function uniformValue(value: Value): number | undefined {
  const { data } = value;
  if (data === undefined || data.length === 0) return undefined;
  for (let i = 1; i < data.length; i++) if (data[i] !== data[0]) return undefined;
  return Number(data[0]);
}
