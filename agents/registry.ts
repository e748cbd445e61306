import { z } from 'zod';
import type { Agent, AgentConfig, AgentSetting } from './agent.js';
import * as registered from './registered.js';

type Registered = (typeof registered)[keyof typeof registered];
type AllOf<Union> = (Union extends unknown ? (part: Union) => void : never) extends (all: infer All) => void ? All : never;
type Shapes = AllOf<Registered['options']>;
type Options = { [Key in keyof Shapes]: Shapes[Key] };

const agents: readonly Registered[] = Object.values(registered);

export type AgentKind = Registered['kinds'][number];
export const agentKinds: readonly AgentKind[] = agents.flatMap<AgentKind>(({ kinds }) => kinds);

/** What stands under `agent` in a configuration: which one it is, and the options of every agent. */
export const agentSchema = z
  .strictObject({
    kind: z
      .enum(agentKinds as [AgentKind, ...AgentKind[]])
      .default('ddpg')
      .describe('what learns; see docs/agents.md'),
    ...joined(agents),
  })
  .prefault({});

export type AgentSettings = z.infer<typeof agentSchema>;

/** The options of all agents side by side. Throws if two of them mean different things by one key. */
function joined(all: readonly Registered[]): Options {
  const shape: Record<string, z.ZodType> = {};
  for (const { kinds, options } of all) {
    for (const [key, option] of Object.entries<z.ZodType>(options)) {
      if ((shape[key] ?? option) !== option) throw new Error(`agent ${kinds[0]}: option "${key}" is another agent's; share it in sharedOptions`);
      shape[key] = option;
    }
  }
  return shape as Options;
}

/** The agent of a kind. Throws for an unknown one. */
export function agentOf(kind: string): Pick<Agent<AgentKind, Shapes>, 'policy' | 'trainee' | 'check'> {
  const agent = agents.find(({ kinds }) => (kinds as readonly string[]).includes(kind));
  if (agent === undefined) throw new Error(`there is no agent of kind ${kind}`);
  return agent;
}

/** A setting that any agent can be made for. */
export type AnyAgentSetting = AgentSetting<AgentSettings>;

/** Throws InputError for a configuration whose keys are right alone, and wrong together for its agent. */
export const checkAgent = (config: AgentConfig): void => agentOf(config.agent.kind).check(config);
