import { mean } from '../../src/math/statistics.js';
import { randomStream } from '../../src/math/random.js';
import { halves, judge, singleCopies } from './balance.js';
import type { Balance, Copies, Loads } from './balance.js';
import { exactCopies, isSmall } from './optimum.js';
import { antiCorrelationPlacement, greedyPlacement, identityPlacement, randomPlacement } from './placement.js';
import { checkReplication, replicate } from './replication.js';
import type { ReplicationOptions } from './replication.js';
import { openTrace, summarise } from './traceSource.js';
import type { TraceSource, TraceSummary } from './traceSource.js';
import type { RoutingTrace } from './trace.js';

export const placementMethods = ['greedy', 'anticorrelation', 'replication'] as const;
export type PlacementMethod = (typeof placementMethods)[number];
/** `optimum` has one copy of each expert, `replicated-optimum` the same slots as replication. */
export type ComparedMethod = 'identity' | 'random' | PlacementMethod | 'optimum' | 'replicated-optimum';

export interface PlacementComparison {
  readonly devices: number;
  /** Slots that replication has beside one for each expert. */
  readonly spare: number;
  readonly nodes: number;
  readonly trainBatches: number;
  readonly testBatches: number;
  /** On the half they were chosen on. */
  readonly train: Partial<Record<ComparedMethod, Balance>>;
  /** On the other half. */
  readonly test: Partial<Record<ComparedMethod, Balance>>;
  /** Devices of each expert's copies. */
  readonly placements: Partial<Record<ComparedMethod, Copies>>;
  /** Of each optimum: false where the solver found it but ran out of time to prove it. */
  readonly proven: Partial<Record<ComparedMethod, boolean>>;
}

export interface ComparisonOptions {
  devices: number;
  methods: readonly PlacementMethod[];
  /** One slot a device where not given. */
  spare?: number | undefined;
  nodes?: number | undefined;
  seed: number;
}

/** Random placements whose mean stands for random. */
const randomDraws = 20;

/**
 * Chooses placements on the first half of a trace's batches and judges them on the second, beside identity order, the
 * mean of 20 random placements and, for small cases, the exact optimum of the first half, without and with copies.
 * Throws InputError for devices, nodes and spare slots that do not fit and for traces of fewer than two batches.
 */
export async function comparePlacements(trace: RoutingTrace, options: ComparisonOptions): Promise<PlacementComparison> {
  const { devices, methods, seed, nodes = 1, spare = devices } = options;
  const { experts } = trace;
  const slots = { devices, spare, nodes };
  if (methods.includes('replication')) checkReplication(experts, slots);
  const { train, test } = halves(trace);
  const { placements, proven } = await choose(train, methods, slots);

  const stream = randomStream(seed, 'moe/placement');
  const random = Array.from({ length: randomDraws }, () => singleCopies(randomPlacement(experts, devices, stream)));
  const judged = (loads: Loads): Partial<Record<ComparedMethod, Balance>> => {
    const { identity, ...others } = mapValues(placements, (copies) => judge(loads, copies, devices));
    return { identity: identity!, random: meanBalance(random.map((copies) => judge(loads, copies, devices))), ...others };
  };
  return {
    ...slots,
    trainBatches: train.batches,
    testBatches: test.batches,
    train: judged(train),
    test: judged(test),
    placements,
    proven,
  };
}

type Choices = Pick<PlacementComparison, 'placements' | 'proven'>;

async function choose(train: Loads, methods: readonly PlacementMethod[], slots: ReplicationOptions): Promise<Choices> {
  const { devices, spare, nodes = 1 } = slots;
  const placements: Partial<Record<ComparedMethod, Copies>> = { identity: singleCopies(identityPlacement(train.experts, devices)) };
  const proven: Partial<Record<ComparedMethod, boolean>> = {};
  const addOptimum = async (name: 'optimum' | 'replicated-optimum', spareSlots: number): Promise<void> => {
    if (!isSmall(train.experts, devices, spareSlots)) return;
    const exact = await exactCopies(train, { devices, spare: spareSlots });
    if (exact === undefined) return;
    placements[name] = exact.copies;
    proven[name] = exact.proven;
  };
  if (methods.includes('greedy')) placements.greedy = singleCopies(greedyPlacement(train, devices));
  if (methods.includes('anticorrelation')) placements.anticorrelation = singleCopies(antiCorrelationPlacement(train, devices));
  if (methods.includes('replication')) placements.replication = replicate(train, slots);
  await addOptimum('optimum', 0);
  // Copies of one expert may be on any devices: what several nodes allow is less.
  if (methods.includes('replication') && nodes === 1 && spare > 0) await addOptimum('replicated-optimum', spare);
  return { placements, proven };
}

export type PlacementReport = TraceSummary & PlacementComparison;

/** Opens a trace and compares placements on it. Throws InputError as both do. */
export async function placeTrace(
  source: TraceSource & Omit<ComparisonOptions, 'methods'> & { method: PlacementMethod | 'all' },
): Promise<PlacementReport> {
  const trace = openTrace(source);
  const methods = source.method === 'all' ? placementMethods : [source.method];
  return { ...summarise(trace), ...(await comparePlacements(trace, { ...source, methods })) };
}

function meanBalance(balances: readonly Balance[]): Balance {
  const of = (key: keyof Balance): number => mean(balances.map((balance) => balance[key]));
  return { maxLoad: of('maxLoad'), avgMaxLoad: of('avgMaxLoad'), maxDeviation: of('maxDeviation') };
}

function mapValues<K extends string, V, W>(record: Partial<Record<K, V>>, map: (value: V) => W): Partial<Record<K, W>> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value as V)])) as Partial<Record<K, W>>;
}
