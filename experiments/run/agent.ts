import type { RunPolicy, Trainee } from '../../agents/index.js';
import { agentOf } from '../../agents/index.js';
import { readCheckpoint, restoreArray } from '../../src/io/checkpoint.js';
import { requireOwnPolicy } from './belonging.js';
import type { RunFolder } from './runFolder.js';
import type { Setting } from './setting.js';

/** Builds the learner that the setting names. Throws InputError for a setting that it does not fit. */
export const createTrainee = (setting: Setting): Promise<Trainee> => agentOf(setting.config.agent.kind).trainee(setting);

/** The best validated policy of a finished run. Throws InputError if its weights are not its configuration's. */
export function loadRunPolicy(folder: RunFolder, setting: Setting): RunPolicy {
  const policy = agentOf(setting.config.agent.kind).policy(setting);
  const saved = readCheckpoint(folder.policyWeights);
  requireOwnPolicy(saved, setting.config);
  restoreArray(policy.weights, saved, 'values');
  return policy;
}
