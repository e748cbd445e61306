import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FastifyInstance } from 'fastify';
import type { FleetControlEnv, FleetSimulator, JobDispatchEnv } from '../../envs/index.js';
import { replayJobs } from '../../envs/index.js';
import type { DecisionPolicy, DecisionRequest, JobDecision } from '../../index.js';
import { loadPolicy } from '../../index.js';
import { createDecisionServer } from '../../web/decide/server.js';
import { freshFolder, randomRun } from './support.js';

const out = freshFolder();
const quick = ['experiment=decide', 'agent.actor=joint', 'days.validation=2022-02-01', 'days.test=2023-03-01'];
const dayMs = Date.parse('2023-03-01');

/** The state of a simulated fleet at the arrival of a job, as a caller would send it. */
function requestAt(fleet: FleetSimulator, job: number): DecisionRequest {
  const { jobs, slot, slotSeconds, slots, conditions } = fleet;
  const now = jobs.arrivalSeconds[job]!;
  const hour = 3600 / slotSeconds;
  return {
    job: {
      origin: fleet.fleet.sites[jobs.origin[job]!]!.name,
      images: jobs.images[job]!,
      secondsToDeadline: jobs.deadlineSeconds[job]! - now,
      time: new Date(dayMs + 1000 * now).toISOString(),
    },
    fleet: { jobsPerDay: fleet.jobsPerSlot * slots, recentLateShare: fleet.latePerSlot / Math.max(fleet.jobsPerSlot, 1e-9), arrivalsAhead: fleet.arrivalsAhead(now) },
    sites: fleet.fleet.sites.map((site, k) => {
      const price = (from: number, to: number): number => {
        const prices = conditions.sites[k]!.priceUsdPerKwh.slice(from, to);
        return (1000 * prices.reduce((a, b) => a + b, 0)) / prices.length;
      };
      return {
        name: site.name,
        waitSeconds: Math.max(0, fleet.earliestFree(k) - now),
        backlogSeconds: fleet.backlogSeconds(k, now),
        priceUsdPerMwh: price(slot, slot + 1),
        priceInAnHourUsdPerMwh: price(slot + hour, slot + hour + 1),
        priceAheadUsdPerMwh: price(slot, slot + 6 * hour),
        storedUsdPerMwh: 1000 * fleet.storedUsdPerKwh(k),
        renewableKw: conditions.sites[k]!.renewableKw[slot]!,
        soc: fleet.batteries[k]!.soc,
        outdoorCelsius: conditions.sites[k]!.outdoorCelsius[slot]!,
        clockShare: fleet.clockShare[k]!,
        supplyCelsius: fleet.supplyCelsius[k]!,
        bookedKw: (fleet.work.dynamicKwh[fleet.work.index(k, slot)]! * 3600) / slotSeconds,
        offeredGpus: fleet.offeredGpus[k]!,
      };
    }),
  };
}

const ask = async (server: FastifyInstance, body: unknown): Promise<{ status: number; answer: JobDecision & { error?: { message: string; field?: string } } }> => {
  const response = await server.inject({ method: 'POST', url: '/v1/decisions', headers: { host: 'localhost' }, payload: body as object });
  return { status: response.statusCode, answer: response.json() };
};

const served = (policy: DecisionPolicy): FastifyInstance =>
  createDecisionServer({ host: '127.0.0.1', port: 0, token: null, policy, rate: { perSecond: 1e6, burst: 1e6 } });

