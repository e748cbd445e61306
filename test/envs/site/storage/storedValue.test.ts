import fc from 'fast-check';
import type { Highs } from 'highs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { EnergyBlock, StorageLimits } from '../../../../envs/site/storage/index.js';
import { loadHighs } from '../../../../envs/control/highs.js';
import { StoredValue } from '../../../../envs/site/storage/index.js';

let highs: Highs;
beforeAll(async () => {
  highs = await loadHighs();
});

const between = (min: number, max: number): fc.Arbitrary<number> => fc.double({ min, max, noNaN: true }).map((x) => Math.round(x * 1000) / 1000);

const limits: fc.Arbitrary<StorageLimits> = fc
  .record({
    capacity: between(1, 100),
    socMin: between(0, 0.4),
    socMax: between(0.5, 1),
    powerKw: between(0, 40),
    etaCharge: between(0.8, 1),
    etaDischarge: between(0.8, 1),
    wearUsdPerKwh: between(0, 0.03),
  })
  .map(({ capacity, socMin, socMax, ...rest }) => ({ ...rest, lowKwh: socMin * capacity, highKwh: socMax * capacity }));

const block: fc.Arbitrary<EnergyBlock> = fc
  .record({ price: between(-0.1, 0.5), load: between(0, 30), renewables: between(0, 40), share: fc.constantFrom(0, 0.8, 1) })
  .map(({ price, load, renewables, share }) => ({
    hours: 1,
    netKw: load - (price < 0 ? 0 : renewables),
    importUsdPerKwh: price,
    exportUsdPerKwh: price > 0 && share > 0 ? price * share : null,
  }));

const cases = fc.record({ limits, blocks: fc.array(block, { minLength: 1, maxLength: 24 }), end: between(0, 0.3), start: between(0, 1) });

/** Least cost of the blocks from `startKwh`, less the worth of what is left; charging and drawing at once is allowed. */
function programUsd(storage: StorageLimits, blocks: readonly EnergyBlock[], endUsdPerKwh: number, startKwh: number): number {
  const terms: string[] = [];
  const rows: string[] = [];
  const bounds: string[] = [];
  const signed = (value: number, name: string): string => `${value < 0 ? '-' : '+'} ${Math.abs(value)} ${name}`;
  blocks.forEach(({ hours, netKw, importUsdPerKwh, exportUsdPerKwh }, t) => {
    terms.push(signed(importUsdPerKwh * hours, `b${t}`), signed(-(exportUsdPerKwh ?? 0) * hours, `x${t}`), signed(storage.wearUsdPerKwh * hours, `d${t}`));
    rows.push(`n${t}: b${t} - x${t} - u${t} - c${t} + d${t} = ${netKw}`);
    rows.push(`e${t}r: e${t} ${t > 0 ? `- e${t - 1} ` : ''}${signed(-storage.etaCharge * hours, `c${t}`)} ${signed(hours / storage.etaDischarge, `d${t}`)} = ${t > 0 ? 0 : startKwh}`);
    bounds.push(`0 <= b${t} <= 1000`, `0 <= x${t} <= ${exportUsdPerKwh === null ? 0 : 1000}`, `0 <= u${t} <= ${Math.max(0, -netKw)}`);
    bounds.push(`0 <= c${t} <= ${storage.powerKw}`, `0 <= d${t} <= ${storage.powerKw}`, `${storage.lowKwh} <= e${t} <= ${storage.highKwh}`);
  });
  terms.push(signed(-endUsdPerKwh, `e${blocks.length - 1}`));
  const solution = highs.solve(`Minimize\nobj: ${terms.join('\n')}\nSubject To\n${rows.join('\n')}\nBounds\n${bounds.join('\n')}\nEnd\n`);
  expect(solution.Status).toBe('Optimal');
  return solution.ObjectiveValue;
}

