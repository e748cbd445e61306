import type { FastifyInstance } from '../../src/vendor/fastify.js';
import type { Address } from '../http/address.js';
import type { RateLimit } from '../http/rateLimit.js';
import { createServer } from '../http/server.js';
import type { DecisionPolicy } from './policy.js';
import type { DecisionRequest } from './request.js';

export interface DecisionServerOptions extends Address {
  readonly policy: DecisionPolicy;
  readonly rate?: RateLimit;
  readonly requestTimeoutMs?: number;
  readonly mostPerAddress?: number;
}

/** The decision service: `POST /v1/decisions`, `GET /v1/schema`, `GET /v1/health`. See docs/dashboard.md. */
export function createDecisionServer(options: DecisionServerOptions): FastifyInstance {
  const { policy } = options;
  const server = createServer({ rate: { perSecond: 2_000, burst: 4_000 }, ...options, bodyLimit: 64 * 1024 });
  let decisions = 0;
  server.post('/v1/decisions', async (request) => {
    const decision = await policy.decide(request.body as DecisionRequest);
    decisions++;
    return decision;
  });
  server.get('/v1/schema', async (_request, reply) => reply.type('application/schema+json').send(JSON.stringify(policy.schema)));
  server.get('/v1/health', async () => ({ status: 'ok', kind: policy.kind, sites: policy.sites, decisions }));
  return server;
}
