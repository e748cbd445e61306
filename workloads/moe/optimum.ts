import type { Copies, Loads } from './balance.js';
import { checkReplication } from './replication.js';

/** Above so many choices (experts x sets of devices) the exact optimum is not looked for. */
const mostChoices = 256;

/** Sets of devices, as bits, that the copies of one expert may be on. */
function setsOf(expert: number, devices: number, spare: number): number[] {
  const every = Array.from({ length: (1 << devices) - 1 }, (_, i) => i + 1);
  const single = (set: number): boolean => (set & (set - 1)) === 0;
  // Devices are interchangeable: without spare slots expert e needs none beyond the first e + 1; with them, the first
  // expert's copies are on the first devices.
  if (spare === 0) return every.filter((set) => single(set) && set < 1 << (expert + 1));
  return expert === 0 ? every.filter((set) => single(set + 1)) : every;
}

const choicesOf = (experts: number, devices: number, spare: number): number =>
  Array.from({ length: experts }, (_, expert) => (spare === 0 ? Math.min(devices, expert + 1) : 2 ** devices - 1)).reduce((a, b) => a + b, 0);

/** Whether the exact optimum is looked for. */
export const isSmall = (experts: number, devices: number, spare: number): boolean =>
  experts <= 16 && choicesOf(experts, devices, spare) <= mostChoices;

/**
 * The copies that minimise max |share - 1/D| over batches and devices, as a mixed-integer linear program solved by HiGHS:
 * binary x[e,s], each expert's copies on one set s of devices, (E + spare)/D copies on each device, and z at least every
 * deviation either way. Without spare slots every set is one device. Undefined where the solver ran out of time without
 * a solution; `proven` is false where it had one but no proof.
 */
export async function exactCopies(
  loads: Loads,
  { devices, spare, timeLimitSeconds = 60 }: { devices: number; spare: number; timeLimitSeconds?: number },
): Promise<{ copies: Copies; proven: boolean } | undefined> {
  checkReplication(loads.experts, { devices, spare });
  const { default: highs } = await import('highs');
  // The package's types describe its CommonJS face, where the loader is one level down.
  const load = highs as unknown as (typeof highs)['default'];
  const solution = (await load()).solve(program(loads, devices, spare), {
    time_limit: timeLimitSeconds,
    mip_rel_gap: 0,
    output_flag: false,
  });
  const copies: number[][] = Array.from({ length: loads.experts }, () => []);
  for (const [name, column] of Object.entries(solution.Columns)) {
    const match = /^x_(\d+)_(\d+)$/.exec(name);
    if (match === null || !('Primal' in column) || !(column.Primal > 0.5)) continue;
    for (let device = 0; device < devices; device++) if ((Number(match[2]) >> device) & 1) copies[Number(match[1])]!.push(device);
  }
  if (copies.some((each) => each.length === 0)) return undefined;
  return { copies, proven: solution.Status === 'Optimal' };
}

/** The program in CPLEX's LP format. */
function program(loads: Loads, devices: number, spare: number): string {
  const { experts, batches, shares } = loads;
  const room = (experts + spare) / devices;
  const sets = Array.from({ length: experts }, (_, expert) => setsOf(expert, devices, spare));
  const x = (expert: number, set: number): string => `x_${expert}_${set}`;
  const size = (set: number): number => Array.from({ length: devices }, (_, d) => (set >> d) & 1).reduce((a, b) => a + b, 0);
  const choices = sets.flatMap((each, expert) => each.map((set) => ({ expert, set, copies: size(set) })));
  const rows = sets.map((each, expert) => `${each.map((set) => x(expert, set)).join(' + ')} = 1`);
  for (let device = 0; device < devices; device++) {
    const here = choices.filter(({ set }) => (set >> device) & 1);
    rows.push(`${here.map(({ expert, set }) => x(expert, set)).join(' + ')} = ${room}`);
    for (let batch = 0; batch < batches; batch++) {
      const terms = here
        .filter(({ expert }) => shares[batch * experts + expert]! > 0)
        .map(({ expert, set, copies }) => `${(shares[batch * experts + expert]! / copies).toFixed(12)} ${x(expert, set)}`);
      if (terms.length === 0) continue;
      const load = terms.join(' + ');
      rows.push(`${load} - z <= ${1 / devices}`, `${load} + z >= ${1 / devices}`);
    }
  }
  return [
    'Minimize',
    ' z',
    'Subject To',
    ...rows.map((row, i) => ` r${i}: ${row}`),
    'Bounds',
    ' z >= 0',
    'Binary',
    ...choices.map(({ expert, set }) => ` ${x(expert, set)}`),
    'End',
  ].join('\n');
}
