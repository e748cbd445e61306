import type { RunEvent } from './executor.js';
import type { Job } from './spec.js';

const redrawMs = 250;
const lineMs = 30_000;

/** Shows events of a sweep until it is stopped. */
export interface ProgressTable {
  event(event: RunEvent): void;
  stop(): void;
}

interface Row {
  readonly name: string;
  /** In environment steps or days: what the time left is reckoned from. */
  readonly size: number;
  share: number;
  state: 'waiting' | 'running' | 'finished' | 'skipped' | 'failed' | 'interrupted';
  note: string;
  /** When it began to be run in this sweep, in ms, and how far it then was. */
  since: number;
  from: number;
}

/**
 * All runs of a sweep on stderr, with the time left: drawn in place on a terminal, and taken away at the end; otherwise
 * a line each half minute, and one for each run that is tried again or fails.
 */
export function progressTable(jobs: readonly Job[], stream: NodeJS.WriteStream = process.stderr): ProgressTable {
  const rows = new Map<string, Row>(
    jobs.map(({ id, name, spec }) => [
      id,
      { name: `${name} ${id.slice(0, 8)}`, size: sizeOf(spec), share: 0, state: 'waiting', note: '', since: 0, from: 0 },
    ]),
  );
  const drawing = stream.isTTY ? drawInPlace(stream) : null;
  const started = performance.now();
  let shown = started;
  const all = (): Row[] => [...rows.values()];
  const show = (): void => {
    const now = performance.now();
    if (drawing !== null) drawing.draw([headline(all(), started, now), ...runningLines(all(), now, (stream.rows ?? 24) - 3)]);
    else if (now - shown >= lineMs) {
      shown = now;
      stream.write(`${headline(all(), started, now)}\n`);
    }
  };
  const timer = setInterval(show, drawing === null ? lineMs / 6 : redrawMs);
  timer.unref();
  const remark = (text: string): void => (drawing === null ? void stream.write(`${text}\n`) : drawing.above(text));
  return {
    event: (event) => {
      const row = rows.get(event.id)!;
      if (event.type === 'started') Object.assign(row, { state: 'running', since: performance.now(), from: -1 });
      else if (event.type === 'progress') {
        if (row.from < 0) Object.assign(row, { from: event.share, since: performance.now() });
        Object.assign(row, { share: event.share, note: event.note ?? '' });
      } else if (event.type === 'retried') {
        Object.assign(row, { state: 'waiting' });
        remark(`${row.name}: ${event.reason}; tried again`);
      } else {
        const { outcome } = event;
        Object.assign(row, { state: outcome.status });
        if (outcome.status === 'finished' || outcome.status === 'skipped') row.share = 1;
        if (outcome.status === 'failed') remark(`${row.name}: failed: ${outcome.reason}`);
      }
    },
    stop: () => {
      clearInterval(timer);
      drawing?.draw([]);
    },
  };
}

const sizeOf = (spec: Job['spec']): number => (spec.kind === 'train' ? spec.config.steps : 500);

/** `7 of 24 finished, 1 failed, 2 running | 41 % | 3 min left`. */
export function headline(rows: readonly Pick<Row, 'state' | 'size' | 'share'>[], started: number, now: number): string {
  const count = (...states: Row['state'][]): number => rows.filter((row) => states.includes(row.state)).length;
  const total = rows.reduce((sum, row) => sum + row.size, 0);
  const done = rows.reduce((sum, row) => sum + row.size * (row.state === 'failed' ? 1 : row.share), 0);
  const before = rows.reduce((sum, row) => sum + (row.state === 'skipped' ? row.size : 0), 0);
  const failed = count('failed');
  const parts = [
    `${count('finished', 'skipped')} of ${rows.length} finished${failed === 0 ? '' : `, ${failed} failed`}, ${count('running')} running`,
    `${Math.floor((100 * done) / total)} %`,
  ];
  const left = ((now - started) * (total - done)) / (done - before);
  if (done > before) parts.push(`${duration(left)} left`);
  return parts.join(' | ');
}

function runningLines(rows: readonly Row[], now: number, room: number): string[] {
  const running = rows.filter((row) => row.state === 'running');
  const width = Math.max(0, ...running.map((row) => row.name.length));
  return running.slice(0, room).map((row) => {
    const ahead = row.share - row.from;
    const left = row.from >= 0 && ahead > 0 ? `${duration(((now - row.since) * (1 - row.share)) / ahead)} left` : '';
    return `  ${row.name.padEnd(width)} ${String(Math.floor(100 * row.share)).padStart(3)} %  ${left.padEnd(12)} ${row.note}`;
  });
}

/** `40 s`, `12 min`, `3.5 h`. */
export function duration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

/** Replaces its last lines by new ones; `above` leaves a line that stays. */
function drawInPlace(stream: NodeJS.WriteStream): { draw(lines: readonly string[]): void; above(line: string): void } {
  let drawn: readonly string[] = [];
  const draw = (lines: readonly string[]): void => {
    const clear = drawn.length === 0 ? '' : `\u001B[${drawn.length}A\u001B[0J`;
    const columns = stream.columns ?? 80;
    stream.write(clear + lines.map((line) => `${line.slice(0, columns - 1)}\n`).join(''));
    drawn = lines;
  };
  return {
    draw,
    above: (line) => {
      const lines = drawn;
      draw([]);
      stream.write(`${line}\n`);
      draw(lines);
    },
  };
}
