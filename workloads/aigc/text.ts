import type { Gating } from '../moe/simulate.js';

/** A text model as a fleet can serve it: a decoder on one device or several, or a translation model on a node of eight. */
export interface TextModel {
  readonly kind: 'text';
  readonly name: string;
  readonly title: string;
  /** Worth of an answer relative to Llama 3 8B's, or to the best model of its task. */
  readonly quality: number;
  readonly source: string;
  /** How `workloads/power` calls the network and over how many devices it is cut, or how `workloads/moe` runs the experts. */
  readonly network: { readonly power: string; readonly devices: number } | { readonly translation: Gating | 'dense' };
}

/** MMLU's score of guessing, and of Llama 3 8B: quality is how much further from the one than the other a model lies. */
const [mmluGuess, mmluReference] = [25, 66.6] as const;

const language = (name: string, title: string, mmlu: number, source: string, devices = 1): TextModel => ({
  kind: 'text',
  name,
  title,
  quality: (mmlu - mmluGuess) / (mmluReference - mmluGuess),
  source: `MMLU ${mmlu}, ${source}`,
  network: { power: name, devices },
});

const translation = (gating: Gating | 'dense', title: string): TextModel => ({
  kind: 'text',
  name: `nllb-${gating}`,
  title,
  quality: 1,
  source: 'taken as equal for the three: no figure of a dense model of the same layers is at hand',
  network: { translation: gating },
});

const card = "5-shot, Meta's model card";
const qwen3 = '5-shot, Qwen3 technical report (2025), base models';
const gemma3 = '5-shot, Gemma 3 technical report (2025), pretrained models';
const nemotron = '5-shot, Nemotron Nano 2 report (2025), base models';

/**
 * The text models. Worth grows in proportion to the tokens of an answer that were generated, up to those asked for: an
 * answer cut off half-way is worth half. Scores are those of the pretrained models, as their makers publish them.
 */
export const textModels: readonly TextModel[] = [
  language('llama-3-8b', 'Llama 3, 8 B, dense', mmluReference, card),
  language('llama-3.1-8b', 'Llama 3.1, 8 B, dense', 66.7, card),
  language('llama-3.1-70b', 'Llama 3.1, 70 B, dense, 4 devices', 79.3, card, 4),
  language('llama-3.3-70b', 'Llama 3.3, 70 B, dense, 4 devices', 79.3, `${card}; of the pretrained Llama 3.1 70B that it was tuned from`, 4),
  language('llama-3.1-405b', 'Llama 3.1, 405 B, dense, 8 devices', 85.2, card, 8),
  language('llama-4-scout', 'Llama 4 Scout, 109 B, mixture of experts, 4 devices', 79.6, card, 4),
  language('llama-4-maverick', 'Llama 4 Maverick, 400 B, mixture of experts, 8 devices', 85.5, card, 8),
  language('qwen2-1.5b', 'Qwen2, 1.5 B, dense', 56.5, "5-shot, Qwen's model card"),
  language('qwen3-8b', 'Qwen 3, 8 B, dense', 76.89, qwen3),
  language('qwen3-14b', 'Qwen 3, 14 B, dense', 81.05, qwen3),
  language('qwen3-32b', 'Qwen 3, 32 B, dense, 2 devices', 83.61, qwen3, 2),
  language('qwen3-30b-a3b', 'Qwen 3, 30 B, mixture of experts, 2 devices', 81.38, qwen3, 2),
  language('qwen3-235b-a22b', 'Qwen 3, 235 B, mixture of experts, 8 devices', 87.81, qwen3, 8),
  language('gemma-3-12b', 'Gemma 3, 12 B, dense', 74.5, gemma3),
  language('gemma-3-27b', 'Gemma 3, 27 B, dense', 78.6, gemma3),
  language('mixtral-8x7b', 'Mixtral 8x7B, mixture of experts, 2 devices', 70.6, 'Jiang et al. 2024 (Mixtral of Experts, table 2)', 2),
  language('deepseek-v3', 'DeepSeek V3, 671 B, mixture of experts, 8 devices', 87.1, '5-shot, DeepSeek-V3 technical report (2024), base model', 8),
  language('nemotron-nano-9b-v2', 'Nemotron Nano v2, 9 B, state space hybrid', 74.53, nemotron),
  language('nemotron-nano-12b-v2', 'Nemotron Nano v2, 12 B, state space hybrid', 78.24, nemotron),
  translation('dense', 'translation, the dense model under NLLB 54.5 B'),
  translation('static', 'translation, NLLB 54.5 B, mixture of experts, static gating'),
  translation('dynamic', 'translation, NLLB 54.5 B, mixture of experts, dynamic gating'),
];
