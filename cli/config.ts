import { command, group } from './command.js';
import { experimentOptions } from './experimentOptions.js';

export const config = group('config', 'the configuration', [
  command('show', 'print the resolved configuration, every key and default', experimentOptions, async (args, output) => {
    const { resolveExperiment } = await import('../experiments/run/config.js');
    const { stringify } = await import('yaml');
    const resolved = resolveExperiment(args);
    output.say(stringify(resolved).trimEnd());
    output.document(resolved);
  }),
]);
