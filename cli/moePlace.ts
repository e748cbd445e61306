import { command } from './command.js';
import { traceOptions } from './moeTrace.js';

export const moePlace = command(
  'place',
  'Place experts on devices: chosen on the first half of a trace, judged on the second',
  (yargs) =>
    traceOptions(yargs)
      .option('devices', { type: 'number', default: 4, describe: 'devices that share the experts' })
      .option('method', {
        type: 'string',
        choices: ['greedy', 'anticorrelation', 'replication', 'all'] as const,
        default: 'all' as const,
        describe: 'how to choose',
      })
      .option('spare', { type: 'number', describe: 'slots for copies of heavy experts, over all devices; one a device where not given' })
      .option('nodes', { type: 'number', default: 1, describe: 'copies of an expert stay on one of so many nodes' }),
  async (args, output) => {
    const { describePlacements, placeTrace } = await import('../workloads/moe/index.js');
    const result = await placeTrace({ ...args, topK: args['top-k'] });
    output.say(describePlacements(result));
    output.document(result);
  },
);
