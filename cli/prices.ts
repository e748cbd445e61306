import { command } from './command.js';

export const prices = command(
  'prices',
  'find the rule of prices (scheduler "prices", and where agents start) that is best on the validation days',
  (yargs) =>
    yargs
      .option('preset', { type: 'string', describe: 'experiment whose fleet and validation days are meant' })
      .option('config', { type: 'string', describe: 'YAML file laid over the preset' })
      .option('data', { type: 'string', describe: 'folder of real series; without it the embedded generator is used' })
      .option('late', { type: 'number', describe: 'share of late jobs on those days beyond which lateness weighs more than utility; 0.0125 if not given' })
      .option('set', { type: 'string', array: true, nargs: 1, describe: "any key of the experiment's configuration" }),
  async (args, output) => {
    const { pricesCommand } = await import('../experiments/commands/pricesCommand.js');
    await pricesCommand(args, output);
  },
);
