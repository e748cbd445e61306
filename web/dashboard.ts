import type { FastifyInstance } from '../src/vendor/fastify.js';
import { z } from 'zod';
import type { Address } from './http/address.js';
import type { RateLimit } from './http/rateLimit.js';
import { createServer, Refusal } from './http/server.js';
import { RunCatalogue } from './runs/catalogue.js';
import type { EventOptions } from './runs/events.js';
import { RunEvents } from './runs/events.js';
import { RunLibrary } from './runs/library.js';
import { staticFiles } from './static.js';

export interface DashboardOptions extends Address {
  readonly runs: string;
  readonly rate?: RateLimit;
  readonly events?: EventOptions;
  readonly requestTimeoutMs?: number;
}

const mostIds = 1_000;
const idSchema = z.string().min(1).max(1_000);
const idsSchema = z.array(idSchema).min(1).max(mostIds);
const curvesSchema = z.strictObject({ runs: idsSchema, metric: z.string().max(100) });
const runsSchema = z.strictObject({ runs: idsSchema });
const runSchema = z.object({ run: idSchema });

/** The dashboard's server: the page, and a JSON interface to the runs below a folder. See docs/dashboard.md. */
export async function createDashboard(options: DashboardOptions): Promise<FastifyInstance> {
  const library = new RunLibrary(await RunCatalogue.open(options.runs));
  const { catalogue } = library;
  // The first page need not wait for the first walk.
  await catalogue.rows();
  const events = new RunEvents(catalogue, options.events);
  const server = createServer({ rate: { perSecond: 100, burst: 400 }, ...options, bodyLimit: 256 * 1024 });
  server.addHook('preClose', async () => events.close());

  for (const { path, type, content } of staticFiles()) {
    server.get(path, async (_request, reply) => reply.type(type).send(content));
  }
  server.get('/api/runs', async () => ({ folder: options.runs, runs: await catalogue.rows() }));
  server.post('/api/curves', async (request) => {
    const { runs, metric } = checked(curvesSchema, request.body);
    return { metric, groups: await library.groups(runs, metric), references: await library.references(runs) };
  });
  server.post('/api/compare', async (request) => library.compare(checked(runsSchema, request.body).runs));
  server.get('/api/run', async (request) => library.detail(checked(runSchema, request.query).run));
  server.get('/api/day', async (request) => library.day(checked(runSchema, request.query).run));
  server.delete('/api/runs', async (request) => {
    const { runs } = checked(runsSchema, request.body);
    const deleted: string[] = [];
    for (const id of new Set(runs)) {
      await catalogue.remove(id);
      deleted.push(id);
    }
    return { deleted };
  });
  server.get('/api/events', (_request, reply) => events.listen(reply));
  return server;
}

/** Throws Refusal (400) naming the field that is wrong. */
function checked<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const field = issue.path.join('.');
  throw new Refusal(400, `${field === '' ? 'body' : field}: ${issue.message}.`, field);
}
