import { readText } from '../../../src/io/files.js';
import { parseJson } from '../../../src/io/json.js';

/** The document of a Kernel Tuner cache, `.json` or `.json.gz`. Throws InputError naming the file. */
export const readCacheDocument = (file: string): unknown => parseCacheText(readText(file), file);

/**
 * As `readCacheDocument`, on the text of the file, in the JSON that Python writes. A file that a stopped tuner left open
 * counts up to its last whole configuration, and a comma before a closing bracket counts for nothing.
 */
export function parseCacheText(text: string, file: string): unknown {
  try {
    return parseJson(text, file);
  } catch (error) {
    const mended = withoutLastCommas(closeCache(text));
    if (mended === text) throw error;
    return parseJson(mended, file);
  }
}

const withoutLastCommas = (text: string): string => text.replace(/"(?:[^"\\]|\\.)*"|,(?=\s*[}\]])/gs, (found) => (found === ',' ? '' : found));

/** The text up to the last whole entry of "cache", with the brackets that its tuner never wrote; as it is if none are missing. */
function closeCache(text: string): string {
  const start = /"cache"\s*:\s*\{/.exec(text);
  if (start === null) return text;
  let depth = 2;
  let end = start.index + start[0].length;
  const marks = /"(?:[^"\\]|\\.)*"|[{}]/gs;
  marks.lastIndex = end;
  for (let mark = marks.exec(text); mark !== null; mark = marks.exec(text)) {
    if (mark[0] === '{') depth++;
    if (mark[0] === '}') depth--;
    if (mark[0] === '}' && depth === 2) end = marks.lastIndex;
    if (depth === 0) return text;
  }
  // A file cut between the two last brackets ends outside "cache" already.
  return depth === 1 ? `${text.trimEnd()}}` : `${text.slice(0, end)}}}`;
}
