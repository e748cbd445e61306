import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { envelope } from '../../../agents/bound/jobClasses.js';
import { LinearProgram } from '../../../agents/bound/linearProgram.js';
import { energyLines, loadFactors } from '../../../agents/bound/physics.js';
import { coolingRatio, defaultFleet, dynamicPowerShare, itPowerFactor, loadHighs, parseFleet, slowdown } from '../../../envs/index.js';

const share = (min: number) => fc.double({ min, max: 1, noNaN: true });

describe('parts of the bound', () => {
  it('energy lines lie below every clock, and touch where clocks are free', () => {
    fc.assert(
      fc.property(share(0.1), share(0), share(0.1), fc.double({ min: 0, max: 0.99, noNaN: true }), share(0), (minShare, boundShare, voltageFloorShare, voltageKneeShare, at) => {
        const { gpus } = parseFleet({ sites: [{ gpus: { clock: { minShare, boundShare, voltageFloorShare, voltageKneeShare } } }] }).sites[0]!;
        const f = minShare + at * (1 - minShare);
        const time = slowdown(f, gpus.clock);
        const energy = time * gpus.powerKw * (1 - gpus.idleShare) * dynamicPowerShare(f, gpus.clock);
        for (const { kwPerGpu, idleWorth } of energyLines(gpus)) expect(kwPerGpu - idleWorth * time).toBeLessThanOrEqual(energy + 1e-12 * (1 + idleWorth));
      }),
      { examples: [[0.24942030659840994, 8.619824309451121e-17, 0.10000000000000009, 0, 0]] },
    );
    const { gpus } = defaultFleet().sites[0]!;
    const least = Math.max(...energyLines(gpus).map(({ kwPerGpu, idleWorth }) => kwPerGpu - idleWorth));
    expect(least).toBeGreaterThan(0.995 * gpus.powerKw * (1 - gpus.idleShare));
  });

  it('load factors enclose every supply temperature', () => {
    const { cooling } = defaultFleet().sites[0]!;
    fc.assert(
      fc.property(fc.double({ min: -30, max: 45, noNaN: true }), fc.double({ min: 18, max: 27, noNaN: true }), (outdoor, supply) => {
        const [least, most] = loadFactors(cooling, outdoor, true);
        const factor = itPowerFactor(supply, cooling) * (1 + coolingRatio(supply, outdoor, cooling));
        expect(factor).toBeGreaterThanOrEqual(least);
        expect(factor).toBeLessThanOrEqual(most);
      }),
    );
  });

  it('keeps the options on the upper concave envelope', () => {
    const option = (workHours: number, value: number) => ({ workHours, value });
    const [a, b, c, d, e] = [option(1, 0.1), option(2, 4), option(3, 5), option(4, 5.5), option(5, 5.4)];
    expect(envelope([a, b, c, d, e])).toEqual([b, c, d]);
    expect(envelope([option(1, -1)])).toEqual([]);
  });

  it('bounds a small program exactly', async () => {
    const program = new LinearProgram();
    const carpentry = program.row(-Infinity, 40);
    const finishing = program.row(-Infinity, 50);
    program.variable(30, 100, [[carpentry, 1], [finishing, 2]]);
    program.variable(50, 100, [[carpentry, 2], [finishing, 1]]);
    program.constant = 7;
    expect(program.upperBound(await loadHighs())).toBeCloseTo(1107, 6);
  });
});
