import cliProgress from 'cli-progress';

export interface Progress {
  /** Absolute position, and what to show behind the bar. */
  update(position: number, note?: string): void;
  stop(): void;
}

/** A progress bar with time left on stderr; nothing at all when stderr is no terminal. */
export function progressBar(label: string, total: number): Progress {
  if (!process.stderr.isTTY) return { update: () => undefined, stop: () => undefined };
  const bar = new cliProgress.SingleBar({
    format: `${label} {bar} {percentage}% | {value}/{total} | {eta_formatted} left {note}`,
    stream: process.stderr,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: true,
    clearOnComplete: true,
    etaBuffer: 200,
  });
  bar.start(total, 0, { note: '' });
  return {
    update: (position, note) => bar.update(position, note === undefined ? {} : { note }),
    stop: () => bar.stop(),
  };
}
