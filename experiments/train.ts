import { existsSync } from 'node:fs';
import { arrayState, readCheckpoint, restoreParts, saveParts, writeCheckpoint } from '../src/io/checkpoint.js';
import type { Stateful } from '../src/io/checkpoint.js';
import { savedValue } from '../src/io/checkpoint.js';
import { InputError } from '../src/io/errors.js';
import { writeAtomic } from '../src/io/files.js';
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
  readonly wallSeconds: number;
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
  'wallSeconds',
];

interface Best {
  readonly utility: number;
  readonly lateRate: number;
  readonly step: number;
}

/**
 * Trains a run to its end in its folder and returns its summary. With `resume`, goes on from the last checkpoint, and
 * ends where an uninterrupted run ends. Throws InputError for a setting or a checkpoint that does not fit.
 */
export async function trainRun(
  folder: RunFolder,
  setting: Setting,
  { resume = false, progress }: { resume?: boolean; progress?: Progress } = {},
): Promise<RunSummary> {
  const trainee = await createTrainee(setting);
  const run = new Run(folder, setting, trainee);
  if (resume) run.restore();
  await run.train(progress);
  return run.finish();
}

class Run {
  private readonly metrics: MetricsLog<MetricsRow>;
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
  ) {
    this.metrics = createMetricsLog<MetricsRow>(folder.metrics, metricsColumns);
    this.bestWeights = new Float32Array(trainee.policy.weights.length);
    this.nextCheckpoint = setting.config.checkpointSteps;
  }

  async train(progress?: Progress): Promise<void> {
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
        wallSeconds: this.wallSeconds(),
      });
      if (look !== null) this.metrics.flush();
      progress?.update(training.step, `utility ${this.best.utility.toFixed(0)} at best`);
      if (training.step >= this.nextCheckpoint && !training.done) {
        while (this.nextCheckpoint <= training.step) this.nextCheckpoint += this.setting.config.checkpointSteps;
        this.checkpoint();
      }
    }
    this.checkpoint();
  }

  async finish(): Promise<RunSummary> {
    const { config, days } = this.setting;
    const { policy, training } = this.trainee;
    const wallSeconds = this.wallSeconds();
    const last = this.look(days.test);
    policy.weights.set(this.bestWeights);
    writeCheckpoint(this.folder.policyWeights, arrayState(policy.weights).save());
    writeAtomic(this.folder.policyOnnx, await policy.onnx());
    writeDay(this.folder.day, policy.results(days.test.slice(0, 1), config.evaluation.seed, { record: true }).records[0]!);
    const summary: RunSummary = {
      run: this.folder.path,
      steps: training.step,
      wallSeconds,
      stepsPerSecond: training.step / wallSeconds,
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
    writeAtomic(this.folder.summary, `${JSON.stringify(summary, null, 2)}\n`);
    return summary;
  }

  restore(): void {
    if (!existsSync(this.folder.checkpoint)) throw new InputError(`${this.folder.path} has no checkpoint to resume from.`);
    restoreParts(readCheckpoint(this.folder.checkpoint), this.parts());
  }

  private checkpoint(): void {
    this.metrics.flush();
    writeCheckpoint(this.folder.checkpoint, saveParts(this.parts()));
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
            wallSeconds: this.wallSeconds(),
          },
        }),
        restore: (saved) => {
          const best = savedValue<Omit<Best, 'utility'> & { utility: number | null }>(saved, 'best');
          this.best = { ...best, utility: best.utility ?? -Infinity };
          this.nextLook = savedValue<number>(saved, 'nextLook');
          this.nextCheckpoint = savedValue<number>(saved, 'nextCheckpoint');
          this.metrics.reset(savedValue<MetricsRow[]>(saved, 'rows'));
          this.secondsBefore = savedValue<number>(saved, 'wallSeconds');
        },
      },
    };
  }

  private look(days: readonly string[]): Evaluation {
    return summarise(days, this.trainee.policy.results(days, this.setting.config.evaluation.seed).totals);
  }

  private wallSeconds(): number {
    return this.secondsBefore + (performance.now() - this.started) / 1000;
  }
}
