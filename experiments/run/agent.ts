import type { RunPolicy, Trainee } from '../../agents/index.js';
import { agentOf } from '../../agents/index.js';
import { readCheckpoint, restoreArray } from '../../src/io/checkpoint.js';
import type { RunFolder } from './runFolder.js';
import type { Setting } from './setting.js';

/** Builds the learner that the setting names. Throws InputError for a setting that it does not fit. */
export const createTrainee = (setting: Setting): Promise<Trainee> => agentOf(setting.config.agent.kind).trainee(setting);

/** The best validated policy of a finished run. Throws InputError if its weights do not fit its configuration. */
export function loadRunPolicy(folder: RunFolder, setting: Setting): RunPolicy {
  const policy = agentOf(setting.config.agent.kind).policy(setting);
  restoreArray(policy.weights, readCheckpoint(folder.policyWeights), 'values');
  return policy;
}
