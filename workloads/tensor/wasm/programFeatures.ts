import type { FeatureMap } from '../models/features.js';
import type { Configuration } from '../space.js';
import type { Loop } from './nest.js';
import { arrange } from './nest.js';
import type { Operand } from './operator.js';
import type { Schedule, ScheduleSpace } from './schedule.js';
import { tileSizes } from './schedule.js';

const operands: readonly Operand[] = ['input', 'weights', 'output'];
const orders = ['rck', 'rkc', 'crk', 'ckr', 'krc', 'kcr'];
/** Loops that a nest can have, by role and level. */
const slots = ['plane', 'windowY', 'windowX', 'rows tile', 'columns tile', 'inner tile', 'rows block', 'columns block', 'inner register'];
/** Thresholds of the relation features, as powers of two. */
const thresholds = Array.from({ length: 11 }, (_, i) => 2 * i);

const slotOf = ({ role, level }: Loop): string => (slots.includes(role) ? role : `${role} ${level}`);

const names: readonly string[] = [
  'registerRows', 'registerVectors', 'lanes', 'unroll', 'accumulators', 'tileRows', 'tileColumns', 'tileInner',
  'columnsFirst', 'pack', 'windowInside', 'planeInside', 'operations',
  ...orders.map((order) => `order=${order}`),
  ...slots.map((slot) => `length of ${slot}`),
  ...operands.flatMap((operand) => thresholds.flatMap((t) => [`${operand} touched at reuse < 2^${t}`, `${operand} touched at top-down < 2^${t}`])),
];

/** What a loop and all inside it do: as powers of two, so that products are sums. */
interface Context {
  /** Iterations around the loop. */
  readonly topDown: number;
  /** Bytes of each array touched inside. */
  readonly touched: Readonly<Record<Operand, number>>;
  /** How often each byte touched is used inside. */
  readonly reuse: Readonly<Record<Operand, number>>;
}

/**
 * Features of generated programs (Chen et al. 2018, sections 3.1 and 4 and appendix): the schedule, the loops' lengths, and
 * relation features, which for every array give the most bytes touched by a loop whose reuse (or whose top-down product)
 * is below a threshold. They mean the same whatever the operator and its shape, and so carry over between workloads.
 */
export function programFeatures({ operator, scheduleOf }: ScheduleSpace): FeatureMap {
  const encode = (configuration: Configuration, into: Float32Array): void => {
    const schedule = scheduleOf(configuration);
    const nest = arrange(operator, schedule);
    const tile = tileSizes(operator, schedule);
    let at = 0;
    const put = (value: number): void => void (into[at++] = value);
    for (const count of [schedule.registerRows, schedule.registerVectors, schedule.lanes, schedule.unroll, schedule.registerRows * schedule.registerVectors]) put(Math.log2(count));
    for (const size of [tile.rows, tile.columns, tile.inner]) put(Math.log2(size));
    for (const flag of [schedule.columnsFirst, schedule.pack, schedule.windowInside, schedule.planeInside]) put(flag ? 1 : 0);
    put(Math.log2(operator.flop));
    for (const order of orders) put(schedule.order === order ? 1 : 0);
    const lengths = new Map(nest.loops.map((loop) => [slotOf(loop), Math.log2(loop.count)]));
    for (const slot of slots) put(lengths.get(slot) ?? 0);
    const contexts = contextsOf(nest.loops, schedule);
    for (const operand of operands) {
      for (const threshold of thresholds) {
        let byReuse = 0;
        let byTopDown = 0;
        for (const { topDown, touched, reuse } of contexts) {
          if (reuse[operand] < threshold) byReuse = Math.max(byReuse, touched[operand]);
          if (topDown < threshold) byTopDown = Math.max(byTopDown, touched[operand]);
        }
        put(byReuse);
        put(byTopDown);
      }
    }
  };
  return { names, encode };
}

function contextsOf(loops: readonly Loop[], schedule: Schedule): Context[] {
  const rows = Math.log2(schedule.registerRows);
  const columns = Math.log2(schedule.registerVectors * schedule.lanes);
  const steps = Math.log2(schedule.unroll);
  const touched = { input: 2 + rows + steps, weights: 2 + columns + steps, output: 2 + rows + columns };
  let inside = rows + columns + steps;
  let topDown = loops.reduce((sum, { count }) => sum + Math.log2(count), 0);
  const contexts: Context[] = [];
  const push = (): void => {
    const reuse = { input: 0, weights: 0, output: 0 };
    for (const operand of operands) reuse[operand] = inside + 2 - touched[operand];
    contexts.push({ topDown, touched: { ...touched }, reuse });
  };
  push();
  for (let l = loops.length - 1; l >= 0; l--) {
    const { count, stride } = loops[l]!;
    const length = Math.log2(count);
    inside += length;
    topDown -= length;
    for (const operand of operands) if (stride[operand] !== 0) touched[operand] += length;
    push();
  }
  return contexts;
}
