import type { Argv } from 'yargs';
import type { CommonOptions } from './command.js';

/** The options of every command that takes a routing trace: a log, or the generator where none is given. */
export const traceOptions = (yargs: Argv<CommonOptions>) =>
  yargs
    .option('trace', { type: 'string', describe: 'routing log, JSON lines or JSON; a synthetic trace where none is given' })
    .option('layer', { type: 'number', describe: 'layer of the log; its first where not given' })
    .option('experts', { type: 'number', describe: 'experts per layer, where the log does not say (synthetic: 60)' })
    .option('batch', { type: 'number', describe: "tokens per batch; the log's forward passes, or else 8" })
    .option('tokens', { type: 'number', default: 20_000, describe: 'synthetic: tokens' })
    .option('top-k', { type: 'number', default: 4, describe: 'synthetic: experts per token' })
    .option('skew', { type: 'number', default: 1, describe: 'synthetic: Zipf exponent of popularity; 0 is even' })
    .option('locality', { type: 'number', default: 0.5, describe: 'synthetic: chance that a choice repeats the last token\'s' })
    .option('seed', { type: 'number', default: 1, describe: 'of everything random' });
