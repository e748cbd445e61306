import { ortExecutor } from './executors/ort.js';
import { tfjsExecutor } from './executors/tfjs.js';
import type { Program } from './program.js';
import type { EagerBackend } from './tfjs.js';

export interface CompileOptions {
  /** `ort` (default): recorded once, run by ONNX Runtime. `tfjs`: run eagerly by tfjs every time. */
  readonly executor?: 'ort' | 'tfjs';
  /** Threads inside one operation of `ort`; 1 by default, which makes runs repeatable bit for bit. */
  readonly threads?: number;
  /** Backend of `tfjs`; the best that is installed by default. */
  readonly backend?: EagerBackend;
}

/** A program ready to run. All arrays are allocated once; parameters are read where they lie at every run. */
export interface Compiled<I extends string, G extends string> {
  /** Fill these before a run. */
  readonly inputs: Readonly<Record<I, Float32Array>>;
  /** Overwritten by every run; integers and booleans as floats. */
  readonly outputs: Readonly<Record<string, Float32Array>>;
  /** Flat, in the layout of their block; overwritten by every run. Only blocks the program gives gradients for. */
  readonly gradients: Readonly<Record<G, Float32Array>>;
  /** `values` are copied into the inputs first. Throws on an unknown input or one of another size. */
  run(values?: Partial<Record<I, ArrayLike<number>>>): Promise<void>;
  dispose(): Promise<void>;
}

/** What an executor makes of a program; the arrays are the same in every run. */
export interface Executor {
  readonly inputs: Readonly<Record<string, Float32Array>>;
  readonly outputs: Readonly<Record<string, Float32Array>>;
  readonly gradients: Readonly<Record<string, Float32Array>>;
  run(): Promise<void>;
  dispose(): Promise<void>;
}

/**
 * Makes a program runnable. Throws when it reads a value, uses an unsupported kernel, gives a gradient of the wrong
 * shape, or (in a run) changes a shape.
 */
export async function compile<I extends string, G extends string>(
  program: Program<I, G>,
  options: CompileOptions = {},
): Promise<Compiled<I, G>> {
  const generic = program as unknown as Program<string, string>;
  const executor =
    options.executor === 'tfjs' ? await tfjsExecutor(generic, options.backend) : await ortExecutor(generic, options.threads ?? 1);
  let running = false;
  return {
    inputs: executor.inputs as Record<I, Float32Array>,
    outputs: executor.outputs,
    gradients: executor.gradients as Record<G, Float32Array>,
    run: async (values = {}) => {
      if (running) throw new Error('a compiled program runs once at a time: await the previous run first');
      for (const [name, data] of Object.entries(values as Record<string, ArrayLike<number>>)) fill(executor.inputs, name, data);
      running = true;
      try {
        await executor.run();
      } finally {
        running = false;
      }
    },
    dispose: () => executor.dispose(),
  };
}

function fill(inputs: Executor['inputs'], name: string, data: ArrayLike<number>): void {
  const input = inputs[name];
  if (input === undefined) throw new Error(`the program has no input "${name}"; it has ${Object.keys(inputs).join(', ')}`);
  if (data.length !== input.length) {
    throw new Error(`input "${name}" takes ${input.length} values, the shape it was compiled for, not ${data.length}`);
  }
  input.set(data);
}
