import binaryen from 'binaryen';
import { panelWidth } from './packing.js';

/** Rows of one tile: 4 rows x 2 registers of sums, 2 of weights and 1 of inputs fit the 16 registers there are. */
const tileRows = 4;
/** Inner-dimension steps per turn of the loop; inner dimensions are multiples of it. */
const unroll = 4;
const maximumPages = 65536;

/**
 * WebAssembly of the kernels. The product keeps a tile of 4 x 8 sums in registers while it streams down a panel of
 * weights, which stays in the first-level cache for all rows. WebAssembly's SIMD has 128 bits and no fused multiply-add,
 * so a large product runs at about a third of a native library's speed; but a call costs nanoseconds, and an expert
 * often has fewer than ten rows.
 */
export function generate(): Uint8Array {
  const module = new binaryen.Module();
  module.setFeatures(binaryen.Features.SIMD128);
  module.setMemory(1, maximumPages, 'memory');
  for (let rows = 1; rows <= tileRows; rows++) addTile(module, rows);
  addGemm(module);
  addAddScaled(module);
  if (!module.validate()) throw new Error('The generated kernels are not valid WebAssembly.');
  const bytes = module.emitBinary();
  module.dispose();
  return bytes;
}

type Module = binaryen.Module;
const { i32, f32, v128, none, createType } = binaryen;

/** `tile1` to `tile4`: so many rows of one panel of c, as (a, panel, bias, c, inner, strideC bytes, relu). */
function addTile(m: Module, rows: number): void {
  const [a, panel, bias, c, inner, strideC, relu] = [0, 1, 2, 3, 4, 5, 6];
  const rowPointer = (row: number): number => 7 + row;
  const end = rowPointer(rows);
  const sum = (row: number, half: number): number => end + 1 + 2 * row + half;
  const weights = (half: number): number => sum(rows, half);
  const input = weights(2);
  const get = (local: number): number => m.local.get(local, i32);
  const vector = (local: number): number => m.local.get(local, v128);
  const each = (body: (row: number) => number[]): number[] => Array.from({ length: rows }, (_, row) => body(row)).flat();

  const step = (k: number): number[] => [
    m.local.set(weights(0), m.v128.load(32 * k, 4, get(panel))),
    m.local.set(weights(1), m.v128.load(32 * k + 16, 4, get(panel))),
    ...each((row) => [
      m.local.set(input, m.v128.load32_splat(4 * k, 4, get(rowPointer(row)))),
      ...[0, 1].map((half) =>
        m.local.set(sum(row, half), m.f32x4.add(vector(sum(row, half)), m.f32x4.mul(vector(input), vector(weights(half))))),
      ),
    ]),
  ];
  const advance = (local: number, bytes: number): number => m.local.set(local, m.i32.add(get(local), m.i32.const(bytes)));
  const body = [
    ...each((row) => [
      m.local.set(
        rowPointer(row),
        m.i32.add(get(a), m.i32.mul(m.i32.const(4 * row), get(inner))),
      ),
      m.local.set(sum(row, 0), m.v128.load(0, 4, get(bias))),
      m.local.set(sum(row, 1), m.v128.load(16, 4, get(bias))),
    ]),
    m.local.set(end, m.i32.add(get(a), m.i32.mul(m.i32.const(4), get(inner)))),
    m.loop(
      'inner',
      m.block(null, [
        ...Array.from({ length: unroll }, (_, k) => step(k)).flat(),
        ...each((row) => [advance(rowPointer(row), 4 * unroll)]),
        advance(panel, 32 * unroll),
        m.br('inner', m.i32.lt_u(get(rowPointer(0)), get(end))),
      ]),
    ),
    m.if(
      get(relu),
      m.block(
        null,
        each((row) =>
          [0, 1].map((half) =>
            m.local.set(sum(row, half), m.f32x4.max(vector(sum(row, half)), m.f32x4.splat(m.f32.const(0)))),
          ),
        ),
      ),
    ),
    ...each((row) => [
      ...[0, 1].map((half) => m.v128.store(16 * half, 4, get(c), vector(sum(row, half)))),
      m.local.set(c, m.i32.add(get(c), get(strideC))),
    ]),
  ];
  const locals = [...Array<number>(rows + 1).fill(i32), ...Array<number>(2 * rows + 3).fill(v128)];
  m.addFunction(`tile${rows}`, createType(Array<number>(7).fill(i32)), none, locals, m.block(null, body));
}

function addGemm(m: Module): void {
  const [a, b, bias, c, rows, inner, columns, relu, column, row, remaining] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
  const get = (local: number): number => m.local.get(local, i32);
  const times = (x: number, y: number): number => m.i32.mul(x, y);
  const tile = (count: number): number =>
    m.call(
      `tile${count}`,
      [
        m.i32.add(get(a), times(times(get(row), get(inner)), m.i32.const(4))),
        m.i32.add(get(b), times(times(get(column), get(inner)), m.i32.const(4))),
        m.i32.add(get(bias), times(get(column), m.i32.const(4))),
        m.i32.add(get(c), times(m.i32.add(times(get(row), get(columns)), get(column)), m.i32.const(4))),
        get(inner),
        times(get(columns), m.i32.const(4)),
        get(relu),
      ],
      none,
    );
  const remainder = Array.from({ length: tileRows - 1 }, (_, i) =>
    m.if(m.i32.eq(get(remaining), m.i32.const(i + 1)), tile(i + 1)),
  );
  const rowLoop = m.loop(
    'rows',
    m.if(
      m.i32.le_u(m.i32.add(get(row), m.i32.const(tileRows)), get(rows)),
      m.block(null, [tile(tileRows), m.local.set(row, m.i32.add(get(row), m.i32.const(tileRows))), m.br('rows')]),
    ),
  );
  const body = m.loop(
    'columns',
    m.if(
      m.i32.lt_u(get(column), get(columns)),
      m.block(null, [
        m.local.set(row, m.i32.const(0)),
        rowLoop,
        m.local.set(remaining, m.i32.sub(get(rows), get(row))),
        ...remainder,
        m.local.set(column, m.i32.add(get(column), m.i32.const(panelWidth))),
        m.br('columns'),
      ]),
    ),
  );
  m.addFunction('gemm', createType(Array<number>(8).fill(i32)), none, [i32, i32, i32], body);
  m.addFunctionExport('gemm', 'gemm');
}

function addAddScaled(m: Module): void {
  const [to, from, scale, length, end] = [0, 1, 2, 3, 4];
  const get = (local: number): number => m.local.get(local, i32);
  const advance = (local: number): number => m.local.set(local, m.i32.add(get(local), m.i32.const(16)));
  const sum = m.f32x4.add(
    m.v128.load(0, 4, get(to)),
    m.f32x4.mul(m.v128.load(0, 4, get(from)), m.f32x4.splat(m.local.get(scale, f32))),
  );
  const body = m.block(null, [
    m.local.set(end, m.i32.add(get(to), m.i32.mul(get(length), m.i32.const(4)))),
    m.loop(
      'values',
      m.block(null, [
        m.v128.store(0, 4, get(to), sum),
        advance(to),
        advance(from),
        m.br('values', m.i32.lt_u(get(to), get(end))),
      ]),
    ),
  ]);
  m.addFunction('addScaled', createType([i32, i32, f32, i32]), none, [i32], body);
  m.addFunctionExport('addScaled', 'addScaled');
}
