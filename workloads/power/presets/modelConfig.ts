import { basename, dirname } from 'node:path';
import { InputError, suggest } from '../../../src/io/errors.js';
import { readJson } from '../../../src/io/files.js';
import type { Precision } from '../kernel.js';
import type { DecoderShape, Experts, GroupedAttention, LatentAttention } from './decoderShape.js';
import { ConfigFields } from './configFields.js';

/** A decoder as a model hub publishes it. */
export interface PublishedDecoder {
  readonly name: string;
  readonly shape: DecoderShape;
  /** The format of its weights, where the file says one that a server would use. */
  readonly precision?: Precision;
}

/**
 * Reads a model hub's `config.json` of a dense, mixture-of-experts or state-space hybrid decoder. Throws InputError (file,
 * field, what was found, what was expected) for bad figures and for an architecture that is not known.
 */
export function readModelConfig(file: string): PublishedDecoder {
  const name = basename(file).toLowerCase() === 'config.json' ? basename(dirname(file)) : basename(file).replace(/\.json$/i, '');
  const document = readJson(file);
  return { name: name === '' || name === '.' ? 'model' : name, ...parseModelConfig(document, file) };
}

/** As `readModelConfig`, on a parsed document; `where` names it in messages. */
export function parseModelConfig(document: unknown, where: string): Omit<PublishedDecoder, 'name'> {
  const outer = new ConfigFields(document, where);
  const config = outer.within('text_config');
  const type = config.text('model_type', outer.text('model_type', ''));
  const read = Object.hasOwn(architectures, type) ? architectures[type] : undefined;
  if (read === undefined) {
    throw new InputError(`${where}, "model_type": unknown architecture "${type}".${suggest(type, Object.keys(architectures))}`);
  }
  const shape = read(config);
  const precision = precisionOf(outer, config);
  return { shape, ...(precision === undefined ? {} : { precision }) };
}

type Reader = (config: ConfigFields) => DecoderShape;

interface Habits {
  readonly qkNorm?: boolean;
  readonly norms?: 2;
  readonly tied?: boolean;
  /** Where the file need not say them: the defaults of the architecture's class. */
  readonly headDim?: number;
  readonly heads?: number;
  readonly kvHeads?: number;
  readonly vocab?: number;
}

/** What all decoders with grouped-query attention have. */
function base(config: ConfigFields, { qkNorm = false, norms, tied = false, ...given }: Habits = {}): DecoderShape & { attention: GroupedAttention } {
  const hidden = config.size('hidden_size');
  const layers = config.size('num_hidden_layers');
  const heads = config.size('num_attention_heads', given.heads);
  const kvHeads = config.size('num_key_value_heads', given.kvHeads ?? heads);
  const headDim = config.size('head_dim', given.headDim ?? config.quotient('hidden_size', hidden, 'num_attention_heads', heads));
  config.quotient('num_attention_heads', heads, 'num_key_value_heads', kvHeads);
  return {
    hidden,
    vocab: config.size('vocab_size', given.vocab),
    attention: { heads, kvHeads, headDim, qkNorm },
    attentionLayers: layers,
    ...(norms === undefined ? {} : { norms }),
    tied: config.flag('tie_word_embeddings', tied),
  };
}

const dense = (habits: Habits = {}): Reader => (config) => {
  const shape = base(config, habits);
  return { ...shape, dense: { layers: shape.attentionLayers, width: config.size('intermediate_size'), matrices: 3 } };
};

/** Dense, and of every `pattern` layers all but one see a window only (unless the file lists its layers' types). */
const windowed = (habits: Habits, pattern: number, window: number): Reader => (config) => {
  const shape = dense(habits)(config);
  const every = config.size('sliding_window_pattern', pattern);
  const listed = config.list('layer_types');
  const layers = listed?.filter((type) => type === 'sliding_attention').length ?? shape.attentionLayers - Math.floor(shape.attentionLayers / every);
  return { ...shape, window: { layers, tokens: config.size('sliding_window', window) } };
};

const mixture = (fields: { count: string; width: string; shared?: string }, habits: Habits = {}): Reader => (config) => {
  const shape = base(config, habits);
  const step = config.size('decoder_sparse_step', 1);
  const denseLayers = (config.list('mlp_only_layers')?.length ?? 0) + (shape.attentionLayers - Math.floor(shape.attentionLayers / step));
  const experts: Experts = {
    layers: shape.attentionLayers - denseLayers,
    count: config.size(fields.count),
    perToken: config.size('num_experts_per_tok'),
    width: config.size(fields.width),
    shared: fields.shared === undefined ? 0 : config.count(fields.shared, 0),
  };
  return withExperts(config, { ...shape, ...(denseLayers === 0 ? {} : { dense: { layers: denseLayers, width: config.size('intermediate_size'), matrices: 3 } }) }, experts);
};

function withExperts(config: ConfigFields, shape: DecoderShape, experts: Experts): DecoderShape {
  if (experts.perToken > experts.count) throw config.error('num_experts_per_tok', `at most the ${experts.count} experts that there are`, experts.perToken);
  return { ...shape, experts };
}

