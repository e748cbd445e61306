import { GpuQueues } from './gpuQueues.js';

interface Job {
  /** When it may start at the earliest, and when it does. */
  readonly entry: number;
  readonly start: number;
  /** When it is done in truth. */
  readonly end: number;
  readonly expectedSeconds: number;
}

/**
 * The queues as someone sees them who knows when jobs started and were done, but not how long those that run or wait will
 * take: a running job is expected to be done after its expected time (any moment, once that has passed), a waiting one
 * follows on the GPU expected to be free first.
 */
export class ExpectedQueues {
  private readonly jobs: Job[][];
  private readonly views: GpuQueues[];
  /** What each view shows: the time it was made for; NaN when jobs were added since. */
  private readonly madeAt: Float64Array;

  constructor(readonly gpuCount: Int32Array) {
    this.jobs = Array.from(gpuCount, () => []);
    this.views = Array.from(gpuCount, (count) => new GpuQueues(Int32Array.of(count)));
    this.madeAt = new Float64Array(gpuCount.length).fill(NaN);
  }

  reset(): void {
    for (const jobs of this.jobs) jobs.length = 0;
    this.madeAt.fill(NaN);
  }

  /** Moves the origin of time forward by `seconds`. */
  shift(seconds: number): void {
    this.jobs.forEach((jobs, site) => {
      this.jobs[site] = jobs.map(({ entry, start, end, expectedSeconds }) => ({
        entry: entry - seconds,
        start: start - seconds,
        end: end - seconds,
        expectedSeconds,
      }));
    });
    this.madeAt.fill(NaN);
  }

  add(site: number, job: Job): void {
    this.jobs[site]!.push(job);
    this.madeAt[site] = NaN;
  }

  earliestFree(site: number, now: number): number {
    return this.view(site, now).earliestFree(0);
  }

  backlogSeconds(site: number, now: number): number {
    return this.view(site, now).backlogSeconds(0, now);
  }

  private view(site: number, now: number): GpuQueues {
    const view = this.views[site]!;
    if (this.madeAt[site] === now) return view;
    this.madeAt[site] = now;
    const left = this.jobs[site]!.filter(({ end }) => end > now);
    this.jobs[site] = left;
    view.reset();
    for (const { start, expectedSeconds } of left) if (start <= now) view.occupy(0, Math.max(now, start + expectedSeconds));
    for (const { entry, start, expectedSeconds } of left) {
      if (start > now) view.occupy(0, Math.max(entry, view.earliestFree(0), now) + expectedSeconds);
    }
    return view;
  }
}
