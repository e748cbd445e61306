import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openMlflowRun } from '../../../src/io/mlflow.js';
import { TrackingServer } from '../../support/mlflow.js';

describe('an MLflow run', () => {
  let server: TrackingServer;
  let url: string;
  beforeAll(async () => {
    server = new TrackingServer();
    url = await server.start();
  });
  beforeEach(() => {
    server.runs.clear();
    server.experiments.clear();
  });
  afterAll(() => server.stop());

  const params = Object.fromEntries(Array.from({ length: 250 }, (_, i) => [`key.${i}`, String(i)]));

  it('keeps parameters and metrics, in as many calls as its limits ask for', async () => {
    const run = await openMlflowRun(url, { experiment: 'price', name: 'ddpg, seed 0', params });
    const metrics = Array.from({ length: 2500 }, (_, step) => ({ key: 'utility', value: Math.sqrt(step), timestamp: 1_700_000_000_000 + step, step }));
    await run.log(metrics);
    await run.end('FINISHED');
    const stored = server.runs.get(run.id)!;
    expect(Object.fromEntries(stored.params)).toEqual(params);
    expect(stored.metrics).toEqual(metrics);
    expect(stored).toMatchObject({ run_name: 'ddpg, seed 0', status: 'FINISHED', experiment_id: server.experiments.get('price') });
    expect(stored.end_time).toBeGreaterThan(1_700_000_000_000);
  });

  it('goes on with one that was interrupted, and uses the experiment that is there', async () => {
    const first = await openMlflowRun(url, { experiment: 'price', name: 'a', params: {} });
    await first.end('KILLED');
    const again = await openMlflowRun(url, { experiment: 'price', name: 'a', params: {}, id: first.id });
    await again.log([{ key: 'x', value: 1, timestamp: 1, step: 1 }]);
    expect(server.runs.get(first.id)).toMatchObject({ status: 'RUNNING', metrics: [{ key: 'x' }] });
    await openMlflowRun(url, { experiment: 'price', name: 'b', params: {} });
    expect([server.runs.size, server.experiments.size]).toEqual([2, 1]);
  });

  it('is refused in a sentence where there is no server, or it refuses', async () => {
    const options = { experiment: 'e', name: 'n', params: {} };
    await expect(openMlflowRun('http://127.0.0.1:1', options)).rejects.toThrow(/--mlflow: no MLflow answers at http:\/\/127\.0\.0\.1:1 \(.+\)\.$/);
    await expect(openMlflowRun('nowhere', options)).rejects.toThrow('--mlflow: expected an address such as http://localhost:5000, found "nowhere".');
    await expect(openMlflowRun(url, { ...options, id: 'gone' })).rejects.toThrow(/answered runs\/update with 404: Run 'gone' not found\./);
  });
});
