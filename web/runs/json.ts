import type { z } from 'zod';

/** A file's JSON if it is what is expected of it, else null. */
export function parseJson<T>(schema: z.ZodType<T>, text: string): T | null {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
