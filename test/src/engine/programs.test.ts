import * as tf from '../../../src/vendor/tfjs.js';
import { describe, expect, it } from 'vitest';
import { ddpgUpdate } from '../../../bench/engineDdpg.js';
import type { Adam, Program } from '../../../src/engine/index.js';
import { compile, createAdam, createParameters, gradientsOf, layoutOf } from '../../../src/engine/index.js';
import { encodeModel } from '../../../src/engine/onnx/encode.js';
import { recordProgram } from '../../../src/engine/record-program.js';
import { randomStream } from '../../../src/math/random.js';
import { drawInputs, expectAgreement } from './support/agree.js';
import { diffusion, sac, td3 } from './support/programs.js';

const small = { observation: 7, action: 3, hidden: [16, 16], batch: 9 };

describe('whole programs, compiled and eager', () => {
  const random = randomStream(11);
  const uniform = { signal: () => 0.05 + 0.9 * random.next(), step: () => random.integer(20), continues: () => random.integer(2) };
  it('agree on DDPG', () => expectAgreement(ddpgUpdate(small).program, random, uniform));
  it('agree on TD3', () => expectAgreement(td3().program, random, uniform));
  it('agree on SAC', () => expectAgreement(sac().program, random, uniform));
  it.each(['noise', 'sample', 'velocity'] as const)('agree on diffusion predicting %s', (prediction) =>
    expectAgreement(diffusion(prediction).program, random, uniform),
  );
});

describe('repeatability', () => {
  const train = async (steps: number): Promise<Buffer> => {
    const { blocks, program } = ddpgUpdate(small);
    const compiled = await compile(program);
    const optimisers: [Adam, Float32Array][] = [
      [createAdam(blocks.critic, { learningRate: 1e-3, target: { block: blocks.criticTarget, rate: 0.01 } }), compiled.gradients.critic],
      [createAdam(blocks.actor, { learningRate: 1e-3, maxGradientNorm: 1, target: { block: blocks.actorTarget, rate: 0.01 } }), compiled.gradients.actor],
    ];
    const random = randomStream(3);
    for (let step = 0; step < steps; step++) {
      drawInputs(compiled.inputs, random);
      await compiled.run();
      for (const [optimiser, gradients] of optimisers) optimiser.step(gradients);
    }
    await compiled.dispose();
    return Buffer.concat(Object.values(blocks).map(({ flat }) => Buffer.from(flat.slice().buffer)));
  };

  it('of training: the same weights, byte for byte', async () => {
    const first = await train(30);
    expect((await train(30)).equals(first)).toBe(true);
    expect((await train(31)).equals(first)).toBe(false);
  });

  it('of recording: the same model, byte for byte', async () => {
    const record = async (): Promise<Uint8Array> => encodeModel((await recordProgram(sac().program as unknown as Program<string, string>)).outputs);
    expect(await record()).toEqual(await record());
  });
});

describe('training', () => {
  it('reduces the loss of a regression', async () => {
    const block = createParameters(layoutOf([{ name: 'w', shape: [3, 1] }]));
    const truth = [1, -2, 0.5];
    const compiled = await compile({
      inputs: { x: [16, 3], y: [16, 1] },
      parameters: { p: block },
      build: ({ x, y }, { p }) => {
        const { value, gradients } = gradientsOf((params) => tf.losses.meanSquaredError(y, tf.matMul(x as tf.Tensor2D, params['w'] as tf.Tensor2D)), p);
        return { outputs: { loss: value }, gradients: { p: gradients } };
      },
    });
    const adam = createAdam(block, { learningRate: 0.05 });
    const random = randomStream(1);
    for (let i = 0; i < 400; i++) {
      for (let r = 0; r < 16; r++) {
        const row = [random.normal(), random.normal(), random.normal()];
        compiled.inputs.x.set(row, 3 * r);
        compiled.inputs.y[r] = row.reduce((sum, v, k) => sum + v * truth[k]!, 0);
      }
      await compiled.run();
      adam.step(compiled.gradients.p);
    }
    expect(compiled.outputs['loss']![0]).toBeLessThan(1e-4);
    block.flat.forEach((w, i) => expect(w).toBeCloseTo(truth[i]!, 2));
  });
});
