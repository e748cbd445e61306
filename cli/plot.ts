import { command } from './command.js';

export const plot = command(
  'plot <runs..>',
  'draw learning curves, costs, a day and dispatch flows of one or more runs',
  (yargs) =>
    yargs
      .positional('runs', { type: 'string', array: true, demandOption: true, describe: 'run folders; seeds of one method are averaged' })
      .option('out', { type: 'string', describe: "folder for the figures; by default the first run's figures folder" })
      .option('day', { type: 'string', describe: 'UTC date of the day figures; by default the first test day' })
      .example('$0 plot runs/quickstart/*', 'every run of an experiment; seeds are averaged'),
  async (args, output) => {
    const { plotCommand } = await import('../experiments/commands/plotCommand.js');
    await plotCommand(args, output);
  },
);
