import type { RandomStream } from '../../../src/math/random.js';
import { randomStream } from '../../../src/math/random.js';
import type { CostModel } from '../models/costModel.js';
import { annealingTuner } from './annealing.js';
import { parallelAnnealing, wholeSpace } from './exploration.js';
import { geneticTuner } from './genetic.js';
import { gridTuner } from './grid.js';
import type { FeatureMap } from '../models/features.js';
import type { ModelTunerOptions } from './modelTuner.js';
import { modelTuner } from './modelTuner.js';
import { networkModel } from '../models/networkModel.js';
import type { SearchSpace } from '../space.js';
import type { Experience } from '../models/transfer.js';
import { GlobalModel, withExperience } from '../models/transfer.js';
import { treesModel } from '../models/treesModel.js';
import { randomTuner } from './random.js';
import type { Tuner } from './tuner.js';

/** What a tuner is built from. */
export interface TunerInput {
  readonly space: SearchSpace;
  readonly features: FeatureMap;
  readonly seed: number;
  /** The budget, by which some baselines plan. */
  readonly trials: number;
  /** Of other workloads or devices; the tree methods learn from it. */
  readonly experience?: Experience | undefined;
  /** Share of a round that a learned tuner may spend on measuring again, where one measurement is one noisy sample. */
  readonly confirm?: number;
}

type ModelFactory = (random: RandomStream, global?: GlobalModel) => CostModel;
type Factory = (input: TunerInput) => Tuner;

const tunerStream = ({ seed }: TunerInput): RandomStream => randomStream(seed, 'tuner');

function learned(model: ModelFactory, options: ModelTunerOptions = {}, explore = parallelAnnealing): Factory {
  return (input) => {
    const random = tunerStream(input);
    const { space, experience, confirm = 0 } = input;
    const features = experience === undefined ? input.features : withExperience(input.features, experience);
    const global = experience && new GlobalModel();
    const parts = { space, features, model: model(random.stream('model'), global), explore: explore(random.stream('exploration')) };
    return modelTuner(parts, random, { confirm, global, ...options });
  };
}

const rank: ModelFactory = (random, global) => treesModel(random, { objective: 'rank', global });

const baselines = {
  random: (input) => randomTuner(input.space, tunerStream(input)),
  grid: (input) => gridTuner(input.space, tunerStream(input), input.trials),
  ga: (input) => geneticTuner(input.space, tunerStream(input)),
  sa: (input) => annealingTuner(input.space, tunerStream(input), input.trials),
} satisfies Record<string, Factory>;

const learners = {
  rank: learned(rank),
  regression: learned((random, global) => treesModel(random, { objective: 'regression', global })),
  nn: (input) => learned((random) => networkModel(random))({ ...input, experience: undefined }),
} satisfies Record<string, Factory>;

const ablations = {
  'rank-no-diversity': learned(rank, { alpha: [0] }),
  'rank-epsilon-0': learned(rank, { epsilon: 0 }),
  'rank-mean': learned((random, global) => treesModel(random, { objective: 'rank', acquisition: 'mean', global })),
  'rank-ucb': learned((random, global) => treesModel(random, { objective: 'rank', acquisition: 'ucb', global })),
  'rank-whole-space': learned(rank, {}, wholeSpace),
} satisfies Record<string, Factory>;

const factories = { ...learners, ...baselines, ...ablations };

export type Method = keyof typeof factories;
export const methods = Object.keys(factories) as Method[];
/** `all` stands for the learners and the baselines, `ablations` for the changes to `rank`. */
export const methodGroups = {
  all: Object.keys({ ...learners, ...baselines }) as Method[],
  ablations: Object.keys(ablations) as Method[],
};

/** A tuner by name. Everything random in it comes from the seed. */
export const createTuner = (method: Method, input: TunerInput): Tuner => factories[method](input);
