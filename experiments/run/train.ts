import { existsSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Trainee } from '../../agents/index.js';
import { arrayState, readCheckpoint, restoreParts, saveParts, writeCheckpoint } from '../../src/io/checkpoint.js';
import type { Stateful } from '../../src/io/checkpoint.js';
import { savedValue } from '../../src/io/checkpoint.js';
import { InputError, Interrupted } from '../../src/io/errors.js';
import { requireRoom, writeAtomic } from '../../src/io/files.js';
import type { Lock } from '../../src/io/lock.js';
import type { Progress } from '../../src/io/progress.js';
import { plannerNames } from '../../agents/schedulers/index.js';
import { createTrainee } from './agent.js';
import { belongingTo } from './belonging.js';
import { dayByDay } from './dayByDay.js';
import { writeDay } from './dayFile.js';
import { evaluateScheduler, schedulerFor } from './evaluate.js';
import type { Sink } from './mlflowSink.js';
import type { RunFolder, RunSummary } from './runFolder.js';
import type { MetricsRow, RunLog } from './runLog.js';
import { createRunLog } from './runLog.js';
import type { Setting } from './setting.js';
import { mean, standardDeviation } from '../../src/math/statistics.js';
import type { Evaluation } from './summarise.js';
import { summarise } from './summarise.js';

interface Best {
  readonly utility: number;
  readonly lateRate: number;
  readonly step: number;
}

export interface TrainOptions {
  /** Go on from the last checkpoint if there is one, and end with the same bytes as an uninterrupted run. */
  readonly resume?: boolean;
  readonly progress?: Progress | undefined;
  /** The run folder's lock, looked at before anything is written that cannot be undone. */
  readonly lock: Lock;
  /** Once aborted, training stops at the end of its day with a checkpoint (judging, after a day), and `trainRun` throws Interrupted. */
  readonly signal?: AbortSignal | undefined;
  /** Where else the metrics go. */
  readonly sink?: Sink | null;
}

/**
 * Trains a run in its folder and returns its summary, which is left to the caller to write once nothing else is missing.
 * Throws InputError for a setting or a checkpoint that does not fit, or a folder that cannot be written.
 */
export async function trainRun(folder: RunFolder, setting: Setting, options: TrainOptions): Promise<RunSummary> {
  const trainee = await createTrainee(setting);
  const run = new Run(folder, setting, trainee, options);
  if (options.resume === true) run.restore();
  await run.train();
  return run.finish();
}

class Run {
  private readonly log: RunLog;
  private readonly bestWeights: Float32Array;
  private best: Best = { utility: -Infinity, lateRate: 1, step: 0 };
  /** What the untrained policy was worth on each validation day; a policy must be better than it to be kept. */
  private start: readonly number[] | null = null;
  private readonly startWeights: Float32Array;
  private saved = 0;
  private nextLook = 0;
  private nextCheckpoint: number;

  constructor(
    private readonly folder: RunFolder,
    private readonly setting: Setting,
    private readonly trainee: Trainee,
    private readonly options: TrainOptions,
  ) {
    this.log = createRunLog(folder);
    this.startWeights = trainee.policy.weights.slice();
    this.bestWeights = trainee.policy.weights.slice();
    this.nextCheckpoint = setting.config.checkpointSteps;
  }

  async train(): Promise<void> {
    const { training } = this.trainee;
    const { everySteps } = this.setting.config.evaluation;
    this.requireRoom();
    this.start ??= await this.judgeStart();
    while (!training.done) {
      const { totals, ...day } = await training.runDay();
      let look: Evaluation | null = null;
      if (training.step >= this.nextLook || training.done) {
        look = await this.look(this.setting.days.validation);
        while (this.nextLook <= training.step) this.nextLook += everySteps;
        if (this.trainee.learned && look.utility.mean > this.best.utility && surelyBetter(look.utilityByDay, this.start)) {
          this.best = { utility: look.utility.mean, lateRate: look.lateRate, step: training.step };
          this.bestWeights.set(this.trainee.policy.weights);
        }
      }
      this.log.add({
        ...day,
        utility: totals?.utility ?? null,
        lateRate: totals?.lateRate ?? null,
        validationUtility: look?.utility.mean ?? null,
        validationLateRate: look?.lateRate ?? null,
      });
      if (look !== null) {
        this.flush();
        await this.options.sink?.send(this.log);
      }
      this.options.progress?.update(training.step, this.best.step === 0 ? '' : `validation utility ${this.best.utility.toFixed(0)} at best`);
      await nextTurn();
      if (training.step >= this.nextCheckpoint && !training.done) {
        while (this.nextCheckpoint <= training.step) this.nextCheckpoint += this.setting.config.checkpointSteps;
        this.checkpoint();
      }
      if (this.options.signal?.aborted === true && !training.done) {
        this.checkpoint();
        throw new Interrupted(`stopped at step ${training.step} of ${this.setting.config.steps}`);
      }
    }
    this.checkpoint();
  }