const latent: Reader = (config) => {
  const layers = config.size('num_hidden_layers');
  const attention: LatentAttention = {
    heads: config.size('num_attention_heads'),
    queryRank: config.count('q_lora_rank', 0),
    kvRank: config.size('kv_lora_rank'),
    plainDim: config.size('qk_nope_head_dim'),
    ropeDim: config.size('qk_rope_head_dim'),
    valueDim: config.size('v_head_dim'),
  };
  const first = config.count('first_k_dense_replace', 0);
  if (first > layers) throw config.error('first_k_dense_replace', `at most the ${layers} layers that there are`, first);
  const width = config.size('moe_intermediate_size');
  const shape: DecoderShape = {
    hidden: config.size('hidden_size'),
    vocab: config.size('vocab_size'),
    attention,
    attentionLayers: layers,
    ...(first === 0 ? {} : { dense: { layers: first, width: config.size('intermediate_size'), matrices: 3 as const } }),
    tied: config.flag('tie_word_embeddings', false),
  };
  const experts = { layers: layers - first, count: config.size('n_routed_experts'), perToken: config.size('num_experts_per_tok'), width, shared: width * config.count('n_shared_experts', 0) };
  return withExperts(config, shape, experts);
};

/** Every so many layers one of experts, with an expert of the same width for all tokens; of four layers one sees everything. */
const llama4: Reader = (config) => {
  const shape = base(config, { qkNorm: true, headDim: 128 });
  const step = config.size('interleave_moe_layer_step', 1);
  const expertLayers = Math.floor(shape.attentionLayers / step);
  const width = config.size('intermediate_size');
  const denseLayers = shape.attentionLayers - expertLayers;
  return withExperts(
    config,
    {
      ...shape,
      window: { layers: shape.attentionLayers - Math.floor(shape.attentionLayers / 4), tokens: config.size('attention_chunk_size', 8192) },
      ...(denseLayers === 0 ? {} : { dense: { layers: denseLayers, width: config.size('intermediate_size_mlp'), matrices: 3 as const } }),
    },
    { layers: expertLayers, count: config.size('num_local_experts'), perToken: config.size('num_experts_per_tok', 1), width, shared: width },
  );
};

/** Layers by a pattern of letters: M state space, * attention, - feed-forward (two matrices, squared ReLU). */
const nemotron: Reader = (config) => {
  const pattern = config.text('hybrid_override_pattern');
  if (!/^[M*-]+$/.test(pattern)) throw config.error('hybrid_override_pattern', 'letters M, * and -, a layer each', pattern);
  const count = (letter: string): number => [...pattern].filter((other) => other === letter).length;
  const shape = base(config, { headDim: config.size('attention_head_dim', 128) });
  return {
    ...shape,
    attentionLayers: count('*'),
    dense: { layers: count('-'), width: config.size('intermediate_size'), matrices: 2 },
    stateSpace: {
      layers: count('M'),
      heads: config.size('mamba_num_heads'),
      headDim: config.size('mamba_head_dim'),
      state: config.size('ssm_state_size'),
      groups: config.size('n_groups', 8),
    },
  };
};

const gemma: Habits = { qkNorm: true, norms: 2, tied: true, headDim: 256, heads: 8, kvHeads: 4, vocab: 262208 };

const architectures: Readonly<Record<string, Reader>> = {
  llama: dense(),
  mistral: dense(),
  qwen2: dense(),
  qwen3: dense({ qkNorm: true, headDim: 128 }),
  phi3: dense(),
  olmo2: dense({ qkNorm: true }),
  gemma2: windowed({ norms: 2, tied: true, headDim: 256, vocab: 256000 }, 2, 4096),
  gemma3: windowed(gemma, 6, 1024),
  gemma3_text: windowed(gemma, 6, 1024),
  mixtral: mixture({ count: 'num_local_experts', width: 'intermediate_size' }),
  olmoe: mixture({ count: 'num_experts', width: 'intermediate_size' }, { qkNorm: true }),
  qwen2_moe: mixture({ count: 'num_experts', width: 'moe_intermediate_size', shared: 'shared_expert_intermediate_size' }),
  qwen3_moe: mixture({ count: 'num_experts', width: 'moe_intermediate_size' }, { qkNorm: true, headDim: 128 }),
  deepseek_v2: latent,
  deepseek_v3: latent,
  llama4: llama4,
  llama4_text: llama4,
  nemotron_h: nemotron,
};

/** The weights' format: quantised to eight bits, else what the checkpoint was saved in. */
function precisionOf(outer: ConfigFields, config: ConfigFields): Precision | undefined {
  const quantised = outer.optional('quantization_config') ?? outer.optional('compression_config');
  if (quantised !== undefined) {
    const method = quantised.text('quant_method', 'unknown');
    const eight = method.includes('fp8') || (method === 'compressed-tensors' && /"num_bits":8,|"num_bits":8}/.test(quantised.json()) && quantised.json().includes('"float"'));
    if (!eight) throw outer.error('quantization_config', 'eight-bit floating point (fp8), or none', method);
    return 'fp8';
  }
  const saved = outer.text('torch_dtype', outer.text('dtype', config.text('torch_dtype', '')));
  return ({ bfloat16: 'bf16', float16: 'fp16' } as const)[saved as 'bfloat16'];
}
