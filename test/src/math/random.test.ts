import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../src/math/random.js';
import { mean, standardDeviation } from '../../../src/math/statistics.js';

describe('random streams', () => {
  it('goes on from a saved state exactly where it was', () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(50), (seed, draws) => {
        const stream = randomStream(seed, 'a');
        for (let i = 0; i < draws; i++) stream.normal();
        const copy = randomStream(0, 'other');
        copy.restore(JSON.parse(JSON.stringify(stream.state())) as ReturnType<typeof stream.state>);
        for (let i = 0; i < 5; i++) {
          expect(copy.normal()).toBe(stream.normal());
          expect(copy.next()).toBe(stream.next());
        }
      }),
    );
  });

  it('gives a child the same numbers however much its parent drew, and other numbers under another name', () => {
    const parent = randomStream(7);
    const before = parent.stream('child').next();
    parent.next();
    expect(parent.stream('child').next()).toBe(before);
    expect(parent.stream('sibling').next()).not.toBe(before);
  });

  it('has the moments of its distributions', () => {
    const stream = randomStream(1, 'moments');
    const draw = (f: () => number): Float64Array => Float64Array.from({ length: 200_000 }, f);
    const normal = draw(stream.normal);
    expect(mean(normal)).toBeCloseTo(0, 1);
    expect(standardDeviation(normal)).toBeCloseTo(1, 2);
    expect(mean(draw(() => stream.exponential(4)))).toBeCloseTo(0.25, 2);
    for (const rate of [0.3, 12, 200]) {
      const counts = draw(() => stream.poisson(rate));
      expect(mean(counts) / rate).toBeCloseTo(1, 2);
      expect(standardDeviation(counts) ** 2 / rate).toBeCloseTo(1, 1);
    }
  });
});
