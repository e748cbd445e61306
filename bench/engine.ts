import * as ort from 'onnxruntime-node';
import { adamLoop } from '../src/engine/adam-loop.js';
import type { EagerBackend } from '../src/engine/index.js';
import { createAdam, createInference, createParameters, layoutOf } from '../src/engine/index.js';
import { sessionOptions } from '../src/engine/executors/ort.js';
import { Graph } from '../src/engine/graph/graph.js';
import { encodeModel } from '../src/engine/onnx/encode.js';
import { median } from '../src/math/statistics.js';
import type { DdpgShape } from './engineDdpg.js';
import { ddpgFlops, ddpgShapes, ddpgUpdater } from './engineDdpg.js';
import { alternately, medianMs, medianMsAsync } from './measure.js';
import type { Section } from './section.js';

/** Compiled updates against the machine's matrix product, eager tfjs and a plain loop, all on one thread. */
export const engine: Section = {
  name: 'engine',
  run: async () => {
    const gemm = await gemmWork();
    const updateTimesGemm: Record<string, number> = {};
    const eagerUpdateMs: Record<string, Record<string, number>> = {};
    const timesFasterThanEager: Record<string, Record<string, number>> = {};
    const actUs: Record<string, number> = {};
    const gflops: number[] = [];
    for (const [name, shape] of Object.entries(ddpgShapes)) {
      const { update, actor, blocks } = await ddpgUpdater(shape);
      const paired = await alternately(update, gemm.run);
      gflops.push(gemm.flops / paired.other.ms / 1e6);
      updateTimesGemm[name] = paired.work.cpuMs / ((paired.other.cpuMs * ddpgFlops(shape)) / gemm.flops);
      eagerUpdateMs[name] = { wasm: await eagerMs(shape, 'wasm'), cpu: await eagerMs(shape, 'cpu') };
      timesFasterThanEager[name] = Object.fromEntries(Object.entries(eagerUpdateMs[name]).map(([backend, ms]) => [backend, ms / paired.work.ms]));
      const act = createInference(actor, blocks.actor);
      const [input, output] = [new Float32Array(shape.observation).fill(0.1), new Float32Array(shape.action)];
      actUs[name] = 1000 * medianMs(() => act(input, output), { calls: 200 });
    }
    return { gemmGflops: median(gflops), updateTimesGemm, eagerUpdateMs, timesFasterThanEager, actUs, adam: adamMs() };
  },
};

/** Square matrix products in ONNX Runtime, the fastest there is in this installation. */
async function gemmWork(): Promise<{ flops: number; run: () => Promise<unknown> }> {
  const size = 512;
  const graph = new Graph();
  const a = graph.input('a', [size, size]);
  const product = graph.op('Gemm', [a, graph.input('b', [size, size])], [size, size], 'float32', { transA: 0, transB: 0 });
  const session = await ort.InferenceSession.create(encodeModel({ product }), sessionOptions(1));
  const matrix = (): ort.Tensor => new ort.Tensor('float32', new Float32Array(size * size).fill(0.5), [size, size]);
  const [feeds, fetches] = [{ a: matrix(), b: matrix() }, { product: matrix() }];
  return { flops: 2 * size ** 3, run: () => session.run(feeds, fetches) };
}

async function eagerMs(shape: DdpgShape, backend: EagerBackend): Promise<number> {
  const { update, compiled } = await ddpgUpdater(shape, { executor: 'tfjs', backend });
  const ms = await medianMsAsync(update, { samples: 4, warmUp: 1 });
  await compiled.dispose();
  return ms;
}

/** One Adam step with target average on the parameters of an actor and a critic of 2 x 256, as the kernel and as a loop. */
function adamMs(): { parameters: number; kernelMs: number; loopMs: number; timesFaster: number } {
  const parameters = 172_049;
  const wave = (_: unknown, i: number): number => Math.sin(i);
  const block = createParameters(layoutOf([{ name: 'all', shape: [parameters] }]));
  const target = createParameters(block.layout, { beside: block });
  const gradients = Float32Array.from({ length: parameters }, wave);
  const beside = block.memory.allocate();
  beside.set(gradients);
  const adam = createAdam(block, { learningRate: 1e-3, target: { block: target, rate: 0.005 } });
  const arrays = () => new Float32Array(parameters);
  const loop = { parameters: arrays(), gradients, firstMoment: arrays(), secondMoment: arrays(), target: arrays(), rate: 0.005, learningRate: 1e-3 };
  let step = 0;
  const kernelMs = medianMs(() => adam.step(beside), { samples: 50 });
  const loopMs = medianMs(() => adamLoop({ ...loop, step: ++step }), { samples: 50 });
  return { parameters, kernelMs, loopMs, timesFaster: loopMs / kernelMs };
}
