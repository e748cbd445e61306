import { command } from './command.js';

export const evaluate = command(
  'evaluate [run]',
  "judge a trained run's policy, an ONNX policy from elsewhere, or a rule-based scheduler on given days by its true utility",
  (yargs) =>
    yargs
      .positional('run', { type: 'string', describe: 'run folder; or use --scheduler or --policy' })
      .option('scheduler', { type: 'string', describe: 'a rule-based scheduler instead of a run: its name, or a module of your own such as ./mine.js' })
      .option('policy', { type: 'string', describe: 'an ONNX file instead of a run, such as jouleflow_gym.export_onnx writes' })
      .option('preset', { type: 'string', describe: 'experiment whose fleet and days a scheduler or an ONNX policy is judged on' })
      .option('config', { type: 'string', describe: 'YAML file laid over the preset' })
      .option('data', { type: 'string', describe: 'folder of real series instead of those the run was trained on' })
      .option('days', { type: 'string', describe: 'UTC dates FROM..TO[/EVERY]; the test days by default' })
      .option('seed', { type: 'number', describe: 'seed of the jobs' })
      .option('set', { type: 'string', array: true, nargs: 1, describe: "any key of the experiment's configuration" })
      .option('bound', { type: 'boolean', default: true, describe: 'also compute the utility that no policy can exceed, and the share of it reached; about a second a day' })
      .option('hindsight', { type: 'boolean', default: true, describe: 'with the bound, also what a search reaches that knows each day, and the share of that; some seconds a day' })
      .option('figures', { type: 'string', describe: 'folder in which to draw the first day' })
      .example('$0 evaluate runs/quickstart/ddpg-diffusion-s0', 'a trained policy on the test days')
      .example('$0 evaluate --scheduler greedy --days 2023-03-01..2023-03-14', 'a rule on two weeks of the embedded world'),
  async (args, output) => {
    const { evaluateCommand } = await import('../experiments/commands/evaluateCommand.js');
    await evaluateCommand(args, output);
  },
);
