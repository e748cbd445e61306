import { hourMs } from './time.js';

/** One value an hour from `firstHour` (hours since 1970, UTC); NaN where there is none. */
export interface HourlySeries {
  readonly firstHour: number;
  readonly values: Float64Array;
}

/** What was done about hours without a value. */
export interface GapReport {
  /** Hours without a value between the first and the last that have one. */
  readonly missing: number;
  readonly filledLinear: number;
  readonly filledFromAdjacentDay: number;
  /** Left without a value: in gaps longer than a week. */
  readonly unfilled: number;
}

export const longestLinearGapHours = 3;
export const longestFilledGapHours = 168;

/**
 * Fills gaps: up to 3 hours linearly; up to a week from the same hour of the nearest earlier day that has it, or else
 * of the nearest later one; longer ones stay. Edges are trimmed, never extrapolated.
 */
export function fillGaps(series: HourlySeries): { series: HourlySeries; report: GapReport } {
  let start = 0;
  let end = series.values.length;
  while (start < end && Number.isNaN(series.values[start]!)) start++;
  while (end > start && Number.isNaN(series.values[end - 1]!)) end--;
  const source = series.values.subarray(start, end);
  const values = source.slice();
  const report = { missing: 0, filledLinear: 0, filledFromAdjacentDay: 0, unfilled: 0 };
  for (let i = 0; i < values.length; i++) {
    if (!Number.isNaN(source[i]!)) continue;
    let after = i;
    while (Number.isNaN(source[after]!)) after++;
    const length = after - i;
    report.missing += length;
    if (length <= longestLinearGapHours) {
      const from = source[i - 1]!;
      const step = (source[after]! - from) / (length + 1);
      for (let k = 0; k < length; k++) values[i + k] = from + step * (k + 1);
      report.filledLinear += length;
    } else if (length <= longestFilledGapHours) {
      for (let k = i; k < after; k++) {
        values[k] = adjacentDay(source, k);
        report[Number.isNaN(values[k]!) ? 'unfilled' : 'filledFromAdjacentDay']++;
      }
    } else report.unfilled += length;
    i = after - 1;
  }
  return { series: { firstHour: series.firstHour + start, values }, report };
}

function adjacentDay(values: Float64Array, at: number): number {
  for (const step of [-24, 24]) {
    for (let k = at + step; Math.abs(k - at) <= longestFilledGapHours + 24 && k >= 0 && k < values.length; k += step) {
      if (!Number.isNaN(values[k]!)) return values[k]!;
    }
  }
  return NaN;
}

/** Joins series of one quantity; where several have a value for an hour, the first given wins. */
export function mergeHourly(parts: readonly HourlySeries[]): HourlySeries {
  if (parts.length === 1) return parts[0]!;
  const firstHour = Math.min(...parts.map((part) => part.firstHour));
  const endHour = Math.max(...parts.map((part) => part.firstHour + part.values.length));
  const values = new Float64Array(endHour - firstHour).fill(NaN);
  for (const part of parts) {
    for (let i = 0; i < part.values.length; i++) {
      const at = part.firstHour + i - firstHour;
      if (Number.isNaN(values[at]!)) values[at] = part.values[i]!;
    }
  }
  return { firstHour, values };
}

/** Values of `count` consecutive hours; NaN outside the series. */
export function windowOf(series: HourlySeries, firstHour: number, count: number): Float64Array {
  const result = new Float64Array(count).fill(NaN);
  for (let i = 0; i < count; i++) result[i] = series.values[firstHour + i - series.firstHour] ?? NaN;
  return result;
}

/** Consecutive slots from `startMs` (UTC milliseconds since 1970). */
export interface Slots {
  readonly startMs: number;
  readonly slots: number;
  readonly slotMs: number;
}

/** Time-weighted mean over slots of values that hold for their hour. `hours` starts at `firstHour`. */
export function meanOverSlots(hours: Float64Array, firstHour: number, { startMs, slots, slotMs }: Slots): Float64Array {
  const result = new Float64Array(slots);
  for (let i = 0; i < slots; i++) {
    const from = startMs + i * slotMs;
    const to = from + slotMs;
    const first = Math.floor(from / hourMs);
    if (to <= (first + 1) * hourMs) {
      result[i] = hours[first - firstHour]!;
      continue;
    }
    let sum = 0;
    for (let h = first; h * hourMs < to; h++) {
      sum += hours[h - firstHour]! * (Math.min(to, (h + 1) * hourMs) - Math.max(from, h * hourMs));
    }
    result[i] = sum / slotMs;
  }
  return result;
}

/** Linear interpolation, at each slot's middle, between values that hold at the start of their hour. */
export function atSlotMiddles(hours: Float64Array, firstHour: number, { startMs, slots, slotMs }: Slots): Float64Array {
  const result = new Float64Array(slots);
  for (let i = 0; i < slots; i++) {
    const at = (startMs + (i + 0.5) * slotMs) / hourMs;
    const hour = Math.floor(at);
    const here = hours[hour - firstHour]!;
    result[i] = here + (at - hour) * (hours[hour - firstHour + 1]! - here);
  }
  return result;
}
