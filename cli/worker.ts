import { command } from './command.js';

export const worker = command(
  'worker',
  'take runs of sweeps from a Redis queue until stopped',
  (yargs) =>
    yargs
      .option('redis', { type: 'string', demandOption: true, describe: 'where Redis is, such as redis://localhost:6379' })
      .option('workers', { type: 'number', describe: 'runs at a time; one a core by default' }),
  async (args) => {
    const { workerCommand } = await import('../experiments/commands/sweepCommand.js');
    await workerCommand(args);
  },
);
