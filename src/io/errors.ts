import { distance } from 'fastest-levenshtein';

/**
 * Bad usage or bad input. Its message is one sentence for the user: where, what was found, what was expected.
 * The command line prints it without a stack trace and exits 2.
 */
export class InputError extends Error {
  override readonly name = 'InputError';

  /** Line breaks, which quoted input may bring along, become spaces. */
  constructor(message: string) {
    super(message.replace(/\s*[\r\n]\s*/g, ' '));
  }
}

/** Work that was told to stop and did, where it can be taken up again. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** ` Did you mean "x"?`, or the list of known names when none is near; empty when nothing is known. */
export function suggest(found: string, known: readonly string[]): string {
  if (known.length === 0) return '';
  const near = known
    .map((name) => ({ name, far: distance(found.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.far - b.far)[0]!;
  if (near.far <= Math.max(2, Math.floor(near.name.length / 3))) return ` Did you mean "${near.name}"?`;
  return ` Known: ${known.join(', ')}.`;
}

/** The text of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
