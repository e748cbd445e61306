import seedrandom from 'seedrandom';

/** A named, seeded stream of random numbers whose state can be saved and restored. */
export interface RandomStream {
  /** Uniform in [0, 1), 53 bits. */
  next(): number;
  /** Uniform integer in [0, bound). */
  integer(bound: number): number;
  /** Standard normal (Box-Muller; the second value of each pair is kept). */
  normal(): number;
  /** Exponential with the given rate. */
  exponential(rate: number): number;
  /** Poisson with the given mean (exact for every mean, by halving large ones). */
  poisson(mean: number): number;
  /** An independent stream, itself a function of this stream's name and `name` only, not of how much was drawn. */
  stream(name: string): RandomStream;
  /** Everything needed to go on from here; JSON-safe. */
  state(): RandomState;
  restore(state: RandomState): void;
}

export interface RandomState {
  readonly generator: object;
  readonly spareNormal: number | null;
}

/**
 * The stream `name` of `seed`. Different names give independent streams, so adding a consumer moves no other.
 * The generator is xorshift-derived Alea (seedrandom), whose state is four numbers.
 */
export function randomStream(seed: number | string, name = ''): RandomStream {
  const key = `${seed}/${name}`;
  let generator = seedrandom.alea(key, { state: true });
  let spareNormal: number | null = null;
  const self: RandomStream = {
    next: () => generator.double(),
    integer: (bound) => Math.floor(generator() * bound),
    normal: () => {
      if (spareNormal !== null) {
        const value = spareNormal;
        spareNormal = null;
        return value;
      }
      const radius = Math.sqrt(-2 * Math.log(1 - generator()));
      const angle = 2 * Math.PI * generator();
      spareNormal = radius * Math.sin(angle);
      return radius * Math.cos(angle);
    },
    exponential: (rate) => -Math.log(1 - generator()) / rate,
    poisson: (mean) => {
      if (mean > 30) return self.poisson(mean / 2) + self.poisson(mean / 2);
      const limit = Math.exp(-mean);
      let count = -1;
      let product = 1;
      do {
        product *= generator();
        count++;
      } while (product > limit);
      return count;
    },
    stream: (child) => randomStream(key, child),
    state: () => ({ generator: generator.state(), spareNormal }),
    restore: (state) => {
      generator = seedrandom.alea('', { state: state.generator as seedrandom.State.Alea });
      spareNormal = state.spareNormal;
    },
  };
  return self;
}
