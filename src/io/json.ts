import { InputError, messageOf } from './errors.js';
import { jsonErrorLine } from './jsonLine.js';

/** Deeper than any file that is read here; what walks over a value afterwards may recurse that far. */
const deepest = 1000;

/**
 * Parses JSON, and what Python's json module writes beside it: NaN, Infinity and -Infinity are those numbers, which a
 * reader that wants a finite one refuses. Throws InputError naming the file, the line and what the parser found;
 * `firstLine` is where the text starts in the file.
 */
export function parseJson(text: string, file: string, firstLine = 1): unknown {
  if (isDeeper(text, deepest)) throw new InputError(`${file} is nested more than ${deepest} levels deep; expected less.`);
  try {
    return JSON.parse(text);
  } catch (error) {
    const numbers = withPythonNumbers(text);
    if (numbers !== undefined) return numbers;
    // The parser quotes what it found over several lines; the message is one.
    const found = messageOf(error).replace(/\s+/g, ' ');
    throw new InputError(`${file}, line ${firstLine + jsonErrorLine(text) - 1}, is not valid JSON: ${found}.`);
  }
}

const [quote, backslash, openBrace, closeBrace, openBracket, closeBracket] = [...'"\\{}[]'].map((mark) => mark.charCodeAt(0));

function isDeeper(text: string, most: number): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      for (at++; at < text.length && text.charCodeAt(at) !== quote; at++) if (text.charCodeAt(at) === backslash) at++;
    } else if (code === openBrace || code === openBracket) {
      if (++depth > most) return true;
    } else if (code === closeBrace || code === closeBracket) depth--;
  }
  return false;
}

/** A string, which is passed over, or a word that JSON does not know. */
const word = /"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g;

/** Undefined if the text is not JSON with such words either. */
function withPythonNumbers(text: string): unknown {
  if (!/NaN|Infinity/.test(text)) return undefined;
  let mark = 'not a number';
  while (text.includes(mark)) mark += '.';
  const standard = text.replace(word, (found) => (found.startsWith('"') ? found : found === 'NaN' || found === '-NaN' ? `"${mark}"` : found.replace('Infinity', '1e999')));
  try {
    return JSON.parse(standard, (_key, value: unknown) => (value === mark ? NaN : value));
  } catch {
    return undefined;
  }
}

/** The values of JSON lines, each with its 1-based line; blank lines are passed over. Throws InputError as `parseJson`. */
export function* parseJsonLines(text: string, file: string): Generator<{ value: unknown; line: number }> {
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() !== '') yield { value: parseJson(line, file, index + 1), line: index + 1 };
  }
}
