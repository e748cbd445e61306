import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface StoredRun {
  experiment_id: string;
  run_name: string;
  status: string;
  end_time?: number;
  params: Map<string, string>;
  metrics: { key: string; value: number; timestamp: number; step: number }[];
}

/** MLflow's REST API 2.0 as published (mlflow.org/docs/latest/rest-api.html), as far as a run needs it, with its limits. */
export class TrackingServer {
  readonly experiments = new Map<string, string>();
  readonly runs = new Map<string, StoredRun>();
  private server!: Server;

  start(): Promise<string> {
    this.server = createServer((request, response) => {
      let text = '';
      request.on('data', (chunk: Buffer) => (text += chunk.toString()));
      request.on('end', () => {
        const { pathname, searchParams } = new URL(request.url!, 'http://x');
        const { status, body } = this.answer(`${request.method} ${pathname}`, searchParams, text === '' ? {} : (JSON.parse(text) as Record<string, unknown>));
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      });
    });
    return new Promise((resolve) => this.server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(this.server.address() as AddressInfo).port}`)));
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private answer(call: string, query: URLSearchParams, body: Record<string, unknown>): { status: number; body: unknown } {
    const refuse = (status: number, error_code: string, message: string) => ({ status, body: { error_code, message } });
    const path = '/api/2.0/mlflow/';
    if (call === `GET ${path}experiments/get-by-name`) {
      const id = this.experiments.get(query.get('experiment_name') ?? '');
      return id === undefined ? refuse(404, 'RESOURCE_DOES_NOT_EXIST', 'no such experiment') : { status: 200, body: { experiment: { experiment_id: id } } };
    }
    if (call === `POST ${path}experiments/create`) {
      const name = body['name'] as string;
      if (this.experiments.has(name)) return refuse(400, 'RESOURCE_ALREADY_EXISTS', 'there is one');
      this.experiments.set(name, String(this.experiments.size + 1));
      return { status: 200, body: { experiment_id: this.experiments.get(name) } };
    }
    if (call === `POST ${path}runs/create`) {
      const run_id = `run${this.runs.size}`;
      const { experiment_id, run_name } = body as { experiment_id: string; run_name: string };
      this.runs.set(run_id, { experiment_id, run_name, status: 'RUNNING', params: new Map(), metrics: [] });
      return { status: 200, body: { run: { info: { run_id, experiment_id, status: 'RUNNING' }, data: {} } } };
    }
    const run = this.runs.get(body['run_id'] as string);
    if (run === undefined) return refuse(404, 'RESOURCE_DOES_NOT_EXIST', `Run '${String(body['run_id'])}' not found`);
    if (call === `POST ${path}runs/update`) {
      run.status = body['status'] as string;
      if (body['end_time'] !== undefined) run.end_time = body['end_time'] as number;
      return { status: 200, body: { run_info: {} } };
    }
    if (call === `POST ${path}runs/log-batch`) {
      const { metrics = [], params = [] } = body as { metrics?: StoredRun['metrics']; params?: { key: string; value: string }[] };
      if (metrics.length > 1000 || params.length > 100) return refuse(400, 'INVALID_PARAMETER_VALUE', 'too many at once');
      run.metrics.push(...metrics);
      for (const { key, value } of params) run.params.set(key, value);
      return { status: 200, body: {} };
    }
    return refuse(404, 'ENDPOINT_NOT_FOUND', call);
  }
}
