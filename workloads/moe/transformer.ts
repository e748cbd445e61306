import { halfBytes } from './devices.js';
import type { Pass } from './pass.js';
import type { ServedModel } from './servedModels.js';

/**
 * Kernels that fairseq's eager layers launch, each for the same host time: norms, projections, transposes, masks, softmax
 * with its casts, residuals.
 */
const kernels = { embed: 4, selfAttention: 18, crossAttention: 13, norm: 1, feedForward: 3, residual: 1, output: 4 };
/** Memory traffic per attention score: mask, cast to single precision, softmax, cast back. */
const scoreBytes = 24;
/** Memory traffic per logit: cast to single precision and log-softmax. */
const logitBytes = 14;

/** Launches of one expert: two products and the activation between them, as in a dense feed-forward layer. */
export const feedForwardKernels = kernels.feedForward;

/** Tokens that one device's pass works on: whole sequences, or one token of each. */
export const tokensOf = (model: ServedModel, batch: number): number =>
  model.pass === 'step' ? batch : batch * model.sequenceTokens;

/**
 * Adds everything of a pass but its expert layers: embedding, attention, norms, residuals, `feedForwardLayers` dense
 * feed-forward layers, and the output.
 */
export function addTransformer(pass: Pass, model: ServedModel, tokens: number, feedForwardLayers: number): void {
  const { dim, heads, layers, vocabulary, crossAttention, sequenceTokens: context } = model;
  const attentions = layers * (crossAttention ? 2 : 1);
  pass.move('dense', halfBytes * 4 * tokens * dim);
  pass.product('dense', [tokens, dim, dim], 4 * attentions);
  // Scores and their product with the values: per head, of a whole sequence or of one token.
  const queries = model.pass === 'step' ? 1 : context;
  pass.product('dense', [queries, dim / heads, context], attentions * heads * (tokens / queries));
  pass.product('dense', [queries, context, dim / heads], attentions * heads * (tokens / queries));
  pass.move('dense', attentions * scoreBytes * tokens * context * heads);
  // Scaling, four transposes and the residual around attention; norms and residuals of all layers; read and written.
  pass.move('dense', attentions * halfBytes * 15 * tokens * dim);
  pass.move('dense', layers * halfBytes * 5 * tokens * dim);
  addFeedForward(pass, 'dense', model, { rows: tokens, times: feedForwardLayers });
  pass.launch(kernels.embed + layers * (kernels.selfAttention + kernels.norm + kernels.residual));
  if (crossAttention) pass.launch(layers * kernels.crossAttention);
  pass.launch(feedForwardLayers * kernels.feedForward);
  if (vocabulary > 0) {
    pass.product('dense', [tokens, dim, vocabulary]);
    pass.move('dense', logitBytes * tokens * vocabulary);
    pass.launch(kernels.output);
  }
}

/** Adds the device's work of `times` two-layer feed-forward networks, or experts, on `rows` rows each. */
export function addFeedForward(
  pass: Pass,
  part: 'dense' | 'experts',
  { dim, hidden }: ServedModel,
  { rows, times }: { rows: number; times: number },
): void {
  pass.product(part, [rows, dim, hidden], times);
  pass.move(part, times * 2 * halfBytes * rows * hidden);
  pass.product(part, [rows, hidden, dim], times);
}

/** The dense model's pass. */
export function addDenseModel(pass: Pass, model: ServedModel, tokens: number): void {
  addTransformer(pass, model, tokens, model.layers);
  pass.sync();
}

/** Launches of the dense model's pass. */
export function denseKernels(model: ServedModel): number {
  const { embed, selfAttention, crossAttention, norm, feedForward, residual, output } = kernels;
  const perLayer = selfAttention + norm + feedForward + residual + (model.crossAttention ? crossAttention : 0);
  return embed + model.layers * perLayer + (model.vocabulary > 0 ? output : 0);
}
