import type { RandomStream } from '../../src/math/random.js';
import { randomStream } from '../../src/math/random.js';
import { annealingTuner, geneticTuner, gridTuner, randomTuner } from './baselines.js';
import { bootstrapModel } from './bootstrap-model.js';
import type { CostModel } from './cost-model.js';
import { parallelAnnealing, wholeSpace } from './exploration.js';
import type { FeatureMap } from './features.js';
import type { ModelTunerOptions } from './model-tuner.js';
import { modelTuner } from './model-tuner.js';
import type { SearchSpace } from './space.js';
import { treesModel } from './trees-model.js';
import type { Tuner } from './tuner.js';

/** What a tuner is built from. */
export interface TunerInput {
  readonly space: SearchSpace;
  readonly features: FeatureMap;
  readonly seed: number;
  /** The budget, by which some baselines plan. */
  readonly trials: number;
}

type ModelFactory = (random: RandomStream) => CostModel;
type Factory = (input: TunerInput) => Tuner;

const tunerStream = ({ seed }: TunerInput): RandomStream => randomStream(seed, 'tuner');

function learned(model: ModelFactory, options: ModelTunerOptions = {}, explore = parallelAnnealing): Factory {
  return (input) => {
    const random = tunerStream(input);
    return modelTuner(input.space, input.features, model(random.stream('model')), explore(random.stream('exploration')), random, options);
  };
}

const rank: ModelFactory = () => treesModel({ objective: 'rank' });

const baselines = {
  random: (input) => randomTuner(input.space, tunerStream(input)),
  grid: (input) => gridTuner(input.space, tunerStream(input), input.trials),
  ga: (input) => geneticTuner(input.space, tunerStream(input)),
  sa: (input) => annealingTuner(input.space, tunerStream(input), input.trials),
} satisfies Record<string, Factory>;

const learners = {
  rank: learned(rank),
  regression: learned(() => treesModel({ objective: 'regression' })),
} satisfies Record<string, Factory>;

const ablations = {
  'rank-no-diversity': learned(rank, { alpha: 0 }),
  'rank-epsilon-0': learned(rank, { epsilon: 0 }),
  'rank-ei': learned((random) => bootstrapModel(random, { objective: 'rank', acquisition: 'ei' })),
  'rank-ucb': learned((random) => bootstrapModel(random, { objective: 'rank', acquisition: 'ucb' })),
  'rank-whole-space': learned(rank, {}, wholeSpace),
} satisfies Record<string, Factory>;

const factories = { ...learners, ...baselines, ...ablations };

export type Method = keyof typeof factories;
/** `all` stands for the learners and the baselines, `ablations` for the changes to `rank`. */
export const methodGroups = {
  all: [...Object.keys(learners), ...Object.keys(baselines)] as Method[],
  ablations: Object.keys(ablations) as Method[],
};
export const methods = Object.keys(factories) as Method[];

/** A tuner by name. Everything random in it comes from the seed. */
export const createTuner = (method: Method, input: TunerInput): Tuner => factories[method](input);
