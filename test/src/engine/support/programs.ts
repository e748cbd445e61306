import * as tf from '../../../../src/vendor/tfjs.js';
import type { NamedTensors, Network, ParameterBlock, Program } from '../../../../src/engine/index.js';
import { createParameters, gradientsOf, joinLayouts, mlp } from '../../../../src/engine/index.js';
import { randomStream } from '../../../../src/math/random.js';

const batch = 8;
const observation = 5;
const action = 3;
const inputs = {
  observation: [batch, observation],
  action: [batch, action],
  reward: [batch, 1],
  next: [batch, observation],
  continues: [batch, 1],
  noise: [batch, action],
  nextNoise: [batch, action],
} as const;

function blockFor(networks: readonly Network[], beside?: ParameterBlock): ParameterBlock {
  const layout = joinLayouts(...networks.map((network) => network.layout));
  const block = createParameters(layout, beside === undefined ? {} : { beside });
  for (const network of networks) network.initialise(block, randomStream(5, network.name + (beside === undefined ? '' : '-target')));
  return block;
}

const critics = ['q1', 'q2'].map((name) => mlp({ name, inputs: observation + action, hidden: [16, 16], outputs: 1, activation: 'relu' }));

const values = (params: NamedTensors, state: tf.Tensor, act: tf.Tensor): tf.Tensor[] =>
  critics.map((critic) => critic.apply(params, tf.concat([state, act], 1) as tf.Tensor2D));

const smaller = ([a, b]: tf.Tensor[]): tf.Tensor => tf.minimum(a!, b!);

/** TD3 (Fujimoto et al. 2018, algorithm 1): twin critics, smoothed target action, Huber loss, L2 on the actor. */
export function td3() {
  const actor = mlp({ name: 'actor', inputs: observation, hidden: [16, 16], outputs: action, activation: 'relu', outputActivation: 'tanh' });
  const blocks = { actor: blockFor([actor]), critics: blockFor(critics), actorTarget: blockFor([actor]), criticsTarget: blockFor(critics) };
  const program: Program<keyof typeof inputs, keyof typeof blocks> = {
    inputs,
    parameters: blocks,
    build: (x, p) => {
      const noise = tf.clipByValue(tf.mul(x.nextNoise, 0.2), -0.5, 0.5);
      const nextAction = tf.clipByValue(tf.add(actor.apply(p.actorTarget, x.next as tf.Tensor2D), noise), -1, 1);
      const next = smaller(values(p.criticsTarget, x.next, nextAction));
      const target = tf.add(x.reward, tf.mul(tf.mul(x.continues, 0.99), next));
      const critic = gradientsOf(
        (params) => tf.addN(values(params, x.observation, x.action).map((q) => tf.losses.huberLoss(target, q))) as tf.Scalar,
        p.critics,
      );
      const policy = gradientsOf((params) => {
        const q = values(p.critics, x.observation, actor.apply(params, x.observation as tf.Tensor2D))[0]!;
        const decay = tf.addN(Object.values(params).map((w) => tf.sum(tf.square(w))));
        return tf.add(tf.neg(tf.mean(q)), tf.mul(1e-3, decay)) as tf.Scalar;
      }, p.actor);
      return { outputs: { critic: critic.value, policy: policy.value }, gradients: { critics: critic.gradients, actor: policy.gradients } };
    },
  };
  return { blocks, program };
}

