import { command } from './command.js';

export const moeBench = command(
  'bench',
  'Measure static and dynamic gating of one layer on this machine',
  (yargs) =>
    yargs
      .option('experts', { type: 'number', default: 64, describe: 'experts E' })
      .option('top-k', { type: 'number', default: 2, describe: 'experts per token k' })
      .option('tokens', { type: 'number', default: 2048, describe: 'tokens of one pass' })
      .option('dim', { type: 'number', default: 256, describe: 'width of a token; an expert is four times as wide' })
      .option('capacity-factor', { type: 'number', default: 0.05, describe: 'static capacity of an expert as a share of the tokens' })
      .option('skew', { type: 'number', default: 0, describe: "Zipf exponent of the experts' popularity; 0 is even" })
      .option('runs', { type: 'number', default: 5, describe: 'timed passes of each gating; the median counts' })
      .option('seed', { type: 'number', default: 1, describe: 'of weights and inputs' }),
  async (args, output) => {
    const { progressBar } = await import('../src/io/progress.js');
    const { benchmarkGating, describeBenchmark } = await import('../workloads/moe/index.js');
    const bar = progressBar('passes', args.runs + 1);
    try {
      const result = await benchmarkGating({
        ...args,
        topK: args['top-k'],
        capacityFactor: args['capacity-factor'],
        onRun: (done) => bar.update(done + 1),
      });
      output.say(describeBenchmark(result));
      output.document(result);
    } finally {
      bar.stop();
    }
  },
);
