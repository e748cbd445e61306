import { createDiffusionModel } from '../../diffusion/index.js';
import { randomStream } from '../../src/math/random.js';
import type { RandomStream } from '../../src/math/random.js';
import { mean, standardDeviation } from '../../src/math/statistics.js';

/** A distribution of standardised credit that a generative model is tried on. */
export interface Probe {
  readonly name: string;
  readonly draw: (random: RandomStream) => number;
  /** Between the modes, where there are two: the middle, and the half of the way around it that hardly anything falls into. */
  readonly valley?: { readonly from: number; readonly middle: number; readonly to: number };
}

/** What is said of a sample: its moments and, with a valley, the share above its middle and the share inside. */
export interface ProbeFigures {
  readonly mean: number;
  readonly deviation: number;
  readonly upper: number | null;
  readonly between: number | null;
}

const gaussian = (centre: number, deviation: number) => (random: RandomStream): number => centre + deviation * random.normal();

/** The first mode with the share, else the second, each a [centre, deviation]; the lower one first. */
function twoModes(name: string, share: number, [first, second]: readonly [readonly [number, number], readonly [number, number]]): Probe {
  const [low, high] = [gaussian(...first), gaussian(...second)];
  const gap = second[0] - first[0];
  return {
    name,
    draw: (random) => (random.next() < share ? low(random) : high(random)),
    valley: { from: first[0] + gap / 4, middle: first[0] + gap / 2, to: second[0] - gap / 4 },
  };
}

/** The widest credit that a probe gives, as the default of `shaping.labelClip`. */
export const probeClip = 2.5;

/** Wide, narrow, two modes far apart, a rare late job, two modes that overlap, and skewed: 1 - Exp(1). */
export const probes: readonly Probe[] = [
  { name: 'wide', draw: gaussian(0, 1) },
  { name: 'narrow', draw: gaussian(0.5, 0.1) },
  twoModes('two modes', 0.25, [[-1, 0.1], [1, 0.1]]),
  twoModes('rarely late', 0.1, [[-2, 0.3], [0.3, 0.1]]),
  twoModes('overlapping', 0.4, [[-0.6, 0.3], [0.8, 0.3]]),
  { name: 'skewed', draw: (random) => 1 + Math.log(1 - random.next()) },
];

/** `count` draws of a probe, clipped. */
export const drawProbe = ({ draw }: Probe, count: number, random: RandomStream): number[] =>
  Array.from({ length: count }, () => Math.max(-probeClip, Math.min(probeClip, draw(random))));

/** The figures of a sample. */
export function figuresOf(values: readonly number[], { valley }: Pick<Probe, 'valley'>): ProbeFigures {
  const share = (test: (value: number) => boolean): number => values.filter(test).length / values.length;
  return {
    mean: mean(values),
    deviation: standardDeviation(values),
    upper: valley === undefined ? null : share((value) => value > valley.middle),
    between: valley === undefined ? null : share((value) => value > valley.from && value < valley.to),
  };
}

export interface ProbeTrial {
  /** Denoising steps W. */
  readonly steps: number;
  readonly fits: number;
  readonly seed: number;
}

/**
 * Trains one diffusion model, with the options of the shaper, on some probes at once, told apart by a one-hot condition
 * (one probe: a condition that says nothing), and returns the figures of 20,000 samples of each.
 */
export async function tryProbes(tried: readonly Probe[], { steps, fits, seed }: ProbeTrial): Promise<ProbeFigures[]> {
  const batchSize = 128;
  const conditionSize = tried.length;
  const model = await createDiffusionModel(
    {
      sampleSize: 1,
      conditionSize,
      steps,
      schedule: 'vp',
      hidden: [64, 64],
      embeddingSize: 16,
      learningRate: 1e-3,
      batchSize,
      clip: probeClip,
      samples: 1,
    },
    randomStream(seed, 'probe model'),
  );
  const random = randomStream(seed, 'probes');
  const conditions = new Float32Array(batchSize * conditionSize);
  const samples = new Float32Array(batchSize);
  const say = (row: number, probe: number): void => void (conditionSize > 1 && (conditions[row * conditionSize + probe] = 1));
  for (let fit = 0; fit < fits; fit++) {
    conditions.fill(0);
    for (let row = 0; row < batchSize; row++) {
      const probe = random.integer(tried.length);
      say(row, probe);
      samples[row] = drawProbe(tried[probe]!, 1, random)[0]!;
    }
    await model.fit(samples, conditions);
  }
  const figures: ProbeFigures[] = [];
  for (const [i, probe] of tried.entries()) {
    conditions.fill(0);
    for (let row = 0; row < batchSize; row++) say(row, i);
    const drawn: number[] = [];
    while (drawn.length < 20_000) drawn.push(...(await model.sample(conditions)).mean);
    figures.push(figuresOf(drawn, probe));
  }
  return figures;
}
