import type { PublishedDecoder } from './modelConfig.js';
import { parseModelConfig } from './modelConfig.js';

/** A built-in decoder: the figures of its published `config.json` that shape its kernels. */
interface Published {
  readonly about: string;
  /** How checkpoints with this network are called, owner and suffixes such as `-Instruct` aside. */
  readonly checkpoints: readonly string[];
  readonly config: Readonly<Record<string, unknown>>;
}

const llama = (layers: number, hidden: number, ffn: number, heads: number) => ({
  model_type: 'llama', num_hidden_layers: layers, hidden_size: hidden, intermediate_size: ffn, num_attention_heads: heads, num_key_value_heads: 8, vocab_size: 128256,
});
const qwen3 = (layers: number, hidden: number, ffn: number, heads: number, tied = false) => ({
  model_type: 'qwen3', num_hidden_layers: layers, hidden_size: hidden, intermediate_size: ffn, num_attention_heads: heads, num_key_value_heads: 8, head_dim: 128, vocab_size: 151936, tie_word_embeddings: tied,
});
const qwen3Experts = (layers: number, hidden: number, heads: number, kvHeads: number, count: number, width: number) => ({
  model_type: 'qwen3_moe', num_hidden_layers: layers, hidden_size: hidden, num_attention_heads: heads, num_key_value_heads: kvHeads, head_dim: 128, vocab_size: 151936,
  num_experts: count, num_experts_per_tok: 8, moe_intermediate_size: width,
});
const gemma3 = (layers: number, hidden: number, ffn: number, heads: number, kvHeads: number, headDim: number) => ({
  model_type: 'gemma3_text', num_hidden_layers: layers, hidden_size: hidden, intermediate_size: ffn, num_attention_heads: heads, num_key_value_heads: kvHeads, head_dim: headDim, vocab_size: 262208, sliding_window: 1024,
});
const mixtral = (layers: number, hidden: number, ffn: number, heads: number, vocab: number) => ({
  model_type: 'mixtral', num_hidden_layers: layers, hidden_size: hidden, intermediate_size: ffn, num_attention_heads: heads, num_key_value_heads: 8, vocab_size: vocab, num_local_experts: 8, num_experts_per_tok: 2,
});
const llama4 = (experts: number, step: number) => ({
  model_type: 'llama4_text', num_hidden_layers: 48, hidden_size: 5120, intermediate_size: 8192, intermediate_size_mlp: 16384, num_attention_heads: 40, num_key_value_heads: 8, head_dim: 128, vocab_size: 202048,
  num_local_experts: experts, num_experts_per_tok: 1, interleave_moe_layer_step: step, attention_chunk_size: 8192,
});
const nemotron = (pattern: string, hidden: number, ffn: number) => ({
  model_type: 'nemotron_h', hybrid_override_pattern: pattern, num_hidden_layers: pattern.length, hidden_size: hidden, intermediate_size: ffn, num_attention_heads: 40, num_key_value_heads: 8, attention_head_dim: 128,
  vocab_size: 131072, mamba_num_heads: 128, mamba_head_dim: 80, ssm_state_size: 128, n_groups: 8,
});

