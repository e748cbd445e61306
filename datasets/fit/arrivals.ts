/*
 * Derives the arrival profile and the mix of requests from the GenTD26 trace and writes them beside the loaders:
 *
 *     npx tsx datasets/fit/arrivals.ts ../shared/data
 */
import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import { readBytes, writeAtomic } from '../../src/io/files.js';
import type { FittedArrivals } from '../arrivals.js';
import { genTd26File, hourProfile, shares } from '../arrivals.js';
import { readGenTd26 } from '../formats/requests.js';

const file = join(process.argv[2] ?? '../shared/data', genTd26File);
const requests = readGenTd26(file);
const rounded = (value: number): number => Number(value.toPrecision(4));
const document: FittedArrivals = {
  provenance: {
    file: basename(file),
    sha256: createHash('sha256').update(readBytes(file)).digest('hex'),
    requests: requests.timeMs.length,
    command: 'npx tsx datasets/fit/arrivals.ts ../shared/data',
    source: 'alibaba/clusterdata cluster-trace-v2026-GenAI (research use)',
  },
  weightByLocalHour: Array.from(hourProfile(requests), rounded),
  mix: {
    imagesPerPrompt: shares(requests.imagesPerPrompt, 0.01).map(([images, share]) => [images, rounded(share)]),
    denoisingSteps: shares(requests.denoisingSteps, 0.002).map(([steps, share]) => [steps, rounded(share)]),
  },
};
writeAtomic(join(import.meta.dirname, '..', 'arrivals.json'), `${JSON.stringify(document, null, 2)}\n`);
