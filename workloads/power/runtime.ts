/**
 * The software that runs a model. `eager`: one launch an operation, as PyTorch runs it uncompiled. `compiled`: chains of
 * elementwise operations and reductions fused, and one launch of a recorded graph a pass (torch.compile with CUDA graphs).
 * `served`: an inference server, which fuses what it knows by hand; a language model's step is one graph launch with paged
 * attention and work for each sequence (vLLM), an image pipeline is launched from Python (xDiT).
 */
export const runtimes = ['eager', 'compiled', 'served'] as const;
export type Runtime = (typeof runtimes)[number];

/** Time that a host takes to launch a kernel, us: hosts of the first years of this model's measurements, and today's. */
export const launchUs = { earlier: 33, current: 17 } as const;
