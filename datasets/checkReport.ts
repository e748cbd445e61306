import { InputError } from '../src/io/errors.js';
import { textTable } from '../src/io/table.js';
import type { FolderCheck } from './check.js';

/** A check for people: its files, its regions, and what was not recognised. */
export function checkText({ files, regions, unrecognised }: FolderCheck): string {
  const parts = [
    textTable(
      ['file', 'kind', 'rows', 'series', 'from', 'to', 'missing'],
      files.map(({ file, kind, rows, series, from, to, missing, error }) =>
        error === undefined ? [file, kind, ...[rows, series, from, to, missing].map((value) => String(value ?? ''))] : [file, kind, 'BAD'],
      ),
    ),
    ...files.flatMap(({ error }) => (error === undefined ? [] : [`BAD: ${error}`])),
  ];
  if (regions.length > 0) {
    parts.push(
      textTable(
        ['region', 'usable', 'from', 'to', 'missing', 'filled', 'left', 'generated'],
        regions.map(({ region, usable, lacks, generated, from, to, gaps }) => [
          region,
          usable ? 'yes' : `no: lacks ${lacks.join(', ')}`,
          from ?? '',
          to ?? '',
          String(gaps.missing),
          String(gaps.filledLinear + gaps.filledFromAdjacentDay),
          String(gaps.unfilled),
          generated === undefined ? '' : `${generated.what.join(', ')} as in ${generated.as}`,
        ]),
      ),
    );
  }
  if (unrecognised.length > 0) parts.push(`Not recognised, and not read: ${unrecognised.join(', ')}`);
  return parts.join('\n\n');
}

/** Throws InputError, one sentence, unless the folder can be used. */
export function requireGood({ folder, good, files, regions }: FolderCheck): void {
  if (good) return;
  const bad = files.filter(({ error }) => error !== undefined);
  if (bad.length > 0) {
    throw new InputError(`${bad.length} of ${files.length} files of ${folder} are bad; the first: ${bad[0]!.error}`);
  }
  const lacks = regions.map(({ region, lacks }) => `${region} lacks ${lacks.join(', ')}`).join('; ');
  throw new InputError(`${folder} has no region with prices and a place${lacks === '' ? ': there are no prices in it' : `: ${lacks}`}.`);
}
