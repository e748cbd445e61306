import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { InputError } from '../../src/io/errors.js';
import { writeAtomic } from '../../src/io/files.js';
import { runFolder } from '../run/runFolder.js';
import type { Executor, ExecutorOptions, Outcome } from './executor.js';
import { maxAttempts } from './executor.js';
import { writeManifest } from './manifest.js';
import { recordFailure } from './runJob.js';
import type { Job } from './spec.js';
import { runState } from './state.js';

const pollMs = 1000;

/**
 * A Slurm job array over the lines of a manifest, at most `workers` tasks at a time (`%K`), in several arrays where the
 * cluster's MaxArraySize asks for it, and after them a job that gathers the results (`afterany`). The sweep's `folder`
 * must be seen by all nodes, and the program be installed at the same path. Tasks whose process died are submitted
 * again. Partition, time limit and the like are taken from Slurm's own variables (SBATCH_PARTITION, SBATCH_TIMELIMIT).
 */
export function slurmExecutor({ folder, workers }: { folder: string; workers?: number | undefined }): Executor {
  return {
    run: async (jobs, options = {}) => {
      if (jobs.length === 0) return [];
      const limit = await maxArraySize();
      const outcomes = new Map<string, Outcome>();
      const end = (outcome: Outcome): void => {
        outcomes.set(outcome.id, outcome);
        options.onEvent?.({ id: outcome.id, type: 'ended', outcome });
      };
      const aborted = (): boolean => options.signal?.aborted === true;
      const open = (): Job[] => jobs.filter((job) => !outcomes.has(job.id));
      for (let attempt = 1; attempt <= maxAttempts && open().length > 0 && !aborted(); attempt++) {
        const submitted = await submit(open(), { folder, workers, limit });
        await watch(submitted, open, end, options);
        for (const job of open()) {
          const reason = await deathOf(job, submitted);
          if (aborted()) end({ id: job.id, status: 'interrupted', reason: 'stopped' });
          else if (attempt < maxAttempts) options.onEvent?.({ id: job.id, type: 'retried', reason });
          else {
            const last = `${reason}, ${maxAttempts} times`;
            recordFailure(job, last);
            end({ id: job.id, status: 'failed', reason: last });
          }
        }
      }
      return jobs.map(({ id }) => outcomes.get(id) ?? { id, status: 'interrupted', reason: 'not begun' });
    },
  };
}

interface Submitted {
  /** Array jobs, and the one that gathers. */
  readonly ids: readonly string[];
  /** Task `<array>_<index>` of each run, by its id. */
  readonly tasks: ReadonlyMap<string, string>;
}

async function submit(jobs: readonly Job[], { folder, workers, limit }: { folder: string; workers: number | undefined; limit: number }): Promise<Submitted> {
  // A folder for each list of jobs, so that another sweep of the experiment does not change it under its tasks.
  const at = join(folder, 'slurm', createHash('sha256').update(jobs.map(({ id }) => id).join()).digest('hex').slice(0, 8));
  const manifest = join(at, 'manifest.jsonl');
  writeManifest(manifest, jobs);
  for (const job of jobs) rmSync(runFolder(job.folder).failure, { force: true });
  const tasks = new Map<string, string>();
  const arrays: string[] = [];
  for (let first = 0; first < jobs.length; first += limit) {
    const part = jobs.slice(first, first + limit);
    const script = join(at, `from-${first}.sh`);
    writeAtomic(script, `#!/bin/sh\nexec ${program()} sweep run --manifest ${quoted(manifest)} --line $((${first} + SLURM_ARRAY_TASK_ID))\n`);
    const throttle = workers === undefined ? '' : `%${workers}`;
    const array = await sbatch([`--array=0-${part.length - 1}${throttle}`, `--output=${at}/%A_%a.log`, ...common(folder), script]);
    part.forEach((job, index) => tasks.set(job.id, `${array}_${index}`));
    arrays.push(array);
  }
  const gather = `exec ${program()} sweep collect ${quoted(folder)}`;
  const last = await sbatch([`--dependency=afterany:${arrays.join(':')}`, `--output=${at}/collect.log`, ...common(folder), `--wrap=${gather}`]);
  return { ids: [...arrays, last], tasks };
}

