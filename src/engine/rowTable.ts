import { kernelsOver } from './wasm/instance.js';
import { webAssembly } from './wasm/interface.js';

/** Rows of named parts, each so many values wide, and a batch into which chosen rows are gathered. */
export interface RowTable<P extends string> {
  /** Values from one row's beginning to the next one's. */
  readonly stride: number;
  /** All rows, one behind the other. */
  readonly values: Float32Array;
  /** Where a part begins within a row. */
  readonly offset: Readonly<Record<P, number>>;
  /** One array a part, [batch, width]; overwritten by every `gather`. */
  readonly batch: Readonly<Record<P, Float32Array>>;
  /** Which rows the next `gather` takes, in order. */
  readonly chosen: Int32Array;
  gather(): void;
}

/**
 * A table in WebAssembly memory. A row lies in one piece on whole cache lines, since choosing rows at random costs
 * little else than fetching those lines. Throws RangeError if the table needs more than the 4 GiB such a memory holds.
 */
export function createRowTable<P extends string>(rows: number, batchRows: number, widths: Readonly<Record<P, number>>): RowTable<P> {
  const parts = Object.keys(widths) as P[];
  const offset = {} as Record<P, number>;
  let width = 0;
  for (const part of parts) {
    offset[part] = width;
    width += widths[part];
  }
  const stride = Math.ceil(width / lineValues) * lineValues;
  const chosenBytes = Math.ceil(batchRows / lineValues) * lineBytes;
  const tableBytes = rows * stride * valueBytes;
  const bytes = tableBytes + chosenBytes + parts.reduce((sum, part) => sum + batchBytes(batchRows, widths[part]), 0);
  if (bytes > largestBytes) throw new RangeError(`a table of ${rows} rows of ${width} values needs ${bytes} bytes; at most ${largestBytes} can be had`);
  const memory = new webAssembly.Memory({ initial: Math.ceil(bytes / pageBytes) });
  const kernels = kernelsOver(memory);

  let end = tableBytes;
  const chosen = new Int32Array(memory.buffer, end, batchRows);
  end += chosenBytes;
  const batch = {} as Record<P, Float32Array>;
  for (const part of parts) {
    batch[part] = new Float32Array(memory.buffer, end, batchRows * widths[part]);
    end += batchBytes(batchRows, widths[part]);
  }
  return {
    stride,
    values: new Float32Array(memory.buffer, 0, rows * stride),
    offset,
    batch,
    chosen,
    gather: () => {
      const first = chosen.byteOffset;
      const last = first + batchRows * valueBytes;
      kernels.fetch(first, last, 0, stride * valueBytes);
      for (const part of parts) {
        const to = batch[part].byteOffset;
        kernels.gather(first, last, offset[part] * valueBytes, stride * valueBytes, to, widths[part] * valueBytes);
      }
    },
  };
}

const valueBytes = 4;
const lineBytes = 64;
const lineValues = lineBytes / valueBytes;
const pageBytes = 65536;
const largestBytes = 65535 * pageBytes;
const batchBytes = (rows: number, width: number): number => Math.ceil((rows * width) / lineValues) * lineBytes;
