import { randomStream } from '../src/math/random.js';
import type { RandomStream } from '../src/math/random.js';

const size = 2 ** 20;
let table: Float32Array | undefined;

/**
 * Fills `target` with standard normals: a stretch, from an offset that `random` draws, of a table of 2^20 that is the
 * same in every run (the noise table of Salimans et al. 2017, "Evolution strategies"). Drawing thousands of normals for
 * each update afresh costs as much as the update.
 */
export function fillNormals(target: Float32Array, random: RandomStream): void {
  table ??= drawTable();
  for (let filled = 0; filled < target.length; ) {
    const from = random.integer(size);
    const stretch = table.subarray(from, from + target.length - filled);
    target.set(stretch, filled);
    filled += stretch.length;
  }
}

function drawTable(): Float32Array {
  const random = randomStream(0, 'noise table');
  return Float32Array.from({ length: size }, () => random.normal());
}
