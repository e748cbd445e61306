import type { Argv } from 'yargs';
import { keyAliases } from '../experiments/run/aliases.js';
import type { CommonOptions } from './command.js';

/** The options that select and change an experiment's configuration. */
export const experimentOptions = (yargs: Argv<CommonOptions>) =>
  habitual(yargs)
    .option('preset', { type: 'string', describe: 'named experiment; see jouleflow config list' })
    .option('config', { type: 'string', describe: 'YAML file laid over the preset' })
    .option('agent', { alias: 'algo', type: 'string', describe: 'ddpg, td3, sac, afterstate or cem' })
    .option('shaping', { type: 'string', describe: 'diffusion, regression, diffusion-agent, reward-agent or none' })
    .option('seed', { type: 'number', describe: 'seed of the run' })
    .option('steps', { alias: 'total-timesteps', type: 'number', describe: 'environment steps to train for' })
    .option('data', { type: 'string', describe: 'folder of real series; without it the embedded generator is used' })
    .option('set', {
      type: 'string',
      array: true,
      nargs: 1,
      describe: 'any key, as in --set fleet.sites.0.battery.capacityKwh=500; lr, gamma, tau, batch_size, buffer_size and net_arch are understood',
    });

/** Keys by the names that other libraries give them, as options of their own that --help leaves out: `--lr 0.001`. */
function habitual(yargs: Argv<CommonOptions>): Argv<CommonOptions> {
  const names = Object.keys(keyAliases).filter((name) => !['algo', 'total_timesteps'].includes(name));
  for (const name of names) yargs.option(name, { alias: name.includes('_') ? [name.replaceAll('_', '-')] : [], type: 'string', hidden: true });
  return yargs.middleware((args: Record<string, unknown>) => {
    const given = names.filter((name) => args[name] !== undefined).map((name) => `${name}=${String(args[name])}`);
    if (given.length > 0) args.set = [...((args.set as string[] | undefined) ?? []), ...given];
  });
}
