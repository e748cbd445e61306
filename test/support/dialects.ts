import { gzipSync } from 'node:zlib';

const bom = '\uFEFF';
const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le');

/** One text as the bytes that programs on different systems make of it. Texts start with an ASCII character. */
export const encodings: Readonly<Record<string, (text: string) => Buffer>> = {
  'UTF-8': (text) => Buffer.from(text),
  'UTF-8 with a byte order mark': (text) => Buffer.from(bom + text),
  'UTF-16, little-endian': (text) => utf16(bom + text),
  'UTF-16, big-endian': (text) => utf16(bom + text).swap16(),
  'UTF-16 without a mark, little-endian': utf16,
  'UTF-16 without a mark, big-endian': (text) => utf16(text).swap16(),
};

/** One text file as different programs write it: its encoding, the ends of its lines, what follows the last of them. */
export const dialects: Readonly<Record<string, (text: string) => Buffer>> = {
  ...encodings,
  CRLF: (text) => Buffer.from(text.replaceAll('\n', '\r\n')),
  CR: (text) => Buffer.from(text.replaceAll('\n', '\r')),
  'blank last lines': (text) => Buffer.from(`${text}\n\n   \n`),
  'a byte order mark, CRLF and blank last lines in UTF-16': (text) => utf16(`${bom}${text}\n\n`.replaceAll('\n', '\r\n')),
  gzip: (text) => gzipSync(text),
};

/** What stands where a number should, and is none. */
export const noNumbers = ['NaN', 'nan', '-NaN', 'Infinity', '1e999', '0x1F', '0b1', '0o7', '1_000', '12abc', '١٢', '1.2.3', '--1', 'null', 'true', '#N/A'];
