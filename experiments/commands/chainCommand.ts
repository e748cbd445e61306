import { InputError } from '../../src/io/errors.js';
import { textTable } from '../../src/io/table.js';
import { savePng } from '../../src/plots/render.js';
import { withUnit } from '../../workloads/tensor/measure/objective.js';
import { validateProfiles } from '../../workloads/aigc/index.js';
import type { ProfileValidation } from '../../workloads/aigc/index.js';
import type { Output } from './output.js';
import type { Chain, Ranged } from '../chain/chain.js';
import { imageModelNamed, runChain } from '../chain/chain.js';
import { chainFigure } from '../chain/figure.js';
import type { KernelLink } from '../chain/kernelLink.js';
import { kernelLink } from '../chain/kernelLink.js';
import type { VariantGroup } from '../chain/variants.js';
import { gatingVariants, imageVariants } from '../chain/variants.js';

export interface ChainArguments {
  from?: string | undefined;
  device: string;
  model: string;
  steps: number;
  scheduler: string;
  whatIf?: 'chips' | 'moe' | undefined;
  data?: string | undefined;
  days?: string | undefined;
  validate?: string | undefined;
  out?: string | undefined;
}

/** `jouleflow chain`: from a kernel's time to a fleet's utility, link by link, and what a change at the bottom does at the top. */
export async function chainCommand(args: ChainArguments, output: Output): Promise<void> {
  if (args.validate !== undefined) {
    const validation = validateProfiles(args.validate, args.device);
    output.say(validationText(validation));
    output.document(validation);
    return;
  }
  if (!Number.isInteger(args.steps) || args.steps < 1) throw new InputError(`--steps: expected a whole number of at least 1, found ${args.steps}.`);
  imageModelNamed(args.model);
  const kernel = args.from === undefined ? undefined : kernelLink(args.from);
  const groups: VariantGroup[] = [
    ...(args.whatIf === 'moe' ? [] : [imageVariants(args, kernel)]),
    ...(args.whatIf === 'chips' ? [] : [gatingVariants()]),
  ];
  const chains: Chain[][] = [];
  for (const group of groups) chains.push(await runGroup(group, args));
  if (args.out !== undefined) savePng(args.out, chainFigure(chains, kernel), { height: 620 });
  output.say(chainText(chains, kernel));
  if (args.out !== undefined) output.say(`\nDrew ${args.out}.`);
  output.document({ kernel: kernel ?? null, groups: chains, ...(args.out === undefined ? {} : { figure: args.out }) });
}

async function runGroup({ preset, variants }: VariantGroup, { data, days, scheduler }: ChainArguments): Promise<Chain[]> {
  const chains: Chain[] = [];
  let first: { readonly utility: readonly number[] } | undefined;
  for (const variant of variants) {
    const { chain, utility } = await runChain(variant, { preset, data, days, scheduler }, first);
    first ??= { utility };
    chains.push(chain);
  }
  return chains;
}

const rounded = (value: number): string => String(Number(value.toPrecision(3)));
const between = ({ value, low, high }: Ranged): string => (low === high ? rounded(value) : `${rounded(value)} (${rounded(low)} to ${rounded(high)})`);

function chainText(groups: readonly (readonly Chain[])[], kernel: KernelLink | undefined): string {
  const { job, fleet, name } = groups[0]![0]!;
  const links = [
    ...(kernel === undefined
      ? []
      : [
          `kernel       ${kernel.space}: ${rounded(kernel.before)} -> ${withUnit(kernel.objective, kernel.after)} in ${kernel.trials} trials,`,
          `             ${kernel.changes} x ${between({ value: kernel.ratio, low: kernel.ratioInterval[0], high: kernel.ratioInterval[1] })} (95 %)`,
        ]),
    `request      ${job.model} on ${job.device} at ${job.clockMhz.toFixed(0)} MHz, batch ${job.batch}: ${between(job.seconds)} s`,
    `power        ${between(job.watts)} W`,
    `energy       ${between(job.joules)} J a request, ${rounded(job.memoryGb)} GB`,
    `fleet        utility ${between(fleet.utility)} a day, ${(100 * fleet.lateRate).toFixed(2)} % late, ${between(fleet.energyKwh)} kWh, ${between(fleet.carbonKg)} kg CO2`,
    `             ${fleet.utilityIfSlower.toFixed(0)} to ${fleet.utilityIfFaster.toFixed(0)} if the profile is off by its whole interval`,
  ];
  return [
    `The chain of ${name} (90 % intervals of the power model; the fleet's are 95 % over ${fleet.days} days):`,
    '',
    ...links,
    '',
    ...groups.flatMap((chains) => [changesTable(chains), '']),
    'Each change on its own. Time and energy of a request at the clock asked for; gain in utility over the first row, day by day, 95 %.',
  ].join('\n');
}

function changesTable(chains: readonly Chain[]): string {
  return textTable(
    ['change', 'time s', 'power W', 'J a request', 'utility', 'gain', 'late %', 'kWh', 'kg CO2'],
    chains.map(({ name, job, fleet, gain }) => [
      name,
      rounded(job.seconds.value),
      rounded(job.watts.value),
      rounded(job.joules.value),
      fleet.utility.value.toFixed(0),
      gain === undefined ? '' : `${gain.value.toFixed(0)} +- ${(gain.high - gain.value).toFixed(0)}`,
      (100 * fleet.lateRate).toFixed(2),
      fleet.energyKwh.value.toFixed(1),
      fleet.carbonKg.value.toFixed(1),
    ]),
  );
}

function validationText({ device, rows, left, medianError, worst }: ProfileValidation): string {
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  const table = textTable(
    ['model', 'batch', 'steps', 's measured', 's profile', 'J measured', 'J profile'],
    rows.map(({ model, batch, steps, measured, profile }) => [
      model,
      String(batch),
      String(steps),
      measured.seconds.toFixed(2),
      profile.seconds.toFixed(2),
      measured.joules.toFixed(0),
      profile.joules.toFixed(0),
    ]),
  );
  const worstOf = (of: 'seconds' | 'joules'): string => {
    const row = worst[of];
    return `${row.model}, batch ${row.batch} (${percent(row.profile[of] / row.measured[of] - 1)})`;
  };
  return [
    table,
    '',
    `${rows.length} batches on ${device}, nothing fitted to them. Median error: seconds ${percent(medianError.seconds)}, joules an image ${percent(medianError.joules)}.`,
    `Worst: seconds ${worstOf('seconds')}; joules ${worstOf('joules')}.`,
    ...(left.length === 0 ? [] : [`Not in the catalogue: ${left.join(', ')}.`]),
  ].join('\n');
}
