import type { AgentKind } from '../../agents/index.js';
import { readCheckpoint, restoreArray } from '../../src/io/checkpoint.js';
import { actorCritic } from './actorCritic.js';
import { afterstate } from './afterstate.js';
import { cem } from './cem.js';
import type { RunFolder } from './runFolder.js';
import type { Setting } from './setting.js';
import type { AgentMaker, RunPolicy, Trainee } from './trainee.js';

const makers: Record<AgentKind, AgentMaker> = { ddpg: actorCritic, td3: actorCritic, sac: actorCritic, afterstate, cem };

/** Builds the learner that the setting names. Throws InputError for a setting that it does not fit. */
export const createTrainee = (setting: Setting): Promise<Trainee> => makers[setting.config.agent.kind].trainee(setting);

/** The best validated policy of a finished run. Throws InputError if its weights do not fit its configuration. */
export function loadRunPolicy(folder: RunFolder, setting: Setting): RunPolicy {
  const policy = makers[setting.config.agent.kind].policy(setting);
  restoreArray(policy.weights, readCheckpoint(folder.policyWeights), 'values');
  return policy;
}
