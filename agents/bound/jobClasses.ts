import type { JobBatch } from '../../envs/index.js';

/** Jobs of one origin and size that arrive in one block of time and are due in one block. */
export interface JobClass {
  readonly origin: number;
  readonly images: number;
  /** Block of the deadline, at most the one that stands for all time after the day. */
  readonly dueBlock: number;
  count: number;
  /** Earliest arrival, s, and longest time from arrival to deadline, s: the most favourable of each. */
  arrivalSeconds: number;
  slackSeconds: number;
  /** How long they take relative to what is expected: the least. */
  serviceFactor: number;
}

/** Jobs of one class differ at most so much in the logarithm of how long they take relative to what is expected. */
const factorBin = 0.1;

/** Sorts a day's jobs into classes; blocks at or after `blocks` are one. */
export function jobClasses(jobs: JobBatch, blockSeconds: number, blocks: number): JobClass[] {
  const classes = new Map<string, JobClass>();
  for (let job = 0; job < jobs.length; job++) {
    const origin = jobs.origin[job]!;
    const images = jobs.images[job]!;
    const arrivalSeconds = jobs.arrivalSeconds[job]!;
    const slackSeconds = jobs.deadlineSeconds[job]! - arrivalSeconds;
    const dueBlock = Math.min(blocks, Math.floor(jobs.deadlineSeconds[job]! / blockSeconds));
    const serviceFactor = jobs.serviceFactor[job]!;
    const bin = Math.floor(Math.log(serviceFactor) / factorBin);
    const key = `${origin} ${images} ${Math.floor(arrivalSeconds / blockSeconds)} ${dueBlock} ${bin}`;
    const known = classes.get(key);
    if (known === undefined) classes.set(key, { origin, images, dueBlock, count: 1, arrivalSeconds, slackSeconds, serviceFactor });
    else {
      known.count++;
      known.arrivalSeconds = Math.min(known.arrivalSeconds, arrivalSeconds);
      known.serviceFactor = Math.min(known.serviceFactor, serviceFactor);
      known.slackSeconds = Math.max(known.slackSeconds, slackSeconds);
    }
  }
  return [...classes.values()];
}

/** A way to run a job: its work in GPU-hours at full clock, and what it is worth above being late. */
export interface JobOption {
  readonly workHours: number;
  readonly value: number;
}

/**
 * Those options, given by ascending work, that no mixture of the others with idleness equals: the upper concave
 * envelope from (0, 0).
 */
export function envelope(options: readonly JobOption[]): JobOption[] {
  const kept: JobOption[] = [{ workHours: 0, value: 0 }];
  for (const option of options) {
    if (option.value <= kept.at(-1)!.value) continue;
    while (kept.length > 1) {
      const [before, last] = [kept.at(-2)!, kept.at(-1)!];
      const slope = (last.value - before.value) / (last.workHours - before.workHours);
      if (option.value - before.value < slope * (option.workHours - before.workHours)) break;
      kept.pop();
    }
    kept.push(option);
  }
  return kept.slice(1);
}
