import { levelOf } from './contract/action.js';
import type { Decision } from './jobs/candidates.js';
import type { FleetView } from './view.js';

/** One logit per site, of which the largest wins (the first of equals), and the level of denoising steps, or of a text job's choices. */
export function logitDecision(action: ArrayLike<number>, job: number, { siteCount, desk }: FleetView, out: Decision): Decision {
  out.site = 0;
  for (let k = 1; k < siteCount; k++) if (action[k]! > action[out.site]!) out.site = k;
  const kind = desk.kindOf(job);
  out.steps = kind.stepsAt(levelOf(action[siteCount]!, kind.levels));
  return out;
}
