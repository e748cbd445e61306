import type binaryenModule from 'binaryen';
import type { Nest } from './nest.js';
import { arrange } from './nest.js';
import type { Operand, Operator } from './operator.js';
import type { Schedule } from './schedule.js';

type Binaryen = typeof binaryenModule;
type Module = InstanceType<Binaryen['Module']>;

/** Byte addresses of the arrays in the module's memory. */
export interface MemoryPlan {
  readonly input: number;
  readonly weights: number;
  readonly output: number;
  /** Where weights are packed to. */
  readonly packed: number;
  readonly pages: number;
}

const align = (bytes: number): number => Math.ceil(bytes / 64) * 64;

export function planMemory({ sizes }: Operator): MemoryPlan {
  const input = 64;
  const weights = input + align(4 * sizes.input);
  const output = weights + align(4 * sizes.weights);
  const packed = output + align(4 * sizes.output);
  return { input, weights, output, packed, pages: Math.ceil((packed + align(4 * sizes.weights)) / 65536) };
}

/**
 * The scheduled operator as a WebAssembly module: it imports `env.memory`, laid out as `planMemory` says, and exports
 * `run`, which computes the output from the input and the weights, packing included.
 */
export function generate(binaryen: Binaryen, operator: Operator, schedule: Schedule): Uint8Array {
  const module = new binaryen.Module();
  try {
    module.setFeatures(binaryen.Features.SIMD128 | binaryen.Features.BulkMemory);
    const memory = planMemory(operator);
    module.setMemory(memory.pages, memory.pages);
    module.addMemoryImport('0', 'env', 'memory');
    const writer = new FunctionWriter(binaryen, module, schedule.lanes);
    const nest = arrange(operator, schedule);
    const body = [module.memory.fill(module.i32.const(memory.output), module.i32.const(0), module.i32.const(4 * operator.sizes.output))];
    if (nest.panelWidth > 0) body.push(packWeights(writer, nest, memory));
    const start = { input: memory.input, weights: nest.panelWidth > 0 ? memory.packed : memory.weights, output: memory.output };
    const pointers = {} as Record<Operand, number>;
    for (const operand of operands) {
      pointers[operand] = writer.local(binaryen.i32);
      body.push(module.local.set(pointers[operand], module.i32.const(start[operand])));
    }
    body.push(loopNest({ writer, nest, schedule }, pointers, 0));
    module.addFunction('run', binaryen.none, binaryen.none, writer.locals, module.block(null, body));
    module.addFunctionExport('run', 'run');
    return module.emitBinary();
  } finally {
    module.dispose();
  }
}

const operands: readonly Operand[] = ['input', 'weights', 'output'];

/** Locals that hold the address each array is at. */
type Pointers = Readonly<Record<Operand, number>>;

/** What is being written, and with what. */
interface Draft {
  readonly writer: FunctionWriter;
  readonly nest: Nest;
  readonly schedule: Schedule;
}

/** Hands out locals, loops, and loads and stores of one vector width. */
class FunctionWriter {
  readonly locals: number[] = [];
  #labels = 0;

  constructor(
    readonly binaryen: Binaryen,
    readonly module: Module,
    readonly lanes: number,
  ) {}

  get vectorType(): number {
    return this.lanes === 4 ? this.binaryen.v128 : this.binaryen.f32;
  }

  local(type: number): number {
    return this.locals.push(type) - 1;
  }

  pointer(local: number): number {
    return this.module.local.get(local, this.binaryen.i32);
  }

  /** Repeats `body` `count` times, moving the pointers by so many bytes after each. */
  repeat(count: number, moves: readonly { pointer: number; bytes: number }[], body: number): number {
    const { module } = this;
    const left = this.local(this.binaryen.i32);
    const label = `loop${this.#labels++}`;
    return module.block(null, [
      module.local.set(left, module.i32.const(count)),
      module.loop(
        label,
        module.block(null, [
          body,
          ...moves.filter(({ bytes }) => bytes !== 0).map(({ pointer, bytes }) => module.local.set(pointer, module.i32.add(this.pointer(pointer), module.i32.const(bytes)))),
          module.local.set(left, module.i32.sub(this.pointer(left), module.i32.const(1))),
          module.br(label, this.pointer(left)),
        ]),
      ),
    ]);
  }

  load(pointer: number, bytes: number): number {
    return this.lanes === 4 ? this.module.v128.load(bytes, 4, this.pointer(pointer)) : this.module.f32.load(bytes, 4, this.pointer(pointer));
  }

  store(pointer: number, bytes: number, value: number): number {
    const { module } = this;
    return this.lanes === 4 ? module.v128.store(bytes, 4, this.pointer(pointer), value) : module.f32.store(bytes, 4, this.pointer(pointer), value);
  }

  splat(pointer: number, bytes: number): number {
    const { module } = this;
    return this.lanes === 4 ? module.v128.load32_splat(bytes, 4, this.pointer(pointer)) : module.f32.load(bytes, 4, this.pointer(pointer));
  }