const common = (folder: string): string[] => ['--ntasks=1', '--cpus-per-task=1', `--job-name=jouleflow`, `--chdir=${process.cwd()}`, `--comment=${folder}`];

/** Tells what the run folders tell until nothing that was submitted is left in the queue. */
async function watch({ ids }: Submitted, open: () => Job[], end: (outcome: Outcome) => void, { onEvent, signal }: ExecutorOptions): Promise<void> {
  const running = new Set<string>();
  let cancelled = false;
  for (let queued = true; queued; ) {
    if (signal?.aborted === true && !cancelled) {
      cancelled = true;
      await slurm('scancel', [...ids]);
    }
    await sleep(pollMs);
    // Asked first: what has left the queue by now has written what it had to write.
    queued = await inQueue(ids);
    for (const job of open()) {
      const { id } = job;
      const state = runState(job);
      if (state.state === 'finished') end({ id, status: 'finished' });
      else if (state.state === 'failed') end({ id, status: 'failed', reason: state.reason });
      else if (state.state === 'running') {
        if (!running.has(id)) onEvent?.({ id, type: 'started' });
        running.add(id);
        onEvent?.({ id, type: 'progress', share: state.share, note: state.note ?? undefined });
      }
    }
  }
}

async function inQueue(ids: readonly string[]): Promise<boolean> {
  try {
    return (await slurm('squeue', ['-h', '-o', '%i', '-j', ids.join(',')])).trim() !== '';
  } catch (error) {
    // Forgotten jobs are refused, a controller that does not answer is asked again.
    return !/Invalid job id/.test(String(error));
  }
}

/** How Slurm says that a task ended which left neither result nor reason. */
async function deathOf(job: Job, { tasks }: Submitted): Promise<string> {
  const task = tasks.get(job.id)!;
  try {
    const shown = await slurm('scontrol', ['show', 'job', '-o', task]);
    const [state, code] = [/JobState=(\S+)/, /ExitCode=(\S+)/].map((pattern) => pattern.exec(shown)?.[1] ?? 'unknown');
    const signal = code!.split(':')[1];
    return signal === undefined || signal === '0' ? `its Slurm task ${task} ended as ${state}` : `its Slurm task ${task} was ended by signal ${signal}`;
  } catch {
    return `its Slurm task ${task} ended without a result`;
  }
}

async function maxArraySize(): Promise<number> {
  const shown = await slurm('scontrol', ['show', 'config']);
  return Number(/MaxArraySize\s*=\s*(\d+)/.exec(shown)?.[1] ?? 1001);
}

const sbatch = async (args: string[]): Promise<string> => (await slurm('sbatch', ['--parsable', ...args])).trim().split(';')[0]!;

/** Runs one of Slurm's commands. Throws InputError if it is not installed or refuses. */
async function slurm(command: string, args: string[]): Promise<string> {
  try {
    return (await promisify(execFile)(command, args)).stdout;
  } catch (error) {
    const { code, stderr } = error as NodeJS.ErrnoException & { stderr?: string };
    if ((code as unknown) === 'ENOENT') throw new InputError(`--executor slurm: ${command} is not installed on this machine.`);
    throw new InputError(`--executor slurm: ${command} failed: ${(stderr ?? '').trim() || String(code)}.`);
  }
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** This program as a shell command, whether built into dist/ or run from source beside it. */
function program(): string {
  const room = join(import.meta.dirname, '..', '..');
  return `${quoted(process.execPath)} ${quoted(join(room.endsWith('dist') ? join(room, '..') : room, 'bin', 'jouleflow.js'))}`;
}
