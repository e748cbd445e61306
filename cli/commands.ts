import type { Command } from './command.js';
import { data } from './data.js';
import { moe } from './moe.js';
import { power } from './power.js';
import { tune } from './tune.js';

/** Every command, in the order in which --help lists them. One file a command; add yours here. */
export const commands: readonly Command[] = [data, moe, power, tune];
