import { existsSync } from 'node:fs';
import { z } from 'zod';
import { addressOf, masked, withoutCredentials } from '../../src/io/address.js';
import { validate } from '../../src/io/config.js';
import { InputError, messageOf } from '../../src/io/errors.js';
import { readJson, writeAtomic } from '../../src/io/files.js';
import type { MlflowRun } from '../../src/io/mlflow.js';
import { openMlflowRun } from '../../src/io/mlflow.js';
import type { ExperimentConfig } from './config.js';
import { methodName } from './methodName.js';
import type { RunFolder } from './runFolder.js';
import type { RunLog } from './runLog.js';
import { scalarsOf } from './runLog.js';

/** Where a run is logged beside its folder. */
export interface Sink {
  /** Sends what is new in the log. */
  send(log: RunLog): Promise<void>;
  end(status: 'FINISHED' | 'FAILED' | 'KILLED'): Promise<void>;
}

const stateSchema = z.strictObject({ url: z.string(), id: z.string(), step: z.int() });

/**
 * Logs a training to an MLflow server: its configuration as parameters, the numbers of metrics.csv as metrics. A resumed
 * run goes on with its run there (`mlflow.json` in the folder). null if none was asked for. Throws InputError if the server
 * does not answer at the start; later it is said once and tried again, since training does not depend on it.
 */
export async function openMlflowSink(folder: RunFolder, config: ExperimentConfig, url: string | undefined): Promise<Sink | null> {
  const before = existsSync(folder.mlflow) ? validate(stateSchema, readJson(folder.mlflow), folder.mlflow) : null;
  const at = addressOf(url, 'JOULEFLOW_MLFLOW') ?? before?.url;
  if (at === undefined) return null;
  if (!URL.canParse(at)) throw new InputError(`--mlflow: expected an address such as http://localhost:5000, found "${masked(at)}".`);
  // What lies in the folder is no place for a password.
  const shown = withoutCredentials(at).address;
  const known = before?.url === shown ? before : null;
  const name = `${methodName(config)}, seed ${config.seed}`;
  const run: MlflowRun = await openMlflowRun(at, { experiment: config.experiment, name, params: flatten(config), id: known?.id });
  let sent = known?.step ?? 0;
  const keep = (): void => writeAtomic(folder.mlflow, `${JSON.stringify({ url: shown, id: run.id, step: sent })}\n`);
  keep();
  let warned = false;
  const trying = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (!warned) process.stderr.write(`${messageOf(error)} Training goes on without it.\n`);
      warned = true;
    }
  };
  return {
    send: (log) =>
      trying(async () => {
        const { rows, times } = log;
        await run.log(
          rows.flatMap((row, i) =>
            row.step <= sent ? [] : Object.entries(scalarsOf(row)).map(([key, value]) => ({ key, value, timestamp: times[i]!, step: row.step })),
          ),
        );
        sent = Math.max(sent, rows.at(-1)?.step ?? 0);
        keep();
      }),
    end: (status) => trying(() => run.end(status)),
  };
}

/** Leaves by their paths, as `--set` names them. */
function flatten(value: unknown, path = ''): Record<string, string> {
  if (typeof value !== 'object' || value === null) return { [path]: String(value) };
  return Object.entries(value).reduce((all, [key, inner]) => ({ ...all, ...flatten(inner, path === '' ? key : `${path}.${key}`) }), {});
}
