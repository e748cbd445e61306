/**
 * What may be done with a job, as columns: candidate `i` of `count` has the i-th value of each. Energy is charged at the
 * margin of the moment; money is in utility units and of the whole job.
 */
export class Candidates {
  count = 0;
  readonly site: Int32Array;
  /** The level of the job's kind. */
  readonly level: Int32Array;
  /** Clock, a share of the highest. */
  readonly clock: Float64Array;
  /** When it would start, and until when keep its GPU busy, s since the day's start. */
  readonly startSeconds: Float64Array;
  readonly endSeconds: Float64Array;
  /** Revenue - penalty - transfer - marginal energy cost, as `dispatch` would credit it. */
  readonly credit: Float64Array;
  /** Whether there is only one, which is late. */
  late = false;

  /** Room for the jobs of a fleet of so many sites and at most so many levels. */
  constructor(sites: number, levels: number) {
    const most = sites * levels;
    this.site = new Int32Array(most);
    this.level = new Int32Array(most);
    this.clock = new Float64Array(most);
    this.startSeconds = new Float64Array(most);
    this.endSeconds = new Float64Array(most);
    this.credit = new Float64Array(most);
  }

  add(site: number, level: number, clock: number, { start, end, credit }: { start: number; end: number; credit: number }): void {
    const i = this.count++;
    this.site[i] = site;
    this.level[i] = level;
    this.clock[i] = clock;
    this.startSeconds[i] = start;
    this.endSeconds[i] = end;
    this.credit[i] = credit;
  }
}
