import { existsSync } from 'node:fs';
import { arrayState, readCheckpoint, restoreParts, saveParts, writeCheckpoint } from '../src/io/checkpoint.js';
import type { Stateful } from '../src/io/checkpoint.js';
import { savedValue } from '../src/io/checkpoint.js';
import { readCsv } from '../src/io/csv.js';
import { InputError, Interrupted } from '../src/io/errors.js';
import { writeAtomic } from '../src/io/files.js';
import type { Lock } from '../src/io/lock.js';
import type { MetricsLog } from '../src/io/metricsLog.js';
import { createMetricsLog } from '../src/io/metricsLog.js';
import type { Progress } from '../src/io/progress.js';
import { createTrainee } from './agent.js';
import { writeDay } from './dayFile.js';
import { evaluateScheduler, schedulerFor } from './evaluate.js';
import type { RunFolder, RunSummary } from './runFolder.js';
import type { Setting } from './setting.js';
import type { Evaluation } from './summarise.js';
import { summarise } from './summarise.js';
import type { Trainee } from './trainee.js';

/** One row of metrics.csv: a training day, with a look at the validation days where one was due. */
export type MetricsRow = {
  readonly step: number;
  readonly episode: number;
  readonly day: string;
  readonly utility: number | null;
  readonly lateRate: number | null;
  readonly paid: number;
  readonly criticLoss: number | null;
  readonly actorLoss: number | null;
  readonly shaperLoss: number | null;
  readonly value: number | null;
  readonly validationUtility: number | null;
  readonly validationLateRate: number | null;
};

export const metricsColumns: readonly (keyof MetricsRow)[] = [
  'step',
  'episode',
  'day',
  'utility',
  'lateRate',
  'paid',
  'criticLoss',
  'actorLoss',
  'shaperLoss',
  'value',
  'validationUtility',
  'validationLateRate',
];

/** One row of timing.csv: when the row of metrics.csv of the same step was reached. */
type TimingRow = { readonly step: number; readonly wallSeconds: number };

interface Best {
  readonly utility: number;
  readonly lateRate: number;
  readonly step: number;
}

export interface TrainOptions {
  /** Go on from the last checkpoint, and end with the same bytes as an uninterrupted run. */
  readonly resume?: boolean;
  readonly progress?: Progress | undefined;
  /** The run folder's lock, looked at before anything is written that cannot be undone. */
  readonly lock: Lock;
  /** Once aborted, training stops at the end of its day with a checkpoint, and `trainRun` throws Interrupted. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Trains a run in its folder and returns its summary, which is left to the caller to write once nothing else is missing.
 * Throws InputError for a setting or a checkpoint that does not fit, or a folder that cannot be written.
 */
export async function trainRun(folder: RunFolder, setting: Setting, options: TrainOptions): Promise<{ summary: RunSummary; wallSeconds: number }> {
  const trainee = await createTrainee(setting);
  const run = new Run(folder, setting, trainee, options);
  if (options.resume === true) run.restore();
  const wallSeconds = await run.train();
  return { summary: await run.finish(), wallSeconds };
}

class Run {
  private readonly metrics: MetricsLog<MetricsRow>;
  private readonly timing: MetricsLog<TimingRow>;
  private readonly bestWeights: Float32Array;
  private best: Best = { utility: -Infinity, lateRate: 1, step: 0 };
  private nextLook = 0;
  private nextCheckpoint: number;
  private secondsBefore = 0;
  private readonly started = performance.now();

  constructor(
    private readonly folder: RunFolder,
    private readonly setting: Setting,
    private readonly trainee: Trainee,
    private readonly options: TrainOptions,
  ) {
    this.metrics = createMetricsLog<MetricsRow>(folder.metrics, metricsColumns);
    this.timing = createMetricsLog<TimingRow>(folder.timing, ['step', 'wallSeconds']);
    this.bestWeights = new Float32Array(trainee.policy.weights.length);
    this.nextCheckpoint = setting.config.checkpointSteps;
  }

