import type { ExperimentConfig } from './config.js';

/** How figures and tables call the method of a run: its agent and its shaping. */
export const methodName = ({ agent, shaping }: ExperimentConfig): string =>
  `${agent.kind}, ${shaping.kind === 'none' ? 'no' : shaping.kind} shaping`;
