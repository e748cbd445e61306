import type { FleetSimulator, Settlement } from '../../envs/index.js';
import { slotReward } from '../../envs/index.js';
import { arrayState, countState, restoreParts, saveParts, streamState } from '../../src/io/checkpoint.js';
import type { Stateful } from '../../src/io/checkpoint.js';
import type { RandomStream } from '../../src/math/random.js';
import type { Training, TrainingDay } from '../agent.js';
import { explorationAt, learningRateShare, updatesDue } from '../pace.js';
import type { ReplayBuffer } from '../replay.js';
import { Candidates } from './candidates.js';
import type { AfterstateSettings } from './options.js';
import type { AfterstateScheduler } from './scheduler.js';
import type { ValueLearner } from './learner.js';

/** Half-hours. */
const timesOfDay = 48;

export interface AfterstateTrainingParts {
  readonly fleet: FleetSimulator;
  readonly days: readonly string[];
  readonly settlement: Settlement;
  readonly scheduler: AfterstateScheduler;
  readonly learner: ValueLearner;
  readonly replay: ReplayBuffer;
  readonly options: AfterstateSettings;
  readonly random: RandomStream;
  /** Jobs in all. */
  readonly steps: number;
}

/**
 * Whether what slots are paid is part of the reward. Where it is no more than the sum of their jobs' credits, and those
 * count by themselves, it is not.
 */
export const slotsCount = (settlement: Settlement, { afterstate }: AfterstateSettings): boolean =>
  settlement === 'sparse' || afterstate.label === 'none';

/**
 * Learns after-state values job by job. A transition leads from the state after one decision to the state after the
 * next; its reward is what the next decision was credited, discounted by the time in between, exp(-dt / horizon), and
 * what slots that ended in between paid. The value that is learned is the true one less the potential
 * (Ng et al. 1999): r + discount potential' - potential takes its place. With `controlVariate`, what the jobs could have
 * been credited on an empty fleet is taken out of both, so that what is left to learn is what the queues cost.
 */
export function createAfterstateTraining(parts: AfterstateTrainingParts): Training {
  const { fleet, days, settlement, scheduler, learner, replay, options, steps } = parts;
  const { rewardScale } = options;
  const choice = parts.random.stream('days');
  const exploring = parts.random.stream('exploration');
  const sampling = parts.random.stream('replay');
  const candidates = new Candidates(fleet.siteCount, fleet.service.levels);
  const creditCounts = options.afterstate.label !== 'none';
  const slotsPay = slotsCount(settlement, options);
  const before = new Float32Array(scheduler.chosen.length);
  const nothing = new Float32Array(0);
  // Mean reward by time of day. No decision changes the time, so taking it out changes no preference, and backlogs are not
  // blamed for the hours in which they are found.
  const meanRewards = new Float64Array(timesOfDay);
  const counts = new Float64Array(timesOfDay);
  let step = 0;
  let episode = 0;

  const runDay = async (): Promise<TrainingDay> => {
    const index = choice.integer(days.length);
    const day = days[index]!;
    const jobs = fleet.generateJobs(day, choice.integer(2 ** 31));
    fleet.beginDay(day, jobs, { fresh: !fleet.fleet.carryQueues });
    episode++;
    const losses = { sum: 0, value: 0, count: 0 };
    const slotIdeal = new Float64Array(fleet.slots);
    let paidSlots = 0;
    let paid = 0;
    let potentialBefore = 0;
    let job = 0;
    for (; job < jobs.length && step < steps; job++, step++) {
      fleet.arrive(job);
      let pay = 0;
      let expected = 0;
      for (; paidSlots < fleet.slot; paidSlots++) {
        pay += slotReward(fleet.slotAccounts[paidSlots]!, settlement, false);
        expected += slotIdeal[paidSlots]!;
      }
      const ideal = options.controlVariate ? Math.max(0, candidates.ideal(fleet, job)) : 0;
      slotIdeal[fleet.slot]! += ideal;
      const { epsilon } = explorationAt(step, options, steps);
      const { site, steps: denoising } = scheduler.choose(job, fleet, epsilon, exploring);
      const { credit } = fleet.dispatch(job, site, denoising);
      paid += pay;

      if (job > 0) {
        const elapsed = jobs.arrivalSeconds[job]! - jobs.arrivalSeconds[job - 1]!;
        const discount = Math.exp(-elapsed / options.afterstate.horizonSeconds);
        const reward = rewardScale * ((slotsPay ? pay - expected : 0) + (creditCounts ? discount * (credit - ideal) : 0));
        const shaped = reward + discount * scheduler.chosenPotential - potentialBefore;
        const time = Math.floor((fleet.slot * timesOfDay) / fleet.slots);
        meanRewards[time]! += (shaped - meanRewards[time]!) / ++counts[time]!;
        const truncated = job === jobs.length - 1;
        replay.add({ observation: before, action: nothing, reward: shaped - meanRewards[time]!, discount, next: scheduler.chosen, terminated: false, truncated, label: 0 });
      }
      before.set(scheduler.chosen);
      potentialBefore = scheduler.chosenPotential;

      for (let due = updatesDue(step - options.exploration.warmUpSteps, options.updatesPerStep); due > 0; due--) {
        const { loss, value } = await learner.update(replay.sample(sampling), learningRateShare(step, options, steps));
        losses.sum += loss;
        losses.value += value;
        losses.count++;
      }
    }
    const mean = (sum: number): number | null => (losses.count === 0 ? null : sum / losses.count);
    const totals = job === jobs.length ? fleet.endDay() : null;
    for (; paidSlots < fleet.slot; paidSlots++) paid += slotReward(fleet.slotAccounts[paidSlots]!, settlement, false);
    return { step, episode, day, totals, paid, criticLoss: mean(losses.sum), actorLoss: null, shaperLoss: null, value: mean(losses.value) };
  };

  const states: Record<string, Stateful> = {
    learner,
    replay,
    meanRewards: arrayState(meanRewards),
    counts: arrayState(counts),
    days: streamState(choice),
    exploration: streamState(exploring),
    sampling: streamState(sampling),
    count: countState(() => ({ step, episode }), (saved) => void ({ step, episode } = saved)),
  };
  return {
    get step() {
      return step;
    },
    get done() {
      return step >= steps;
    },
    runDay,
    save: () => saveParts(states),
    restore: (saved) => restoreParts(saved, states),
  };
}
