import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/io/errors.js';
import { estimate } from '../../../workloads/power/estimate.js';
import { loadDevice, modelNamed, workloadOf } from '../../../workloads/power/index.js';
import { decoders } from '../../../workloads/power/presets/decoders.js';
import { onOneDevice, parametersOf } from '../../../workloads/power/presets/decoderShape.js';
import { modelOfCheckpoint } from '../../../workloads/power/presets/catalogue.js';
import { parseModelConfig, readModelConfig } from '../../../workloads/power/presets/modelConfig.js';
import { workloadTotals } from '../../../workloads/power/workload.js';
import { fileWith } from './support.js';

/** As the models' makers state them, G. */
const stated: Readonly<Record<string, number>> = {
  'llama-3.1-8b': 8.03, 'llama-3.1-70b': 70.6, 'llama-3.3-70b': 70.6, 'llama-3.1-405b': 405.9, 'llama-4-scout': 107.8, 'llama-4-maverick': 400.7,
  'qwen3-8b': 8.2, 'qwen3-14b': 14.8, 'qwen3-32b': 32.8, 'qwen3-30b-a3b': 30.5, 'qwen3-235b-a22b': 235.1, 'gemma-3-12b': 11.8, 'gemma-3-27b': 27.0,
  'mixtral-8x7b': 46.7, 'mixtral-8x22b': 140.6, 'deepseek-v3': 671.0, 'nemotron-nano-9b-v2': 8.9, 'nemotron-nano-12b-v2': 12.3,
};

const llama = { model_type: 'llama', num_hidden_layers: 2, hidden_size: 512, intermediate_size: 1024, num_attention_heads: 8, num_key_value_heads: 4, vocab_size: 1000 };
const mixture = { ...llama, model_type: 'mixtral', num_local_experts: 8, num_experts_per_tok: 2 };
const cut = (tensor: number, expert = 1, data = 1) => ({ parallel: { tensor, expert, data } });