/** SAC (Haarnoja et al. 2018, with a learned temperature): tanh-Gaussian policy, log-probability inside the graph. */
export function sac() {
  const actor = mlp({ name: 'actor', inputs: observation, hidden: [16, 16], outputs: 2 * action, activation: 'relu' });
  const temperature = createParameters([{ name: 'logAlpha', shape: [], offset: 0, size: 1 }]);
  temperature.flat[0] = -0.7;
  const blocks = { actor: blockFor([actor]), critics: blockFor(critics), criticsTarget: blockFor(critics), temperature };
  const sample = (params: NamedTensors, state: tf.Tensor, noise: tf.Tensor): { act: tf.Tensor; logProbability: tf.Tensor } => {
    const [mean, raw] = tf.split(actor.apply(params, state as tf.Tensor2D), 2, 1) as [tf.Tensor, tf.Tensor];
    const logStd = tf.clipByValue(raw, -5, 2);
    const unsquashed = tf.add(mean, tf.mul(tf.exp(logStd), noise));
    const gaussian = tf.sub(tf.sub(tf.mul(-0.5, tf.square(noise)), logStd), 0.5 * Math.log(2 * Math.PI));
    // log(1 - tanh(u)^2) = 2 (log 2 - u - softplus(-2u))
    const squash = tf.mul(2, tf.sub(tf.sub(Math.log(2), unsquashed), tf.softplus(tf.mul(-2, unsquashed))));
    return { act: tf.tanh(unsquashed), logProbability: tf.sum(tf.sub(gaussian, squash), 1, true) };
  };
  const program: Program<keyof typeof inputs, keyof typeof blocks> = {
    inputs,
    parameters: blocks,
    build: (x, p) => {
      const alpha = tf.exp(p.temperature['logAlpha']!);
      const ahead = sample(p.actor, x.next, x.nextNoise);
      const soft = tf.sub(smaller(values(p.criticsTarget, x.next, ahead.act)), tf.mul(alpha, ahead.logProbability));
      const target = tf.add(x.reward, tf.mul(tf.mul(x.continues, 0.99), soft));
      const critic = gradientsOf(
        (params) => tf.addN(values(params, x.observation, x.action).map((q) => tf.losses.meanSquaredError(target, q))) as tf.Scalar,
        p.critics,
      );
      const policy = gradientsOf((params) => {
        const now = sample(params, x.observation, x.noise);
        return tf.mean(tf.sub(tf.mul(alpha, now.logProbability), smaller(values(p.critics, x.observation, now.act)))) as tf.Scalar;
      }, p.actor);
      const surprise = tf.add(sample(p.actor, x.observation, x.noise).logProbability, -action);
      const adapt = gradientsOf((params) => tf.neg(tf.mean(tf.mul(params['logAlpha']!, surprise))) as tf.Scalar, p.temperature);
      return {
        outputs: { critic: critic.value, policy: policy.value, temperature: adapt.value, target },
        gradients: { critics: critic.gradients, actor: policy.gradients, temperature: adapt.gradients },
      };
    },
  };
  return { blocks, program };
}

/** Denoising diffusion training (Ho et al. 2020), with the network predicting noise, the clean sample or velocity. */
export function diffusion(prediction: 'noise' | 'sample' | 'velocity') {
  const size = 6;
  const embedding = 8;
  const denoiser = mlp({ name: 'denoiser', inputs: size + embedding + observation, hidden: [24, 24], outputs: size, activation: 'silu' });
  const blocks = { denoiser: blockFor([denoiser]) };
  const shapes = { clean: [batch, size], noise: [batch, size], condition: [batch, observation], step: [batch, 1], signal: [batch, 1] } as const;
  const program: Program<keyof typeof shapes, 'denoiser'> = {
    inputs: shapes,
    parameters: blocks,
    build: (x, p) => {
      // Sinusoidal embedding (Vaswani et al. 2017, section 3.5).
      const rates = tf.exp(tf.mul(tf.range(0, embedding / 2), -Math.log(10000) / (embedding / 2)));
      const angles = tf.mul(x.step, tf.reshape(rates, [1, -1]));
      const embedded = tf.concat([tf.sin(angles), tf.cos(angles)], 1);
      const a = tf.sqrt(x.signal);
      const s = tf.sqrt(tf.sub(1, x.signal));
      const noisy = tf.add(tf.mul(a, x.clean), tf.mul(s, x.noise));
      const goal = {
        noise: () => x.noise,
        sample: () => x.clean,
        velocity: () => tf.sub(tf.mul(a, x.noise), tf.mul(s, x.clean)),
      }[prediction]();
      const { value, gradients } = gradientsOf((params) => {
        const predicted = denoiser.apply(params, tf.concat([noisy, embedded, x.condition], 1) as tf.Tensor2D);
        return tf.mean(tf.squaredDifference(predicted, goal)) as tf.Scalar;
      }, p.denoiser);
      return { outputs: { loss: value }, gradients: { denoiser: gradients } };
    },
  };
  return { blocks, program };
}
