import { command, group } from './command.js';
import { experimentOptions } from './experimentOptions.js';

const show = command(
  'show',
  'print the resolved configuration, every key and default',
  (yargs) =>
    experimentOptions(yargs)
      .option('describe', { type: 'boolean', default: false, describe: 'say what each key is, in a comment before it' })
      .example('$0 config show --preset paper --describe > my.yaml', 'a commented file to change, for train --config my.yaml'),
  async ({ describe, ...args }, output) => {
    const { resolveExperiment } = await import('../experiments/run/config.js');
    const { configYaml } = await import('../experiments/run/describeConfig.js');
    const resolved = resolveExperiment(args);
    output.say(configYaml(resolved, { describe }).trimEnd());
    output.document(resolved);
  },
);

const schema = command(
  'schema',
  'print the JSON Schema of configuration files, by which editors complete and check them',
  (yargs) =>
    yargs.example('$0 config schema > jouleflow.schema.json', 'then begin a file with: # yaml-language-server: $schema=jouleflow.schema.json'),
  async (_, output) => {
    const { configSchema } = await import('../experiments/run/describeConfig.js');
    output.say(JSON.stringify(configSchema(), null, 2));
    output.document(configSchema());
  },
);

const list = command(
  'list',
  'print the presets of train and the lists of compare, a line each',
  (yargs) => yargs,
  async (_, output) => {
    const { presetAbout, presetNames } = await import('../experiments/run/config.js');
    const { listNames, loadMethodList } = await import('../experiments/compare/methodList.js');
    const presets = presetNames().map((name) => ({ name, about: presetAbout(name) }));
    const comparisons = listNames().map((name) => ({ name, about: loadMethodList(name).title }));
    const lines = (head: string, rows: typeof presets): string =>
      [head, ...rows.map(({ name, about }) => `  ${name.padEnd(14)} ${about.split(/(?<!\bal)[.:](?= )/)[0]!.replace(/\.$/, '')}`)].join('\n');
    output.say(`${lines('train --preset', presets)}\n\n${lines('compare --preset', comparisons)}`);
    output.document({ presets, comparisons });
  },
);

export const config = group('config', 'the configuration: every key, what it means, presets', [show, schema, list]);