describe('built-in decoders', () => {
  it.each(Object.entries(stated))('%s has the %f G parameters that its maker states', (name, giga) => {
    const { shape } = decoders.find((decoder) => decoder.name === name)!;
    expect(parametersOf(shape).total / 1e9 / giga).toBeGreaterThan(0.985);
    expect(parametersOf(shape).total / 1e9 / giga).toBeLessThan(1.015);
  });

  it.each([
    ['meta-llama/Llama-3.3-70B-Instruct', 'llama-3.3-70b'],
    ['meta-llama/Llama-3.1-405B-Instruct-FP8', 'llama-3.1-405b'],
    ['meta-llama/Llama-4-Maverick-17B-128E-Instruct-FP8', 'llama-4-maverick'],
    ['Qwen/Qwen3-235B-A22B-Thinking-2507-FP8', 'qwen3-235b-a22b'],
    ['google/gemma-3-27b-it', 'gemma-3-27b'],
    ['nvidia/NVIDIA-Nemotron-Nano-9B-v2', 'nemotron-nano-9b-v2'],
    ['deepseek-ai/DeepSeek-R1-0528', 'deepseek-v3'],
    ['mistralai/Mixtral-8x7B-Instruct-v0.1', 'mixtral-8x7b'],
    ['black-forest-labs/FLUX.1-dev', 'flux.1'],
    ['Wan-AI/Wan2.1-T2V-14B-Diffusers', 'wan2.1-14b'],
    ['hunyuanvideo-community/HunyuanVideo', 'hunyuan-video'],
    ['Efficient-Large-Model/SANA1.5_4.8B_1024px_diffusers', 'sana-4.8b'],
  ])('knows %s', (repository, name) => expect(modelOfCheckpoint(repository)?.name).toBe(name));

  it('does not take one model for another', () => {
    expect(modelOfCheckpoint('Qwen/Qwen3-80B')).toBeUndefined();
    expect(modelOfCheckpoint('someone/Llama-3.1-8B-Instruct-AWQ')).toBeUndefined();
  });

  it.each(['llama-3.1-8b', 'qwen3-30b-a3b', 'deepseek-v3', 'nemotron-nano-9b-v2', 'gemma-3-12b'])('%s: devices share the work, and all of it is done', (name) => {
    const one = workloadTotals(workloadOf(name, { phase: 'decode', batch: 8, seq: 100, runtime: 'compiled' }));
    const two = workloadTotals(workloadOf(name, { phase: 'decode', batch: 8, seq: 100, runtime: 'compiled', ...cut(2) }));
    // Norms, routers and latents are not shared.
    expect(two.flop / one.flop).toBeGreaterThan(0.49);
    expect(two.flop / one.flop).toBeLessThan(0.62);
    expect(workloadOf(name, { phase: 'decode', ...cut(2) }).memoryBytes!).toBeLessThan(0.55 * workloadOf(name, { phase: 'decode' }).memoryBytes!);
  });

  it('fuses what it compiles, and serves with still fewer kernels', () => {
    const kernels = (runtime: 'eager' | 'compiled' | 'served'): number => workloadTotals(workloadOf('llama-3.1-8b', { phase: 'decode', batch: 4, runtime })).kernels;
    expect(kernels('compiled')).toBeLessThan(0.6 * kernels('eager'));
    expect(kernels('served')).toBeLessThan(kernels('compiled'));
  });

  it('takes a request for its prompt and all tokens of its answer', () => {
    const device = loadDevice('H100', 'served');
    const time = (phase: 'prefill' | 'decode' | 'request', more: object = {}): number => estimate({ device, clockMhz: 1000, workload: workloadOf('llama-3.1-8b', { phase, batch: 8, seq: 512, output: 100, ...more }) }).timeMs;
    expect(time('request')).toBeCloseTo(time('prefill') + 99 * time('decode', { seq: 562 }), 3);
  });

  it('orders chips by what memory gives, and none is bound by a host for want of a field', () => {
    const times = ['B200', 'H200', 'H100', 'A100-80GB'].map((gpu) => estimate({ device: loadDevice(gpu, 'served'), workload: workloadOf('llama-3.1-8b', { phase: 'decode', batch: 32, seq: 512 }) }).timeMs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times[3]! / times[0]!).toBeGreaterThan(1.8);
  });

  it('answers in fp8 where the chip can', () => {
    const workload = workloadOf('llama-3.1-8b', { phase: 'decode', batch: 8, precision: 'fp8' });
    const [fp8, bf16] = [workload, workloadOf('llama-3.1-8b', { phase: 'decode', batch: 8 })].map((w) => estimate({ device: loadDevice('H100', 'served'), workload: w }).timeMs);
    expect(fp8! / bf16!).toBeLessThan(0.8);
    expect(() => estimate({ device: loadDevice('A100', 'served'), workload })).toThrow(/A100-40GB has no tensor cores for fp8/);
  });

  it.each([
    ['llama-3.1-8b', cut(3), /cannot be cut over 3 devices: its 32 attention heads do not divide by 3/],
    ['llama-3.1-8b', cut(1, 4), /has no experts/],
    ['qwen3-30b-a3b', cut(2, 4), /Expert parallelism of 4 does not fit 2 devices/],
    ['qwen3-30b-a3b', cut(1, 3), /attention heads do not divide by 3/],
    ['mixtral-8x7b', cut(16, 16), /its 8 experts do not divide by 16/],
    ['llama-3.1-8b', cut(0), /--tensor-parallel: expected a whole number of at least 1, found 0/],
    ['llama-3.1-8b', { cut: { ulysses: 2, ring: 1 } }, /cut the sequences of diffusion transformers/],
    ['flux.1', cut(2), /expected --ulysses or --ring/],
    ['flux.1', { cut: { ulysses: 5, ring: 1 } }, /its 24 attention heads do not divide by 5/],
    ['sdxl', { cut: { ulysses: 2, ring: 1 } }, /is a UNet, which is not cut over devices/],
    ['sdxl', { size: { width: 512, height: 512, frames: 1 } }, /built in at 1024 x 1024 only/],
    ['gpt2', cut(2), /built in for one device only/],
  ])('refuses to cut %s by %j', (name, request, message) => {
    expect(() => workloadOf(name, request)).toThrow(InputError);
    expect(() => workloadOf(name, request)).toThrow(message);
  });
});

