import { command } from './command.js';
import { traceOptions } from './moeTrace.js';

export const moeReplay = command(
  'replay',
  'Replay a routing trace through caches of expert weights',
  (yargs) =>
    traceOptions(yargs)
      .option('devices', { type: 'number', default: 4, describe: 'devices that share the experts' })
      .option('slots', { type: 'number', default: 8, describe: 'experts that fit on one device' })
      .option('policy', {
        type: 'string',
        choices: ['lifo', 'lru', 'lfu', 'fifo', 'predictive', 'belady', 'all'] as const,
        default: 'all' as const,
        describe: 'what to evict; lifo is the paper\'s',
      })
      .option('ceiling', {
        type: 'boolean',
        default: false,
        describe: 'also the optimum without foresight, for batches drawn independently (up to 16 experts a device; a minute)',
      }),
  async (args, output) => {
    const { describeReplay, replayWithControl } = await import('../workloads/moe/index.js');
    const result = replayWithControl({ ...args, topK: args['top-k'] });
    output.say(describeReplay(result));
    output.document(result);
  },
);
