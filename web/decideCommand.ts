import { loadPolicy } from './decide/policy.js';
import { createDecisionServer } from './decide/server.js';
import { resolveAddress } from './http/address.js';
import { listen } from './http/listen.js';
import type { Output } from './output.js';

export interface DecideArguments {
  policy: string;
  host: string;
  port: number;
}

/** `jouleflow decide`: the decision service, until it is interrupted. */
export async function decideCommand({ policy: path, host, port }: DecideArguments, output: Output): Promise<void> {
  const address = resolveAddress(host, port, process.env['JOULEFLOW_TOKEN']);
  const policy = await loadPolicy(path);
  const { url, closed } = await listen(createDecisionServer({ ...address, policy }), address);
  const { origin } = new URL(url);
  output.say(
    [
      `${path} decides (${policy.kind}) for ${policy.sites.join(', ')}: POST ${origin}/v1/decisions`,
      `What it takes: ${origin}/v1/schema`,
      ...(address.token === null ? [] : [`Send "Authorization: Bearer ${address.token}".`]),
      'Stop with Ctrl-C.',
    ].join('\n'),
  );
  output.document({ url: origin, token: address.token, kind: policy.kind, sites: policy.sites });
  await closed;
  await policy.dispose();
}
