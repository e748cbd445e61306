import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createParameters, exportPolicy, mlp } from '../../../src/engine/index.js';
import { randomStream } from '../../../src/math/random.js';
import { resolveExperiment } from '../../../experiments/run/config.js';
import { policyFileResults, readPolicyFile } from '../../../experiments/run/policyFile.js';
import { loadSetting } from '../../../experiments/run/setting.js';
import { jouleflow, refused, temporaryFolder } from '../../support/cli.js';

const folder = temporaryFolder();
const day = '2023-03-01';
const setting = await loadSetting(resolveExperiment({ preset: 'price' }), { schedulers: [] });
const environment = setting.environment();
const { observationNames, actionNames } = environment;

/** A small random network as a policy file. */
async function policyFile(name: string, sizes: { observations: number; actions: number }, metadata: Record<string, string>): Promise<string> {
  const network = mlp({ name: 'actor', inputs: sizes.observations, hidden: [8], outputs: sizes.actions, activation: 'relu', outputActivation: 'tanh' });
  const block = createParameters(network.layout);
  network.initialise(block, randomStream(1, 'policyFile'));
  const file = join(folder, name);
  writeFileSync(file, await exportPolicy({ observationSize: sizes.observations, parameters: [block], policy: network.apply, metadata }));
  return file;
}

const fitting = { observations: observationNames.length, actions: actionNames.length };

describe('a policy from elsewhere', () => {
  it('is judged by what the fleet gains by its actions, over --policy as over the function', async () => {
    const file = await policyFile('named.onnx', fitting, { observations: JSON.stringify(observationNames), actions: JSON.stringify(actionNames) });
    const { totals } = await policyFileResults(readPolicyFile(file), environment, [day], { seed: setting.config.evaluation.seed });
    const { stdout, status } = jouleflow(['evaluate', '--policy', file, '--preset', 'price', '--days', day, '--no-bound', '--json']);
    expect(status).toBe(0);
    expect((JSON.parse(stdout) as { utilityByDay: number[] }).utilityByDay).toEqual([totals[0]!.utility]);
    // Not what doing nothing gives: its actions count.
    environment.reset({ seed: setting.config.evaluation.seed, options: { day } });
    for (;;) {
      const step = environment.step(new Float32Array(actionNames.length));
      if (step.info.totals === undefined) continue;
      expect(step.info.totals.utility).not.toBe(totals[0]!.utility);
      break;
    }
  });

  it('need not name what it sees and does', async () => {
    const file = await policyFile('nameless.onnx', fitting, {});
    expect((await policyFileResults(readPolicyFile(file), environment, [day], { seed: 1 })).totals).toHaveLength(1);
  });
});

describe('a policy that does not fit is refused', () => {
  it.each<[string, { observations: number; actions: number }, Record<string, string>, RegExp]>([
    ['names.onnx', fitting, { observations: JSON.stringify(['soc']) }, /its observations are not those of this fleet; found \["soc"\], expected \["timeSin"/],
    ['narrow.onnx', { ...fitting, observations: 7 }, {}, /expected one input observation float32 \[batch, 46\], found observation float32 \[batch, 7\]/],
    ['wide.onnx', { ...fitting, actions: 4 }, {}, /expected an output action float32 \[batch, 3\], found action float32 \[batch, 4\]/],
    ['part.onnx', fitting, { part: 'a value' }, /holds only a part of a policy: a value/],
  ])('%s', async (name, sizes, metadata, sentence) => {
    const file = await policyFile(name, sizes, metadata);
    expect(refused(['evaluate', '--policy', file, '--preset', 'price', '--days', day])).toMatch(sentence);
  });

  it('if it is no model at all', () => {
    const file = join(folder, 'text.onnx');
    writeFileSync(file, 'no model');
    expect(refused(['evaluate', '--policy', file, '--preset', 'price'])).toMatch(/text\.onnx/);
    expect(refused(['evaluate', '--policy', join(folder, 'nothing.onnx')])).toMatch(/nothing\.onnx/);
  });

  it('beside another thing to judge', () => {
    expect(refused(['evaluate', '--policy', 'a.onnx', '--scheduler', 'greedy'])).toMatch(/found several of a run folder, --scheduler and --policy, expected one/);
  });
});
