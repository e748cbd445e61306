import { levelOf } from './action.js';
import type { Decision } from './priceDispatch.js';
import type { FleetSimulator } from './simulator.js';

/** One logit per site, of which the largest wins (the first of equals), and the level of denoising steps. */
export function logitDecision(action: ArrayLike<number>, { siteCount, service }: FleetSimulator, out: Decision): Decision {
  out.site = 0;
  for (let k = 1; k < siteCount; k++) if (action[k]! > action[out.site]!) out.site = k;
  out.steps = service.steps[levelOf(action[siteCount]!, service.levels)]!;
  return out;
}
