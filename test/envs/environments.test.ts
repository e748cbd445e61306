import { describe, expect, it } from 'vitest';
import type { Environment, FleetConfig, JobInfo } from '../../envs/index.js';
import { checkEnv, defaultFleet, FleetControlEnv, fixedSteps, fullClock, JobDispatchEnv, noBattery, noRenewables, noTransfer, parseFleet, wrappers } from '../../envs/index.js';
import { InputError } from '../../src/io/errors.js';
import { randomStream } from '../../src/math/random.js';
import { testProfile, testWorld } from '../support/testWorld.js';

const day = '2023-03-01';
const base = { world: testWorld(), profile: testProfile, days: [day, '2023-06-11'] };
/** A tenth of the jobs on an hourly clock: the same machinery, quicker. */
const small = (input: object = {}): FleetConfig => parseFleet({ slotSeconds: 900, jobs: { perDay: 400, bundleRequests: 120 }, ...input });

const environments: [string, () => Environment][] = [
  ['FleetControlEnv, price', () => new FleetControlEnv({ ...base, fleet: small() })],
  ['FleetControlEnv, shares', () => new FleetControlEnv({ ...base, fleet: small(), dispatch: 'shares', settlement: 'slot' })],
  ['FleetControlEnv, learned', () => new FleetControlEnv({ ...base, fleet: small({ management: { strategy: 'learned' } }), settlement: 'completion' })],
  ['FleetControlEnv, one site', () => new FleetControlEnv({ ...base, fleet: small({ sites: [{}] }), controls: ['battery'] })],
  ['JobDispatchEnv, logits', () => new JobDispatchEnv({ ...base, fleet: small() })],
  ['JobDispatchEnv, price', () => new JobDispatchEnv({ ...base, fleet: small({ onLate: 'reject' }), encoding: 'price', settlement: 'job' })],
  ...Object.entries(wrappers).map(([name, wrap]): [string, () => Environment] => [
    `JobDispatchEnv, ${name}`,
    () => new JobDispatchEnv({ ...base, fleet: wrap(small()), settlement: 'slot' }),
  ]),
];

describe('every environment', () => {
  it.each(environments)('%s keeps the contract', (_name, make) => checkEnv(make()));

  it('is checked by a test that can fail', () => {
    /** The check's complaint about an environment whose parts are replaced by what `change` makes of them. */
    const complaint = (change: (env: FleetControlEnv) => Partial<Environment>): string => {
      const env = new FleetControlEnv({ ...base, fleet: small() });
      const { observationSpace, actionSpace } = env;
      try {
        checkEnv({ observationSpace, actionSpace, reset: (options) => env.reset(options), step: (action) => env.step(action), ...change(env) });
      } catch (error) {
        return (error as Error).message;
      }
      return 'none';
    };
    expect(complaint(() => ({}))).toBe('none');
    expect(complaint((env) => ({ step: (action) => ({ ...env.step(action), reward: NaN }) }))).toContain('reward NaN');
    expect(complaint((env) => ({ reset: (options) => env.reset({ ...options, seed: 1 }) }))).toContain('Two seeds');
    expect(complaint((env) => ({ reset: () => env.reset() }))).toContain('two different episodes');
    expect(complaint((env) => ({ step: (action) => env.step(action.map((a) => (Number.isNaN(a) ? 0 : a))) }))).toContain('not finite');
    expect(complaint(({ observationSpace: space }) => ({ observationSpace: { ...space, high: space.high.map(() => 0.1) } }))).toContain('Observation component');
  });

  it('names its observations and actions in order, site by site', () => {
    const env = new FleetControlEnv({ ...base, fleet: defaultFleet(), controls: ['battery', 'clock'] });
    expect(env.observationNames).toHaveLength(env.observationSpace.size);
    const { globalSize, siteSize, sites } = env.observationLayout;
    expect(globalSize + siteSize * sites).toBe(env.observationSpace.size);
    expect(env.observationNames[globalSize + siteSize]).toBe('ERCOT.logWait');
    expect(env.actionNames).toEqual(['CAISO', 'ERCOT', 'PJM'].flatMap((name) => ['price', 'battery', 'clock'].map((part) => `${name}.${part}`)));
    const jobs = new JobDispatchEnv({ ...base, fleet: defaultFleet() });
    expect(jobs.observationNames).toHaveLength(32);
    expect(jobs.actionNames).toEqual(['CAISO.logit', 'ERCOT.logit', 'PJM.logit', 'steps']);
  });

  it('refuses what it does not know', () => {
    const env = new FleetControlEnv({ ...base, fleet: small() });
    expect(() => env.reset({ options: { date: day } })).toThrow(InputError);
    expect(() => env.reset({ seed: 1.5 })).toThrow('expected an integer');
    expect(() => env.reset({ options: { day: '2023-13-01' } })).toThrow('expected a UTC date');
    expect(() => new FleetControlEnv({ ...base, days: [], fleet: small() })).toThrow('expected at least one');
    expect(() => new JobDispatchEnv({ ...base, fleet: small({ management: { strategy: 'learned' } }) })).toThrow(InputError);
    expect(() => new JobDispatchEnv({ ...base, fleet: small({ jobs: { perDay: 1e-6 } }) }).reset()).toThrow('found no job');
    expect(() => new FleetControlEnv({ ...base, fleet: small({ sites: [{ region: 'Atlantis' }] }) }).reset()).toThrow('Atlantis');
  });
});

