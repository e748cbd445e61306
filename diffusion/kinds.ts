/** Variance-preserving at W points, linear in beta, cosine in the remaining signal. */
export const scheduleKinds = ['vp', 'linear', 'cosine'] as const;
export type ScheduleKind = (typeof scheduleKinds)[number];
