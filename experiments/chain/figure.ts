import type { ChartConfiguration } from 'chart.js';
import { barChart } from '../../src/plots/charts.js';
import type { Chain } from './chain.js';
import type { KernelLink } from './kernelLink.js';

/** Links that every chain has, from the device up, and what they are measured by. */
const links: readonly (readonly [name: string, of: (chain: Chain) => number])[] = [
  ['time of a request', ({ job }) => job.seconds.value],
  ['power', ({ job }) => job.watts.value],
  ['energy of a request', ({ job }) => job.joules.value],
  ["fleet's energy", ({ fleet }) => fleet.energyKwh.value],
  ['CO2', ({ fleet }) => fleet.carbonKg.value],
  ['utility', ({ fleet }) => fleet.utility.value],
];

/** How far every link moves for each change, in percent of the first group's first chain. */
export function chainFigure(groups: readonly (readonly Chain[])[], kernel: KernelLink | undefined): ChartConfiguration {
  const [first, ...changes] = groups[0]!;
  const under = kernel === undefined ? '' : ` (tuned: ${kernel.space})`;
  return barChart({
    title: `From the device to the fleet: change against ${first!.name}${under}`,
    categories: links.map(([name]) => name),
    y: { label: 'change (%)' },
    series: changes.map((chain) => ({ name: chain.name, values: links.map(([, of]) => 100 * (of(chain) / of(first!) - 1)) })),
  });
}