describe('a decision over HTTP', () => {
  it.each(['logits', 'price'])('is the one that evaluate makes in the same state: job by job, %s', async (dispatch) => {
    const { folder, setting, policy } = await randomRun(join(out, dispatch), [...quick, 'environment.kind=job-dispatch', `environment.dispatch=${dispatch}`]);
    const loaded = await loadPolicy(folder.path);
    const server = served(loaded);
    const environment = setting.environment() as JobDispatchEnv;
    const [raw, action] = [new Float32Array(policy.head.rawSize), new Float32Array(policy.head.size)];
    let { observation } = environment.reset({ seed: 1, options: { day: '2023-03-01' } });
    const taken = new Set<string>();
    for (let i = 0; i < 700; i++) {
      const request = requestAt(environment.fleet, environment.fleet.nextJob);
      policy.infer(observation, raw);
      policy.head.act(raw, action, null, undefined as never);
      const step = environment.step(action);
      const { status, answer } = await ask(server, request);
      expect(status, JSON.stringify(answer)).toBe(200);
      expect(answer).toMatchObject({ site: environment.fleet.fleet.sites[step.info.site]!.name, denoisingSteps: step.info.steps });
      expect(answer.predicted.late).toBe(step.info.late);
      expect(answer.predicted.credit).toBeCloseTo(step.info.credit, 4);
      taken.add(`${answer.site} ${answer.denoisingSteps}`);
      observation = step.observation;
    }
    expect(taken.size, 'the policy is not always of one mind').toBeGreaterThan(5);
    await loaded.dispose();
  });

  it('is the one that evaluate makes in the same state: prices by the slot, jobs at its start', async () => {
    const { folder, setting, policy } = await randomRun(join(out, 'slot'), [...quick, 'environment.kind=fleet-control', 'environment.features=[prices]', 'agent.actor=shared']);
    const loaded = await loadPolicy(folder.path);
    const server = served(loaded);
    const environment = setting.environment() as FleetControlEnv;
    const { fleet } = environment;
    const seen: { request: DecisionRequest; site: number; steps: number; credit: number }[] = [];
    const atSlotStarts = Array.from({ length: fleet.slots }, (_, slot) => slot * fleet.slotSeconds);
    fleet.generateJobs = () =>
      replayJobs(fleet.fleet, { arrivalSeconds: atSlotStarts, origins: atSlotStarts.map((_, i) => i % 3), images: atSlotStarts.map((_, i) => 20 + (i % 60)) }, 3);
    const dispatch = fleet.dispatch.bind(fleet);
    fleet.dispatch = (job, site, steps, clock) => {
      const request = requestAt(fleet, job);
      const outcome = dispatch(job, site, steps, clock);
      seen.push({ request, site, steps, credit: outcome.credit });
      return outcome;
    };
    const [raw, action] = [new Float32Array(policy.head.rawSize), new Float32Array(policy.head.size)];
    let { observation } = environment.reset({ seed: 1, options: { day: '2023-03-01' } });
    for (let slot = 0; slot < fleet.slots; slot++) {
      policy.infer(observation, raw);
      policy.head.act(raw, action, null, undefined as never);
      observation = environment.step(action).observation;
    }
    expect(seen.length).toBe(fleet.slots);
    for (const { request, site, steps, credit } of seen) {
      const { status, answer } = await ask(server, request);
      expect(status, JSON.stringify(answer)).toBe(200);
      expect(answer).toMatchObject({ site: fleet.fleet.sites[site]!.name, denoisingSteps: steps });
      expect(answer.predicted.credit).toBeCloseTo(credit, 4);
      expect(Object.keys(answer.shadowPrices!)).toEqual(loaded.sites);
    }
    expect(new Set(seen.map(({ site, steps }) => `${site} ${steps}`)).size).toBeGreaterThan(3);
    await loaded.dispose();
  });
});

