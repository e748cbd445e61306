import type { AgentOptions } from '../../agents/actorCritic/options.js';
import { resolveAgent } from '../../agents/actorCritic/options.js';
import type { AgentKind } from '../../agents/registry.js';
import { agentSchema } from '../../agents/registry.js';

/** The defaults of an agent, small, with what a test sets itself. */
export const agentOptions = (kind: AgentKind, overrides: Partial<AgentOptions> = {}): AgentOptions => ({
  ...resolveAgent(agentSchema.parse({ kind })),
  hidden: [16, 16],
  batchSize: 9,
  ...overrides,
});