describe('JobDispatchEnv', () => {
  function play(env: JobDispatchEnv): { rewards: number[]; infos: JobInfo[] } {
    const random = randomStream(4, 'test');
    env.reset({ seed: 3, options: { day, record: true } });
    const rewards: number[] = [];
    const infos: JobInfo[] = [];
    for (;;) {
      const { reward, info, truncated } = env.step(Float32Array.from({ length: env.actionSpace.size }, () => 2 * random.next() - 1));
      rewards.push(reward);
      infos.push(info);
      if (truncated) return { rewards, infos };
    }
  }
  const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0);

  it('pays the day\'s utility by slot and by completion, and all of it but the residual by job', () => {
    for (const encoding of ['logits', 'price'] as const) {
      for (const settlement of ['slot', 'completion', 'job'] as const) {
        const env = new JobDispatchEnv({ ...base, fleet: defaultFleet(), encoding, settlement });
        const { rewards, infos } = play(env);
        const { totals } = infos.at(-1)!;
        const residual = settlement === 'job' ? sum(env.fleet.slotAccounts.map((account) => account.residual)) : 0;
        expect(sum(rewards) + residual).toBeCloseTo(totals!.utility, 6);
        expect(infos).toHaveLength(totals!.jobs);
        expect(infos.filter((info) => info.late)).toHaveLength(totals!.late);
      }
    }
  });

  it('pays a sparse settlement at a slot\'s last job, and nothing for a slot with a late one', () => {
    const env = new JobDispatchEnv({ ...base, fleet: defaultFleet() });
    const { rewards, infos } = play(env);
    const slotOf = (job: number): number => Math.floor(env.fleet.jobs.arrivalSeconds[job]! / 300);
    const expected = new Map<number, { credit: number; late: boolean; last: number }>();
    infos.forEach((info, job) => {
      const slot = slotOf(job);
      const so = expected.get(slot) ?? { credit: 0, late: false, last: job };
      expected.set(slot, { credit: so.credit + info.credit, late: so.late || info.late, last: job });
    });
    expect([...expected.values()].filter(({ late }) => late).length).toBeGreaterThan(10);
    const paid = new Float64Array(rewards.length);
    for (const { credit, late, last } of expected.values()) paid[last] = late ? 0 : credit;
    rewards.forEach((reward, job) => expect(reward).toBeCloseTo(paid[job]!, 9));
  });

  it('sends a job to the largest logit with the steps of its level', () => {
    const env = new JobDispatchEnv({ ...base, fleet: defaultFleet() });
    env.reset({ seed: 1, options: { day } });
    expect(env.step(Float32Array.of(-0.2, 0.9, 0.5, -1)).info).toMatchObject({ site: 1, steps: 6 });
    expect(env.step(Float32Array.of(-0.2, -0.9, 0.5, 7)).info).toMatchObject({ site: 2, steps: 42 });
    expect(env.step(Float32Array.of(0.6, -0.9, 0.5, 0.1)).info).toMatchObject({ site: 0, steps: 26 });
  });

  it('records the day: what the slots sum to is what the totals say', () => {
    const { infos } = play(new JobDispatchEnv({ ...base, fleet: defaultFleet() }));
    const { totals, record } = infos.at(-1)!;
    expect(JSON.parse(JSON.stringify(record))).toEqual(record);
    expect(sum(record!.utility)).toBeCloseTo(totals!.utility, 6);
    expect(sum(record!.late)).toBe(totals!.late);
    const flows = [...record!.flows.short, ...record!.flows.long].flat(2);
    expect(sum(flows)).toBe(totals!.jobs);
    const away = [record!.flows.short, record!.flows.long].flatMap((flow) => flow.flatMap((row, o) => row.filter((_, k) => k !== o))).flat();
    expect(sum(away)).toBe(totals!.transferred);
    expect(sum(record!.sites.flatMap((site) => site.jobs))).toBe(totals!.jobs);
    expect(sum(record!.sites.flatMap((site) => site.pvKw.map((pv, slot) => pv + site.windKw[slot]!))) / 12).toBeCloseTo(totals!.renewableKwh, 6);
    for (const site of record!.sites) for (const [key, values] of Object.entries(site)) if (Array.isArray(values)) expect([key, values.length]).toEqual([key, 288]);
  });
});

