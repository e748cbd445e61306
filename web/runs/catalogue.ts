import { lstat, readdir, realpath, rm } from 'node:fs/promises';
import type { Dirent } from 'node:fs';
import { join } from 'node:path';
import { ensureFolder } from '../../src/io/files.js';
import { Refusal } from '../http/server.js';
import type { Version } from './files.js';
import { readRunText, sameVersion, versionOf } from './files.js';
import { configHead } from './configHead.js';
import { headOfSummary } from './summaryFile.js';

/** A run as the list shows it. */
export interface RunRow {
  /** Its folder, relative to the runs folder, with forward slashes. */
  readonly id: string;
  readonly experiment: string;
  readonly method: string;
  readonly seed: number | null;
  /** Environment steps made, and asked for. */
  readonly step: number | null;
  readonly steps: number | null;
  /** `running`: not finished, and written to lately. `stopped`: not finished, and silent. `broken`: no valid configuration. */
  readonly state: 'running' | 'finished' | 'stopped' | 'broken';
  /** On the test days, of the policy that did best on the validation days; null until the run has finished. */
  readonly utility: number | null;
  readonly lateRate: number | null;
  readonly changedMs: number;
}

interface Entry {
  readonly versions: readonly (Version | null)[];
  readonly row: Omit<RunRow, 'state'> & { readonly state: RunRow['state'] | 'open' };
}

/** An unfinished run that has not been written to for so long counts as stopped. */
const silentMs = 120_000;
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
    const now = Date.now();
    return found
      .flatMap((id) => {
        const entry = this.entries.get(id);
        if (entry === undefined) return [];
        const { row } = entry;
        const state = row.state !== 'open' ? row.state : now - row.changedMs < silentMs ? 'running' : 'stopped';
        return [{ ...row, state }];
      })
      .sort((a, b) => b.changedMs - a.changedMs || (a.id < b.id ? -1 : 1));
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
    const versions = ['config.yaml', 'metrics.csv', 'summary.json'].map((name) => versionOf(join(folder, name)));
    const known = this.entries.get(id);
    if (known?.versions.every((version, i) => sameVersion(version, versions[i]!)) === true) return;
    const [config = null, metrics = null, summary = null] = versions;
    const head = configHead(readRunText(folder, 'config.yaml'));
    const result = summary === null ? null : headOfSummary(readRunText(folder, 'summary.json'));
    const lastLine = metrics === null ? '' : readRunText(folder, 'metrics.csv', { tail: tailBytes }).trimEnd().split('\n').at(-1)!;
    const step = Number.parseInt(lastLine, 10);
    this.entries.set(id, {
      versions,
      row: {
        id,
        experiment: head?.experiment ?? '',
        method: head?.method ?? '',
        seed: head?.seed ?? null,
        step: result?.steps ?? (Number.isFinite(step) ? step : null),
        steps: head?.steps ?? null,
        state: head === null ? 'broken' : result === null ? 'open' : 'finished',
        utility: result?.utility ?? null,
        lateRate: result?.lateRate ?? null,
        changedMs: Math.max(config?.changedMs ?? 0, metrics?.changedMs ?? 0, summary?.changedMs ?? 0),
      },
    });
  }
}
