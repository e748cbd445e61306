import { describe, expect, it } from 'vitest';
import { defaultFleet } from '../../../envs/index.js';
import { dynamicPowerShare, slowdown, voltageShare } from '../../../envs/site/clock.js';
import { chillerCop, coolingRatio, itPowerFactor } from '../../../envs/site/cooling.js';
import { imageUtility } from '../../../envs/jobs/imageQuality.js';
import { clearSkyIrradiance, cloudTransmission, cosineZenith, pvPowerKw } from '../../../envs/site/solar.js';
import { hubWindRatio, turbineShare } from '../../../envs/site/wind.js';

const { gpus, cooling, model } = defaultFleet().sites[1]!;

describe('physical models', () => {
  it('slow a job down by delta / f + 1 - delta and save energy down to the voltage knee', () => {
    expect(slowdown(1, gpus.clock)).toBe(1);
    expect(slowdown(0.5, gpus.clock)).toBeCloseTo(1.9, 12);
    expect(voltageShare(1, gpus.clock)).toBeCloseTo(1, 12);
    expect(voltageShare(0.6, gpus.clock)).toBe(gpus.clock.voltageFloorShare);
    const energy = (share: number): number => slowdown(share, gpus.clock) * dynamicPowerShare(share, gpus.clock);
    expect(energy(1)).toBeCloseTo(1, 12);
    expect(energy(0.75)).toBeCloseTo(0.79 ** 2 * 0.75 * 1.3, 12);
    expect(energy(0.75)).toBeLessThan(energy(0.9));
  });

  it('need the cooling of published figures: PUE 1.05 below -4 degrees and 1.17 at 18 with 25 degrees of supply', () => {
    expect(chillerCop(25)).toBeCloseTo(4.728, 12);
    expect(coolingRatio(25, -4, cooling)).toBeCloseTo(0.05, 12);
    expect(coolingRatio(25, -30, cooling)).toBeCloseTo(0.05, 12);
    expect(coolingRatio(25, 18, cooling)).toBeCloseTo(0.17, 3);
    expect(coolingRatio(25, 60, cooling)).toBeCloseTo(0.05 + 1 / 4.728, 12);
    expect(itPowerFactor(25, cooling)).toBe(1);
    expect(itPowerFactor(20, cooling)).toBeCloseTo(0.98, 12);
  });

  it('put the best supply temperature inside its range: warmer when hot outside, cooler when cold', () => {
    const total = (supply: number, outdoor: number): number => itPowerFactor(supply, cooling) * (1 + coolingRatio(supply, outdoor, cooling));
    const best = (outdoor: number): number => [18, 20, 22, 24, 26, 27].reduce((a, b) => (total(b, outdoor) < total(a, outdoor) ? b : a));
    expect(best(-15)).toBe(18);
    expect(best(38)).toBe(27);
  });

  it('earn nothing without a step, more with each, and never the ceiling', () => {
    expect(imageUtility(0, model.quality)).toBe(0);
    for (let steps = 1; steps <= 42; steps++) expect(imageUtility(steps, model.quality)).toBeGreaterThan(imageUtility(steps - 1, model.quality));
    expect(imageUtility(1000, model.quality)).toBeCloseTo(model.quality.ceiling, 12);
    expect(imageUtility(42, model.quality)).toBeLessThan(model.quality.ceiling);
  });

  it('know where the sun is', () => {
    // Overhead at noon on the equator at an equinox; the tropic at the June solstice; polar night.
    expect(cosineZenith(Date.UTC(2023, 2, 20, 12, 7), 0, 0)).toBeGreaterThan(0.9995);
    expect(cosineZenith(Date.UTC(2023, 5, 21, 12, 2), 23.44, 0)).toBeGreaterThan(0.9995);
    expect(cosineZenith(Date.UTC(2023, 11, 21, 12), 70, 0)).toBeLessThan(0);
    expect(cosineZenith(Date.UTC(2023, 5, 21, 0), 0, 0)).toBeLessThan(0);
    // Sunset in Los Angeles on 2023-06-21 was at 20:08 PDT, 03:08 UTC, refraction included (0.83 degrees).
    const sunset = cosineZenith(Date.UTC(2023, 5, 22, 3, 8), 34.05, -118.24);
    expect((Math.asin(sunset) * 180) / Math.PI).toBeCloseTo(-0.83, 0);
  });

  it('let the sun through clouds and no more than the peak out of PV', () => {
    expect(clearSkyIrradiance(1)).toBeCloseTo(1098 * Math.exp(-0.057), 9);
    expect(clearSkyIrradiance(-0.2)).toBe(0);
    expect(cloudTransmission(0)).toBe(1);
    expect(cloudTransmission(1)).toBe(0.25);
    expect(cloudTransmission(1.2)).toBe(0.25);
    expect(pvPowerKw(4, 500)).toBeCloseTo(4 * 0.43, 12);
    expect(pvPowerKw(4, 2000)).toBe(4);
  });

  it('follow the turbine curve', () => {
    expect(turbineShare(2.9)).toBe(0);
    expect(turbineShare(11.5)).toBe(1);
    expect(turbineShare(20)).toBe(1);
    expect(turbineShare(25)).toBe(0);
    expect(turbineShare(7)).toBeCloseTo((343 - 27) / (11.5 ** 3 - 27), 12);
    expect(hubWindRatio(10)).toBe(1);
    expect(hubWindRatio(90)).toBeCloseTo(9 ** (1 / 7), 12);
  });
});
