import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { resolveExperiment } from '../../experiments/run/config.js';
import { loadSetting } from '../../experiments/run/setting.js';
import { randomStream } from '../../src/math/random.js';
import { temporaryFolder } from '../support/cli.js';
import { pythonHas, runPython } from '../support/python.js';

const seed = 5;
const day = '2023-03-01';

/** Plays the actions of a file [steps, actions] and leaves what came of them, as bytes. */
const script = `
import json, sys
import numpy as np
from jouleflow_gym import FleetEnv
folder, preset = sys.argv[1:]
environment = FleetEnv(preset, set={"environment.settlement": "slot"})
size = environment.action_space.shape[0]
observation, _ = environment.reset(seed=${seed}, options={"day": "${day}"})
observations, figures = [observation], []
for action in np.fromfile(f"{folder}/actions", np.float32).reshape(-1, size):
    observation, reward, terminated, truncated, info = environment.step(action)
    observations.append(observation)
    figures.append([reward, *(float(info[column["name"]]) for column in environment.welcome["infos"])])
    if truncated:
        break
environment.close()
np.array(observations, np.float32).tofile(f"{folder}/observations")
np.array(figures, np.float64).tofile(f"{folder}/figures")
print(json.dumps({"columns": [column["name"] for column in environment.welcome["infos"]], "totals": info["totals"], "truncated": truncated}))
`;

it.skipIf(!pythonHas('gymnasium', 'numpy')).each(['price', 'joint', 'paper'])(
  'a day of %s driven from Python is the same day, to the bit (skipped where Python lacks gymnasium)',
  async (preset) => {
    const environment = (await loadSetting(resolveExperiment({ preset, set: ['environment.settlement=slot'] }), { schedulers: [] })).environment();
    const random = randomStream(3, 'actions');
    const actions: number[] = [];
    const observations: number[] = [...environment.reset({ seed, options: { day } }).observation];
    const steps: ReturnType<typeof environment.step>[] = [];
    do {
      const action = Float32Array.from({ length: environment.actionSpace.size }, () => 2 * random.next() - 1);
      const step = environment.step(action);
      actions.push(...action);
      observations.push(...step.observation);
      steps.push(step);
    } while (!steps.at(-1)!.truncated);

    const folder = temporaryFolder();
    writeFileSync(join(folder, 'actions'), Float32Array.from(actions));
    const found = JSON.parse(runPython(['-c', script, folder, preset])) as { columns: string[]; totals: unknown; truncated: boolean };
    const bytes = (name: string): Uint8Array => new Uint8Array(readFileSync(join(folder, name)));
    expect(bytes('observations')).toEqual(new Uint8Array(Float32Array.from(observations).buffer));
    const figures = steps.flatMap(({ reward, info }) => [reward, ...found.columns.map((name) => Number((info as Record<string, unknown>)[name]))]);
    expect(bytes('figures')).toEqual(new Uint8Array(Float64Array.from(figures).buffer));
    expect(found.columns.length).toBeGreaterThan(2);
    expect(found.truncated).toBe(true);
    expect(found.totals).toEqual(steps.at(-1)!.info.totals);
  },
);
