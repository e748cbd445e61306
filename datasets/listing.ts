import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { textTable } from '../src/io/table.js';
import { catalogue, defaultRegions, defaultYears, host } from './catalogue.js';
import { requireFolder } from './folder.js';

/** What the catalogue holds, and which of its files (for the default regions and years) lie in a folder. */
export function listCatalogue(folder?: string) {
  if (folder !== undefined) requireFolder(folder);
  return catalogue.map(({ files, ...entry }) => ({
    ...entry,
    files: files(defaultRegions, defaultYears).map(({ path, address, sha256 }) => ({
      path,
      url: `${host}/${address}`,
      ...(sha256 && { sha256 }),
      ...(folder !== undefined && { present: existsSync(join(folder, path)) }),
    })),
  }));
}

export function listTable(entries: ReturnType<typeof listCatalogue>): string {
  const table = textTable(
    ['name', 'what', 'licence', 'address', 'files'],
    entries.map(({ name, what, licence, verified, files }) => {
      const present = files.filter((file) => file.present).length;
      const asked = files.some((file) => file.present !== undefined);
      return [name, what, licence, verified ? 'seen' : 'by naming', asked ? `${present} of ${files.length}` : String(files.length)];
    }),
  );
  const sources = entries.map(({ name, source, format, files }) => `${name}: ${source}; ${format}\n  ${files[0]!.url}`);
  return `${table}\n\n${sources.join('\n')}\n\nFiles of prices, carbon and weather are counted for ${defaultRegions.join(', ')} in ${defaultYears.join(' and ')}.`;
}
