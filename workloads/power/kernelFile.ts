import { basename } from 'node:path';
import { InputError, suggest } from '../../src/io/errors.js';
import { readJson } from '../../src/io/files.js';
import type { ElementwiseKernel, Kernel, Precision, ReductionKernel } from './kernel.js';
import { bytesPerElement, elementwise, reduction } from './kernel.js';
import { markDepthwise } from './traceRules.js';
import type { Workload } from './workload.js';
import { partOf } from './workload.js';

/**
 * Reads a workload from a traced kernel list: a JSON array of `[fields, [class, ...]]` pairs as EnergAIzer's tracer
 * writes them (classes gemm, conv2d, sdpa, elementwise, softmax, layernorm).
 * Throws InputError with the file, the entry and what was expected.
 */
export function readKernelFile(file: string): Workload {
  return parseKernels(readJson(file), file);
}

/** As `readKernelFile`, on a parsed document; `file` names it in messages and gives the workload its name. */
export function parseKernels(document: unknown, file: string): Workload {
  if (!Array.isArray(document) || document.length === 0) {
    throw new InputError(`${file} holds no kernels; expected a JSON array of [fields, [class, ...]] pairs.`);
  }
  const kernels = document.map((item: unknown, index) => new Entry(item, `${file}, kernel ${index + 1}`).kernel());
  const name = basename(file).replace(/\.json$/, '');
  return { name, parts: [partOf(name, markDepthwise(kernels))] };
}

const classes = ['gemm', 'conv2d', 'sdpa', 'elementwise', 'softmax', 'layernorm', 'softmax_fusion', 'layernorm_fusion'];

class Entry {
  readonly #fields: Record<string, unknown>;
  readonly #tags: readonly unknown[];
  readonly #where: string;

  constructor(item: unknown, where: string) {
    this.#where = where;
    const [fields, tags] = Array.isArray(item) ? (item as unknown[]) : [];
    if (typeof fields !== 'object' || fields === null || Array.isArray(fields) || !Array.isArray(tags)) {
      throw new InputError(`${where}: expected a pair [fields, [class, ...]], found ${brief(item)}.`);
    }
    this.#fields = fields as Record<string, unknown>;
    this.#tags = tags as unknown[];
  }

  kernel(): Kernel {
    const name = this.#tags[0];
    switch (name) {
      case 'gemm':
        return { kind: 'gemm', batch: this.#size('batch'), m: this.#size('dimM'), n: this.#size('dimN'), k: this.#size('dimK'), ...this.#arithmetic() };
      case 'conv2d':
        return {
          kind: 'conv',
          m: this.#size('dimM'),
          n: this.#size('dimN'),
          k: this.#size('dimK'),
          inputElements: this.#size('b') * this.#size('c') * this.#size('hw') ** 2,
          groups: 'groups' in this.#fields ? this.#size('groups') : 1,
          ...this.#arithmetic(),
        };
      case 'sdpa': {
        const heads = this.#size('num_heads');
        return {
          kind: 'attention',
          batch: this.#size('batch_size'),
          heads,
          kvHeads: heads / ('multi_query_ratio' in this.#fields ? this.#size('multi_query_ratio') : 1),
          queries: this.#size('seq_len'),
          keys: this.#size('seq_len'),
          headDim: this.#size('head_dim'),
          precision: this.#precision('precM'),
        };
      }
      case 'elementwise': {
        return this.#unlessFused(elementwise(this.#text('op'), this.#size('dim'), this.#precision('prec')));
      }
      case 'softmax':
      case 'softmax_fusion':
      case 'layernorm':
      case 'layernorm_fusion': {
        const kind = name.startsWith('softmax') ? 'softmax' : 'layernorm';
        return this.#unlessFused(reduction(kind, this.#size('batch'), this.#size('dim'), this.#precision('prec')));
      }
      default:
        throw new InputError(`${this.#where}: unknown kernel class ${brief(name)}.${suggest(String(name), classes)}`);
    }
  }

  #arithmetic(): { precision: Precision; tensorCore: boolean } {
    const flag = this.#fields['useTensorCore'];
    if (typeof flag !== 'boolean') throw new InputError(`${this.#where}, "useTensorCore": expected true or false, found ${brief(flag)}.`);
    return { precision: this.#precision('precM'), tensorCore: flag };
  }

  /** A kernel fused with its neighbour leaves out the read or the write between them. */
  #unlessFused<T extends ElementwiseKernel | ReductionKernel>(kernel: T): T {
    const fused = (side: string): boolean => this.#fields['fusion'] === true && this.#fields[side] === true;
    return {
      ...kernel,
      readBytes: fused('fusion_ignore_in') ? 0 : kernel.readBytes,
      writeBytes: fused('fusion_ignore_out') ? 0 : kernel.writeBytes,
    };
  }

  #size(field: string): number {
    const value = this.#fields[field];
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1) {
      throw new InputError(`${this.#where}, "${field}": expected a whole number of at least 1, found ${brief(value)}.`);
    }
    return value;
  }

  #precision(field: string): Precision {
    const value = this.#text(field);
    if (!Object.hasOwn(bytesPerElement, value)) {
      throw new InputError(`${this.#where}, "${field}": unknown precision "${value}".${suggest(value, Object.keys(bytesPerElement))}`);
    }
    return value as Precision;
  }

  #text(field: string): string {
    const value = this.#fields[field];
    if (typeof value !== 'string') throw new InputError(`${this.#where}, "${field}": expected a text, found ${brief(value)}.`);
    return value;
  }
}

function brief(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
