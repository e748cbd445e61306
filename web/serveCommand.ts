import { createDashboard } from './dashboard.js';
import { resolveAddress } from './http/address.js';
import { listen } from './http/listen.js';
import type { Output } from './output.js';

export interface ServeArguments {
  runs: string;
  host: string;
  port: number;
}

/** `jouleflow serve`: the dashboard, until it is interrupted. */
export async function serveCommand({ runs, host, port }: ServeArguments, output: Output): Promise<void> {
  const address = resolveAddress(host, port, process.env['JOULEFLOW_TOKEN']);
  const server = await createDashboard({ ...address, runs });
  const { url, closed } = await listen(server, address);
  output.say(`Runs in ${runs}: ${url}\nStop with Ctrl-C.`);
  output.document({ url, runs });
  await closed;
}
