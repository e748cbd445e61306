import { randomStream } from '../../src/math/random.js';
import { drawProbe, figuresOf, probes, tryProbes } from './probes.js';

/**
 * `node dist/experiments/shaping/sampler.js [FITS [W...]]`: what the diffusion model of the shaper learns of six
 * distributions, all in one model by a condition and each in a model of its own, as a table. Figure / truth.
 */
const [fits, ...steps] = process.argv.slice(2).map(Number);
if ([fits ?? 1, ...steps].some((value) => !(value >= 1))) {
  process.stderr.write(`sampler: expected FITS and W of at least 1, found ${process.argv.slice(2).join(' ')}.\n`);
  process.exit(2);
}
const trial = { fits: fits ?? 12_000, seed: 0 };
const truths = probes.map((probe) => figuresOf(drawProbe(probe, 400_000, randomStream(0, probe.name)), probe));
const pair = (found: number | null, truth: number | null, digits = 3): string =>
  found === null || truth === null ? '' : `${found.toFixed(digits)} / ${truth.toFixed(digits)}`;

process.stdout.write('| W | condition | probe | mean | deviation | ratio | upper mode | between |\n|---|---|---|---|---|---|---|---|\n');
for (const w of steps.length === 0 ? [3, 5, 7] : steps) {
  const together = await tryProbes(probes, { ...trial, steps: w });
  const alone = [];
  for (const probe of probes) alone.push(...(await tryProbes([probe], { ...trial, steps: w })));
  for (const [condition, all] of [['with', together], ['without', alone]] as const) {
    for (const [i, { mean, deviation, upper, between }] of all.entries()) {
      const truth = truths[i]!;
      const cells = [w, condition, probes[i]!.name, pair(mean, truth.mean), pair(deviation, truth.deviation), (deviation / truth.deviation).toFixed(3)];
      process.stdout.write(`| ${[...cells, pair(upper, truth.upper), pair(between, truth.between)].join(' | ')} |\n`);
    }
  }
}
