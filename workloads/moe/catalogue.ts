/** What a routing log leaves out about its model: the size of one expert, and how many there are. */
export interface ExpertShape {
  /** Routed experts per layer. */
  readonly experts: number;
  /** Width of a token. */
  readonly dim: number;
  /** Width of an expert's hidden layer. */
  readonly hidden: number;
  /** 2, or 3 for gated activations (SwiGLU). */
  readonly matrices: number;
  /** As published. */
  readonly bytesPerWeight: number;
}

const gated = { matrices: 3, bytesPerWeight: 2 };

/** From the models' published configuration files (config.json on Hugging Face). */
const models: readonly (readonly [pattern: RegExp, shape: ExpertShape])[] = [
  [/Qwen1\.5-MoE-A2\.7B/i, { experts: 60, dim: 2048, hidden: 1408, ...gated }],
  [/Qwen3-30B-A3B/i, { experts: 128, dim: 2048, hidden: 768, ...gated }],
  [/Mixtral-8x7B/i, { experts: 8, dim: 4096, hidden: 14336, ...gated }],
  [/Mixtral-8x22B/i, { experts: 8, dim: 6144, hidden: 16384, ...gated }],
  [/OLMoE-1B-7B/i, { experts: 64, dim: 2048, hidden: 1024, ...gated }],
  [/deepseek-moe-16b|DeepSeek-V2-Lite/i, { experts: 64, dim: 2048, hidden: 1408, ...gated }],
];

/** The shape of a model's experts, by the name that a log gives it; undefined for one that is not listed. */
export function expertShape(model: string | null): ExpertShape | undefined {
  if (model === null) return undefined;
  const switchBase = /switch-base-(\d+)$/i.exec(model);
  if (switchBase !== null) {
    return { experts: Number(switchBase[1]), dim: 768, hidden: 3072, matrices: 2, bytesPerWeight: 4 };
  }
  return models.find(([pattern]) => pattern.test(model))?.[1];
}

/** Weights of one expert, without its biases. */
export const expertParameters = ({ dim, hidden, matrices }: ExpertShape): number => dim * hidden * matrices;