describe('wrappers', () => {
  function totalsOf(fleet: FleetConfig): { totals: NonNullable<JobInfo['totals']>; clocks: number[] } {
    const env = new JobDispatchEnv({ ...base, fleet, encoding: 'price' });
    env.reset({ seed: 3, options: { day, record: true } });
    for (;;) {
      const { info, truncated } = env.step(new Float32Array(3));
      if (truncated) return { totals: info.totals!, clocks: info.record!.sites.flatMap((site) => site.clockShare) };
    }
  }

  it('each take away what they name, and only that', () => {
    const plain = totalsOf(defaultFleet());
    expect(plain.totals.transferred).toBeGreaterThan(0);
    expect(plain.totals.chargedKwh).toBeGreaterThan(0);
    expect(plain.totals.renewableKwh).toBeGreaterThan(0);
    expect(Math.min(...plain.clocks)).toBeLessThan(1);
    expect(totalsOf(noTransfer(defaultFleet())).totals).toMatchObject({ transferred: 0, transferCost: 0, renewableKwh: plain.totals.renewableKwh });
    expect(totalsOf(noBattery(defaultFleet())).totals).toMatchObject({ chargedKwh: 0, dischargedKwh: 0, wearCost: 0, storedEnergyCost: 0 });
    expect(totalsOf(noRenewables(defaultFleet())).totals.renewableKwh).toBe(0);
    expect(Math.min(...totalsOf(fullClock(defaultFleet())).clocks)).toBe(1);
    expect(totalsOf(fixedSteps(defaultFleet())).totals.meanSteps).toBe(30);
    expect(totalsOf(fixedSteps(defaultFleet(), 12)).totals.meanSteps).toBe(12);
    expect(() => fixedSteps(defaultFleet(), 0)).toThrow(InputError);
  });
});

describe('carried queues', () => {
  it('take unfinished work, its energy and the batteries into the next day, and lose none of it', () => {
    const fleet = parseFleet({ carryQueues: true, slotSeconds: 900, jobs: { perDay: 3638 } });
    const env = new JobDispatchEnv({ ...base, fleet, settlement: 'slot' });
    const steps = Float32Array.of(-1, -1, 1, 1);
    let dispatched = 0;
    let executed = 0;
    let left = 0;
    for (let episode = 0; episode < 3; episode++) {
      env.reset(episode === 0 ? { seed: 3 } : {});
      const soc = env.fleet.batteries.map((battery) => battery.soc);
      if (episode > 0) expect(soc).not.toEqual([0.5, 0.5, 0.5]);
      for (let done = false; !done; ) {
        const { truncated, info } = env.step(steps);
        done = truncated;
        if (!truncated) continue;
        dispatched += info.totals!.dispatchedGpuSeconds;
        executed += info.totals!.executedGpuSeconds;
      }
      left = 0;
      for (let k = 0; k < 3; k++) left += env.fleet.backlogSeconds(k, 86_400) * fleet.sites[k]!.gpus.count;
      expect(left).toBeGreaterThan(0);
      expect(Math.abs(executed + left - dispatched)).toBeLessThan(1e-6 * dispatched);
    }
    env.reset({ seed: 3 });
    expect(env.fleet.batteries.map((battery) => battery.soc)).toEqual([0.5, 0.5, 0.5]);
    expect(env.fleet.backlogSeconds(2, 0)).toBe(0);
  });
});
