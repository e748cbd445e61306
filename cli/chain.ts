import { command } from './command.js';

export const chain = command(
  'chain',
  'from a kernel to a fleet decision: what a change at the bottom is worth at the top',
  (yargs) =>
    yargs
      .option('from', { type: 'string', describe: 'tuning history (JSON lines) whose kernel is the first link' })
      .option('device', { type: 'string', default: 'A100-80GB', describe: 'accelerator of every site' })
      .option('model', { type: 'string', default: 'sdxl', describe: 'image model of the one request that is shown' })
      .option('steps', { type: 'number', default: 20, describe: 'denoising steps of that request' })
      .option('scheduler', { type: 'string', default: 'greedy-lambda', describe: 'who decides in the fleet' })
      .option('what-if', { choices: ['chips', 'moe'] as const, describe: 'only the changes of the chip, or of the gating' })
      .option('data', { type: 'string', describe: 'folder of real series; without it the embedded generator is used' })
      .option('days', { type: 'string', describe: 'UTC dates FROM..TO[/EVERY]; 14 days of 2023 by default' })
      .option('validate', { type: 'string', describe: "compare image profiles with the ML.ENERGY leaderboard's file instead" })
      .option('out', { type: 'string', describe: 'figure to draw (PNG)' }),
  async (args, output) => {
    const { chainCommand } = await import('../experiments/commands/chainCommand.js');
    await chainCommand(args, output);
  },
);