  /** Returns the seconds that it took, those before an interruption included. */
  async train(): Promise<number> {
    const { training } = this.trainee;
    const { everySteps } = this.setting.config.evaluation;
    while (!training.done) {
      const { totals, ...day } = await training.runDay();
      let look: Evaluation | null = null;
      if (training.step >= this.nextLook || training.done) {
        look = this.look(this.setting.days.validation);
        while (this.nextLook <= training.step) this.nextLook += everySteps;
        // The untrained policy is no candidate, however good the rule is that it starts from.
        if (this.trainee.learned && look.utility.mean > this.best.utility) {
          this.best = { utility: look.utility.mean, lateRate: look.lateRate, step: training.step };
          this.bestWeights.set(this.trainee.policy.weights);
        }
      }
      this.metrics.add({
        ...day,
        utility: totals?.utility ?? null,
        lateRate: totals?.lateRate ?? null,
        validationUtility: look?.utility.mean ?? null,
        validationLateRate: look?.lateRate ?? null,
      });
      this.timing.add({ step: training.step, wallSeconds: this.wallSeconds() });
      if (look !== null) this.flush();
      this.options.progress?.update(training.step, `utility ${this.best.utility.toFixed(0)} at best`);
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
    return this.wallSeconds();
  }

  async finish(): Promise<RunSummary> {
    const { config, days } = this.setting;
    const { policy, training } = this.trainee;
    const last = this.look(days.test);
    policy.weights.set(this.bestWeights);
    this.options.lock.check();
    writeCheckpoint(this.folder.policyWeights, arrayState(policy.weights).save());
    writeAtomic(this.folder.policyOnnx, await policy.onnx());
    writeDay(this.folder.day, policy.results(days.test.slice(0, 1), config.evaluation.seed, { record: true }).records[0]!);
    return {
      steps: training.step,
      parameters: policy.weights.length,
      validation: this.best,
      test: { best: this.look(days.test), last },
      schedulers: Object.fromEntries(
        config.evaluation.schedulers.map((name) => {
          const scheduler = schedulerFor(this.setting, name);
          const on = (dates: readonly string[]): Evaluation =>
            summarise(dates, evaluateScheduler(this.setting, scheduler, dates, config.evaluation.seed).totals);
          return [name, { validation: on(days.validation), test: on(days.test) }];
        }),
      ),
    };
  }

  restore(): void {
    if (!existsSync(this.folder.checkpoint)) throw new InputError(`${this.folder.path} has no checkpoint to resume from.`);
    restoreParts(readCheckpoint(this.folder.checkpoint), this.parts());
  }

  private checkpoint(): void {
    this.options.lock.check();
    this.flush();
    writeCheckpoint(this.folder.checkpoint, saveParts(this.parts()));
  }

  private flush(): void {
    this.metrics.flush();
    this.timing.flush();
  }

  private parts(): Record<string, Stateful> {
    return {
      training: this.trainee.training,
      bestWeights: arrayState(this.bestWeights),
      run: {
        save: () => ({
          arrays: {},
          values: {
            best: { ...this.best, utility: Number.isFinite(this.best.utility) ? this.best.utility : null },
            nextLook: this.nextLook,
            nextCheckpoint: this.nextCheckpoint,
            rows: this.metrics.rows,
          },
        }),
        restore: (saved) => {
          const best = savedValue<Omit<Best, 'utility'> & { utility: number | null }>(saved, 'best');
          this.best = { ...best, utility: best.utility ?? -Infinity };
          this.nextLook = savedValue<number>(saved, 'nextLook');
          this.nextCheckpoint = savedValue<number>(saved, 'nextCheckpoint');
          this.metrics.reset(savedValue<MetricsRow[]>(saved, 'rows'));
          this.restoreTiming();
        },
      },
    };
  }

  /** What was timed after the checkpoint is timed again. */
  private restoreTiming(): void {
    if (!existsSync(this.folder.timing)) return;
    const table = readCsv(this.folder.timing, ['step', 'wallSeconds']);
    const rows = Array.from({ length: table.length }, (_, row) => ({ step: table.number(row, 'step'), wallSeconds: table.number(row, 'wallSeconds') }));
    this.timing.reset(rows.filter(({ step }) => step <= this.trainee.training.step));
    this.secondsBefore = this.timing.rows.at(-1)?.wallSeconds ?? 0;
  }

  private look(days: readonly string[]): Evaluation {
    return summarise(days, this.trainee.policy.results(days, this.setting.config.evaluation.seed).totals);
  }

  private wallSeconds(): number {
    return this.secondsBefore + (performance.now() - this.started) / 1000;
  }
}
