/** Variance-preserving at W points, linear in beta, cosine in the remaining signal. */
export const scheduleKinds = ['vp', 'linear', 'cosine'] as const;
export type ScheduleKind = (typeof scheduleKinds)[number];

/** What the denoiser is trained to say of a noisy sample: the clean sample, the noise, or v (Salimans and Ho 2022). */
export const predictionKinds = ['x0', 'noise', 'v'] as const;
export type PredictionKind = (typeof predictionKinds)[number];
