import { InputError } from '../../src/io/errors.js';

const dayMs = 86_400_000;
const datePattern = /^\d{4}-\d{2}-\d{2}$/;

/**
 * Expands `2023-03-01..2023-03-14`, `2023-01-05..2023-12-31/30` (every 30th day), a single date, or several of these
 * joined by commas into UTC dates, in order, each once. Throws InputError naming `where`.
 */
export function parseDays(text: string, where: string): string[] {
  const days = new Set<string>();
  for (const part of text.split(',')) {
    const match = /^(\S+?)(?:\.\.(\S+?))?(?:\/(\d+))?$/.exec(part.trim());
    const from = match?.[1];
    const to = match?.[2] ?? from;
    const every = Number(match?.[3] ?? 1);
    if (from === undefined || to === undefined || every < 1) {
      throw new InputError(`${where}: expected dates such as 2023-03-01..2023-03-14, found "${part}".`);
    }
    const [first, last] = [startOf(from, where), startOf(to, where)];
    if (last < first) throw new InputError(`${where}: "${part}" ends before it starts.`);
    if ((last - first) / dayMs > 3700) throw new InputError(`${where}: "${part}" spans more than ten years.`);
    for (let at = first; at <= last; at += every * dayMs) days.add(new Date(at).toISOString().slice(0, 10));
  }
  return [...days];
}

function startOf(date: string, where: string): number {
  const start = datePattern.test(date) ? Date.parse(`${date}T00:00:00Z`) : NaN;
  if (Number.isNaN(start) || new Date(start).toISOString().slice(0, 10) !== date) {
    throw new InputError(`${where}: expected a UTC date such as 2023-03-01, found "${date}".`);
  }
  return start;
}
