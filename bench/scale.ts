import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { ScaleCell } from './scaleCell.js';
import type { Section } from './section.js';

const siteCounts = [3, 10, 64, 256, 1024];
const gpuCounts = [4, 64, 1024, 16_384];
const mostGpus = 1_048_576;

/**
 * What a decision costs and what the process holds, over fleets of so many sites with so many GPUs each. Each fleet has a
 * process of its own, so that its memory is no other's.
 */
export const scale: Section = {
  name: 'scale',
  run: () => {
    const sizes = siteCounts.flatMap((sites) => gpuCounts.filter((gpus) => sites * gpus <= mostGpus).map((gpus) => [sites, gpus]));
    return Promise.resolve({ scale: sizes.map(([sites, gpus]) => measured(sites!, gpus!)) });
  },
};

function measured(sites: number, gpus: number): ScaleCell {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, 'scaleCell.js'), String(sites), String(gpus)], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${sites} sites of ${gpus} GPUs: ${stderr}`);
  return JSON.parse(stdout) as ScaleCell;
}
