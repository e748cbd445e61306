/** A token bucket for each caller: `perSecond` requests on average, `burst` at once. */
export interface RateLimit {
  readonly perSecond: number;
  readonly burst: number;
}

/** Callers remembered at once; the longest silent ones are forgotten first. */
const mostCallers = 1024;

/** Returns whether `caller` may make one more request at `nowMs`. */
export function createRateLimiter({ perSecond, burst }: RateLimit): (caller: string, nowMs: number) => boolean {
  const buckets = new Map<string, { left: number; at: number }>();
  return (caller, nowMs) => {
    const bucket = buckets.get(caller) ?? { left: burst, at: nowMs };
    bucket.left = Math.min(burst, bucket.left + ((nowMs - bucket.at) * perSecond) / 1000);
    bucket.at = nowMs;
    // A map keeps the order of insertion, so the first key is the one that has been silent longest.
    buckets.delete(caller);
    buckets.set(caller, bucket);
    if (buckets.size > mostCallers) buckets.delete(buckets.keys().next().value!);
    if (bucket.left < 1) return false;
    bucket.left--;
    return true;
  };
}
