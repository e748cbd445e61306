import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import type { ExperimentConfig } from '../../experiments/run/config.js';
import { resolveExperiment } from '../../experiments/run/config.js';
import { loadRunPolicy } from '../../experiments/run/agent.js';
import type { ActorPolicy } from '../../agents/index.js';
import { runFolder } from '../../experiments/run/runFolder.js';
import type { RunFolder } from '../../experiments/run/runFolder.js';
import type { Setting } from '../../experiments/run/setting.js';
import { loadSetting } from '../../experiments/run/setting.js';
import { arrayState, writeCheckpoint } from '../../src/io/checkpoint.js';
import { randomStream } from '../../src/math/random.js';

export const freshFolder = (): string => mkdtempSync(join(tmpdir(), 'jouleflow-web-'));

export function put(file: string, content: string | Uint8Array): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

/** A run with a policy of random weights: one that sends jobs here and there without having been trained. */
export async function randomRun(path: string, set: readonly string[]): Promise<{ folder: RunFolder; setting: Setting; policy: ActorPolicy }> {
  const config = resolveExperiment({ set });
  const folder = runFolder(path);
  const setting = await loadSetting(config);
  put(folder.config, stringify(config));
  const environment = setting.environment();
  const size = environment.observationSpace.size + environment.actionSpace.size;
  const { hidden } = config.agent;
  // As many values as the layers have; the checkpoint is refused if that is wrong.
  const shared = config.agent.actor === 'shared' && config.environment.dispatch !== 'logits';
  const { globalSize, siteSize, sites } = environment.observationLayout;
  const inputs = shared ? globalSize + 2 * siteSize : environment.observationSpace.size;
  const outputs = shared ? environment.actionSpace.size / sites : size - environment.observationSpace.size;
  const widths = [inputs, ...hidden, outputs];
  const length = widths.slice(1).reduce((sum, width, i) => sum + (widths[i]! + 1) * width, 0);
  const random = randomStream(7, 'weights');
  const weights = new Float32Array(length).map(() => 0.4 * random.normal());
  writeCheckpoint(folder.policyWeights, arrayState(weights).save());
  const policy = loadRunPolicy(folder, setting) as ActorPolicy;
  put(folder.policyOnnx, await policy.onnx());
  return { folder, setting, policy };
}

const evaluation = (utility: number) => ({
  days: ['2023-01-10', '2023-03-01'],
  utility: { mean: utility, ci95: 120 },
  lateRate: 0.03,
  revenue: utility + 1500,
  penalty: 200,
  transferCost: 100,
  energyCost: 1200,
  energyKwh: 130,
  gridImportKwh: 90,
  renewableKwh: 40,
  carbonKg: 25,
  meanSteps: 24,
  bound: null,
  shareOfBound: null,
  hindsight: null,
  shareOfHindsight: null,
});

export interface MadeRun {
  readonly points?: number;
  readonly utility?: number | null;
  readonly config?: Partial<ExperimentConfig>;
}

/** A run folder with a curve that rises to `utility`; unfinished if that is null. */
export function makeRun(runs: string, id: string, { points = 20, utility = 4000, config = {} }: MadeRun = {}): string {
  const path = join(runs, id);
  put(join(path, 'config.yaml'), stringify({ ...resolveExperiment({}), ...config }));
  const rows = Array.from({ length: points }, (_, i) => {
    const reached = (utility ?? 1000) * (1 - Math.exp((-4 * i) / points));
    return `${288 * (i + 1)},${i + 1},2022-03-01,${reached - 300},0.1,12,0.5,-0.25,,1.5,${reached},0.05`;
  });
  const header = 'step,episode,day,utility,lateRate,paid,criticLoss,actorLoss,shaperLoss,value,validationUtility,validationLateRate';
  put(join(path, 'metrics.csv'), `${[header, ...rows].join('\n')}\n`);
  if (utility !== null) {
    const summary = {
      steps: 288 * points,
      parameters: 6000,
      validation: { utility, lateRate: 0.05, step: 288 * points },
      test: { best: evaluation(utility), last: evaluation(utility - 50) },
      schedulers: { greedy: { validation: evaluation(5000), test: evaluation(5100) } },
    };
    put(join(path, 'summary.json'), JSON.stringify(summary));
  }
  return path;
}
