import type { Shaper, ShapingOptions, ShapingSizes } from '../../diffusion/index.js';
import { createLabelShaper } from '../../diffusion/index.js';
import type { RandomStream } from '../../src/math/random.js';
import { createRewardAgent } from './rewardAgent.js';

/**
 * Builds the shaper that `options.kind` names; null for `none`. Those that learn an explicit label are `diffusion` and
 * `regression`, see `createLabelShaper`; `diffusion-agent` and `reward-agent` are agents themselves, see
 * `createRewardAgent`.
 */
export async function createShaper(options: ShapingOptions, sizes: ShapingSizes, random: RandomStream): Promise<Shaper | null> {
  switch (options.kind) {
    case 'none':
      return null;
    case 'diffusion':
    case 'regression':
      return createLabelShaper(options, sizes, random);
    case 'diffusion-agent':
    case 'reward-agent': {
      const agent = await createRewardAgent(options, sizes, random);
      return options.condition ? agent : blindfolded(agent, sizes);
    }
  }
}

/** A reward agent that is told zeros for the (state, action) of both ends of a transition. */
function blindfolded(agent: Shaper, { conditionSize, batchSize }: ShapingSizes): Shaper {
  const none = new Float32Array(conditionSize);
  const nothing = new Float32Array(conditionSize * batchSize);
  return {
    ...agent,
    propose: () => agent.propose(none),
    fit: (batch) => agent.fit({ ...batch, conditions: nothing, nextConditions: nothing }),
    reward: (batch) => agent.reward({ ...batch, conditions: nothing }),
  };
}
