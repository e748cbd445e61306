import { lstat, readdir, realpath, rm } from 'node:fs/promises';
import type { Dirent } from 'node:fs';
import { join, posix } from 'node:path';
import { z } from 'zod';
import { ensureFolder } from '../../src/io/files.js';
import { isLocked } from '../../src/io/lock.js';
import { Refusal } from '../http/server.js';
import type { Version } from './files.js';
import { readRunText, sameVersion, versionOf } from './files.js';
import { configHead } from './configHead.js';
import { parseJson } from './json.js';
import { headOfSummary } from './summaryFile.js';

/** A run as the list shows it. */
export interface RunRow {
  /** Its folder, relative to the runs folder, with forward slashes. */
  readonly id: string;
  /** The folder that keeps it beside the other runs of its experiment; of a run at the top, what its configuration says. */
  readonly experiment: string;
  /** Agent and shaping, a rule-based scheduler, or the bound. */
  readonly method: string;
  readonly kind: RunKind;
  /** Runs that share it differ by their seed alone. */
  readonly variant: string;
  /** Of a training. */
  readonly seed: number | null;
  /** Environment steps made, and asked for. */
  readonly step: number | null;
  readonly steps: number | null;
  /** How far it is, 0 to 1. */
  readonly share: number;
  /** `running`: a living process writes it. `stopped`: none does, and it has not finished. `broken`: no valid configuration. */
  readonly state: 'running' | 'finished' | 'failed' | 'stopped' | 'broken';
  /** Why it failed. */
  readonly reason: string | null;
  /** On the test days, of the policy that did best on the validation days; null until the run has finished. */
  readonly utility: number | null;
  readonly lateRate: number | null;
  readonly changedMs: number;
}

/** Kinds of runs that sweeps keep in folders of their own; `train` makes only the first. */
export type RunKind = 'train' | 'scheduler' | 'bound';

interface Entry {
  readonly versions: readonly (Version | null)[];
  readonly row: RunRow;
}

/** What a row depends on, and what else a run that goes on changes. */
const files = ['config.yaml', 'metrics.csv', 'summary.json', 'spec.json', 'failure.json', 'progress.json'];

const specSchema = z.object({ kind: z.enum(['train', 'scheduler', 'bound']), scheduler: z.string().max(200).optional() });
const failureSchema = z.object({ reason: z.string() });
const progressSchema = z.object({ share: z.number().min(0).max(1) });

const deepest = 8;
const mostRuns = 10_000;
/** Bytes at the end of metrics.csv that hold its last row. */
const tailBytes = 4_096;
/** Folders inside a run that hold no runs. */
const partsOfRuns = new Set(['checkpoint', 'figures']);

/**
 * The runs below a folder: every folder with a config.yaml. Links are not followed, and a run is only ever found by
 * walking down from the top, so that no name given from outside becomes a path.
 */
export class RunCatalogue {
  private readonly entries = new Map<string, Entry>();
  private scanning: Promise<RunRow[]> | undefined;

  private constructor(readonly root: string) {}

  /** Makes the folder if it is not there. Throws InputError if that cannot be done. */
  static async open(folder: string): Promise<RunCatalogue> {
    ensureFolder(folder);
    return new RunCatalogue(await realpath(folder));
  }

  /** All runs, the one changed last first. Calls that overlap share one walk. */
  rows(): Promise<RunRow[]> {
    this.scanning ??= this.scan().finally(() => (this.scanning = undefined));
    return this.scanning;
  }

  /** The folder of a run. Throws Refusal (404) unless there is a run of exactly this name. */
  async folder(id: string): Promise<string> {
    if (!this.entries.has(id)) await this.rows();
    if (!this.entries.has(id)) throw new Refusal(404, `There is no run "${id.slice(0, 200)}".`, 'run');
    return join(this.root, id);
  }

  /** The row of a run, fresh. Throws Refusal (404) if there is none. */
  async row(id: string): Promise<RunRow> {
    const row = (await this.rows()).find((candidate) => candidate.id === id);
    if (row === undefined) throw new Refusal(404, `There is no run "${id.slice(0, 200)}".`, 'run');
    return row;
  }

