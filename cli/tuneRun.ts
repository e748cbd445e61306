import { command } from './command.js';
import { objectiveOptions } from './tuneObjective.js';

export const tuneRun = command(
  'run',
  'Tune one program: a kernel generated for this machine (wasm), or a measured space as if it were measured now (replay)',
  (yargs) =>
    yargs
      .option('target', { choices: ['wasm', 'replay'] as const, demandOption: true, describe: 'what measures' })
      .option('op', { choices: ['matmul', 'conv2d'] as const, describe: 'wasm: the operator' })
      .option('shape', { type: 'string', describe: 'wasm: ROWSxINNERxCOLUMNS of a matmul, or SIZExINxOUT-kKERNEL-sSTRIDE of a conv2d' })
      .option('layer', { type: 'string', describe: 'wasm: a convolution of ResNet-18, C1 to C12' })
      .option('cache', { type: 'string', describe: 'replay: Kernel Tuner cache, .json or .json.gz' })
      .options(objectiveOptions)
      .option('method', { type: 'string', default: 'rank', describe: 'see jouleflow tune replay --help' })
      .option('trials', { type: 'number', default: 256, describe: 'configurations to measure' })
      .option('seed', { type: 'number', default: 0, describe: 'of everything random' })
      .option('out', { type: 'string', demandOption: true, describe: 'history file; an interrupted run goes on from it' })
      .option('history', { type: 'string', array: true, default: [] as string[], describe: 'histories or caches of other workloads or devices to learn from' }),
  async (args, output) => {
    const { progressBar } = await import('../src/io/progress.js');
    const { describeRun, runTarget, withUnit } = await import('../workloads/tensor/index.js');
    const bar = progressBar('trials', args.trials);
    try {
      const result = await runTarget({ ...args, onTrial: (done, best, objective) => bar.update(done, Number.isNaN(best) ? '' : `best ${withUnit(objective, best)}`) });
      output.say(describeRun(result));
      output.document(result);
    } finally {
      bar.stop();
    }
  },
);
