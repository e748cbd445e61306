import { expect, it } from 'vitest';
import { resolveExperiment } from '../../../experiments/run/config.js';
import { runId } from '../../../experiments/sweep/index.js';

const config = (...set: string[]) => resolveExperiment({ preset: 'paper', set });
const id = (...set: string[]) => runId({ kind: 'train', config: config(...set) });

it('gives every setting its own id, whatever the order of keys', () => {
  const ids = [id(), id('seed=1'), id('fleet.sites.1.gpus.count=6'), id('fleet.sites.2.gpus.count=5'), id('agent.hidden=[32]'), id('shaping.weight=0')];
  expect(new Set(ids).size).toBe(ids.length);
  const { fleet, ...rest } = config();
  expect(runId({ kind: 'train', config: { fleet, ...rest } })).toBe(id());
  expect(runId({ kind: 'bound', config: config() })).not.toBe(id());
});

it('keeps the id of a run when a key with a default is added', () => {
  const later = config();
  const older = structuredClone(later) as unknown as { fleet: { slotSeconds?: number; sites: { battery?: unknown }[] } };
  delete older.fleet.slotSeconds;
  delete older.fleet.sites[0]!.battery;
  expect(runId({ kind: 'train', config: older as never })).toBe(id());
});