/** From the `config.json` of each model's repository on its publisher's hub page. */
const published: Readonly<Record<string, Published>> = {
  'qwen2-1.5b': {
    about: 'dense, 1.5 G parameters',
    checkpoints: ['qwen2-1.5b'],
    config: { model_type: 'qwen2', num_hidden_layers: 28, hidden_size: 1536, intermediate_size: 8960, num_attention_heads: 12, num_key_value_heads: 2, vocab_size: 151936 },
  },
  'llama-3-8b': { about: 'dense, 8 G parameters', checkpoints: ['meta-llama-3-8b', 'llama-3-8b'], config: llama(32, 4096, 14336, 32) },
  'llama-3.1-8b': { about: 'dense, 8 G parameters', checkpoints: ['llama-3.1-8b', 'meta-llama-3.1-8b'], config: llama(32, 4096, 14336, 32) },
  'llama-3.1-70b': { about: 'dense, 70 G parameters', checkpoints: ['llama-3.1-70b', 'meta-llama-3.1-70b'], config: llama(80, 8192, 28672, 64) },
  'llama-3.3-70b': { about: 'dense, 70 G parameters', checkpoints: ['llama-3.3-70b'], config: llama(80, 8192, 28672, 64) },
  'llama-3.1-405b': { about: 'dense, 405 G parameters', checkpoints: ['llama-3.1-405b', 'meta-llama-3.1-405b'], config: llama(126, 16384, 53248, 128) },
  'llama-4-scout': { about: 'experts, 17 of 109 G parameters a token', checkpoints: ['llama-4-scout-17b-16e'], config: llama4(16, 1) },
  'llama-4-maverick': { about: 'experts, 17 of 400 G parameters a token', checkpoints: ['llama-4-maverick-17b-128e'], config: llama4(128, 2) },
  'qwen3-4b': { about: 'dense, 4 G parameters', checkpoints: ['qwen3-4b'], config: qwen3(36, 2560, 9728, 32, true) },
  'qwen3-8b': { about: 'dense, 8 G parameters', checkpoints: ['qwen3-8b'], config: qwen3(36, 4096, 12288, 32) },
  'qwen3-14b': { about: 'dense, 15 G parameters', checkpoints: ['qwen3-14b'], config: qwen3(40, 5120, 17408, 40) },
  'qwen3-32b': { about: 'dense, 33 G parameters', checkpoints: ['qwen3-32b'], config: qwen3(64, 5120, 25600, 64) },
  'qwen3-30b-a3b': { about: 'experts, 3 of 31 G parameters a token', checkpoints: ['qwen3-30b-a3b', 'qwen3-coder-30b-a3b'], config: qwen3Experts(48, 2048, 32, 4, 128, 768) },
  'qwen3-235b-a22b': { about: 'experts, 22 of 235 G parameters a token', checkpoints: ['qwen3-235b-a22b'], config: qwen3Experts(94, 4096, 64, 4, 128, 1536) },
  'qwen3-480b-a35b': { about: 'experts, 35 of 480 G parameters a token', checkpoints: ['qwen3-coder-480b-a35b'], config: qwen3Experts(62, 6144, 96, 8, 160, 2560) },
  'gemma-3-4b': { about: 'dense, windowed, 4 G parameters', checkpoints: ['gemma-3-4b'], config: gemma3(34, 2560, 10240, 8, 4, 256) },
  'gemma-3-12b': { about: 'dense, windowed, 12 G parameters', checkpoints: ['gemma-3-12b'], config: gemma3(48, 3840, 15360, 16, 8, 256) },
  'gemma-3-27b': { about: 'dense, windowed, 27 G parameters', checkpoints: ['gemma-3-27b'], config: gemma3(62, 5376, 21504, 32, 16, 128) },
  'mixtral-8x7b': { about: 'experts, 13 of 47 G parameters a token', checkpoints: ['mixtral-8x7b'], config: mixtral(32, 4096, 14336, 32, 32000) },
  'mixtral-8x22b': { about: 'experts, 39 of 141 G parameters a token', checkpoints: ['mixtral-8x22b'], config: mixtral(56, 6144, 16384, 48, 32768) },
  'deepseek-v3': {
    about: 'experts, latent attention, 37 of 671 G parameters a token',
    checkpoints: ['deepseek-v3', 'deepseek-v3.1', 'deepseek-r1', 'deepseek-v3-0324', 'deepseek-r1-0528'],
    config: {
      model_type: 'deepseek_v3', num_hidden_layers: 61, hidden_size: 7168, intermediate_size: 18432, num_attention_heads: 128, vocab_size: 129280, q_lora_rank: 1536, kv_lora_rank: 512,
      qk_nope_head_dim: 128, qk_rope_head_dim: 64, v_head_dim: 128, n_routed_experts: 256, n_shared_experts: 1, num_experts_per_tok: 8, moe_intermediate_size: 2048, first_k_dense_replace: 3,
      quantization_config: { quant_method: 'fp8' },
    },
  },
  'nemotron-nano-9b-v2': {
    about: 'state space hybrid, 9 G parameters',
    checkpoints: ['nvidia-nemotron-nano-9b-v2', 'nemotron-nano-9b-v2'],
    config: nemotron('M-M-M-MM-M-M-M*-M-M-M*-M-M-M-M*-M-M-M-M*-M-MM-M-M-M-M-M-', 4480, 15680),
  },
  'nemotron-nano-12b-v2': {
    about: 'state space hybrid, 12 G parameters',
    checkpoints: ['nvidia-nemotron-nano-12b-v2', 'nemotron-nano-12b-v2'],
    config: nemotron('M-M-M-M*-M-M-M-M*-M-M-M-M*-M-M-M-M*-M-M-M-M*-M-M-M-M*-M-M-M-M-', 5120, 20480),
  },
};

export interface BuiltinDecoder extends PublishedDecoder {
  readonly about: string;
  readonly checkpoints: readonly string[];
}

/** The built-in decoders, in order of their names' families. */
export const decoders: readonly BuiltinDecoder[] = Object.entries(published).map(([name, { about, checkpoints, config }]) => ({
  name,
  about,
  checkpoints,
  ...parseModelConfig(config, `the built-in configuration of ${name}`),
}));
