import type { ActionHead } from '../agents/index.js';
import { createParameters } from '../src/engine/index.js';
import { readCheckpoint, restoreArray } from '../src/io/checkpoint.js';
import { agentParts } from './agent.js';
import type { Infer } from './evaluate.js';
import type { RunFolder } from './runFolder.js';
import type { Setting } from './setting.js';

/** The best validated policy of a finished run. Throws InputError if its weights do not fit its configuration. */
export function loadRunPolicy(folder: RunFolder, setting: Setting): { infer: Infer; head: ActionHead } {
  const { head, policy } = agentParts(setting.config, setting.environment());
  const actor = createParameters(policy.layout);
  restoreArray(actor.flat, readCheckpoint(folder.policyWeights), 'values');
  return { infer: policy.inference(actor), head };
}
