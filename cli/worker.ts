import { command } from './command.js';

export const worker = command(
  'worker',
  'take runs of sweeps from a Redis queue until stopped',
  (yargs) =>
    yargs
      .option('redis', { type: 'string', describe: 'where Redis is, such as redis://localhost:6379; with a password rather by JOULEFLOW_REDIS or a file that JOULEFLOW_REDIS_FILE names' })
      .option('out', { type: 'string', describe: 'refuse runs whose folders do not lie below this one' })
      .option('workers', { type: 'number', describe: 'runs at a time; one a core by default' }),
  async (args) => {
    const { workerCommand } = await import('../experiments/commands/sweepCommand.js');
    await workerCommand(args);
  },
);
