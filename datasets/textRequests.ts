import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError } from '../src/io/errors.js';
import { readJson } from '../src/io/files.js';
import type { RandomStream } from '../src/math/random.js';
import { mean } from '../src/math/statistics.js';
import type { TokenRequests } from './formats/requests.js';
import { readAzureLlm, readServeGen } from './formats/requests.js';

/** What requests to a language model are like: how they spread over the day, and how long prompts and answers are. */
export interface TextRequests {
  /** 24 weights, the busiest hour's is 1. */
  readonly weightByLocalHour: Float64Array;
  /** Prompt and answer of equally likely requests, tokens; long prompts and long answers go together as they did. */
  readonly promptTokens: Float64Array;
  readonly generatedTokens: Float64Array;
  readonly meanPromptTokens: number;
  readonly meanGeneratedTokens: number;
  readonly source: string;
}

/** What `datasets/fit/textRequests.ts` derives and ships. */
export interface FittedTextRequests {
  readonly provenance: { readonly files: readonly { readonly name: string; readonly sha256: string }[]; readonly requests: number; readonly command: string; readonly source: string };
  readonly weightByLocalHour: readonly number[];
  readonly requests: readonly (readonly [prompt: number, generated: number])[];
}

const fitted = readJson(fileURLToPath(new URL('./textRequests.json', import.meta.url))) as FittedTextRequests;

export const azureLlmFile = join('workload', 'azure_llm_2023', 'AzureLLMInferenceTrace_conv.csv');
export const serveGenFile = join('workload', 'servegen', 'derived_total_rate_req_per_s_10min.csv');
/** ServeGen's classes of general language models; its clock is taken as local. */
const languageClasses: readonly string[] = ['m-large', 'm-mid', 'm-small'];

const requestsOf = (weightByLocalHour: Float64Array, promptTokens: Float64Array, generatedTokens: Float64Array, source: string): TextRequests => ({
  weightByLocalHour,
  promptTokens,
  generatedTokens,
  meanPromptTokens: mean(promptTokens),
  meanGeneratedTokens: mean(generatedTokens),
  source,
});

/** Azure's conversation requests (2023) over ServeGen's day. */
export const azureText: TextRequests = requestsOf(
  Float64Array.from(fitted.weightByLocalHour),
  Float64Array.from(fitted.requests, ([prompt]) => prompt),
  Float64Array.from(fitted.requests, ([, generated]) => generated),
  `embedded, from ${fitted.provenance.files.map(({ name }) => name).join(' and ')} (${fitted.provenance.requests} requests)`,
);

/**
 * The text requests of a data folder: its Azure trace's prompts and answers, ServeGen's hours; embedded ones where there
 * is no folder or no such file. Throws InputError for a bad file.
 */
export function textRequests(folder?: string): TextRequests {
  const has = (file: string): boolean => folder !== undefined && existsSync(join(folder, file));
  const azure = has(azureLlmFile) ? readAzureLlm(join(folder!, azureLlmFile)) : undefined;
  const hours = has(serveGenFile) ? textHours(join(folder!, serveGenFile)) : azureText.weightByLocalHour;
  if (azure === undefined) return { ...azureText, weightByLocalHour: hours };
  const { promptTokens, generatedTokens } = answered(azure);
  return requestsOf(hours, promptTokens, generatedTokens, azure.file);
}

/** Requests with a prompt and an answer; the others ask for nothing. */
export function answered({ contextTokens, generatedTokens }: TokenRequests): { promptTokens: Float64Array; generatedTokens: Float64Array } {
  const asks = (_: number, i: number): boolean => contextTokens[i]! >= 1 && generatedTokens[i]! >= 1;
  return { promptTokens: contextTokens.filter(asks), generatedTokens: generatedTokens.filter(asks) };
}

/** Mean request rate of language models by hour of the day, divided by the busiest hour's. Throws InputError if an hour has none. */
export function textHours(file: string): Float64Array {
  const { intervalSeconds, requestsPerSecond } = readServeGen(file);
  const sums = new Float64Array(24);
  const counts = new Float64Array(24);
  for (const [name, rates] of requestsPerSecond) {
    if (!languageClasses.includes(name)) continue;
    rates.forEach((rate, i) => {
      if (Number.isNaN(rate)) return;
      const hour = Math.floor((i * intervalSeconds) / 3600) % 24;
      sums[hour] = sums[hour]! + rate;
      counts[hour]!++;
    });
  }
  const empty = counts.indexOf(0);
  if (empty >= 0) throw new InputError(`${file} has no rate of ${languageClasses.join(', ')} at ${empty}:00; expected rates at every hour of the day.`);
  if (sums.every((sum) => sum === 0)) throw new InputError(`${file}: all rates of ${languageClasses.join(', ')} are 0; expected requests.`);
  const means = sums.map((sum, hour) => sum / counts[hour]!);
  const most = Math.max(...means);
  return means.map((value) => value / most);
}

/** Index of a request, each as likely as another. */
export const drawRequest = ({ promptTokens }: TextRequests, random: RandomStream): number => random.integer(promptTokens.length);
