import { command } from './command.js';
import { objectiveOptions } from './tuneObjective.js';

export const tuneReport = command(
  'report <history..>',
  'Draw best-so-far curves and how good the model was in every round, from history files',
  (yargs) =>
    yargs
      .positional('history', { type: 'string', array: true, demandOption: true, describe: 'history files' })
      .option('cache', { type: 'string', describe: 'judge the model on this whole measured space' })
      .options(objectiveOptions)
      .option('out', { type: 'string', default: 'runs/tune', describe: 'folder for the figures' }),
  async (args, output) => {
    const { describeReport, readKernelTunerCache, reportHistories } = await import('../workloads/tensor/index.js');
    const reports = reportHistories(args.history, args.out, args.cache === undefined ? undefined : readKernelTunerCache(args.cache, args));
    output.say(describeReport(reports));
    output.document({ spaces: reports });
  },
);
