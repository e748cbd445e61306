import { isUtf8 } from 'node:buffer';
import { gunzipSync } from 'node:zlib';
import { InputError, messageOf } from './errors.js';

/** The most bytes of text that are read at once; no string of Node's can hold much more. */
export const mostTextBytes = 500_000_000;

/**
 * The text of a file, whoever wrote it: UTF-8, or UTF-16 where its byte order mark or its first character shows it, or
 * else Latin-1, in which every byte is a character. The byte order mark goes; CRLF and CR become LF.
 */
export function decodeText(bytes: Uint8Array): string {
  const text = charactersOf(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  const whole = text.startsWith('\uFEFF') ? text.slice(1) : text;
  return whole.includes('\r') ? whole.replace(/\r\n?/g, '\n') : whole;
}

function charactersOf(bytes: Buffer): string {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first !== 0 && second === 0)) return bytes.toString('utf16le');
  if ((first === 0xfe && second === 0xff) || (first === 0 && second !== 0 && second !== undefined)) {
    return Buffer.from(bytes.subarray(0, bytes.length & ~1)).swap16().toString('utf16le');
  }
  return isUtf8(bytes) ? bytes.toString('utf8') : bytes.toString('latin1');
}

/**
 * The bytes of a gzip file, or those of any other as they are. Throws InputError, naming `file`, if it is damaged or
 * would grow beyond `most` bytes.
 */
export function unzipped(bytes: Buffer, file: string, most = mostTextBytes): Buffer {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: most });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      throw new InputError(`${file}: its ${bytes.length} bytes inflate to more than ${most}; expected at most so many.`);
    }
    throw new InputError(`${file} is not a whole gzip file: ${messageOf(error)}.`);
  }
}
