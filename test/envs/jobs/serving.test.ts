import { describe, expect, it } from 'vitest';
import { createScheduler, runDay, schedulerNames } from '../../../agents/schedulers/index.js';
import { genTd26Profile, syntheticWorld } from '../../../datasets/index.js';
import { defaultFleet, FleetSimulator, JobDispatchEnv, parseFleet } from '../../../envs/index.js';
import type { FleetConfig } from '../../../envs/index.js';
import { profileOf, servedModelNamed, servingDevice } from '../../../workloads/aigc/index.js';

const day = '2023-06-14';
const world = syntheticWorld({ seed: 1 });
const profile = genTd26Profile.weightByLocalHour;
const models = ['sd-1.5', 'sdxl', 'sd3-medium'];

interface Change {
  device?: string;
  text?: number;
  textModels?: string[];
  kernelTime?: object;
}

function served({ device = 'A100-80GB', text = 0, textModels = [], kernelTime = {} }: Change = {}): FleetConfig {
  const fleet = defaultFleet();
  const sites = fleet.sites.map((site, k) => ({
    ...site,
    device,
    model: { name: models[k] },
    serving: { textModels, textBatches: [8, 32], kernelTime },
  }));
  return parseFleet({ ...fleet, jobs: { perDay: 1000, text: { perDay: text } }, sites });
}

const simulate = (fleet: FleetConfig, scheduler = 'greedy') =>
  runDay(new FleetSimulator({ fleet, world, profile }), createScheduler(scheduler, fleet), day, 3).totals;

describe('a site with a named device', () => {
  it('asks the profile: seconds and energy of an image are the device\'s at the clock that is set', () => {
    const fleet = served();
    const sim = new FleetSimulator({ fleet, world, profile });
    sim.beginDay(day, sim.generateJobs(day, 1));
    const device = servingDevice('A100-80GB');
    const middle = fleet.stepsChoices.length >> 1;
    for (const share of [1, 0.83, 0.5]) {
      sim.setClock(1, share);
      const { seconds, joules } = profileOf(servedModelNamed('sdxl')).cost({
        device: device.name,
        clockMhz: share * device.maxClockMhz,
        batch: 1,
        work: { steps: fleet.stepsChoices[middle]! },
      });
      const entry = sim.service.levels + middle;
      const asked = (sim.service.gpuSeconds[entry]! * sim.slowdown[1]!) / fleet.jobs.bundleRequests;
      expect(asked / seconds).toBeCloseTo(1, 2);
      const watts = fleet.sites[1]!.serving.hostFactor * (joules / seconds - device.idleWatts);
      expect((1000 * sim.dynamicKw[1]!) / watts).toBeCloseTo(1, 2);
    }
  });

  it('is as accurate at other steps as the class says', () => {
    const fleet = served();
    const sim = new FleetSimulator({ fleet, world, profile });
    sim.beginDay(day, sim.generateJobs(day, 1));
    sim.setClock(0, 0.5);
    const { maxClockMhz } = servingDevice('A100-80GB');
    fleet.stepsChoices.forEach((steps, level) => {
      const { seconds } = profileOf(servedModelNamed('sd-1.5')).cost({ device: 'A100-80GB', clockMhz: maxClockMhz / 2, batch: 1, work: { steps } });
      expect((sim.service.gpuSeconds[level]! * sim.slowdown[0]!) / fleet.jobs.bundleRequests / seconds).toBeCloseTo(1, 1);
    });
  });

  it('spends fewer GPU-seconds on a faster chip and with faster kernels', () => {
    const { dispatchedGpuSeconds } = simulate(served(), 'local');
    expect(simulate(served({ device: 'H100' }), 'local').dispatchedGpuSeconds).toBeLessThan(0.75 * dispatchedGpuSeconds);
    expect(simulate(served({ kernelTime: { gemm: 0.8 } }), 'local').dispatchedGpuSeconds).toBeLessThan(0.96 * dispatchedGpuSeconds);
  });

  it('keeps the account whole with text beside images', () => {
    for (const name of schedulerNames) {
      const totals = simulate(served({ text: 500, textModels: ['llama-3-8b', 'qwen2-1.5b'] }), name);
      expect(totals.textJobs).toBeGreaterThan(400);
      expect(totals.jobs - totals.textJobs).toBeGreaterThan(900);
      expect(totals.utility).toBeCloseTo(totals.revenue - totals.penalty - totals.transferCost - totals.energyCost, 6);
      expect(Number.isFinite(totals.utility)).toBe(true);
      expect(totals.executedGpuSeconds / totals.dispatchedGpuSeconds).toBeCloseTo(1, 9);
    }
  });

  it('leaves image jobs as they are when text jobs join', () => {
    const alone = new FleetSimulator({ fleet: served(), world, profile }).generateJobs(day, 5);
    const joined = new FleetSimulator({ fleet: served({ text: 300, textModels: ['llama-3-8b'] }), world, profile }).generateJobs(day, 5);
    const images = Array.from({ length: joined.length }, (_, i) => i).filter((i) => joined.text!.isText[i] === 0);
    expect(images.map((i) => joined.arrivalSeconds[i])).toEqual([...alone.arrivalSeconds]);
    expect(images.map((i) => joined.deadlineSeconds[i])).toEqual([...alone.deadlineSeconds]);
    expect(images.every((i, at) => joined.images[i] === alone.images[at])).toBe(true);
    expect([...joined.arrivalSeconds]).toEqual([...joined.arrivalSeconds].sort((a, b) => a - b));
  });

  it('hands jobs that a site does not serve to the nearest that does', () => {
    const fleet = defaultFleet();
    const sites = [
      { ...fleet.sites[0]!, device: 'V100-SXM2-32GB', model: { name: 'nllb-dynamic' }, serving: { textBatches: [384] } },
      { ...fleet.sites[1]!, device: 'A100-80GB', model: { name: 'sdxl' } },
    ];
    const text = { perDay: 300, promptTokens: 28, generatedTokens: 28, bundleRequests: 384 };
    const mixed = parseFleet({ ...fleet, jobs: { perDay: 200, text }, sites });
    const totals = simulate(mixed, 'local');
    expect(totals.jobs).toBeGreaterThan(400);
    expect(totals.transferred).toBeGreaterThan(100);
    const env = new JobDispatchEnv({ fleet: mixed, world, profile, days: [day] });
    let { observation } = env.reset();
    expect(observation.every(Number.isFinite)).toBe(true);
    for (let done = false; !done; ) {
      const step = env.step(Float32Array.of(0.1, 0.2, 1));
      observation = step.observation;
      expect(observation.every(Number.isFinite)).toBe(true);
      done = step.truncated;
    }
  });

  it.each([
    [{ sites: [{ device: 'A1000' }] }, /sites\.0\.device: Unknown device "A1000"/],
    [{ sites: [{ device: 'A100' }] }, /sites\.0\.model\.name: Unknown model "SDXL"\. Did you mean "sdxl"/],
    [{ sites: [{ serving: { textModels: ['llama-3-8b'] } }] }, /textModels: expected none without a device/],
    [{ sites: [{ device: 'A100', model: { name: 'sdxl' }, serving: { textModels: ['sdxl'] } }] }, /makes images/],
    [{ jobs: { text: { perDay: 10 } } }, /jobs\.text\.perDay: expected 0 where no site serves text/],
    [{ jobs: { perDay: 0 } }, /jobs\.perDay: expected jobs of images/],
  ])('refuses %j', (input, message) => {
    expect(() => parseFleet(input)).toThrow(message);
  });
});
