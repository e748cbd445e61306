import { masked, withoutCredentials } from './address.js';
import { InputError, messageOf } from './errors.js';

const timeoutMs = 10_000;
/** The most metrics and parameters that MLflow takes at once. */
const metricsAtOnce = 1000;
const paramsAtOnce = 100;

export interface MlflowMetric {
  readonly key: string;
  readonly value: number;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly step: number;
}

/** A run on an MLflow tracking server. */
export interface MlflowRun {
  readonly id: string;
  log(metrics: readonly MlflowMetric[]): Promise<void>;
  end(status: 'FINISHED' | 'FAILED' | 'KILLED'): Promise<void>;
}

/**
 * Begins a run, or goes on with the one of that `id`, over MLflow's REST API 2.0 (mlflow.org/docs/latest/rest-api.html).
 * The experiment is made if the server has none of that name. Throws InputError if the server does not answer or refuses.
 */
export async function openMlflowRun(
  url: string,
  { experiment, name, params, id }: { experiment: string; name: string; params: Readonly<Record<string, string>>; id?: string | undefined },
): Promise<MlflowRun> {
  const server = new Server(url);
  if (id === undefined) {
    const begun = await server.post<{ run: { info: { run_id: string } } }>('runs/create', {
      experiment_id: await experimentId(server, experiment),
      run_name: name,
      start_time: Date.now(),
      tags: [{ key: 'mlflow.source.name', value: 'jouleflow' }],
    });
    id = begun.run.info.run_id;
    const pairs = Object.entries(params).map(([key, value]) => ({ key, value }));
    for (let at = 0; at < pairs.length; at += paramsAtOnce) {
      await server.post('runs/log-batch', { run_id: id, params: pairs.slice(at, at + paramsAtOnce) });
    }
  } else await server.post('runs/update', { run_id: id, status: 'RUNNING' });
  const run_id = id;
  return {
    id: run_id,
    log: async (metrics) => {
      for (let at = 0; at < metrics.length; at += metricsAtOnce) {
        await server.post('runs/log-batch', { run_id, metrics: metrics.slice(at, at + metricsAtOnce) });
      }
    },
    end: async (status) => {
      await server.post('runs/update', { run_id, status, end_time: Date.now() });
    },
  };
}

/** Throws InputError unless an MLflow answers at that address. Changes nothing there. */
export async function requireMlflow(url: string, experiment: string): Promise<void> {
  await findExperiment(new Server(url), experiment);
}

const findExperiment = (server: Server, name: string) =>
  server.get<{ experiment: { experiment_id: string } }>(`experiments/get-by-name?experiment_name=${encodeURIComponent(name)}`);

async function experimentId(server: Server, name: string): Promise<string> {
  const found = await findExperiment(server, name);
  if (found !== null) return found.experiment.experiment_id;
  return (await server.post<{ experiment_id: string }>('experiments/create', { name })).experiment_id;
}

class Server {
  readonly #url: string;
  readonly #authorization: string | undefined;

  constructor(url: string) {
    if (!/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : '')) {
      throw new InputError(`--mlflow: expected an address such as http://localhost:5000, found "${masked(url)}".`);
    }
    ({ address: this.#url, authorization: this.#authorization } = withoutCredentials(url));
  }

  post<T>(path: string, body: unknown): Promise<T> {
    return this.#call(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }) as Promise<T>;
  }

  /** null where the server says that there is no such thing. */
  get<T>(path: string): Promise<T | null> {
    return this.#call(path, {}, 'RESOURCE_DOES_NOT_EXIST') as Promise<T | null>;
  }

  async #call(path: string, init: RequestInit, absent?: string): Promise<unknown> {
    let text: string;
    let status: number;
    try {
      const headers = { ...(init.headers as Record<string, string> | undefined), ...(this.#authorization && { authorization: this.#authorization }) };
      const response = await fetch(`${this.#url.replace(/\/$/, '')}/api/2.0/mlflow/${path}`, { ...init, headers, signal: AbortSignal.timeout(timeoutMs) });
      status = response.status;
      text = await response.text();
    } catch (error) {
      const cause = (error as { cause?: unknown }).cause ?? error;
      throw new InputError(`--mlflow: no MLflow answers at ${masked(this.#url)} (${messageOf(cause) || (cause as NodeJS.ErrnoException).code}).`);
    }
    const answer = parse(text);
    if (status >= 200 && status < 300 && answer !== null) return answer;
    if (absent !== undefined && answer?.['error_code'] === absent) return null;
    const said = answer?.['message'];
    throw new InputError(`--mlflow: ${masked(this.#url)} answered ${path.split('?')[0]} with ${status}${typeof said === 'string' ? `: ${said}` : ''}.`);
  }
}

function parse(text: string): Record<string, unknown> | null {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return null;
  }
}
