import { InputError } from '../../src/io/errors.js';
import { readText } from '../../src/io/files.js';
import { parseJson, parseJsonLines } from '../../src/io/json.js';
import { expertShape } from './catalogue.js';
import { evenBatches, maximumExperts, warmUpLength } from './trace.js';
import type { RoutingTrace } from './trace.js';

export interface LogOptions {
  /** Which layer, where the log has several; the first one in it otherwise. */
  layer?: number;
  /** Experts per layer, where the log does not say. */
  experts?: number;
  /** Tokens per batch; without it forward passes where the log marks them, else 8. */
  batchTokens?: number;
}

/** Batch of a log that does not mark forward passes: one decoding step of eight sequences. */
const defaultBatchTokens = 8;
/** No published model has more routed experts in a layer (Switch Transformer's largest has 2,048). */
const plausibleExperts = 4096;

/** One layer's routes as read, before the warm-up is dropped. */
interface Routes {
  readonly model: string | null;
  readonly layer: number;
  /** As stated by the file. */
  readonly experts: number | undefined;
  readonly topK: number;
  readonly ids: readonly number[];
  /** First token of every forward pass, where the log marks them. */
  readonly passes: readonly number[] | undefined;
  /** Where a token's route stands, for messages. */
  where(token: number): string;
}

/**
 * Reads a routing log: JSON lines as vLLM loggers write them (`{"type":"route","token_idx","layer","topk_ids"}` after a
 * `meta` line; `token_idx` starts again with each forward pass), or one JSON document with `selections[token][layer]`.
 * The leading repeated route is left out (`warmUpLength`). Throws InputError naming the file, the line or token, what
 * was found and what was expected.
 */
export function readRoutingLog(file: string, options: LogOptions = {}): RoutingTrace {
  const text = readText(file);
  if (text.trim() === '') throw new InputError(`${file} is empty; expected a routing log.`);
  const routes = isJsonLines(text) ? readLines(text, file, options) : readDocument(parseJson(text, file), file, options);
  const experts = countExperts(routes, file, options.experts);
  checkIds(routes, experts, file);

  const { topK, passes } = routes;
  const warmUpTokens = warmUpLength(routes.ids, topK);
  const ids = Uint16Array.from(routes.ids.slice(warmUpTokens * topK));
  const tokens = ids.length / topK;
  if (tokens === 0) {
    throw new InputError(`${file}: all ${warmUpTokens} tokens repeat one route; expected routes after such a warm-up.`);
  }
  const byPass = passes !== undefined && options.batchTokens === undefined;
  const batchTokens = options.batchTokens ?? defaultBatchTokens;
  const kept = passes?.map((start) => start - warmUpTokens).filter((start) => start > 0) ?? [];
  return {
    name: file,
    synthetic: false,
    model: routes.model,
    layer: routes.layer,
    experts,
    topK,
    tokens,
    ids,
    batchStarts: byPass ? Uint32Array.from([0, ...kept, tokens]) : evenBatches(tokens, batchTokens),
    batching: byPass ? "the log's forward passes" : `${batchTokens} tokens each`,
    warmUpTokens,
  };
}

/** Whether the first line is JSON by itself, and not a whole document on one line. */
function isJsonLines(text: string): boolean {
  const line = text.trimStart().split('\n', 1)[0]!;
  try {
    const value = parseJson(line, '');
    return !isRecord(value) || value['selections'] === undefined;
  } catch {
    return false;
  }
}

/** Routes of a whole-file JSON document. */
function readDocument(document: unknown, file: string, options: LogOptions): Routes {
  if (!isRecord(document) || document['selections'] === undefined) {
    throw new InputError(`${file} has no "selections"; expected selections[token][layer] = [expert, ...], or JSON lines.`);
  }
  const { selections } = document;
  if (!Array.isArray(selections) || selections.length === 0) {
    throw new InputError(`${file}: "selections" has no tokens; expected selections[token][layer] = [expert, ...].`);
  }
  const layers = Array.isArray(selections[0]) ? selections[0].length : 0;
  const layer = options.layer ?? 0;
  if (!Number.isInteger(layer) || layer < 0 || layer >= layers) {
    throw new InputError(`${file} has no layer ${layer}; it has layers 0 to ${layers - 1}.`);
  }
  const where = (token: number): string => `${file}, token ${token}, layer ${layer}`;
  const rows = new Rows(count(document['topK'], `${file}: "topK"`), where);
  const stated = count(document['tokens'], `${file}: "tokens"`);
  if (stated !== undefined && stated !== selections.length) {
    throw new InputError(`${file}: found ${selections.length} tokens in "selections"; expected ${stated}, its "tokens".`);
  }
  selections.forEach((token: unknown, index) => rows.add(index, Array.isArray(token) ? token[layer] : token));
  const source = isRecord(document['source']) ? document['source'] : {};
  const model = isRecord(source['model']) ? source['model']['id'] : undefined;
  const experts = count(document['expertsPerLayer'], `${file}: "expertsPerLayer"`);
  return { model: textOrNull(model), layer, experts, topK: rows.topK!, ids: rows.ids, passes: undefined, where };
}