  /**
   * Deletes a run's folder. Throws Refusal: 404 if there is none, 409 if it is going on, is the runs folder itself, or
   * holds other runs.
   */
  async remove(id: string): Promise<void> {
    const rows = await this.rows();
    const row = rows.find((candidate) => candidate.id === id);
    if (row === undefined) throw new Refusal(404, `There is no run "${id.slice(0, 200)}".`, 'runs');
    if (id === '.') throw new Refusal(409, 'The runs folder itself is not deleted from here.', 'runs');
    if (row.state === 'running') throw new Refusal(409, `${id} is going on; stop it first.`, 'runs');
    if (rows.some((other) => other.id.startsWith(`${id}/`))) throw new Refusal(409, `${id} holds other runs; delete those first.`, 'runs');
    const folder = join(this.root, id);
    if ((await realpath(folder)) !== folder || !(await lstat(folder)).isDirectory()) throw new Refusal(409, `${id} is no plain folder.`, 'runs');
    await rm(folder, { recursive: true, force: true });
    this.entries.delete(id);
  }

  private async scan(): Promise<RunRow[]> {
    const found: string[] = [];
    await this.walk('.', 0, found);
    const seen = new Set(found);
    for (const id of this.entries.keys()) if (!seen.has(id)) this.entries.delete(id);
    for (const id of found) this.refresh(id);
    return found
      .map((id) => this.entries.get(id)!.row)
      .map((row) => (row.state === 'stopped' && this.isWritten(row.id) ? { ...row, state: 'running' as const, reason: null } : row))
      .map((row) => (row.state === 'stopped' && row.reason !== null ? { ...row, state: 'failed' as const } : row))
      .sort((a, b) => b.changedMs - a.changedMs || (a.id < b.id ? -1 : 1));
  }

  /** Whether a living process holds the run's lock. */
  private isWritten(id: string): boolean {
    const lock = join(this.root, id, 'lock');
    try {
      return versionOf(lock) !== null && isLocked(lock);
    } catch {
      return false;
    }
  }

  private async walk(id: string, depth: number, found: string[]): Promise<void> {
    const entries = await readdir(join(this.root, id), { withFileTypes: true }).catch((): Dirent[] => []);
    if (entries.some((entry) => entry.name === 'config.yaml' && entry.isFile()) && found.length < mostRuns) found.push(id);
    if (depth >= deepest) return;
    const below = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && !partsOfRuns.has(entry.name));
    await Promise.all(below.map((entry) => this.walk(id === '.' ? entry.name : `${id}/${entry.name}`, depth + 1, found)));
  }

  private refresh(id: string): void {
    const folder = join(this.root, id);
    const versions = files.map((name) => versionOf(join(folder, name)));
    const known = this.entries.get(id);
    if (known?.versions.every((version, i) => sameVersion(version, versions[i]!)) === true) return;
    const [, metrics = null, summary = null] = versions;
    const head = configHead(readRunText(folder, 'config.yaml'));
    const spec = parseJson(specSchema, readRunText(folder, 'spec.json')) ?? { kind: 'train' };
    const result = summary === null ? null : headOfSummary(spec.kind, readRunText(folder, 'summary.json'));
    const lastLine = metrics === null ? '' : readRunText(folder, 'metrics.csv', { tail: tailBytes }).trimEnd().split('\n').at(-1)!;
    const step = Number.parseInt(lastLine, 10);
    const reached = result?.steps ?? (Number.isFinite(step) ? step : null);
    const progress = parseJson(progressSchema, readRunText(folder, 'progress.json'))?.share ?? 0;
    const trains = spec.kind === 'train';
    this.entries.set(id, {
      versions,
      row: {
        id,
        experiment: id.includes('/') ? posix.dirname(id) : (head?.experiment ?? ''),
        method: head === null ? '' : trains ? head.method : (spec.scheduler ?? 'bound'),
        kind: spec.kind,
        variant: head?.variant ?? '',
        seed: trains ? (head?.seed ?? null) : null,
        step: trains ? reached : null,
        steps: trains ? (head?.steps ?? null) : null,
        share: result !== null ? 1 : Math.min(1, Math.max(progress, head === null || reached === null ? 0 : reached / head.steps)),
        state: head === null ? 'broken' : result === null ? 'stopped' : 'finished',
        reason: result === null ? (parseJson(failureSchema, readRunText(folder, 'failure.json'))?.reason.slice(0, 1_000) ?? null) : null,
        utility: result?.utility ?? null,
        lateRate: result?.lateRate ?? null,
        changedMs: Math.max(0, ...versions.map((version) => version?.changedMs ?? 0)),
      },
    });
  }
}
