import { arrangements } from './arrange.js';
import { elementwise } from './elementwise.js';
import type { Lowerings } from './lowering.js';
import { matmul } from './matmul.js';
import { reductions } from './reduce.js';

export type { Lowering } from './lowering.js';

/** Every tfjs kernel that can be recorded. Add one to the file it belongs to; the kernel tests cover it by name. */
export const lowerings: Lowerings = { ...elementwise, ...matmul, ...reductions, ...arrangements };
