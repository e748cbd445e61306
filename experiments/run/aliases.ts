/**
 * What other libraries call keys of an experiment, and people type out of habit: `--set gamma=0.9`, `--lr 0.001`. After
 * Stable-Baselines3 and CleanRL. A name may stand for several keys.
 */
export const keyAliases: Readonly<Record<string, readonly string[]>> = {
  algo: ['agent.kind'],
  lr: ['agent.actorLearningRate', 'agent.criticLearningRate'],
  learning_rate: ['agent.actorLearningRate', 'agent.criticLearningRate'],
  actor_lr: ['agent.actorLearningRate'],
  critic_lr: ['agent.criticLearningRate'],
  gamma: ['agent.discount'],
  tau: ['agent.targetRate'],
  batch_size: ['agent.batchSize'],
  buffer_size: ['agent.bufferSize'],
  net_arch: ['agent.hidden'],
  n_step: ['agent.nStep'],
  gradient_steps: ['agent.updatesPerStep'],
  learning_starts: ['agent.exploration.warmUpSteps'],
  total_timesteps: ['steps'],
};

/** The assignments that `NAME=value` or `agent.NAME=value` stands for; itself if NAME is no alias. */
export function expandAlias(assignment: string): string[] {
  const [, name, rest] = /^(?:agent\.)?([^.=]+)(=.*)$/s.exec(assignment) ?? [];
  const paths = name !== undefined && Object.hasOwn(keyAliases, name) ? keyAliases[name] : undefined;
  return paths === undefined ? [assignment] : paths.map((path) => `${path}${rest}`);
}
