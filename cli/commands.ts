import type { Command } from './command.js';

/** Every command, in the order in which --help lists them. One file a command; add yours here. */
export const commands: readonly Command[] = [];
