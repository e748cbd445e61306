import { mean } from '../../src/math/statistics.js';
import { randomStream } from '../../src/math/random.js';
import { halves, judge } from './balance.js';
import type { Balance, Loads, Placement } from './balance.js';
import { exactExpertsLimit, exactPlacement } from './optimum.js';
import { antiCorrelationPlacement, greedyPlacement, identityPlacement, randomPlacement } from './placement.js';
import { openTrace, summarise } from './traceSource.js';
import type { TraceSource, TraceSummary } from './traceSource.js';
import type { RoutingTrace } from './trace.js';

export const placementMethods = ['greedy', 'anticorrelation'] as const;
export type PlacementMethod = (typeof placementMethods)[number];
export type ComparedMethod = 'identity' | 'random' | PlacementMethod | 'optimum';

export interface PlacementComparison {
  readonly devices: number;
  readonly trainBatches: number;
  readonly testBatches: number;
  /** On the half they were chosen on. */
  readonly train: Partial<Record<ComparedMethod, Balance>>;
  /** On the other half. */
  readonly test: Partial<Record<ComparedMethod, Balance>>;
  /** Device of each expert. */
  readonly placements: Partial<Record<ComparedMethod, number[]>>;
  /** False where the solver found the optimum's placement but ran out of time to prove it. */
  readonly optimumProven?: boolean;
}

/** Random placements whose mean stands for random. */
const randomDraws = 20;

/**
 * Chooses placements on the first half of a trace's batches and judges them on the second, beside identity order, the
 * mean of 20 random placements and, for up to 16 experts, the exact optimum of the first half.
 * Throws InputError for devices that do not divide the experts and for traces of fewer than two batches.
 */
export async function comparePlacements(
  trace: RoutingTrace,
  devices: number,
  methods: readonly PlacementMethod[],
  seed: number,
): Promise<PlacementComparison> {
  const { train, test } = halves(trace);
  const { experts } = trace;
  const placements: Partial<Record<ComparedMethod, Placement>> = { identity: identityPlacement(experts, devices) };
  if (methods.includes('greedy')) placements.greedy = greedyPlacement(train, devices);
  if (methods.includes('anticorrelation')) placements.anticorrelation = antiCorrelationPlacement(train, devices);
  const exact = experts <= exactExpertsLimit ? await exactPlacement(train, devices) : undefined;
  if (exact !== undefined) placements.optimum = exact.placement;

  const stream = randomStream(seed, 'moe/placement');
  const random = Array.from({ length: randomDraws }, () => randomPlacement(experts, devices, stream));
  const judged = (loads: Loads): Partial<Record<ComparedMethod, Balance>> => {
    const { identity, ...others } = mapValues(placements, (placement) => judge(loads, placement, devices));
    return { identity: identity!, random: meanBalance(random.map((placement) => judge(loads, placement, devices))), ...others };
  };
  return {
    devices,
    trainBatches: train.batches,
    testBatches: test.batches,
    train: judged(train),
    test: judged(test),
    placements: mapValues(placements, (placement) => [...placement]),
    ...(exact === undefined ? {} : { optimumProven: exact.proven }),
  };
}

export type PlacementReport = TraceSummary & PlacementComparison;

/** Opens a trace and compares placements on it. Throws InputError as both do. */
export async function placeTrace(
  source: TraceSource & { devices: number; method: PlacementMethod | 'all' },
): Promise<PlacementReport> {
  const trace = openTrace(source);
  const methods = source.method === 'all' ? placementMethods : [source.method];
  return { ...summarise(trace), ...(await comparePlacements(trace, source.devices, methods, source.seed)) };
}

function meanBalance(balances: readonly Balance[]): Balance {
  const of = (key: keyof Balance): number => mean(balances.map((balance) => balance[key]));
  return { maxLoad: of('maxLoad'), avgMaxLoad: of('avgMaxLoad'), maxDeviation: of('maxDeviation') };
}

function mapValues<K extends string, V, W>(record: Partial<Record<K, V>>, map: (value: V) => W): Partial<Record<K, W>> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value as V)])) as Partial<Record<K, W>>;
}
