import type { FleetView } from '../../../envs/index.js';
import type { RandomStream } from '../../../src/math/random.js';
import type { CostTable } from './costTable.js';
import type { Schedule } from './schedule.js';

/** Share of the moves that send a job to another site. */
const otherSite = 0.3;
/** Of moves within a site, and to another one, the share that run the job as another one there is run. */
const copiesHere = 0.8;
const copiesThere = 0.9;
/** The other one is the next from at most so many jobs away on. */
const nearby = 20;
/** Share of copies that are changed a little, and of changes that give steps for clock or the other way round. */
const changedCopies = 0.4;
const traded = 0.4;

export interface Moves {
  readonly view: FleetView;
  /** How many clocks a job may choose among; 1 where it has that of its site. */
  readonly clocks: number;
  readonly random: RandomStream;
}

/** How many moves to try, and the temperatures of the first and the last, utility units. */
export interface Cooling {
  readonly moves: number;
  readonly hot: number;
  readonly cold: number;
}

/**
 * Improves a schedule by simulated annealing (Kirkpatrick, Gelatt and Vecchi 1983): one job at a time is run otherwise, and
 * kept so with probability min(1, exp(gain / temperature)), the temperature falling geometrically. What a good way is to
 * run a job depends on how crowded its site is then, which the jobs around it tell; so most moves copy one of them.
 */
export function anneal(schedule: Schedule, costs: CostTable, moves: Moves, { moves: count, hot, cold }: Cooling): void {
  const { view, random } = moves;
  const fall = Math.log(cold / hot) / count;
  const way = { site: 0, level: 0, clock: 0 };
  for (let move = 0; move < count; move++) {
    const job = random.integer(view.jobs.length);
    propose(schedule, job, moves, way);
    if (way.site === schedule.site[job] && way.level === schedule.level[job] && way.clock === schedule.clock[job]) continue;
    const least = Math.log(random.next()) * hot * Math.exp(fall * move);
    if (schedule.weigh(job, way, costs, least) >= least) schedule.accept();
    else schedule.reject();
  }
}

/** Another way to run a job, into `way`; it may be the same. */
function propose(schedule: Schedule, job: number, { view, clocks, random }: Moves, way: { site: number; level: number; clock: number }): void {
  const { siteCount, fleet, desk } = view;
  const from = schedule.site[job]!;
  const leaves = siteCount > 1 && fleet.transfer.allowed && random.next() < otherSite;
  way.site = leaves ? (from + 1 + random.integer(siteCount - 1)) % siteCount : from;
  way.level = schedule.level[job]!;
  way.clock = schedule.clock[job]!;
  const copies = random.next() < (leaves ? copiesThere : copiesHere);
  if (copies) {
    const other = neighbour(schedule, job, way.site, random);
    if (other >= 0) {
      way.level = schedule.level[other]!;
      if (clocks > 1) way.clock = schedule.clock[other]!;
    }
  }
  if ((copies || leaves) && random.next() >= changedCopies) return;
  const { levels } = desk.image;
  if (clocks > 1 && random.next() < traded) {
    const up = random.next() < 0.5 ? 1 : -1;
    way.level = within(way.level + up, levels);
    way.clock = within(way.clock - up, clocks);
    return;
  }
  const what = clocks === 1 ? 0 : random.next();
  if (what < 0.7) way.level = within(way.level + step(random), levels);
  if (what > 0.4) way.clock = within(way.clock + step(random), clocks);
}

/** A job at a site that arrives about when `job` does; -1 if none is found. */
function neighbour(schedule: Schedule, job: number, site: number, random: RandomStream): number {
  const direction = random.next() < 0.5 ? 1 : -1;
  let other = job + direction * (1 + random.integer(nearby));
  while (other >= 0 && other < schedule.site.length && schedule.site[other] !== site) other += direction;
  return other < schedule.site.length ? other : -1;
}

/** Mostly one up or down, at most three. */
const step = (random: RandomStream): number => (random.next() < 0.7 ? 1 : 1 + random.integer(3)) * (random.next() < 0.5 ? 1 : -1);

const within = (index: number, count: number): number => Math.min(count - 1, Math.max(0, index));
