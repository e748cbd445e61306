import type { AgentKind, AgentOptions } from '../../agents/options.js';
import { agentSchema, resolveAgent } from '../../agents/options.js';

/** The defaults of an agent, small, with what a test sets itself. */
export const agentOptions = (kind: AgentKind, overrides: Partial<AgentOptions> = {}): AgentOptions => ({
  ...resolveAgent(agentSchema.parse({ kind })),
  hidden: [16, 16],
  batchSize: 9,
  ...overrides,
});