  async finish(): Promise<RunSummary> {
    const { config, days } = this.setting;
    const { policy, training } = this.trainee;
    const { signal } = this.options;
    const last = await this.look(days.test, signal);
    policy.weights.set(this.startWeights);
    const start = await this.look(days.test, signal);
    policy.weights.set(this.bestWeights);
    this.options.lock.check();
    writeCheckpoint(this.folder.policyWeights, { ...arrayState(policy.weights).save(), values: { config } });
    writeAtomic(this.folder.policyOnnx, await policy.onnx());
    writeDay(this.folder.day, policy.results(days.test.slice(0, 1), config.evaluation.seed, { record: true }).records[0]!);
    const best = await this.look(days.test, signal);
    const schedulers: Record<string, RunSummary['schedulers'][string]> = {};
    for (const name of config.evaluation.schedulers) {
      const scheduler = schedulerFor(this.setting, name);
      const on = async (dates: readonly string[]): Promise<Evaluation> =>
        summarise(dates, await dayByDay(dates, (day) => evaluateScheduler(this.setting, scheduler, [day], { seed: config.evaluation.seed }).totals[0]!, { signal }));
      // A planner's days take seconds each, and nothing is chosen by its validation days.
      const validation = plannerNames.includes(name) ? {} : { validation: await on(days.validation) };
      schedulers[name] = { ...validation, test: await on(days.test) };
    }
    return { steps: training.step, parameters: policy.weights.length, validation: this.best, test: { best, last, start }, schedulers };
  }

  /** The policy as it begins is the one to beat, be it nothing or a rule. */
  private async judgeStart(): Promise<readonly number[]> {
    const { utility, lateRate, utilityByDay } = await this.look(this.setting.days.validation, this.options.signal);
    this.best = { utility: utility.mean, lateRate, step: 0 };
    return utilityByDay;
  }

  restore(): void {
    if (existsSync(this.folder.checkpoint)) restoreParts(readCheckpoint(this.folder.checkpoint), this.parts());
  }

  private checkpoint(): void {
    this.options.lock.check();
    this.flush();
    this.kept(() => writeCheckpoint(this.folder.checkpoint, saveParts(this.parts())));
    this.saved = this.trainee.training.step;
  }

  /** A checkpoint is written beside the one that it replaces. */
  private requireRoom(): void {
    const now = Object.values(saveParts(this.parts()).arrays).reduce((sum, array) => sum + array.byteLength, 0);
    requireRoom(this.folder.path, 2 * (now + (this.trainee.replayBytes ?? 0)), 'checkpoints');
  }

  private flush(): void {
    this.kept(() => this.log.flush());
  }

  /** Says what is not lost when something cannot be written. */
  private kept(write: () => void): void {
    try {
      write();
    } catch (error) {
      if (!(error instanceof InputError) || this.saved === 0) throw error;
      throw new InputError(`${error.message} Up to step ${this.saved} the run is kept; to go on: jouleflow train --resume ${this.folder.path}`);
    }
  }

  private parts(): Record<string, Stateful> {
    return {
      // First, so that it is what is said of a checkpoint that does not fit.
      belonging: belongingTo(this.setting.config),
      training: this.trainee.training,
      bestWeights: arrayState(this.bestWeights),
      startWeights: arrayState(this.startWeights),
      run: {
        save: () => ({
          arrays: {},
          values: {
            best: this.best,
            start: this.start,
            nextLook: this.nextLook,
            nextCheckpoint: this.nextCheckpoint,
            rows: this.log.rows,
          },
        }),
        restore: (saved) => {
          this.best = savedValue<Best>(saved, 'best');
          this.start = savedValue<number[] | null>(saved, 'start');
          this.nextLook = savedValue<number>(saved, 'nextLook');
          this.nextCheckpoint = savedValue<number>(saved, 'nextCheckpoint');
          this.log.reset(savedValue<MetricsRow[]>(saved, 'rows'));
          this.saved = this.trainee.training.step;
        },
      },
    };
  }

  private async look(days: readonly string[], signal?: AbortSignal): Promise<Evaluation> {
    const { policy } = this.trainee;
    return summarise(days, await dayByDay(days, (day) => policy.results([day], this.setting.config.evaluation.seed).totals[0]!, { signal }));
  }
}

/**
 * Whether a policy is better than the one that training began with by more than what days differ by: the mean of the
 * difference, paired by day, is above its standard error (on a single day, above 0).
 */
function surelyBetter(byDay: readonly number[], start: readonly number[] | null): boolean {
  if (start === null) return true;
  const differences = byDay.map((utility, day) => utility - start[day]!);
  const error = differences.length < 2 ? 0 : standardDeviation(differences) / Math.sqrt(differences.length);
  return mean(differences) > error;
}
