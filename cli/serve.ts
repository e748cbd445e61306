import { command } from './command.js';

export const serve = command(
  'serve',
  'show runs in a web page: learning curves, costs, days, comparisons',
  (yargs) =>
    yargs
      .option('runs', { type: 'string', default: 'runs', describe: 'folder of run folders' })
      .option('host', { type: 'string', default: '127.0.0.1', describe: 'address to listen on; beyond this machine a token is demanded (JOULEFLOW_TOKEN, or a fresh one)' })
      .option('port', { type: 'number', default: 8321, describe: 'port to listen on; 0 takes a free one' }),
  async (args, output) => {
    const { serveCommand } = await import('../web/index.js');
    await serveCommand(args, output);
  },
);
