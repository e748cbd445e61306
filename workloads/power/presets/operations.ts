import type { Kernel, Precision } from '../kernel.js';
import { elementwise } from '../kernel.js';

/** An operation over a number of elements, yet to be applied. */
export type Operation = (elements: number, precision: Precision) => Kernel;

export const each = (op: string): Operation => (elements, precision) => elementwise(op, elements, precision);
export const add = each('pointwise_add');
export const multiply = each('pointwise_mul');
export const gelu = each('gelu');
export const silu = each('silu');
export const relu = each('relu');
export const tanh = each('tanh');
export const scale = each('scalar_mul');
export const cast = (to: Precision): Operation => each(`typecast_to_${to}`);

export const repeat = (times: number, kernels: readonly Kernel[]): Kernel[] => Array.from({ length: times }, () => kernels).flat();
