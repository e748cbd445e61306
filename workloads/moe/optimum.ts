import type { Loads, Placement } from './balance.js';
import { expertsPerDevice } from './replay.js';

/** Above so many experts the exact optimum is not looked for. */
export const exactExpertsLimit = 16;

/**
 * The placement that minimises max |share - 1/D| over batches and devices, as a mixed-integer linear program solved by
 * HiGHS: binary x[e,d], each expert on one device, E/D on each, and z at least every deviation either way. Devices are
 * interchangeable, so expert e may only go to devices 0 to e. Undefined where the solver ran out of time without a
 * solution; `proven` is false where it had one but no proof.
 */
export async function exactPlacement(
  loads: Loads,
  devices: number,
  timeLimitSeconds = 60,
): Promise<{ placement: Placement; proven: boolean } | undefined> {
  const room = expertsPerDevice(loads.experts, devices);
  const { default: highs } = await import('highs');
  // The package's types describe its CommonJS face, where the loader is one level down.
  const load = highs as unknown as (typeof highs)['default'];
  const solution = (await load()).solve(program(loads, devices, room), {
    time_limit: timeLimitSeconds,
    mip_rel_gap: 0,
    output_flag: false,
  });
  const placement = new Int32Array(loads.experts).fill(-1);
  for (const [name, column] of Object.entries(solution.Columns)) {
    const match = /^x_(\d+)_(\d+)$/.exec(name);
    if (match === null || !('Primal' in column) || !(column.Primal > 0.5)) continue;
    placement[Number(match[1])] = Number(match[2]);
  }
  if (placement.includes(-1)) return undefined;
  return { placement, proven: solution.Status === 'Optimal' };
}

/** The program in CPLEX's LP format. */
function program(loads: Loads, devices: number, room: number): string {
  const { experts, batches, shares } = loads;
  const devicesOf = (expert: number): number[] => Array.from({ length: Math.min(expert + 1, devices) }, (_, d) => d);
  const x = (expert: number, device: number): string => `x_${expert}_${device}`;
  const everyExpert = Array.from({ length: experts }, (_, expert) => expert);
  const rows: string[] = [];
  for (const expert of everyExpert) rows.push(`${devicesOf(expert).map((d) => x(expert, d)).join(' + ')} = 1`);
  for (let device = 0; device < devices; device++) {
    const here = everyExpert.filter((expert) => expert >= device);
    rows.push(`${here.map((expert) => x(expert, device)).join(' + ')} = ${room}`);
    for (let batch = 0; batch < batches; batch++) {
      const terms = here
        .filter((expert) => shares[batch * experts + expert]! > 0)
        .map((expert) => `${shares[batch * experts + expert]!.toFixed(12)} ${x(expert, device)}`);
      if (terms.length === 0) continue;
      const load = terms.join(' + ');
      rows.push(`${load} - z <= ${1 / devices}`, `${load} + z >= ${1 / devices}`);
    }
  }
  const binaries = everyExpert.flatMap((expert) => devicesOf(expert).map((d) => x(expert, d)));
  return [
    'Minimize',
    ' z',
    'Subject To',
    ...rows.map((row, i) => ` r${i}: ${row}`),
    'Bounds',
    ' z >= 0',
    'Binary',
    ...binaries.map((name) => ` ${name}`),
    'End',
  ].join('\n');
}
