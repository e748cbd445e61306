import { InputError } from '../../src/io/errors.js';
import type { Kernels } from './kernels.js';

const alignment = 64;
const pageBytes = 65536;
const maximumBytes = 2 ** 32;

/** Throws InputError for more bytes than one WebAssembly memory has. */
export function checkFits(bytes: number): void {
  if (bytes <= maximumBytes) return;
  throw new InputError(
    `The layer needs ${(bytes / 2 ** 30).toFixed(1)} GiB or more; expected at most 4: choose fewer tokens or experts, or a smaller dimension.`,
  );
}

/**
 * Hands out blocks of the kernels' memory, last in, first out, and keeps the high-water mark: what a layer really
 * held at once. Views (`floats`, `integers`) are of the whole memory and are fetched anew after every `allocate`.
 */
export class Arena {
  #top = alignment;
  #highest = alignment;
  #floatView = new Float32Array(0);
  #integerView = new Int32Array(0);
  readonly #memory: Kernels['memory'];

  constructor(memory: Kernels['memory']) {
    this.#memory = memory;
  }

  /** Byte offset of a new block of `bytes`, aligned to 64. Throws InputError beyond WebAssembly's 4 GiB. */
  allocate(bytes: number): number {
    const at = this.#top;
    this.#top = Math.ceil((at + bytes) / alignment) * alignment;
    const missing = this.#top - this.#memory.buffer.byteLength;
    checkFits(this.#top);
    if (missing > 0) this.#memory.grow(Math.ceil(missing / pageBytes));
    this.#highest = Math.max(this.#highest, this.#top);
    return at;
  }

  /** Where the next block would start; `release` goes back to it. */
  mark(): number {
    return this.#top;
  }

  /** Gives back every block allocated since `mark`. */
  release(mark: number): void {
    this.#top = mark;
  }

  /** Bytes above `mark` at the highest point since the last `forgetPeak`. */
  peakAbove(mark: number): number {
    return this.#highest - mark;
  }

  forgetPeak(): void {
    this.#highest = this.#top;
  }

  get floats(): Float32Array {
    if (this.#floatView.buffer !== this.#memory.buffer) this.#floatView = new Float32Array(this.#memory.buffer);
    return this.#floatView;
  }

  get integers(): Int32Array {
    if (this.#integerView.buffer !== this.#memory.buffer) this.#integerView = new Int32Array(this.#memory.buffer);
    return this.#integerView;
  }
}
