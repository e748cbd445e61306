import { command } from './command.js';
import { objectiveOptions } from './tuneObjective.js';

export const tuneReplay = command(
  'replay',
  'Compare tuning methods on an exhaustively measured space (Kernel Tuner cache file)',
  (yargs) =>
    yargs
      .option('cache', { type: 'string', demandOption: true, describe: 'Kernel Tuner cache, .json or .json.gz' })
      .options(objectiveOptions)
      .option('method', { type: 'string', default: 'rank', describe: 'a method, several separated by commas, or: all, ablations' })
      .option('trials', { type: 'number', default: 256, describe: 'configurations that a method may measure' })
      .option('seeds', { type: 'number', default: 20, describe: 'repetitions, with seeds 0, 1, ...' })
      .option('history', { type: 'string', array: true, default: [] as string[], describe: 'histories or caches of the same kernel elsewhere to learn from' })
      .option('out', { type: 'string', describe: 'history file for every trial; an interrupted study goes on from it' }),
  async (args, output) => {
    const { progressBar } = await import('../src/io/progress.js');
    const { describeStudy, parseMethods, readKernelTunerCache, replayStudy } = await import('../workloads/tensor/index.js');
    const methods = parseMethods(args.method);
    const bar = progressBar('sessions', methods.length * args.seeds);
    try {
      const study = await replayStudy(readKernelTunerCache(args.cache, args), { ...args, methods, onSession: (done) => bar.update(done) });
      output.say(describeStudy(study));
      output.document(study);
    } finally {
      bar.stop();
    }
  },
);
