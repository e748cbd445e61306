export { createDashboard } from './dashboard.js';
export type { DashboardOptions } from './dashboard.js';
export { loadPolicy } from './decide/policy.js';
export type { DecisionPolicy, JobDecision } from './decide/policy.js';
export type { DecisionRequest } from './decide/request.js';
export { createDecisionServer } from './decide/server.js';
export { decideCommand } from './decideCommand.js';
export { serveCommand } from './serveCommand.js';
