import { InputError, suggest } from '../../src/io/errors.js';

/** A mixture-of-experts Transformer as served with expert parallelism: every device has the dense weights and E/G experts. */
export interface ServedModel {
  readonly name: 'lm' | 'mt-encoder' | 'mt-decoder';
  readonly title: string;
  /** Transformer layers that one pass runs. */
  readonly layers: number;
  /** One layer in so many has experts. */
  readonly moeEvery: number;
  readonly experts: number;
  readonly topK: number;
  readonly dim: number;
  readonly hidden: number;
  readonly heads: number;
  /** Static capacity of an expert as a share of a device's tokens. */
  readonly capacityFactor: number;
  /** Sequences per device and pass. */
  readonly batch: number;
  /** Tokens of a sequence; for a decoder step, of the source that it attends to. */
  readonly sequenceTokens: number;
  /** Output vocabulary; 0 where a pass predicts no token. */
  readonly vocabulary: number;
  /** Whole sequences in one pass, or one token of each. */
  readonly pass: 'sequences' | 'step';
  readonly crossAttention: boolean;
  /** Published latency of the dense model that the experts extend, seconds: what the simulator is calibrated on. */
  readonly denseSeconds: number;
  /** Weights beside the experts, of encoder and decoder together; every device holds them. */
  readonly denseParameters: number;
  /** MoE layers whose experts a device holds: those of a translation model's encoder and decoder together. */
  readonly residentMoeLayers: number;
}

const languageDim = 1024;
const translationDim = 2048;
const translationVocabulary = 256_206;

/** Weights of a layer's attention, counted in blocks of d x d. */
const attentionBlocks = 4;
const feedForward = (dim: number, hidden: number): number => 2 * dim * hidden;

const language: ServedModel = {
  name: 'lm',
  title: 'Language model, 52 B',
  layers: 24,
  moeEvery: 2,
  experts: 512,
  topK: 2,
  dim: languageDim,
  hidden: 4096,
  heads: 16,
  capacityFactor: 0.05,
  batch: 8,
  sequenceTokens: 512,
  vocabulary: 51_200,
  pass: 'sequences',
  crossAttention: false,
  denseSeconds: 0.0742,
  denseParameters:
    24 * attentionBlocks * languageDim ** 2 + 12 * feedForward(languageDim, 4096) + 51_200 * languageDim,
  residentMoeLayers: 12,
};

const encoder: ServedModel = {
  name: 'mt-encoder',
  title: 'Machine translation, 54.5 B, encoder',
  layers: 24,
  moeEvery: 4,
  experts: 128,
  topK: 2,
  dim: translationDim,
  hidden: 8192,
  heads: 16,
  capacityFactor: 1,
  batch: 48,
  sequenceTokens: 28,
  vocabulary: 0,
  pass: 'sequences',
  crossAttention: false,
  denseSeconds: 0.101,
  denseParameters:
    (24 + 2 * 24) * attentionBlocks * translationDim ** 2 +
    36 * feedForward(translationDim, 8192) +
    translationVocabulary * translationDim,
  residentMoeLayers: 12,
};

const decoder: ServedModel = {
  ...encoder,
  name: 'mt-decoder',
  title: 'Machine translation, 54.5 B, decoder step',
  vocabulary: translationVocabulary,
  pass: 'step',
  crossAttention: true,
  denseSeconds: 0.032,
};

/**
 * The two models of Huang et al. (2024): shapes as the paper gives them, heads and vocabularies as released (Artetxe et
 * al. 2022, "Efficient Large Scale Language Modeling with Mixtures of Experts"; NLLB Team 2022). The paper leaves out how
 * long the sequences are. 512 is the longest power of two at which the published dense latency asks no more of the device
 * than its peak; 28 is FLORES's mean sentence of 21 words (Goyal et al. 2022) at 1.3 tokens a word.
 */
export const servedModels: readonly ServedModel[] = [language, encoder, decoder];

/** Throws InputError for an unknown name. */
export function servedModel(name: string): ServedModel {
  const model = servedModels.find((each) => each.name === name);
  if (model === undefined) {
    throw new InputError(`Found no model "${name}".${suggest(name, servedModels.map((each) => each.name))}`);
  }
  return model;
}
