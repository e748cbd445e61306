import type * as tfjs from '../vendor/tfjs.js';

export type TensorFlow = typeof tfjs;
export type NamedTensors = Record<string, tfjs.Tensor>;

let loaded: TensorFlow | undefined;

/** TensorFlow.js, imported on first use (it takes about 0.4 s), without its banner. */
export async function loadTensorFlow(): Promise<TensorFlow> {
  if (loaded === undefined) {
    const tf = await import('../vendor/tfjs.js');
    // The CPU backend greets on its first write unless told that it has been used.
    Object.assign(tf.findBackend('cpu'), { firstUse: false });
    if (tf.getBackend() === undefined) await tf.setBackend('cpu');
    registerZeroGradients(tf);
    loaded = tf;
  }
  return loaded;
}

/** Conditions have a zero gradient. tfjs knows that of GreaterEqual only, and refuses `where` on any other. */
function registerZeroGradients(tf: TensorFlow): void {
  const inputsOf = {
    Equal: ['a', 'b'],
    NotEqual: ['a', 'b'],
    Greater: ['a', 'b'],
    Less: ['a', 'b'],
    LessEqual: ['a', 'b'],
    LogicalAnd: ['a', 'b'],
    LogicalOr: ['a', 'b'],
    LogicalNot: ['x'],
  };
  for (const [kernelName, inputsToSave] of Object.entries(inputsOf)) {
    tf.registerGradient({
      kernelName,
      inputsToSave,
      gradFunc: (_, saved) =>
        Object.fromEntries(inputsToSave.map((name, i) => [name, () => tf.zeros(saved[i]!.shape)])) as NamedGradients,
    });
  }
}

type NamedGradients = Record<string, () => tfjs.Tensor>;

/** TensorFlow.js once it is loaded, as it is inside `Program.build`. Throws before. */
export function tensorFlow(): TensorFlow {
  if (loaded === undefined) throw new Error('TensorFlow.js is not loaded yet: this works only inside the build of a compiled program');
  return loaded;
}

/** Runs synchronous `work` with `backend` as the current backend, which must have been initialised before. */
export function onBackend<T>(tf: TensorFlow, backend: string, work: () => T): T {
  const previous = tf.getBackend();
  // setBackend only awaits while a backend is being initialised, so its effect is immediate here.
  void tf.setBackend(backend);
  try {
    return work();
  } finally {
    void tf.setBackend(previous);
  }
}

const eagerBackends = ['tensorflow', 'wasm', 'cpu'] as const;
export type EagerBackend = (typeof eagerBackends)[number];

let best: Promise<EagerBackend> | undefined;

/**
 * Initialises an eager backend and returns its name: the one asked for, or the best there is (tfjs-node-gpu or
 * tfjs-node if installed, else wasm, else cpu). Throws when the one asked for is not to be had.
 */
export async function eagerBackend(wanted?: EagerBackend): Promise<EagerBackend> {
  const tf = await loadTensorFlow();
  if (wanted !== undefined) {
    if (!(await initialise(tf, wanted))) throw new Error(`the tfjs backend "${wanted}" is not available here`);
    return wanted;
  }
  best ??= (async () => {
    for (const name of eagerBackends) if (await initialise(tf, name)) return name;
    throw new Error('no tfjs backend is available');
  })();
  return best;
}

async function initialise(tf: TensorFlow, name: EagerBackend): Promise<boolean> {
  const previous = tf.getBackend();
  try {
    if (name === 'tensorflow') await importFirst(['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node']);
    if (name === 'wasm') await import('../vendor/tfjsWasm.js');
    if (tf.findBackendFactory(name) === null || !(await tf.setBackend(name))) return false;
    await tf.ready();
    return true;
  } catch {
    return false;
  } finally {
    await tf.setBackend(previous);
  }
}

async function importFirst(packages: readonly string[]): Promise<void> {
  for (const name of packages) {
    try {
      await import(name);
      return;
    } catch {
      continue;
    }
  }
}
