import type { Argv } from 'yargs';
import { InputError } from '../src/io/errors.js';
import type { Command, CommonOptions } from './command.js';
import { command, subcommands } from './command.js';

const run = command(
  '$0',
  'run what is missing of a sweep, and gather its results',
  (yargs) =>
    yargs
      .option('config', { type: 'string', describe: 'YAML file: a preset, a grid or list of settings, seeds' })
      .option('executor', { choices: ['local', 'slurm', 'bullmq'] as const, default: 'local' as const, describe: 'worker processes here, a Slurm job array, or workers that share a Redis' })
      .option('workers', { type: 'number', describe: 'runs at a time; local: one a core by default' })
      .option('redis', { type: 'string', describe: 'bullmq: where Redis is, such as redis://localhost:6379; with a password rather by JOULEFLOW_REDIS or a file that JOULEFLOW_REDIS_FILE names' })
      .option('out', { type: 'string', default: 'runs', describe: 'folder under which run folders are kept' }),
  async (args, output) => {
    const { sweepCommand } = await import('../experiments/commands/sweepCommand.js');
    const { config } = args;
    if (config === undefined) throw new InputError('sweep: expected --config FILE, or one of status, collect and run.');
    await sweepCommand({ ...args, config }, output);
  },
);

const folderOf = (yargs: Argv<CommonOptions>) =>
  yargs.positional('folder', { type: 'string', demandOption: true, describe: "the sweep's folder, such as runs/my-sweep" });

const status = command('status <folder>', 'which runs are finished, running, waiting, failed and why', folderOf, async (args, output) => {
  const { statusCommand } = await import('../experiments/commands/sweepCommand.js');
  await statusCommand(args, output);
});

const collect = command('collect <folder>', 'gather the results of a sweep into its results.json', folderOf, async (args, output) => {
  const { collectCommand } = await import('../experiments/commands/sweepCommand.js');
  await collectCommand(args, output);
});

const line = command(
  'run',
  'run one line of a manifest, as the tasks of a Slurm array do',
  (yargs) =>
    yargs
      .option('manifest', { type: 'string', demandOption: true, describe: 'JSON lines, one a run' })
      .option('line', { type: 'number', demandOption: true, describe: 'which of them, from 0' }),
  async (args, output) => {
    const { runLineCommand } = await import('../experiments/commands/sweepCommand.js');
    await runLineCommand(args, output);
  },
);

subcommands.set('sweep', ['status', 'collect', 'run']);

export const sweep: Command = {
  command: 'sweep',
  describe: 'many runs: on the cores of this machine, a Slurm cluster, or workers that share a Redis',
  builder: (yargs) => [run, status, collect, line].reduce((all, member) => all.command(member), yargs).strict(),
  handler: () => undefined,
};