  multiplyAdd(sum: number, a: number, b: number): number {
    const { module } = this;
    return this.lanes === 4 ? module.f32x4.add(sum, module.f32x4.mul(a, b)) : module.f32.add(sum, module.f32.mul(a, b));
  }
}

/** The loops from `depth` inwards. Each works on its own copies of the pointers that it moves. */
function loopNest(draft: Draft, pointers: Pointers, depth: number): number {
  const { writer, nest } = draft;
  const loop = nest.loops[depth];
  if (loop === undefined || loop.level === 'register') return registerBlock(draft, pointers, depth);
  const { module, binaryen } = writer;
  const own = { ...pointers };
  const copies: number[] = [];
  const moves = operands.filter((operand) => loop.stride[operand] !== 0).map((operand) => {
    own[operand] = writer.local(binaryen.i32);
    copies.push(module.local.set(own[operand], writer.pointer(pointers[operand])));
    return { pointer: own[operand], bytes: 4 * loop.stride[operand] };
  });
  return module.block(null, [...copies, writer.repeat(loop.count, moves, loopNest(draft, own, depth + 1))]);
}

/** Loads a block of the output into registers, runs the remaining reduction loops over it, and stores it. */
function registerBlock(draft: Draft, pointers: Pointers, depth: number): number {
  const { writer, nest, schedule } = draft;
  const { module } = writer;
  const { registerRows, registerVectors } = schedule;
  const sums = Array.from({ length: registerRows * registerVectors }, () => writer.local(writer.vectorType));
  const outputAt = (i: number): number => 4 * (Math.floor(i / registerVectors) * nest.row.output + (i % registerVectors) * nest.vector.output);
  return module.block(null, [
    ...sums.map((sum, i) => module.local.set(sum, writer.load(pointers.output, outputAt(i)))),
    reduction(draft, pointers, sums, depth),
    ...sums.map((sum, i) => writer.store(pointers.output, outputAt(i), module.local.get(sum, writer.vectorType))),
  ]);
}

function reduction(draft: Draft, pointers: Pointers, sums: readonly number[], depth: number): number {
  const { writer, nest } = draft;
  const { module, binaryen } = writer;
  const loop = nest.loops[depth];
  if (loop === undefined) return reductionSteps(draft, pointers, sums);
  const own = { ...pointers, input: writer.local(binaryen.i32), weights: writer.local(binaryen.i32) };
  const moves = [
    { pointer: own.input, bytes: 4 * loop.stride.input },
    { pointer: own.weights, bytes: 4 * loop.stride.weights },
  ];
  return module.block(null, [
    module.local.set(own.input, writer.pointer(pointers.input)),
    module.local.set(own.weights, writer.pointer(pointers.weights)),
    writer.repeat(loop.count, moves, reduction(draft, own, sums, depth + 1)),
  ]);
}

/** The written-out steps: each loads its vectors of weights once and multiplies them with every row's input. */
function reductionSteps({ writer, nest, schedule }: Draft, pointers: Pointers, sums: readonly number[]): number {
  const { module, vectorType } = writer;
  const { registerRows, registerVectors, unroll } = schedule;
  const weights = Array.from({ length: registerVectors }, () => writer.local(vectorType));
  const value = writer.local(vectorType);
  const get = (local: number): number => module.local.get(local, vectorType);
  const code: number[] = [];
  for (let u = 0; u < unroll; u++) {
    for (let v = 0; v < registerVectors; v++) {
      code.push(module.local.set(weights[v]!, writer.load(pointers.weights, 4 * (u * nest.step.weights + v * nest.vector.weights))));
    }
    for (let r = 0; r < registerRows; r++) {
      code.push(module.local.set(value, writer.splat(pointers.input, 4 * (u * nest.step.input + r * nest.row.input))));
      for (let v = 0; v < registerVectors; v++) {
        const sum = sums[r * registerVectors + v]!;
        code.push(module.local.set(sum, writer.multiplyAdd(get(sum), get(value), get(weights[v]!))));
      }
    }
  }
  return module.block(null, code);
}

/** Copies the weights panel by panel: for each block of columns, all reduction steps one after the other. */
function packWeights(writer: FunctionWriter, nest: Nest, memory: MemoryPlan): number {
  const { module, binaryen, lanes } = writer;
  const [panel, from, to] = [writer.local(binaryen.i32), writer.local(binaryen.i32), writer.local(binaryen.i32)];
  const copy = Array.from({ length: nest.panelWidth / lanes }, (_, v) => writer.store(to, 4 * v * lanes, writer.load(from, 4 * v * lanes)));
  const rows = writer.repeat(
    nest.weightRows,
    [
      { pointer: from, bytes: 4 * nest.columns },
      { pointer: to, bytes: 4 * nest.panelWidth },
    ],
    module.block(null, copy),
  );
  return module.block(null, [
    module.local.set(panel, module.i32.const(memory.weights)),
    module.local.set(to, module.i32.const(memory.packed)),
    writer.repeat(
      nest.columns / nest.panelWidth,
      [{ pointer: panel, bytes: 4 * nest.panelWidth }],
      module.block(null, [module.local.set(from, writer.pointer(panel)), rows]),
    ),
  ]);
}
