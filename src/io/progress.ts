import cliProgress from 'cli-progress';

export interface Progress {
  /** Absolute position, and what to show behind the bar. */
  update(position: number, note?: string): void;
  stop(): void;
}

/** Where progress goes, and the clock; given by tests. */
export interface ProgressTarget {
  readonly stream?: Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'write'>;
  /** Milliseconds. */
  readonly now?: () => number;
}

const lineMs = 30_000;

/** A bar with the time left, on stderr, that fits the terminal; where stderr is no terminal, a plain line every 30 s. */
export function progressBar(label: string, total: number, { stream = process.stderr, now = () => performance.now() }: ProgressTarget = {}): Progress {
  let first: { position: number; ms: number } | undefined;
  /** Work done before the first update, of a run that goes on, says nothing of its speed. */
  const stateAt = (position: number, note: string): State => {
    const ms = now();
    first ??= { position, ms };
    const rate = position > first.position ? (1000 * (position - first.position)) / Math.max(1, ms - first.ms) : 0;
    return { label, position, total, note, rate, secondsLeft: rate > 0 ? (total - position) / rate : null };
  };
  return stream.isTTY ? barOn(stream as NodeJS.WriteStream, { label, position: 0, total, note: '', rate: 0, secondsLeft: null }, stateAt) : linesOn(stream, stateAt, now);
}

function linesOn(stream: Required<ProgressTarget>['stream'], stateAt: (position: number, note: string) => State, now: () => number): Progress {
  let shown = now();
  return {
    update: (position, note = '') => {
      const state = stateAt(position, note);
      if (now() - shown < lineMs) return;
      shown = now();
      stream.write(`${plainLine(state)}\n`);
    },
    stop: () => undefined,
  };
}

function barOn(stream: NodeJS.WriteStream, begun: State, stateAt: (position: number, note: string) => State): Progress {
  const bar = new cliProgress.SingleBar({
    format: (_options, _params, { state }: { state: State }) => barLine(state, stream.columns ?? 80),
    stream,
    hideCursor: true,
    clearOnComplete: true,
  });
  let last = '';
  bar.start(begun.total, 0, { state: begun });
  return {
    update: (position, note = last) => {
      last = note;
      bar.update(position, { state: stateAt(position, note) });
    },
    stop: () => bar.stop(),
  };
}

/** How far something is. */
export interface State {
  readonly label: string;
  readonly position: number;
  readonly total: number;
  readonly note: string;
  /** Positions a second. */
  readonly rate: number;
  /** null until it can be told. */
  readonly secondsLeft: number | null;
}

const widest = 40;
const narrowest = 5;

/** A bar and what fits of its figures into `columns`: first the note goes, then the count, then the time left. */
export function barLine(state: State, columns: number): string {
  const share = Math.min(1, Math.max(0, state.position / state.total));
  const room = columns - 1;
  const percent = `${Math.floor(100 * share)} %`;
  const left = state.secondsLeft === null ? [] : [`${duration(state.secondsLeft)} left`];
  const count = [`${number(state.position)} of ${number(state.total)}`];
  const note = state.note === '' ? [] : [state.note];
  for (const parts of [[percent, ...count, ...left, ...note], [percent, ...count, ...left], [percent, ...left], [percent]]) {
    const figures = parts.join(' | ');
    const width = room - state.label.length - figures.length - 2;
    if (width < narrowest) continue;
    const full = Math.round(share * Math.min(width, widest));
    return `${state.label} ${'█'.repeat(full)}${'░'.repeat(Math.min(width, widest) - full)} ${figures}`;
  }
  return percent.slice(0, room);
}

/** The same in words, for a log. */
export function plainLine({ label, position, total, note, rate, secondsLeft }: State): string {
  const done = `${label}: ${number(position)} of ${number(total)} (${Math.floor((100 * position) / total)} %), ${number(rate)} a second`;
  return `${done}${secondsLeft === null ? '' : `, ${duration(secondsLeft)} left`}${note === '' ? '' : `; ${note}`}`;
}

const number = (value: number): string => (Number.isInteger(value) || value >= 100 ? value.toFixed(0) : value.toPrecision(2));

function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  return whole < 3600 ? `${Math.floor(whole / 60)} min ${whole % 60} s` : `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
