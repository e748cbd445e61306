/*
 * Derives the day and the lengths of text requests from the Azure LLM and ServeGen traces and writes them beside the
 * loaders:
 *
 *     npx tsx datasets/fit/textRequests.ts ../shared/data
 */
import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import { readBytes, writeAtomic } from '../../src/io/files.js';
import { mean } from '../../src/math/statistics.js';
import { readAzureLlm } from '../formats/requests.js';
import type { FittedTextRequests } from '../textRequests.js';
import { answered, azureLlmFile, serveGenFile, textHours } from '../textRequests.js';

/** Classes of equally many requests by prompt, and within each by answer. */
const [promptClasses, answerClasses] = [16, 8];

const folder = process.argv[2] ?? '../shared/data';
const files = [azureLlmFile, serveGenFile].map((file) => join(folder, file));
const azure = readAzureLlm(files[0]!);
const { promptTokens, generatedTokens } = answered(azure);
const cut = <T>(items: readonly T[], classes: number): T[][] =>
  Array.from({ length: classes }, (_, i) => items.slice(Math.round((i * items.length) / classes), Math.round(((i + 1) * items.length) / classes)));
const pairs = Array.from(promptTokens, (prompt, i) => [prompt, generatedTokens[i]!] as const).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
const requests = cut(pairs, promptClasses).flatMap((alike) =>
  cut([...alike].sort((a, b) => a[1] - b[1]), answerClasses).map((group): [number, number] => [
    Math.round(mean(group.map(([prompt]) => prompt))),
    Math.round(mean(group.map(([, generated]) => generated))),
  ]),
);
const document: FittedTextRequests = {
  provenance: {
    files: files.map((file) => ({ name: basename(file), sha256: createHash('sha256').update(readBytes(file)).digest('hex') })),
    requests: promptTokens.length,
    command: 'npx tsx datasets/fit/textRequests.ts ../shared/data',
    source: 'AzurePublicDataset LLM inference 2023 (CC-BY-4.0), alibaba/ServeGen (Apache-2.0)',
  },
  weightByLocalHour: Array.from(textHours(files[1]!), (weight) => Number(weight.toPrecision(4))),
  requests,
};
writeAtomic(join(import.meta.dirname, '..', 'textRequests.json'), `${JSON.stringify(document)}\n`);
