import { command } from './command.js';

export const init = command(
  'init <folder>',
  'begin with your own fleet and prices: writes a commented fleet file, a price file and a method list',
  (yargs) =>
    yargs
      .positional('folder', { type: 'string', demandOption: true, describe: 'folder to write; it must not hold these files yet' })
      .example('$0 init my-fleet', 'then edit my-fleet/fleet.yaml and my-fleet/data/price/price_own.csv'),
  async ({ folder }, output) => {
    const { initFleet } = await import('../experiments/commands/initCommand.js');
    const { files, commands } = initFleet(folder);
    output.say(`Wrote:\n${files.map((file) => `  ${file}`).join('\n')}\n\nEdit them, then:\n${commands.map((line) => `  ${line}`).join('\n')}`);
    output.document({ folder, files, commands });
  },
);
