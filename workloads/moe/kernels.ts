/** The part of the WebAssembly interface used here; the types of Node 20 leave it out. */
interface WasmMemory {
  readonly buffer: ArrayBuffer;
  /** Adds pages of 64 KiB; views of the old buffer become empty. */
  grow(pages: number): number;
}
interface Wasm {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { readonly exports: unknown };
}

/** Kernels over one WebAssembly memory; pointers are byte offsets into it. */
export interface Kernels {
  readonly memory: WasmMemory;
  /**
   * c = a b + bias, negative values set to 0 where `relu` is 1. `a` is rows x inner and `c` rows x columns, row-major;
   * `b` is inner x columns, packed (`packWeights`). `inner` and `columns` are multiples of 8.
   */
  gemm(a: number, b: number, bias: number, c: number, rows: number, inner: number, columns: number, relu: number): void;
  /** to += scale x from, over `length` values (a multiple of 4). */
  addScaled(to: number, from: number, scale: number, length: number): void;
}

let compiled: object | undefined;

/** Compiles the kernels once, and returns what makes them over a new memory. The compiler is loaded only here. */
export async function loadKernels(): Promise<() => Kernels> {
  const { Module, Instance } = (globalThis as unknown as { WebAssembly: Wasm }).WebAssembly;
  compiled ??= new Module((await import('./kernelCode.js')).generate());
  const module = compiled;
  return () => new Instance(module).exports as Kernels;
}
