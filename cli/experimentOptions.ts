import type { Argv } from 'yargs';
import type { CommonOptions } from './command.js';

/** The options that select and change an experiment's configuration. */
export const experimentOptions = (yargs: Argv<CommonOptions>) =>
  yargs
    .option('preset', { type: 'string', describe: 'named experiment, such as quickstart, paper, price, afterstate, cem, joint' })
    .option('config', { type: 'string', describe: 'YAML file laid over the preset' })
    .option('agent', { type: 'string', describe: 'ddpg, td3, sac, afterstate or cem' })
    .option('shaping', { type: 'string', describe: 'diffusion, regression, diffusion-agent, reward-agent or none' })
    .option('seed', { type: 'number', describe: 'seed of the run' })
    .option('steps', { type: 'number', describe: 'environment steps to train for' })
    .option('data', { type: 'string', describe: 'folder of real series; without it the embedded generator is used' })
    .option('set', { type: 'string', array: true, nargs: 1, describe: 'any key, as in --set fleet.sites.0.battery.capacityKwh=500' });
