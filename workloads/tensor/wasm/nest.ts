import type { Axis, Operand, Operator } from './operator.js';
import type { Schedule } from './schedule.js';
import { tileSizes } from './schedule.js';

/** One loop of a scheduled nest. */
export interface Loop {
  readonly role: Axis['role'];
  /** Iterations. */
  readonly count: number;
  /** Values by which each array moves per iteration. */
  readonly stride: Readonly<Record<Operand, number>>;
  /** Around the tiles, between them, inside one, or inside the register block (where partial sums stay in registers). */
  readonly level: 'outer' | 'tile' | 'block' | 'register';
}

/** A scheduled nest: loops outermost first, then the written-out register block. */
export interface Nest {
  readonly loops: readonly Loop[];
  /** Strides of one row, one vector and one reduction step of the register block. */
  readonly row: Axis['stride'];
  readonly vector: Axis['stride'];
  readonly step: Axis['stride'];
  /** Values in a packed panel of weights (a block of columns); 0 when not packed. */
  readonly panelWidth: number;
  /** Rows of the weights as a matrix of [all reduction steps, columns]. */
  readonly weightRows: number;
  readonly columns: number;
}

/** Arranges an operator's loops as the schedule says. Loops of one iteration are left out. */
export function arrange(operator: Operator, schedule: Schedule): Nest {
  const tile = tileSizes(operator, schedule);
  const blockColumns = schedule.registerVectors * schedule.lanes;
  const columns = operator.axes.find(({ role }) => role === 'columns')!.extent;
  const weightRows = operator.sizes.weights / columns;
  const strideOf = (axis: Axis): Axis['stride'] => {
    if (!schedule.pack) return axis.stride;
    // Packed: panel by panel, in a panel reduction step by reduction step, in a step column by column.
    const weights = axis.role === 'columns' ? weightRows : (axis.stride.weights / columns) * blockColumns;
    return { ...axis.stride, weights };
  };
  const scaled = (axis: Axis, by: number): Axis['stride'] => {
    const { input, weights, output } = strideOf(axis);
    return { input: input * by, weights: weights * by, output: output * by };
  };
  const find = (role: Axis['role']): Axis | undefined => operator.axes.find((axis) => axis.role === role);
  const [rows, inner] = [find('rows')!, find('inner')!];
  const columnAxis = find('columns')!;

  const whole = (role: Axis['role'], level: Loop['level']): Loop[] => {
    const axis = find(role);
    return axis === undefined ? [] : [{ role, count: axis.extent, stride: strideOf(axis), level }];
  };
  const tileLoop = (axis: Axis, size: number): Loop => ({ role: axis.role, count: axis.extent / size, stride: scaled(axis, size), level: 'tile' });
  const tileLoops: Record<string, Loop> = { r: tileLoop(rows, tile.rows), c: tileLoop(columnAxis, tile.columns), k: tileLoop(inner, tile.inner) };
  const rowBlocks: Loop = { role: 'rows', count: tile.rows / schedule.registerRows, stride: scaled(rows, schedule.registerRows), level: 'block' };
  const columnBlocks: Loop = { role: 'columns', count: tile.columns / blockColumns, stride: scaled(columnAxis, blockColumns), level: 'block' };
  const windowLevel = schedule.windowInside ? 'register' : 'outer';
  const window = [...whole('windowY', windowLevel), ...whole('windowX', windowLevel)];
  const loops: Loop[] = [
    ...(schedule.planeInside ? [] : whole('plane', 'outer')),
    ...(schedule.windowInside ? [] : window),
    ...[...schedule.order].map((letter) => tileLoops[letter]!),
    ...(schedule.planeInside ? whole('plane', 'block') : []),
    ...(schedule.columnsFirst ? [columnBlocks, rowBlocks] : [rowBlocks, columnBlocks]),
    ...(schedule.windowInside ? window : []),
    { role: 'inner', count: tile.inner / schedule.unroll, stride: scaled(inner, schedule.unroll), level: 'register' },
  ];
  return {
    loops: loops.filter(({ count }) => count > 1),
    row: rows.stride,
    vector: { input: 0, weights: schedule.lanes, output: schedule.lanes },
    step: strideOf(inner),
    panelWidth: schedule.pack ? blockColumns : 0,
    weightRows,
    columns,
  };
}
