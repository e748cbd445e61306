import type { Shape } from './shapes.js';
import { sizeOf } from './shapes.js';
import type { WasmMemory } from './wasm/interface.js';
import { webAssembly } from './wasm/interface.js';

/** Where each named array lies in a flat one: `offset` and `size` in values, in order, without gaps. */
export type Layout = readonly LayoutEntry[];
export interface LayoutEntry {
  readonly name: string;
  readonly shape: Shape;
  readonly offset: number;
  readonly size: number;
}

/** The layout of named shapes, one behind the other. Throws on a name used twice. */
export function layoutOf(arrays: readonly { readonly name: string; readonly shape: Shape }[]): Layout {
  const names = new Set<string>();
  let offset = 0;
  return arrays.map(({ name, shape }) => {
    if (names.has(name)) throw new Error(`two parameters are named "${name}"`);
    names.add(name);
    const size = sizeOf(shape);
    const entry = { name, shape, offset, size };
    offset += size;
    return entry;
  });
}

/** Several layouts as one, e.g. twin critics under one optimiser. */
export const joinLayouts = (...layouts: readonly Layout[]): Layout => layoutOf(layouts.flat());

export const layoutSize = (layout: Layout): number => layout.reduce((sum, { size }) => sum + size, 0);

/** Parameters as one flat array with named, shaped views. Gradients, moments and targets share its layout. */
export interface ParameterBlock {
  readonly layout: Layout;
  readonly flat: Float32Array;
  /** The part of `flat` under that name. Throws on an unknown name. */
  view(name: string): Float32Array;
  /** Where the block lies; more arrays of its size fit beside it, within the reach of one WebAssembly kernel. */
  readonly memory: BlockMemory;
}

/**
 * A block of zeros. With `beside`, a block of the same size in the same memory (a target network, say), where the
 * fused optimiser reaches it.
 */
export function createParameters(layout: Layout, { beside }: { beside?: ParameterBlock } = {}): ParameterBlock {
  const size = layoutSize(layout);
  if (beside !== undefined && beside.flat.length !== size) {
    throw new Error(`a block of ${size} values cannot lie beside one of ${beside.flat.length}`);
  }
  const memory = beside?.memory ?? new BlockMemory(size);
  const flat = memory.allocate();
  const entries = new Map(layout.map((entry) => [entry.name, entry]));
  return {
    layout,
    flat,
    memory,
    view: (name) => {
      const entry = entries.get(name);
      if (entry === undefined) throw new Error(`no parameter is named "${name}"; there are ${[...entries.keys()].join(', ')}`);
      return flat.subarray(entry.offset, entry.offset + entry.size);
    },
  };
}

/**
 * One WebAssembly memory with room for arrays of one size. It never grows, because growing would detach every view;
 * untouched room costs address space only.
 */
export class BlockMemory {
  readonly memory: WasmMemory;
  readonly #size: number;
  readonly #free: number[];

  constructor(size: number) {
    this.#size = size;
    // Whole cache lines, so that arrays are aligned for vector loads.
    const bytes = Math.ceil((size * 4) / 64) * 64;
    this.#free = Array.from({ length: arraysPerMemory }, (_, i) => scratchBytes + i * bytes).reverse();
    this.memory = new webAssembly.Memory({ initial: Math.ceil((scratchBytes + bytes * arraysPerMemory) / 65536) });
  }

  /** Zeros. Throws when there is no room left. */
  allocate(): Float32Array {
    const offset = this.#free.pop();
    if (offset === undefined) throw new Error(`a parameter block has room for ${arraysPerMemory} arrays of its size: dispose of programs no longer needed`);
    return new Float32Array(this.memory.buffer, offset, this.#size).fill(0);
  }

  release(array: Float32Array): void {
    if (this.holds(array)) this.#free.push(array.byteOffset);
  }

  holds(array: Float32Array): boolean {
    return array.buffer === this.memory.buffer;
  }
}

/** Parameters, target, two moments, and the gradients of a dozen programs. */
const arraysPerMemory = 16;
/** Room for a kernel's small arguments and an acting network's activations. */
export const scratchBytes = 65536;
