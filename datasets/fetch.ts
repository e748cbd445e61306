import { join } from 'node:path';
import { InputError } from '../src/io/errors.js';
import { progressBar } from '../src/io/progress.js';
import { defaultRegions, defaultYears, entriesNamed, host } from './catalogue.js';
import type { DownloadResult } from './download.js';
import { download } from './download.js';

export interface FetchRequest {
  /** Of the catalogue; empty for all. */
  readonly names: readonly string[];
  /** Data folder. */
  readonly out: string;
  readonly regions?: readonly string[];
  readonly years?: readonly number[];
  /** Takes the place of the publisher's host. */
  readonly baseUrl?: string;
  readonly maxMegabytes?: number;
}

/** Downloads the files of catalogue entries, one after the other. Throws as `download`, or InputError for a bad request. */
export async function fetchCatalogue(request: FetchRequest): Promise<{ file: string; url: string; result: DownloadResult }[]> {
  const { names, out, regions = defaultRegions, years = defaultYears, baseUrl = host, maxMegabytes = 256 } = request;
  if (!(maxMegabytes > 0)) throw new InputError(`--max-megabytes is ${maxMegabytes}; expected a positive number.`);
  for (const region of regions) {
    if (!/^\w+(-\w+)*$/.test(region)) throw new InputError(`--regions has "${region}"; expected names such as ${defaultRegions[0]}.`);
  }
  const files = entriesNamed(names).flatMap((entry) => entry.files(regions, years));
  const results: { file: string; url: string; result: DownloadResult }[] = [];
  for (const { path, address, sha256 } of files) {
    const url = `${baseUrl.replace(/\/+$/, '')}/${address}`;
    const file = join(out, path);
    const bar = progressBar(path, 1);
    try {
      const result = await download({
        url,
        file,
        maxBytes: maxMegabytes * 1_000_000,
        ...(sha256 && { sha256 }),
        onProgress: (bytes, total) => bar.update(total === undefined ? 0 : bytes / total, `${(bytes / 1e6).toFixed(1)} MB`),
      });
      results.push({ file, url, result });
    } finally {
      bar.stop();
    }
  }
  return results;
}
