import { command } from './command.js';

export const compare = command(
  'compare',
  'run many methods on the same days and jobs, and report which is better, by how much, and how sure that is',
  (yargs) =>
    yargs
      .option('preset', { type: 'string', describe: 'what is compared; see jouleflow config list' })
      .option('list', { type: 'string', describe: 'a method list of your own (YAML) instead' })
      .option('seeds', { type: 'number', describe: "runs of each method; the preset's own if not given" })
      .option('steps', { type: 'number', describe: "environment steps of each run; the preset's own if not given" })
      .option('methods', { type: 'string', describe: 'only these of the preset, separated by commas' })
      .option('data', { type: 'string', describe: 'folder of real series; without it the embedded generator is used' })
      .option('out', { type: 'string', default: 'runs/compare', describe: 'where runs and reports are kept; finished runs are used again' })
      .option('workers', { type: 'number', describe: 'processes at a time; one per core if not given' })
      .option('report-only', { type: 'boolean', default: false, describe: 'report what is finished, run nothing' })
      .example('$0 compare --preset smoke', 'that everything works, in a minute or two')
      .example('$0 compare --preset paper --methods greedy,diffusion --seeds 3', 'some methods, fewer seeds'),
  async (args, output) => {
    const { compareCommand } = await import('../experiments/commands/compareCommand.js');
    await compareCommand({ ...args, reportOnly: args['report-only'] }, output);
  },
);