describe('the service', () => {
  let policy: DecisionPolicy;
  let server: FastifyInstance;
  let file: string;
  const site = { waitSeconds: 0, backlogSeconds: 0, priceUsdPerMwh: 40, priceInAnHourUsdPerMwh: 42, renewableKw: 0.5, soc: 0.5, outdoorCelsius: 12 };
  const request = (change: Record<string, unknown> = {}): Record<string, unknown> => ({
    job: { origin: 'ERCOT', images: 4, secondsToDeadline: 600 },
    sites: ['CAISO', 'ERCOT', 'PJM'].map((name) => ({ name, ...site })),
    ...change,
  });
  const first = (change: Record<string, unknown>): Record<string, unknown> => {
    const [one, ...others] = request()['sites'] as Record<string, unknown>[];
    return request({ sites: [{ ...one, ...change }, ...others] });
  };

  beforeAll(async () => {
    const { folder } = await randomRun(join(out, 'service'), [...quick, 'environment.kind=job-dispatch', 'environment.dispatch=logits']);
    // A policy.onnx is enough: it says itself what it was trained for.
    file = join(out, 'alone.onnx');
    copyFileSync(folder.policyOnnx, file);
    policy = await loadPolicy(file);
    server = served(policy);
  });
  afterAll(() => policy.dispose());

  it('decides in process as over HTTP, whatever the order of the sites', async () => {
    const over = await ask(server, request());
    expect(over.status).toBe(200);
    const reversed = request({ sites: [...(request()['sites'] as unknown[])].reverse() });
    expect(await policy.decide(reversed as unknown as DecisionRequest)).toMatchObject({ site: over.answer.site, denoisingSteps: over.answer.denoisingSteps });
    const { revenue, penalty, transferCost, energyCost, credit } = over.answer.predicted;
    expect(credit).toBeCloseTo(revenue - penalty - transferCost - energyCost, 9);
  });

  it('keeps decisions apart that are asked for at once', async () => {
    const jobs = Array.from({ length: 40 }, (_, i) => request({ job: { origin: ['CAISO', 'ERCOT', 'PJM'][i % 3], images: 1 + (i % 8), secondsToDeadline: 40 * (i + 1), time: '2023-03-01T10:00:00Z' } }));
    const together = await Promise.all(jobs.map((job) => policy.decide(job as unknown as DecisionRequest)));
    for (const [i, job] of jobs.entries()) expect(await policy.decide(job as unknown as DecisionRequest)).toEqual(together[i]);
  });

  it('says what it is and what it takes', async () => {
    const get = async (url: string): Promise<Record<string, unknown>> => (await server.inject({ url, headers: { host: 'localhost' } })).json();
    expect(await get('/v1/health')).toMatchObject({ status: 'ok', kind: 'job-dispatch, logits', sites: ['CAISO', 'ERCOT', 'PJM'] });
    const schema = (await get('/v1/schema')) as { required: string[]; properties: { sites: { items: { required: string[]; properties: object } } } };
    expect(schema.required).toEqual(['job', 'sites']);
    for (const name of schema.properties.sites.items.required) expect(name === 'name' || name in site, name).toBe(true);
  });

  it.each<[string, unknown]>([
    ['job', request({ job: undefined })],
    ['job.images', request({ job: { origin: 'ERCOT', images: 0, secondsToDeadline: 600 } })],
    ['job.images', request({ job: { origin: 'ERCOT', images: 'four', secondsToDeadline: 600 } })],
    ['job.secondsToDeadline', request({ job: { origin: 'ERCOT', images: 4 } })],
    ['job.time', request({ job: { origin: 'ERCOT', images: 4, secondsToDeadline: 600, time: 'noon' } })],
    ['job.colour', request({ job: { origin: 'ERCOT', images: 4, secondsToDeadline: 600, colour: 'red' } })],
    ['sites', request({ sites: {} })],
    ['sites', request({ sites: (request()['sites'] as unknown[]).slice(1) })],
    ['sites.0.soc', first({ soc: 1.5 })],
    ['sites.0.priceUsdPerMwh', first({ priceUsdPerMwh: null })],
    ['sites.0.waitSeconds', first({ waitSeconds: -1 })],
    ['sites.1.name', first({ name: 'ERCOT' })],
    ['body', []],
  ])('refuses with 400 and names %s', async (field, body) => {
    const { status, answer } = await ask(server, body);
    expect(status).toBe(400);
    expect(answer.error).toMatchObject({ field });
    expect(answer.error!.message).toContain(field);
  });

  it('refuses with 422 a site that the policy was not trained for', async () => {
    for (const [body, field] of [
      [first({ name: 'MISO' }), 'sites.0.name'],
      [request({ job: { origin: 'MISO', images: 4, secondsToDeadline: 600 } }), 'job.origin'],
    ] as const) {
      const { status, answer } = await ask(server, body);
      expect(status).toBe(422);
      expect(answer.error).toMatchObject({ field });
      expect(answer.error!.message).toContain('MISO');
    }
  });

  it('refuses what is no JSON, too large, or of another type', async () => {
    const post = (payload: string, type = 'application/json') =>
      server.inject({ method: 'POST', url: '/v1/decisions', headers: { host: 'localhost', 'content-type': type }, payload });
    expect((await post('{"job":')).statusCode).toBe(400);
    expect((await post('{}', 'text/plain')).statusCode).toBe(415);
    expect((await post(JSON.stringify({ job: 'x'.repeat(70_000) }))).statusCode).toBe(413);
    expect((await post('{"__proto__":{"job":1}}')).statusCode).toBe(400);
  });

  it('loads only what can decide job by job', async () => {
    const bytes = readFileSync(file);
    const broken = join(out, 'broken.onnx');
    writeFileSync(broken, bytes.subarray(0, bytes.length / 2));
    await expect(loadPolicy(broken)).rejects.toThrow(/broken\.onnx is no ONNX model/);
    writeFileSync(broken, 'hello, world');
    await expect(loadPolicy(broken)).rejects.toThrow(/broken\.onnx/);
    writeFileSync(broken, '');
    await expect(loadPolicy(broken)).rejects.toThrow(/does not say what it was trained for/);
    await expect(loadPolicy(join(out, 'nothing'))).rejects.toThrow(/nothing/);
    const other = await randomRun(join(out, 'joint'), [...quick, 'environment.kind=fleet-control', 'environment.controls=[battery]']);
    await expect(loadPolicy(other.folder.path)).rejects.toThrow(/batteries/);
  });
});
