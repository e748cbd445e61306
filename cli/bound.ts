import { command } from './command.js';

export const bound = command(
  'bound',
  'the utility that no policy can exceed on given days: a linear program with perfect foresight',
  (yargs) =>
    yargs
      .option('days', { type: 'string', describe: 'UTC dates FROM..TO[/EVERY]; the test days by default' })
      .option('preset', { type: 'string', describe: 'experiment whose fleet and days are meant' })
      .option('config', { type: 'string', describe: 'YAML file laid over the preset' })
      .option('data', { type: 'string', describe: 'folder of real series; without it the embedded generator is used' })
      .option('seed', { type: 'number', describe: 'seed of the jobs' })
      .option('hindsight', { type: 'boolean', default: false, describe: 'also what a search reaches that knows each day: a policy that nobody could have known; some seconds a day' })
      .option('set', { type: 'string', array: true, nargs: 1, describe: "any key of the experiment's configuration" }),
  async (args, output) => {
    const { boundCommand } = await import('../experiments/commands/boundCommand.js');
    await boundCommand(args, output);
  },
);
