import { command, group } from './command.js';

const list = command(
  'list',
  'what is published, where, and what of it is in a data folder',
  (yargs) => yargs.option('data', { type: 'string', describe: 'data folder to look in' }),
  async ({ data }, output) => {
    const { listCatalogue, listTable } = await import('../datasets/listing.js');
    const entries = listCatalogue(data);
    output.say(listTable(entries));
    output.document({ entries });
  },
);

const check = command(
  'check <folder>',
  'read every file of a data folder: rows, span, gaps, plausibility, regions that can be used',
  (yargs) => yargs.positional('folder', { type: 'string', demandOption: true, describe: 'data folder' }),
  async ({ folder }, output) => {
    const { checkFolder } = await import('../datasets/check.js');
    const { checkText, requireGood } = await import('../datasets/checkReport.js');
    const result = checkFolder(folder);
    output.say(checkText(result));
    output.document(result);
    requireGood(result);
  },
);

const synth = command(
  'synth',
  'write a synthetic data folder with the calibrated generator',
  (yargs) =>
    yargs
      .option('regions', { type: 'string', describe: 'comma-separated; default: every region that was fitted' })
      .option('from', { type: 'string', default: '2023-01-01', describe: 'first day, UTC' })
      .option('days', { type: 'number', default: 365, describe: 'number of days' })
      .option('seed', { type: 'number', default: 0, describe: 'an integer' })
      .option('out', { type: 'string', demandOption: true, describe: 'folder to write' }),
  async ({ regions, from, days, seed, out }, output) => {
    const { parseDay, parseList } = await import('../datasets/options.js');
    const { writeSyntheticData } = await import('../datasets/synth.js');
    const written = writeSyntheticData({
      seed,
      fromMs: parseDay('--from', from),
      days,
      out,
      ...(regions !== undefined && { regions: parseList('--regions', regions) }),
    });
    output.say(`Wrote ${days} days of ${written.regions.join(', ')} to ${out}:\n${written.files.join('\n')}`);
    output.document({ out, seed, from, days, ...written });
  },
);

const fetchData = command(
  'fetch [names..]',
  'download published data sets of the catalogue (all, or those named)',
  (yargs) =>
    yargs
      .positional('names', { type: 'string', array: true, describe: 'names of the catalogue; see jouleflow data list' })
      .option('out', { type: 'string', demandOption: true, describe: 'data folder to fill' })
      .option('regions', { type: 'string', describe: 'comma-separated, for prices, carbon and weather' })
      .option('years', { type: 'string', describe: 'comma-separated, for prices, carbon and weather' })
      .option('baseUrl', { type: 'string', describe: 'mirror to take the files from' })
      .option('maxMegabytes', { type: 'number', default: 256, describe: 'give up a file that is larger' }),
  async ({ names, out, regions, years, baseUrl, maxMegabytes }, output) => {
    const { parseList, parseYears } = await import('../datasets/options.js');
    const { fetchCatalogue } = await import('../datasets/fetch.js');
    const files = await fetchCatalogue({
      names: names ?? [],
      out,
      maxMegabytes,
      ...(regions !== undefined && { regions: parseList('--regions', regions) }),
      ...(years !== undefined && { years: parseYears('--years', years) }),
      ...(baseUrl !== undefined && { baseUrl }),
    });
    output.say(files.map(({ file, result }) => `${file}: ${result}`).join('\n'));
    output.document({ out, files });
  },
);

export const data = group('data', 'real and synthetic data: list, check, synth, fetch', [list, check, synth, fetchData]);
