import type { z } from 'zod';
import { parseJson as parseJsonText } from '../../src/io/json.js';

/** A file's JSON if it is what is expected of it, else null. */
export function parseJson<T>(schema: z.ZodType<T>, text: string): T | null {
  try {
    return schema.parse(parseJsonText(text, 'the file'));
  } catch {
    return null;
  }
}
