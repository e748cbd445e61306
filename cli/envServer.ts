import { command } from './command.js';

export const envServer = command(
  'env-server',
  'environments for a learner in another language, over stdin and stdout or a Unix socket; what Python uses',
  (yargs) =>
    yargs
      .option('preset', { type: 'string', describe: 'named experiment whose environment is served, such as price' })
      .option('config', { type: 'string', describe: 'YAML file laid over the preset' })
      .option('data', { type: 'string', describe: 'folder of real series; without it the embedded generator is used' })
      .option('seed', { type: 'number', describe: 'of environments that are reset without ever having been given one' })
      .option('set', { type: 'string', array: true, nargs: 1, describe: 'any key, as in --set environment.settlement=slot' })
      .option('wrapper', { type: 'string', array: true, nargs: 1, describe: 'an ablation of the fleet: fixed-steps, no-transfer, no-battery, no-renewables, full-clock' })
      .option('envs', { type: 'number', default: 1, describe: 'how many environments are stepped together' })
      .option('socket', { type: 'string', describe: 'path of a Unix socket to wait at for one client, instead of stdin and stdout' }),
  async (args) => {
    const { envServerCommand } = await import('../experiments/commands/envServerCommand.js');
    await envServerCommand(args);
  },
);
