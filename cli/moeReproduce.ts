import { command } from './command.js';

export const moeReproduce = command(
  'reproduce',
  "Predict every published figure of the paper's two models, beside the published one",
  (yargs) => yargs.option('figures', { type: 'string', default: 'runs/moe', describe: 'folder for the bar charts' }),
  async (args, output) => {
    const { describeReproduction, drawReproduction, reproduce } = await import('../workloads/moe/index.js');
    const rows = reproduce();
    const figures = drawReproduction(rows, args.figures);
    output.say(`${describeReproduction(rows)}\n\nDrawn: ${figures.join(', ')}`);
    output.document({ rows, figures });
  },
);
