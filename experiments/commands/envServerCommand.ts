import type { SchedulingEnvironment } from '../../agents/index.js';
import type { Environment, FleetConfig } from '../../envs/index.js';
import { wrappers } from '../../envs/index.js';
import { InputError, suggest } from '../../src/io/errors.js';
import { packageVersion } from '../../src/io/version.js';
import type { ExperimentArguments, ExperimentConfig } from '../run/config.js';
import { resolveExperiment } from '../run/config.js';
import type { Setting } from '../run/setting.js';
import { loadSetting } from '../run/setting.js';
import { Batch, infoColumns } from '../envServer/batch.js';
import { acceptOne } from '../envServer/listen.js';
import type { Hello, InfoColumn, Welcome } from '../envServer/protocol.js';
import { protocolVersion } from '../envServer/protocol.js';
import type { Channel, Served } from '../envServer/session.js';
import { channelOf, serveClient } from '../envServer/session.js';

export interface EnvServerArguments extends Pick<ExperimentArguments, 'preset' | 'config' | 'data' | 'seed' | 'set'> {
  wrapper?: readonly string[] | undefined;
  envs: number;
  socket?: string | undefined;
}

const mostEnvironments = 4096;

/**
 * `jouleflow env-server`: environments for a learner in another process, over stdin and stdout or a Unix socket, until its
 * client says goodbye. Throws InputError for bad options or a client that sends rubbish, Error for one that just goes.
 */
export async function envServerCommand(args: EnvServerArguments): Promise<void> {
  if (!(Number.isInteger(args.envs) && args.envs >= 1 && args.envs <= mostEnvironments)) {
    throw new InputError(`--envs: found ${args.envs}, expected a whole number from 1 to ${mostEnvironments}.`);
  }
  const config = resolveExperiment(args);
  const wrapped = { ...config, fleet: wrap(config.fleet, args.wrapper ?? []) };
  const setting = await loadSetting(wrapped, { schedulers: [] });
  const environments = Array.from({ length: args.envs }, () => setting.environment());
  const columns = infoColumns(setting.environment() as Environment<object>);
  const begin = (hello: Hello): Served => ({
    batch: new Batch(environments as Environment<object>[], columns, hello.autoreset, config.seed),
    welcome: welcome(hello, setting, environments, columns, args.preset ?? null),
  });
  const actionBytes = 4 * args.envs * environments[0]!.actionSpace.size;
  await serveClient(await channel(args.socket), begin, actionBytes);
}

async function channel(socket: string | undefined): Promise<Channel> {
  if (socket === undefined) return { input: process.stdin, output: process.stdout };
  const stop = new AbortController();
  const abort = (): void => stop.abort();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, abort);
  try {
    return channelOf(await acceptOne(socket, stop.signal, () => process.stderr.write(`env-server: waiting for a client at ${socket}\n`)));
  } finally {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.removeListener(name, abort);
  }
}

/** Applies ablations by name, in order. Throws InputError for an unknown one. */
function wrap(fleet: FleetConfig, names: readonly string[]): ExperimentConfig['fleet'] {
  const known: Readonly<Record<string, (fleet: FleetConfig) => FleetConfig>> = wrappers;
  return names.reduce((wrapped, name) => {
    const wrapper = Object.hasOwn(known, name) ? known[name] : undefined;
    if (wrapper === undefined) throw new InputError(`--wrapper: there is no "${name}".${suggest(name, Object.keys(known))}`);
    return wrapper(wrapped);
  }, fleet);
}

function welcome(
  { autoreset }: Hello,
  setting: Setting,
  environments: readonly SchedulingEnvironment[],
  infos: readonly InfoColumn[],
  preset: string | null,
): Welcome {
  const { observationSpace, observationNames, observationLayout, actionSpace, actionNames } = environments[0]!;
  const { config, days } = setting;
  return {
    protocol: protocolVersion,
    version: packageVersion(),
    preset,
    envs: environments.length,
    autoreset,
    observation: { ...bounds(observationSpace), names: observationNames },
    action: { ...bounds(actionSpace), names: actionNames },
    layout: observationLayout,
    infos,
    days,
    evaluationSeed: config.evaluation.seed,
    metadata: {
      observations: JSON.stringify(observationNames),
      actions: JSON.stringify(actionNames),
      sites: JSON.stringify(config.fleet.sites.map((site) => site.name)),
      served: setting.served,
    },
  };
}

const bounds = ({ size, low, high }: Environment['observationSpace']): Pick<Welcome['observation'], 'size' | 'low' | 'high'> => ({
  size,
  low: [...low],
  high: [...high],
});
