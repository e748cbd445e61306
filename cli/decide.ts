import { command } from './command.js';

export const decide = command(
  'decide',
  'serve the decisions of a trained policy over HTTP, on this machine',
  (yargs) =>
    yargs
      .option('policy', { type: 'string', demandOption: true, describe: 'run folder, or policy.onnx' })
      .option('host', { type: 'string', default: '127.0.0.1', describe: 'address to listen on; beyond this machine a token is demanded (JOULEFLOW_TOKEN, or a fresh one)' })
      .option('port', { type: 'number', default: 8322, describe: 'port to listen on; 0 takes a free one' })
      .example('$0 decide --policy runs/quickstart/ddpg-diffusion-s0', 'then POST what is known to /decide'),
  async (args, output) => {
    const { decideCommand } = await import('../web/index.js');
    await decideCommand(args, output);
  },
);
