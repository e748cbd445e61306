import { command } from './command.js';

export const moeSimulate = command(
  'simulate',
  'Predict latency, throughput, memory and energy of a served model on a cluster of V100 nodes',
  (yargs) =>
    yargs
      .option('model', {
        type: 'string',
        choices: ['lm', 'mt-encoder', 'mt-decoder'] as const,
        demandOption: true,
        describe: 'language model, or machine translation: encoder, or one decoder step',
      })
      .option('gating', { type: 'string', choices: ['static', 'dynamic'] as const, default: 'dynamic' as const, describe: 'how tokens reach experts' })
      .option('nodes', { type: 'number', default: 1, describe: 'nodes of eight devices: 1, 2 or 4' })
      .option('batch', { type: 'number', describe: 'sequences per device; as published where not given' })
      .option('buffer-slots', { type: 'number', describe: 'experts of a layer that a device keeps; all of its own where not given' })
      .option('placement', {
        type: 'string',
        choices: ['identity', 'random', 'greedy'] as const,
        default: 'identity' as const,
        describe: 'which experts are on which device',
      })
      .option('skew', { type: 'number', default: 0, describe: "Zipf exponent of the experts' popularity; 0 is even" }),
  async (args, output) => {
    const { describeSimulation, sampleProfile, simulate } = await import('../workloads/moe/index.js');
    const { model, gating, nodes, batch, placement, skew } = args;
    const bufferSlots = args['buffer-slots'];
    const serving = {
      model,
      gating,
      nodes,
      placement,
      routing: { zipf: skew },
      ...(bufferSlots === undefined ? {} : { bufferSlots }),
    };
    const simulation = simulate({ ...serving, ...(batch === undefined ? {} : { batch }) });
    const result = { ...simulation, profile: sampleProfile(serving) };
    output.say(describeSimulation(result));
    output.document(result);
  },
);