const costUsd = (storage: StorageLimits, { hours, netKw, importUsdPerKwh, exportUsdPerKwh }: EnergyBlock, kw: number): number => {
  const net = netKw + kw;
  const energy = net >= 0 ? net * importUsdPerKwh : net * (exportUsdPerKwh ?? 0);
  return (energy + Math.max(0, -kw) * storage.wearUsdPerKwh) * hours;
};

/** The blocks carried out by the values, and what that costs less the worth of what is left. */
function followedUsd(storage: StorageLimits, blocks: readonly EnergyBlock[], endUsdPerKwh: number, startKwh: number): number {
  const values = [StoredValue.constant(storage, endUsdPerKwh)];
  for (let t = blocks.length - 1; t > 0; t--) values.unshift(values[0]!.before(blocks[t]!));
  let kwh = startKwh;
  let usd = 0;
  blocks.forEach((here, t) => {
    const kw = values[t]!.bestKw(kwh, here);
    kwh += kw >= 0 ? kw * storage.etaCharge * here.hours : (kw / storage.etaDischarge) * here.hours;
    expect(kwh).toBeGreaterThanOrEqual(storage.lowKwh - 1e-9);
    expect(kwh).toBeLessThanOrEqual(storage.highKwh + 1e-9);
    expect(here.exportUsdPerKwh === null && kw < -1e-9 ? here.netKw + kw : 0).toBeGreaterThanOrEqual(-1e-9);
    usd += costUsd(storage, here, kw);
  });
  return usd - endUsdPerKwh * kwh;
}

describe('the value of stored energy', () => {
  it('is the linear program: differences of value, and the cost of following it where charging and drawing at once never pays', () => {
    fc.assert(
      fc.property(cases, ({ limits: storage, blocks, end, start }) => {
        const startKwh = storage.lowKwh + start * (storage.highKwh - storage.lowKwh);
        let value = StoredValue.constant(storage, end);
        for (let t = blocks.length - 1; t >= 0; t--) value = value.before(blocks[t]!);
        const fromStart = programUsd(storage, blocks, end, startKwh);
        const fromLeast = programUsd(storage, blocks, end, storage.lowKwh);
        expect(value.worthUsd(startKwh)).toBeCloseTo(fromLeast - fromStart, 5);
        const once = blocks.every(({ importUsdPerKwh }) => importUsdPerKwh >= 0);
        const followed = followedUsd(storage, blocks, end, startKwh);
        expect(followed).toBeGreaterThanOrEqual(fromStart - 1e-6);
        if (once) expect(followed).toBeCloseTo(fromStart, 5);
      }),
      { numRuns: 100, seed: 1 },
    );
  });

  it('falls with what is stored, and adds up', () => {
    fc.assert(
      fc.property(cases, ({ limits: storage, blocks, end }) => {
        let value = StoredValue.constant(storage, end);
        for (const here of blocks) value = value.before(here);
        for (let i = 1; i < value.slopes.length; i++) expect(value.slopes[i]!).toBeLessThan(value.slopes[i - 1]!);
        expect(value.widths.reduce((a, b) => a + b, 0)).toBeCloseTo(storage.highKwh - storage.lowKwh, 9);
      }),
    );
  });

  it('is nothing without room or power', () => {
    const none: StorageLimits = { lowKwh: 1, highKwh: 1, powerKw: 5, etaCharge: 0.95, etaDischarge: 0.95, wearUsdPerKwh: 0.01 };
    const here: EnergyBlock = { hours: 1, netKw: 3, importUsdPerKwh: 0.2, exportUsdPerKwh: 0.16 };
    expect(StoredValue.constant(none, 0.3).before(here).bestKw(1, here)).toBe(0);
    const still = { ...none, highKwh: 9, powerKw: 0 };
    expect(StoredValue.constant(still, 0.3).before(here).marginalUsdPerKwh(4)).toBe(0.3);
    expect(StoredValue.constant(still, 0.3).bestKw(4, here)).toBe(0);
  });
});
