import type { ChartConfiguration } from 'chart.js';
import { barChart } from '../../src/plots/charts.js';
import type { Chain } from './chain.js';
import type { KernelLink } from './kernelLink.js';

/** Links that every chain has, from the device up, and what they are measured by. */
const links: readonly (readonly [name: string, of: (chain: Chain) => number])[] = [
  ['time', ({ job }) => job.seconds.value],
  ['power', ({ job }) => job.watts.value],
  ['energy of a request', ({ job }) => job.joules.value],
  ["fleet's energy", ({ fleet }) => fleet.energyKwh.value],
  ['CO2', ({ fleet }) => fleet.carbonKg.value],
  ['utility', ({ fleet }) => fleet.utility.value],
];

/** How far every link moves for each change, relative to the chain that it is compared with. */
export function chainFigure(groups: readonly (readonly Chain[])[], kernel: KernelLink | undefined): ChartConfiguration {
  const changes = groups.flatMap(([first, ...others]) => others.map((chain) => ({ chain, first: first! })));
  const device = groups[0]![0]!.job.device;
  return barChart({
    title: `From the device to the fleet: change against ${device}${groups.length > 1 ? ' (gating: against static)' : ''}${kernel === undefined ? '' : `, ${kernel.space}`}`,
    categories: links.map(([name]) => name),
    y: { label: 'change (%)' },
    series: changes.map(({ chain, first }) => ({ name: chain.name, values: links.map(([, of]) => 100 * (of(chain) / of(first) - 1)) })),
  });
}