/** Routes of JSON lines. */
function readLines(text: string, file: string, options: LogOptions): Routes {
  let model: string | null = null;
  let experts: number | undefined;
  let topK: number | undefined;
  let layer = options.layer;
  let rows: Rows | undefined;
  const layers = new Set<number>();
  const lineOf: number[] = [];
  const passes: number[] = [];
  let lastIndex = Infinity;
  const where = (token: number): string => `${file}, line ${lineOf[token]}`;

  for (const { value: record, line } of parseJsonLines(text, file)) {
    const at = `${file}, line ${line}`;
    if (!isRecord(record)) throw new InputError(`${at}: found ${shown(record)}; expected a JSON object.`);
    if (record['type'] === 'meta') {
      model ??= textOrNull(record['model_id']);
      topK ??= count(record['top_k'], `${at}: "top_k"`);
      experts ??= count(record['num_experts'], `${at}: "num_experts"`);
      continue;
    }
    if (record['topk_ids'] === undefined) {
      throw new InputError(`${at}: found no "topk_ids"; expected a route or a line of type "meta".`);
    }
    const rowLayer = record['layer'] ?? 0;
    if (!Number.isInteger(rowLayer)) {
      throw new InputError(`${at}: found layer ${JSON.stringify(rowLayer)}; expected a whole number.`);
    }
    layers.add(rowLayer as number);
    layer ??= rowLayer as number;
    if (rowLayer !== layer) continue;
    rows ??= new Rows(topK, where);
    const token = lineOf.push(line) - 1;
    rows.add(token, record['topk_ids']);
    const tokenIndex = record['token_idx'];
    if (typeof tokenIndex !== 'number') continue;
    if (tokenIndex <= lastIndex) passes.push(token);
    lastIndex = tokenIndex;
  }
  if (layers.size === 0) throw new InputError(`${file} has no routes; expected lines with "topk_ids".`);
  if (rows === undefined) {
    throw new InputError(`${file} has no layer ${layer}; it has: ${[...layers].sort((a, b) => a - b).join(', ')}.`);
  }
  return {
    model,
    layer: layer!,
    experts,
    topK: rows.topK!,
    ids: rows.ids,
    passes: passes.length > 0 ? passes : undefined,
    where,
  };
}

/** Collects routes, all of one length, each of distinct whole numbers. */
class Rows {
  readonly ids: number[] = [];
  readonly #where: (token: number) => string;

  constructor(
    /** As stated, or as the first route has it. */
    public topK: number | undefined,
    where: (token: number) => string,
  ) {
    this.#where = where;
  }

  add(token: number, route: unknown): void {
    if (!Array.isArray(route) || route.length === 0) {
      throw new InputError(`${this.#where(token)}: found ${shown(route)}; expected a list of expert ids.`);
    }
    this.topK ??= route.length;
    if (route.length !== this.topK) {
      throw new InputError(`${this.#where(token)}: found ${route.length} expert ids; expected ${this.topK} (top-k).`);
    }
    for (const [i, id] of route.entries()) {
      if (!Number.isInteger(id) || id < 0 || id >= maximumExperts) {
        throw new InputError(`${this.#where(token)}: found expert id ${shown(id)}; expected a whole number from 0.`);
      }
      if (route.indexOf(id) !== i) {
        throw new InputError(`${this.#where(token)}: found expert ${id} twice; expected distinct experts.`);
      }
      this.ids.push(id as number);
    }
  }
}

/** Experts per layer: as asked, as the file states, as the model is known to have, or else the largest id plus one. */
function countExperts(routes: Routes, file: string, asked: number | undefined): number {
  const stated = asked ?? routes.experts ?? expertShape(routes.model)?.experts;
  if (stated !== undefined) {
    if (!Number.isInteger(stated) || stated < 1 || stated > maximumExperts) {
      throw new InputError(`${file}: ${stated} experts; expected a whole number from 1 to ${maximumExperts}.`);
    }
    return stated;
  }
  let largest = 0;
  for (const id of routes.ids) if (id > largest) largest = id;
  return Math.min(largest + 1, plausibleExperts);
}

function checkIds(routes: Routes, experts: number, file: string): void {
  if (routes.topK > experts) {
    throw new InputError(`${file}: top-k is ${routes.topK}; expected at most the number of experts, ${experts}.`);
  }
  const at = routes.ids.findIndex((id) => id >= experts);
  if (at < 0) return;
  const token = Math.floor(at / routes.topK);
  throw new InputError(`${routes.where(token)}: found expert id ${routes.ids[at]}; expected 0 to ${experts - 1}.`);
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const textOrNull = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

function shown(value: unknown): string {
  const json = JSON.stringify(value) ?? 'nothing';
  return json.length > 60 ? `${json.slice(0, 60)}...` : json;
}

/** A positive whole number, or undefined where there is none. */
function count(value: unknown, name: string): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (!Number.isInteger(value) || (value as number) < 1) {
    throw new InputError(`${name} is ${shown(value)}; expected a whole number from 1.`);
  }
  return value as number;
}
