import type { Gating } from '../moe/simulate.js';

/** A text model as a fleet can serve it: a dense decoder on one device, or a translation model on a node of eight. */
export interface TextModel {
  readonly kind: 'text';
  readonly name: string;
  readonly title: string;
  /** Worth of an answer relative to the best model of its task, 0 to 1. */
  readonly quality: number;
  readonly source: string;
  /** How `workloads/power` calls the network, or how `workloads/moe` runs the experts. */
  readonly network: { readonly power: string } | { readonly translation: Gating | 'dense' };
}

/** MMLU's score of guessing, and of the best model here: quality is where between the two a model lies. */
const [mmluGuess, mmluBest] = [25, 66.6] as const;

const language = (name: string, title: string, mmlu: number, source: string): TextModel => ({
  kind: 'text',
  name,
  title,
  quality: (mmlu - mmluGuess) / (mmluBest - mmluGuess),
  source: `MMLU ${mmlu}, ${source}`,
  network: { power: name },
});

const translation = (gating: Gating | 'dense', title: string): TextModel => ({
  kind: 'text',
  name: `nllb-${gating}`,
  title,
  quality: 1,
  source: 'taken as equal for the three: no figure of a dense model of the same layers is at hand',
  network: { translation: gating },
});

/**
 * The text models. Worth grows in proportion to the tokens of an answer that were generated, up to those asked for: an
 * answer cut off half-way is worth half.
 */
export const textModels: readonly TextModel[] = [
  language('llama-3-8b', 'Llama 3, 8 B, dense', mmluBest, "5-shot, Meta's model card"),
  language('qwen2-1.5b', 'Qwen2, 1.5 B, dense', 56.5, "5-shot, Qwen's model card"),
  translation('dense', 'translation, the dense model under NLLB 54.5 B'),
  translation('static', 'translation, NLLB 54.5 B, mixture of experts, static gating'),
  translation('dynamic', 'translation, NLLB 54.5 B, mixture of experts, dynamic gating'),
];
