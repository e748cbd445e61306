import type { ParameterBlock } from './parameters.js';

/** target += rate (source - target), entry by entry. Throws when the sizes differ. */
export function polyak(target: ParameterBlock, source: ParameterBlock, rate: number): void {
  const to = target.flat;
  const from = source.flat;
  if (to.length !== from.length) throw new Error(`a target of ${to.length} values for a block of ${from.length}`);
  for (let i = 0; i < to.length; i++) to[i] = to[i]! + rate * (from[i]! - to[i]!);
}
