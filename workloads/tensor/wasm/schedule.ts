import { timeObjective } from '../measure/objective.js';
import type { RandomStream } from '../../../src/math/random.js';
import type { Configuration, Knob, SearchSpace } from '../space.js';
import { choicesAt, indexOfConfiguration, productSize } from '../space.js';
import type { Axis, Operator } from './operator.js';

/** What the names of these spaces end in, behind the operator's name. */
export const wasmSuffix = ' on wasm';

/** How an operator's loops are arranged. */
export interface Schedule {
  /** Rows and vectors of the output that are kept in registers by the innermost loops. */
  readonly registerRows: number;
  readonly registerVectors: number;
  /** Values per vector: 1 (scalar) or 4. */
  readonly lanes: number;
  /** Iterations of the inner reduction written out. */
  readonly unroll: number;
  /** Tile sizes; 0 stands for the whole extent. */
  readonly tileRows: number;
  readonly tileColumns: number;
  readonly tileInner: number;
  /** Order of the loops over tiles, outermost first: r(ows), c(olumns), k (inner). */
  readonly order: string;
  /** Inside a tile, the loop over column blocks runs outside that over row blocks. */
  readonly columnsFirst: boolean;
  /** Weights are first copied so that a block of columns lies together. */
  readonly pack: boolean;
  /** The window's loops run inside the register block rather than around the tiles. */
  readonly windowInside: boolean;
  /** The loop over image lines runs inside the tiles rather than around them. */
  readonly planeInside: boolean;
}

/** The knobs of an operator: only tile sizes and block sizes that divide its extents. */
function knobsOf(operator: Operator): Knob[] {
  const [rows, columns, inner] = (['rows', 'columns', 'inner'] as const).map((role) => extentOf(operator, role)) as [number, number, number];
  const dividing = (extent: number, values: readonly number[]): number[] => values.filter((value) => extent % value === 0);
  const tiles = (extent: number): number[] => [0, ...dividing(extent, Array.from({ length: Math.floor(extent / 2) }, (_, i) => i + 1)).filter((size) => size >= 4)];
  const knobs: Knob[] = [
    { name: 'registerRows', values: dividing(rows, [1, 2, 3, 4, 5, 6, 7, 8]) },
    { name: 'registerVectors', values: dividing(columns, [1, 2, 3, 4, 6, 8]) },
    { name: 'lanes', values: dividing(columns, [1, 4]) },
    { name: 'unroll', values: dividing(inner, [1, 2, 3, 4, 8]) },
    { name: 'tileRows', values: tiles(rows) },
    { name: 'tileColumns', values: tiles(columns) },
    { name: 'tileInner', values: tiles(inner) },
    { name: 'order', values: ['rck', 'rkc', 'crk', 'ckr', 'krc', 'kcr'] },
    { name: 'columnsFirst', values: [false, true] },
    { name: 'pack', values: [false, true] },
  ];
  if (operator.convolution !== undefined) {
    knobs.push({ name: 'windowInside', values: [false, true] }, { name: 'planeInside', values: [false, true] });
  }
  return knobs;
}

/** Accumulators beyond the machine's 16 vector registers spill; far beyond, only code size grows. */
const mostAccumulators = 24;

/** The schedules of an operator on this machine, as a search space. */
export interface ScheduleSpace extends SearchSpace {
  readonly operator: Operator;
  scheduleAt(index: number): Schedule;
  scheduleOf(configuration: Configuration): Schedule;
  /** The plain vectorised nest, with nothing tiled, unrolled or packed. */
  readonly defaultIndex: number;
}

export function scheduleSpace(operator: Operator): ScheduleSpace {
  const all = knobsOf(operator);
  const size = productSize(all, operator.name);
  const columns = extentOf(operator, 'columns');
  const choices = new Uint16Array(all.length);
  const scheduleOf = (configuration: Configuration): Schedule =>
    ({ windowInside: false, planeInside: false, ...configuration }) as unknown as Schedule;
  const scheduleAt = (index: number): Schedule => {
    choicesAt(all, index, choices);
    return scheduleOf(Object.fromEntries(all.map(({ name, values }, k) => [name, values[choices[k]!]!])));
  };
  const space: ScheduleSpace = {
    name: `${operator.name}${wasmSuffix}`,
    objective: timeObjective,
    knobs: all,
    size,
    operator,
    scheduleAt,
    scheduleOf,
    isValid: (index) => fits(operator, scheduleAt(index)),
    sample: (random) => sampleValid(space, random),
    defaultIndex: indexOfConfiguration(
      all,
      {
        registerRows: 1,
        registerVectors: 1,
        lanes: columns % 4 === 0 ? 4 : 1,
        unroll: 1,
        tileRows: 0,
        tileColumns: 0,
        tileInner: 0,
        order: 'rck',
        columnsFirst: false,
        pack: false,
        windowInside: true,
        planeInside: false,
      },
      operator.name,
    ),
  };
  return space;
}

/** Draws until the constraints hold; the default always does. */
function sampleValid(space: ScheduleSpace, random: RandomStream): number {
  for (let attempt = 0; attempt < 10_000; attempt++) {
    const index = Math.floor(random.next() * space.size);
    if (space.isValid(index)) return index;
  }
  return space.defaultIndex;
}

/** Extent of the axis of that role; 1 where the operator has none. */
export function extentOf(operator: Operator, role: Axis['role']): number {
  return operator.axes.find((axis) => axis.role === role)?.extent ?? 1;
}

/** Tile sizes with 0 resolved to the extent. */
export function tileSizes(operator: Operator, schedule: Schedule): { rows: number; columns: number; inner: number } {
  return {
    rows: schedule.tileRows || extentOf(operator, 'rows'),
    columns: schedule.tileColumns || extentOf(operator, 'columns'),
    inner: schedule.tileInner || extentOf(operator, 'inner'),
  };
}

/** Every block divides its tile. (Tiles divide their axes already.) */
function fits(operator: Operator, schedule: Schedule): boolean {
  const { registerRows, registerVectors, lanes, unroll } = schedule;
  if (registerRows * registerVectors > mostAccumulators) return false;
  const tile = tileSizes(operator, schedule);
  return tile.rows % registerRows === 0 && tile.columns % (registerVectors * lanes) === 0 && tile.inner % unroll === 0;
}
