import { mean, meanWithInterval } from '../../src/math/statistics.js';

/** A metric of one run against environment steps; rows without a value are left out. */
export interface Curve {
  readonly steps: number[];
  readonly values: number[];
}

/** Points that a chart can show; more are averaged. */
export const mostPoints = 400;

/** The columns of a metrics.csv that can be drawn: all but the step itself and texts. */
export function metricsOf(text: string): string[] {
  const [header, ...rows] = text.split('\n');
  const columns = (header ?? '').trim().split(',');
  const first = rows.find((row) => row.includes(','))?.split(',') ?? [];
  return columns.filter((name, i) => !['step', 'day', 'episode', ''].includes(name) && (first[i] ?? '') !== 'NaN' && !/^\d{4}-\d\d-\d\d$/.test(first[i] ?? ''));
}

const [newline, comma] = [10, 44];

/** Reads one column, byte by byte: a long run's file has a megabyte. Null if it has no such column. */
export function readCurve(file: Uint8Array, metric: string): Curve | null {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.length);
  const headerEnd = bytes.indexOf(newline);
  if (headerEnd < 0) return null;
  const columns = bytes.toString('utf8', 0, headerEnd).trim().split(',');
  const stepColumn = columns.indexOf('step');
  const column = columns.indexOf(metric);
  if (stepColumn < 0 || column < 0) return null;
  const curve: Curve = { steps: [], values: [] };
  const starts = new Int32Array(columns.length + 1);
  for (let at = headerEnd + 1; at < bytes.length; at++) {
    // Where each cell of the line starts, and one past the end of the last.
    let cells = 0;
    starts[0] = at;
    for (; at < bytes.length && bytes[at] !== newline; at++) if (bytes[at] === comma && cells < columns.length) starts[++cells] = at + 1;
    if (cells < columns.length) starts[cells + 1] = at + 1;
    if (column > cells || stepColumn > cells) continue;
    const value = numberIn(bytes, starts[column]!, starts[column + 1]! - 1);
    const step = Number.isNaN(value) ? NaN : numberIn(bytes, starts[stepColumn]!, starts[stepColumn + 1]! - 1);
    // A run that is killed while it writes leaves whole files; a file of another making may not.
    if (Number.isFinite(step) && Number.isFinite(value)) {
      curve.steps.push(step);
      curve.values.push(value);
    }
  }
  return curve;
}

/** NaN for an empty cell. */
function numberIn(bytes: Buffer, start: number, end: number): number {
  const text = start >= end ? '' : bytes.toString('latin1', start, end).trim();
  return text === '' ? NaN : Number(text);
}

/** At most `most` points: means of step and value over runs of neighbours of one length. The last point is kept as it is. */
export function downsample({ steps, values }: Curve, most = mostPoints): Curve {
  if (steps.length <= most) return { steps, values };
  const width = Math.ceil((steps.length - 1) / (most - 1));
  const out: Curve = { steps: [], values: [] };
  for (let from = 0; from < steps.length - 1; from += width) {
    const to = Math.min(from + width, steps.length - 1);
    out.steps.push(mean(steps.slice(from, to)));
    out.values.push(mean(values.slice(from, to)));
  }
  out.steps.push(steps.at(-1)!);
  out.values.push(values.at(-1)!);
  return out;
}

/** The mean of several seeds and the 95 % Student interval of that mean; no interval where one seed alone has come so far. */
export interface Band {
  readonly steps: number[];
  readonly mean: number[];
  readonly low: (number | null)[];
  readonly high: (number | null)[];
}

/**
 * Averages seeds on common steps: seeds look at their validation days at slightly different steps, so each is
 * interpolated linearly, and counts only between its own first and last point.
 */
export function bandOf(curves: readonly Curve[], most = mostPoints): Band {
  const present = curves.filter((curve) => curve.steps.length > 0);
  if (present.length === 0) return { steps: [], mean: [], low: [], high: [] };
  const longest = present.reduce((a, b) => (b.steps.length > a.steps.length ? b : a));
  const first = Math.min(...present.map((curve) => curve.steps[0]!));
  const last = Math.max(...present.map((curve) => curve.steps.at(-1)!));
  const points = Math.min(most, longest.steps.length);
  const grid =
    present.length === 1 || points === 1 ? longest.steps : Array.from({ length: points }, (_, i) => first + ((last - first) * i) / (points - 1));
  const band: Band = { steps: [], mean: [], low: [], high: [] };
  const cursors = present.map(() => 0);
  for (const step of grid) {
    const here = present.flatMap((curve, i) => {
      const { steps, values } = curve;
      if (step < steps[0]! || step > steps.at(-1)!) return [];
      while (cursors[i]! < steps.length - 2 && steps[cursors[i]! + 1]! < step) cursors[i]!++;
      const at = cursors[i]!;
      const width = (steps[at + 1] ?? step) - steps[at]!;
      const share = width > 0 ? (step - steps[at]!) / width : 0;
      return [values[at]! + share * ((values[at + 1] ?? values[at]!) - values[at]!)];
    });
    if (here.length === 0) continue;
    const { mean: centre, ci95 } = meanWithInterval(here);
    const interval = here.length > 1 && Number.isFinite(ci95);
    band.steps.push(step);
    band.mean.push(centre);
    band.low.push(interval ? centre - ci95 : null);
    band.high.push(interval ? centre + ci95 : null);
  }
  return band;
}
