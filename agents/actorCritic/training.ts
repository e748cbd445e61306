import type { Shaper, ShapingOptions } from '../../diffusion/index.js';
import type { Environment } from '../../envs/index.js';
import type { Saved, Stateful } from '../../src/io/checkpoint.js';
import { countState, restoreParts, saveParts, streamState } from '../../src/io/checkpoint.js';
import type { RandomStream } from '../../src/math/random.js';
import type { StepInfo, Training, TrainingDay } from '../agent.js';
import { explorationAt, learningRateShare, updatesDue } from '../pace.js';
import { createControlVariate } from './controlVariate.js';
import type { ActionHead } from './heads.js';
import type { Learner } from './learner.js';
import type { AgentOptions } from './options.js';
import type { ReplayBuffer, Transition } from '../replay.js';
import { createRewardShaping } from './rewardShaping.js';

/** A transition before it is known what to learn from it. */
interface Outcome extends Omit<Transition, 'label'> {
  readonly info: StepInfo;
}

export interface TrainingParts {
  readonly environment: Environment<StepInfo>;
  readonly days: readonly string[];
  readonly learner: Learner;
  readonly head: ActionHead;
  readonly replay: ReplayBuffer;
  readonly shaper: Shaper | null;
  readonly random: RandomStream;
  readonly options: AgentOptions;
  readonly shaping: ShapingOptions;
  /** Environment steps in all, for the decay of exploration. */
  readonly steps: number;
}

/**
 * Off-policy learning with a shaped reward. Each step: act with exploration, store the transition, sample a minibatch,
 * let the shaper learn the batch's credit, add what it synthesises to what the environment paid, update the learner.
 */
export function createTraining(parts: TrainingParts): Training {
  const { environment, days, learner, head, replay, shaper, options, shaping } = parts;
  const choice = parts.random.stream('days');
  const exploring = parts.random.stream('exploration');
  const sampling = parts.random.stream('replay');
  const observationSize = environment.observationSpace.size;
  const raw = new Float32Array(head.rawSize);
  const action = new Float32Array(head.size);
  const observation = new Float32Array(observationSize);
  const { batchSize } = options;
  const shaped = shaper === null ? null : createRewardShaping({ shaper, shaping, learner, head, observationSize, batchSize });
  const { warmUpSteps } = options.exploration;
  const rewardVariate = createControlVariate();
  const labelVariate = createControlVariate();
  let step = 0;
  let episode = 0;

  const update = async (means: DayMeans): Promise<void> => {
    const batch = replay.sample(sampling);
    const { rewards } = batch;
    for (let i = 0; i < rewards.length; i++) rewards[i]! *= options.rewardScale;
    const shaperLoss = shaped === null ? null : await shaped.shape(batch, step);
    if (shaperLoss !== null) means.add('shaperLoss', shaperLoss);
    const { criticLoss, actorLoss, value } = await learner.update(batch, learningRateShare(step, options, parts.steps));
    means.add('criticLoss', criticLoss);
    means.add('value', value);
    if (actorLoss !== null) means.add('actorLoss', actorLoss);
  };

  const store = ({ info, ...transition }: Outcome): void => {
    const credit = shaping.label === 'settlement' ? (info.settled ?? info.credit)! : transition.reward;
    const label = options.controlVariate ? labelVariate.adjust(credit, info.images ?? 0) : credit;
    const reward = options.controlVariate ? rewardVariate.adjust(transition.reward, info.images ?? 0) : transition.reward;
    replay.add({ ...transition, reward, label });
    shaped?.observe(label);
  };

  const runDay = async (): Promise<TrainingDay> => {
    const day = days[choice.integer(days.length)]!;
    episode++;
    observation.set(environment.reset({ seed: choice.integer(2 ** 31), options: { day } }).observation);
    const means = new DayMeans();
    let paid = 0;
    // Outcomes still unknown, in order; a day's end settles all.
    let unknown: Outcome[] = [];
    for (;;) {
      if (step < warmUpSteps) head.random(action, exploring);
      else {
        learner.infer(observation, raw);
        head.act(raw, action, explorationAt(step, options, parts.steps), exploring);
      }
      const proposal = shaped === null ? 0 : await shaped.propose(observation, action);
      const { observation: next, reward, terminated, truncated, info } = environment.step(action);
      const outcome: Outcome = { observation, action, reward, next, terminated, truncated, proposal, info };
      if (info.doneSeconds === undefined) store(outcome);
      else {
        unknown.push({ ...outcome, observation: observation.slice(), action: action.slice(), next: next.slice() });
        const known = terminated || truncated ? -1 : unknown.findIndex(({ info: { doneSeconds } }) => doneSeconds! > info.nowSeconds!);
        const ready = known < 0 ? unknown.length : known;
        unknown.slice(0, ready).forEach(store);
        unknown = unknown.slice(ready);
      }
      observation.set(next);
      paid += reward;
      step++;
      for (let due = updatesDue(step - warmUpSteps, options.updatesPerStep); due > 0 && replay.size > 0; due--) await update(means);
      if (terminated || truncated || step >= parts.steps) {
        return { step, episode, day, totals: info.totals ?? null, paid, ...means.report() };
      }
    }
  };

  const states: Record<string, Stateful> = {
    learner,
    replay,
    ...(shaped === null ? {} : { shaping: shaped }),
    days: streamState(choice),
    exploration: streamState(exploring),
    sampling: streamState(sampling),
    rewardVariate,
    labelVariate,
    count: countState(() => ({ step, episode }), (saved) => void ({ step, episode } = saved)),
  };

  return {
    get step() {
      return step;
    },
    get done() {
      return step >= parts.steps;
    },
    runDay,
    save: (): Saved => saveParts(states),
    restore: (saved) => restoreParts(saved, states),
  };
}

type Logged = 'criticLoss' | 'actorLoss' | 'shaperLoss' | 'value';

class DayMeans {
  readonly #sums = new Map<Logged, { sum: number; count: number }>();

  add(name: Logged, value: number): void {
    const entry = this.#sums.get(name);
    if (entry === undefined) this.#sums.set(name, { sum: value, count: 1 });
    else {
      entry.sum += value;
      entry.count++;
    }
  }

  report(): Record<Logged, number | null> {
    const of = (name: Logged): number | null => {
      const entry = this.#sums.get(name);
      return entry === undefined ? null : entry.sum / entry.count;
    };
    return { criticLoss: of('criticLoss'), actorLoss: of('actorLoss'), shaperLoss: of('shaperLoss'), value: of('value') };
  }
}
