import { InputError } from '../../src/io/errors.js';
import type { Copies, Loads } from './balance.js';
import { meanLoads } from './balance.js';
import { expertsPerDevice } from './replay.js';

export interface ReplicationOptions {
  readonly devices: number;
  /** Slots beside one for each expert, over all devices; a multiple of the devices. */
  readonly spare: number;
  /** Copies of an expert stay on one node; a divisor of the devices (1 where not given: anywhere). */
  readonly nodes?: number;
}

/**
 * Throws InputError unless devices and nodes divide experts, spare slots and each other, and no expert would need more
 * copies than there are devices.
 */
export function checkReplication(experts: number, { devices, spare, nodes = 1 }: ReplicationOptions): void {
  expertsPerDevice(experts, devices);
  if (!Number.isInteger(nodes) || nodes < 1 || devices % nodes !== 0) {
    throw new InputError(`${nodes} nodes; expected a divisor of the ${devices} devices.`);
  }
  const most = experts * (devices / nodes - 1);
  if (!Number.isInteger(spare) || spare < 0 || spare % devices !== 0 || spare > most) {
    throw new InputError(
      `${spare} spare slots; expected a multiple of the ${devices} devices from 0 to ${most}, which are all that copies can fill.`,
    );
  }
}

/**
 * Copies heavy experts into the spare slots and packs all copies on devices, as serving systems do (DeepSeek's
 * expert-parallelism load balancer, EPLB). Each spare slot goes to the expert with the heaviest copy; then the heaviest
 * copy first to the lightest device with room. Tokens of an expert are split evenly over its copies. With several nodes
 * the experts are packed on nodes first, and copied and packed within each.
 */
export function replicate(loads: Loads, options: ReplicationOptions): Copies {
  checkReplication(loads.experts, options);
  const { devices, spare, nodes = 1 } = options;
  const means = meanLoads(loads);
  const onNode = pack(means.map((load, expert) => ({ expert, load })), nodes, loads.experts / nodes);
  const copies: number[][] = Array.from({ length: loads.experts }, () => []);
  const perNode = devices / nodes;
  onNode.forEach((items, node) => {
    const slots = (loads.experts + spare) / nodes;
    pack(copied(items, slots, perNode), perNode, slots / perNode).forEach((here, device) => {
      for (const { expert } of here) copies[expert]!.push(node * perNode + device);
    });
  });
  return copies;
}

interface Item {
  readonly expert: number;
  readonly load: number;
}

/** One item for each copy: those of the experts, and further ones of the expert with the heaviest copy. */
function copied(experts: readonly Item[], slots: number, mostCopies: number): Item[] {
  const counts = experts.map(() => 1);
  for (let slot = experts.length; slot < slots; slot++) {
    let heaviest = -1;
    for (let i = 0; i < experts.length; i++) {
      if (counts[i]! === mostCopies) continue;
      if (heaviest < 0 || experts[i]!.load / counts[i]! > experts[heaviest]!.load / counts[heaviest]!) heaviest = i;
    }
    counts[heaviest]!++;
  }
  return experts.flatMap(({ expert, load }, i) => Array.from({ length: counts[i]! }, () => ({ expert, load: load / counts[i]! })));
}

/**
 * Heaviest item first to the lightest bin with room that has no copy of the same expert. Copies are at most as many as
 * bins; where those with room all have one, an item of one of them is moved to a bin that is full.
 */
function pack(items: readonly Item[], bins: number, room: number): Item[][] {
  const result: Item[][] = Array.from({ length: bins }, () => []);
  const loads = new Float64Array(bins);
  const has = (bin: number, expert: number): boolean => result[bin]!.some((item) => item.expert === expert);
  const put = (item: Item, bin: number): void => {
    result[bin]!.push(item);
    loads[bin]! += item.load;
  };
  const lightest = (fits: (bin: number) => boolean): number => {
    let best = -1;
    for (let bin = 0; bin < bins; bin++) if (fits(bin) && (best < 0 || loads[bin]! < loads[best]!)) best = bin;
    return best;
  };
  for (const item of [...items].sort((a, b) => b.load - a.load || a.expert - b.expert)) {
    const free = lightest((bin) => result[bin]!.length < room && !has(bin, item.expert));
    if (free >= 0) {
      put(item, free);
      continue;
    }
    const open = lightest((bin) => result[bin]!.length < room);
    const full = lightest((bin) => !has(bin, item.expert) && result[bin]!.some(({ expert }) => !has(open, expert)));
    const moved = result[full]!.findIndex(({ expert }) => !has(open, expert));
    const [other] = result[full]!.splice(moved, 1);
    loads[full]! -= other!.load;
    put(other!, open);
    put(item, full);
  }
  return result;
}
