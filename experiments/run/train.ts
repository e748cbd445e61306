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
    this.bestWeights = new Float32Array(trainee.policy.weights.length);
    this.nextCheckpoint = setting.config.checkpointSteps;
  }

  async train(): Promise<void> {
    const { training } = this.trainee;
    const { everySteps } = this.setting.config.evaluation;
    this.requireRoom();
    while (!training.done) {
      const { totals, ...day } = await training.runDay();
      let look: Evaluation | null = null;
      if (training.step >= this.nextLook || training.done) {
        look = await this.look(this.setting.days.validation);
        while (this.nextLook <= training.step) this.nextLook += everySteps;
        // The untrained policy is no candidate, however good the rule is that it starts from.
        if (this.trainee.learned && look.utility.mean > this.best.utility) {
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
    policy.weights.set(this.bestWeights);
    this.options.lock.check();
    writeCheckpoint(this.folder.policyWeights, { ...arrayState(policy.weights).save(), values: { config } });
    writeAtomic(this.folder.policyOnnx, await policy.onnx());
    writeDay(this.folder.day, policy.results(days.test.slice(0, 1), config.evaluation.seed, { record: true }).records[0]!);
    const best = await this.look(days.test, signal);
    const schedulers: Record<string, { validation: Evaluation; test: Evaluation }> = {};
    for (const name of config.evaluation.schedulers) {
      const scheduler = schedulerFor(this.setting, name);
      const on = async (dates: readonly string[]): Promise<Evaluation> =>
        summarise(dates, await dayByDay(dates, (day) => evaluateScheduler(this.setting, scheduler, [day], { seed: config.evaluation.seed }).totals[0]!, { signal }));
      schedulers[name] = { validation: await on(days.validation), test: await on(days.test) };
    }
    return { steps: training.step, parameters: policy.weights.length, validation: this.best, test: { best, last }, schedulers };
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
      run: {
        save: () => ({
          arrays: {},
          values: {
            best: { ...this.best, utility: Number.isFinite(this.best.utility) ? this.best.utility : null },
            nextLook: this.nextLook,
            nextCheckpoint: this.nextCheckpoint,
            rows: this.log.rows,
          },
        }),
        restore: (saved) => {
          const best = savedValue<Omit<Best, 'utility'> & { utility: number | null }>(saved, 'best');
          this.best = { ...best, utility: best.utility ?? -Infinity };
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
