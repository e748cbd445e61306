import type { Precision } from '../kernel.js';
import type { Runtime } from '../runtime.js';
import type { Part, Workload } from '../workload.js';
import { partOf } from '../workload.js';
import { decoderKernels } from './decoder.js';
import type { DecoderShape, Parallel } from './decoderShape.js';
import { checkParallel, decoderMemoryBytes, devicesOf } from './decoderShape.js';

/** What a decoder is run for. */
export interface DecoderRun {
  readonly batch: number;
  /** Tokens of a prompt; for `decode` those already in the cache. */
  readonly seq: number;
  /** A pass over whole prompts, one more token for each sequence, or a prompt and all tokens of its answer. */
  readonly phase: 'prefill' | 'decode' | 'request';
  /** Tokens of an answer, of a whole request. */
  readonly output: number;
  readonly precision: Precision;
  readonly runtime: Runtime;
  readonly parallel: Parallel;
}

/** A pass of a server that batches continuously: sequences in their answers, and the prompts that join them. */
export interface ServedPass {
  readonly sequences: number;
  /** Tokens in a sequence's cache. */
  readonly context: number;
  /** Prompts that join at a pass, in the mean: below one, that share of the passes has one. */
  readonly prompts: number;
  readonly promptTokens: number;
}

type Setting = Pick<DecoderRun, 'precision' | 'runtime' | 'parallel'>;

function passOf(name: string, shape: DecoderShape, pass: ServedPass, setting: Setting, repeats: number): Part {
  const { sequences, context, prompts, promptTokens } = pass;
  const part = partOf(name, decoderKernels(shape, { decoding: sequences, context, prompts, promptTokens, ...setting }), repeats);
  if (setting.runtime === 'eager') return part;
  return { ...part, graph: true, sequences: setting.runtime === 'served' ? (sequences + prompts) / setting.parallel.data : 0 };
}

/** A decoder's run as a workload. Throws InputError if it cannot be cut as asked. */
export function decoderWorkload(name: string, shape: DecoderShape, run: DecoderRun): Workload {
  const { batch, seq, phase, output, precision, parallel } = run;
  checkParallel(name, shape, parallel);
  const prefill = (): Part => passOf('prefill', shape, { sequences: 0, context: 0, prompts: batch, promptTokens: seq }, run, 1);
  const decode = (context: number, repeats: number): Part => passOf('decode', shape, { sequences: batch, context, prompts: 0, promptTokens: 0 }, run, repeats);
  // The first token comes with the prompt's pass; each later one is taken at the middle of the answer.
  const parts = { prefill: () => [prefill()], decode: () => [decode(seq, 1)], request: () => [prefill(), decode(seq + output / 2, output - 1)] }[phase]();
  const tokens = phase === 'request' ? seq + output : seq;
  const rows = phase === 'decode' ? batch : batch * seq;
  return { name, parts, memoryBytes: decoderMemoryBytes(shape, { sequences: batch, tokens, rows, precision }, parallel), devices: devicesOf(parallel) };
}

/** The mean pass of a server as a workload; its scheduler keeps what memory allows, so none is stated. */
export function servedWorkload(name: string, shape: DecoderShape, pass: ServedPass, setting: Setting): Workload {
  checkParallel(name, shape, setting.parallel);
  const joined = Math.min(1, pass.prompts);
  const parts = [
    ...(joined < 1 ? [passOf('pass', shape, { ...pass, prompts: 0 }, setting, 1 - joined)] : []),
    ...(joined > 0 ? [passOf('pass with prompts', shape, { ...pass, prompts: Math.max(1, pass.prompts) }, setting, joined)] : []),
  ];
  return { name, parts, memoryBytes: 0, devices: devicesOf(setting.parallel) };
}