describe('readModelConfig', () => {
  it('builds what the file describes', () => {
    const file = fileWith('config.json', JSON.stringify({ ...llama, torch_dtype: 'bfloat16', rope_theta: 5e5 }));
    const { shape, precision } = readModelConfig(file);
    expect(precision).toBe('bf16');
    expect(shape).toMatchObject({ hidden: 512, attentionLayers: 2, attention: { heads: 8, kvHeads: 4, headDim: 64 }, dense: { layers: 2, width: 1024, matrices: 3 } });
  });

  it('reads nested, quantised and hybrid configurations', () => {
    const nested = parseModelConfig({ model_type: 'gemma3', text_config: { model_type: 'gemma3_text', hidden_size: 3840, intermediate_size: 15360, num_attention_heads: 16, num_key_value_heads: 8, num_hidden_layers: 48, sliding_window: 1024 } }, 'c');
    expect(nested.shape).toEqual(modelNamed('gemma-3-12b').decoder);
    const eight = { quantization_config: { quant_method: 'compressed-tensors', config_groups: { group_0: { weights: { num_bits: 8, type: 'float' } } } } };
    expect(parseModelConfig({ ...llama, ...eight }, 'c').precision).toBe('fp8');
    expect(parseModelConfig({ ...llama, model_type: 'nemotron_h', hybrid_override_pattern: 'M-M*', mamba_num_heads: 8, mamba_head_dim: 64, ssm_state_size: 16 }, 'c').shape).toMatchObject({ attentionLayers: 1, dense: { layers: 1, matrices: 2 }, stateSpace: { layers: 2 } });
  });

  it.each([
    [{ ...llama, model_type: 'bert' }, /"model_type": unknown architecture "bert"/],
    [{ ...llama, model_type: 'lama' }, /unknown architecture "lama"\. Did you mean "llama"/],
    [{}, /"model_type": unknown architecture ""/],
    [[], /expected a JSON object/],
    [{ ...llama, hidden_size: -4 }, /"hidden_size": expected a whole number of at least 1, found -4/],
    [{ ...llama, num_attention_heads: 7 }, /"hidden_size": expected a multiple of "num_attention_heads", 7, found 512/],
    [{ ...llama, num_key_value_heads: 3 }, /"num_attention_heads": expected a multiple of "num_key_value_heads", 3, found 8/],
    [{ ...mixture, num_experts_per_tok: 9 }, /"num_experts_per_tok": expected at most the 8 experts that there are, found 9/],
    [{ ...llama, quantization_config: { quant_method: 'awq' } }, /"quantization_config": expected eight-bit floating point \(fp8\), or none, found "awq"/],
    [{ ...llama, model_type: 'nemotron_h', hybrid_override_pattern: 'MX' }, /"hybrid_override_pattern": expected letters M, \* and -/],
  ])('refuses %j', (document, message) => {
    expect(() => parseModelConfig(document, 'config.json')).toThrow(InputError);
    expect(() => parseModelConfig(document, 'config.json')).toThrow(message);
  });

  it('refuses any field that is no number, in one sentence that names it', () => {
    const numeric = (fields: object): [string, object][] => Object.keys(fields).filter((key) => key !== 'model_type').map((key) => [key, fields]);
    const anything = fc.oneof(fc.string(), fc.boolean(), fc.double({ max: 0.5, noNaN: true }), fc.array(fc.nat(), { maxLength: 2 }), fc.constant({}));
    fc.assert(
      fc.property(fc.constantFrom(...numeric(llama), ...numeric(mixture)), anything, ([field, fields], value) => {
        let said = '';
        try {
          parseModelConfig({ ...fields, [field]: value }, 'config.json');
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
          said = (error as Error).message;
        }
        // Zero heads of keys is no number of heads either; a text in place of a number names its field.
        expect(said).toContain(`config.json, "${field}": expected a whole number of at least 1, found`);
        expect(said).not.toContain('\n');
      }),
      { numRuns: 200, seed: 5 },
    );
  });

  it('cuts any decoder over any devices, or says in one sentence why not', () => {
    fc.assert(
      fc.property(fc.constantFrom(...decoders), fc.nat(17), fc.nat(17), fc.nat(5), ({ name }, tensor, expert, data) => {
        try {
          const { devices, parts } = workloadOf(name, { phase: 'decode', ...cut(tensor, expert, data) });
          expect(devices).toBeGreaterThanOrEqual(1);
          for (const { kernel } of parts[0]!.kernels) for (const value of Object.values(kernel)) if (typeof value === 'number') expect(value).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
          expect((error as Error).message).toMatch(/^[^\n]+\.$/);
        }
      }),
      { numRuns: 200, seed: 6 },
    );
    expect(workloadOf('llama-3.1-8b', { parallel: onOneDevice }).devices).toBe(1);
  });
});
