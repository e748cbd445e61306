/** Every agent that there is, a line each; nothing else needs to know of one. */
export { actorCritic } from './actorCritic/agent.js';
export { afterstate } from './afterstate/agent.js';
export { cem } from './cem/agent.js';
