import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { expect, it } from 'vitest';
import { runFolder } from '../../../experiments/run/runFolder.js';
import type { MetricsRow } from '../../../experiments/run/runLog.js';
import { createRunLog } from '../../../experiments/run/runLog.js';
import { temporaryFolder } from '../../support/cli.js';
import { readEvents } from '../../support/tensorboard.js';

const row = (step: number): MetricsRow => ({
  ...{ step, episode: step / 288, day: '2022-03-01', utility: step / 7, lateRate: 0.1, paid: 1, criticLoss: null, actorLoss: null },
  ...{ shaperLoss: null, value: null, validationUtility: null, validationLateRate: null },
});

it('a TensorBoard that watches a run, and keeps its event file open, finds all of it, over an interruption too', () => {
  const folder = runFolder(temporaryFolder());
  const first = createRunLog(folder);
  first.add(row(288));
  first.flush();
  const watched = openSync(folder.events, 'r');
  const seen: Buffer[] = [];
  const watch = (): void => {
    const chunk = Buffer.alloc(10_000);
    for (let length; (length = readSync(watched, chunk)) > 0; ) seen.push(Buffer.from(chunk.subarray(0, length)));
  };
  watch();
  first.add(row(576));
  first.flush();
  watch();

  const resumed = createRunLog(folder);
  resumed.reset([row(288)]);
  for (const step of [576, 864]) {
    resumed.add(row(step));
    resumed.flush();
    watch();
  }
  closeSync(watched);
  const steps = (file: Buffer): unknown => readEvents(file).map(({ step, scalars }) => [step, scalars['utility']]);
  const all = [288, 576, 864].map((step) => [step, Math.fround(step / 7)]);
  expect(steps(Buffer.concat(seen))).toEqual(all);
  expect(steps(readFileSync(folder.events))).toEqual(all);
});
