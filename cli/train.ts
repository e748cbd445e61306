import { command } from './command.js';
import { experimentOptions } from './experimentOptions.js';

export const train = command(
  'train',
  'train an agent to schedule a fleet; writes a run folder with metrics, policy and figures',
  (yargs) =>
    experimentOptions(yargs)
      .option('out', { type: 'string', default: 'runs', describe: 'folder under which run folders are kept' })
      .option('resume', { type: 'string', describe: 'run folder to go on with, from its last checkpoint' })
      .option('mlflow', { type: 'string', describe: 'also log to an MLflow server, such as http://localhost:5000; with a password rather by JOULEFLOW_MLFLOW or a file that JOULEFLOW_MLFLOW_FILE names' })
      .option('overwrite', { type: 'boolean', default: false, describe: 'train anew where a run is, finished or of another configuration' })
      .example('$0 train --preset quickstart', 'an agent on the embedded world, in some minutes')
      .example('$0 train --preset price --data data --seed 3', 'shadow prices on real series')
      .example('$0 train --preset quickstart --lr 0.0005 --set experiment=slow', 'one thing changed, kept apart')
      .example('$0 train --resume runs/quickstart/ddpg-diffusion-s0', 'go on where it was stopped'),
  async (args, output) => {
    const { trainCommand } = await import('../experiments/commands/trainCommand.js');
    await trainCommand(args, output);
  },
);
