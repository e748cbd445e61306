import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Battery, parseFleet } from '../../../envs/index.js';
import { InputError } from '../../../src/io/errors.js';

const share = (min: number, max: number): fc.Arbitrary<number> => fc.double({ min, max, noNaN: true });

const battery = fc
  .record({ capacityKwh: share(0.1, 1000), powerKw: share(0.1, 500), etaCharge: share(0.3, 1), etaDischarge: share(0.3, 1) })
  .map((battery) => new Battery(parseFleet({ sites: [{ battery }] }).sites[0]!.battery));

describe('Battery', () => {
  it('loses exactly etaCharge etaDischarge on a round trip', () => {
    fc.assert(
      fc.property(battery, share(0.01, 1), fc.integer({ min: 60, max: 3600 }), (cell, part, seconds) => {
        const before = cell.energyKwh;
        const chargeKw = part * Math.min(cell.maxChargeKw(seconds), cell.config.powerKw / 2);
        cell.apply(chargeKw, seconds);
        const { etaCharge, etaDischarge } = cell.config;
        cell.apply(-chargeKw * etaCharge * etaDischarge, seconds);
        expect(Math.abs(cell.energyKwh - before)).toBeLessThanOrEqual(1e-12 * cell.config.capacityKwh);
      }),
      { numRuns: 1000 },
    );
  });

  it('takes any power of its feasible range and stays within its bounds, and refuses the rest', () => {
    fc.assert(
      fc.property(battery, fc.array(share(-1.5, 1.5), { minLength: 1, maxLength: 20 }), fc.integer({ min: 60, max: 7200 }), (cell, parts, seconds) => {
        for (const part of parts) {
          const { minKw, maxKw } = cell.feasibleRange(seconds);
          const power = part * (part >= 0 ? maxKw : -minKw);
          if (Math.abs(part) <= 1) cell.apply(power, seconds);
          else if (Math.abs(power) > 1e-9) {
            const before = cell.energyKwh;
            expect(() => cell.apply(power, seconds)).toThrow(InputError);
            expect(cell.energyKwh).toBe(before);
          }
          expect(cell.soc).toBeGreaterThanOrEqual(cell.config.socMin - 1e-12);
          expect(cell.soc).toBeLessThanOrEqual(cell.config.socMax + 1e-12);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('refuses a power that is no number', () => {
    const cell = new Battery(parseFleet({}).sites[0]!.battery);
    expect(() => cell.apply(NaN, 300)).toThrow(InputError);
  });
});
