import type { Argv, CommandModule } from 'yargs';

/** Options that every command has. */
export interface CommonOptions {
  json: boolean;
  debug: boolean;
}

/** A command of the registry; each one's own options are checked where it is made. */
export type Command = CommandModule<CommonOptions, object>;

/** What a command needs from the process, so that it can be called in tests. */
export interface Output {
  /** Results for people; silent under --json. */
  say(text: string): void;
  /** The one JSON document, printed only under --json. */
  document(value: unknown): void;
}

export function outputFor(options: { json: boolean }): Output {
  return {
    say: (text) => {
      if (!options.json) process.stdout.write(`${text}\n`);
    },
    document: (value) => {
      if (options.json) process.stdout.write(`${JSON.stringify(value)}\n`);
    },
  };
}

/**
 * A command whose options are declared here and whose work is loaded only when it runs,
 * so that `--help` stays fast.
 */
export function command<T>(
  name: string,
  describe: string,
  options: (yargs: Argv<CommonOptions>) => Argv<T>,
  run: (args: T & CommonOptions, output: Output) => Promise<void>,
): Command {
  return {
    command: name,
    describe,
    builder: options as unknown as NonNullable<Command['builder']>,
    handler: async (args) => {
      const typed = args as unknown as T & CommonOptions;
      await run(typed, outputFor(typed));
    },
  };
}

/** By command, the names of the commands within it; for suggestions. */
export const subcommands = new Map<string, readonly string[]>();

/** A command that only groups others: `jouleflow power estimate`. */
export function group(name: string, describe: string, members: readonly Command[]): Command {
  subcommands.set(name, members.map((member) => String(member.command).split(' ')[0]!));
  return {
    command: name,
    describe,
    builder: (yargs) => {
      for (const member of members) yargs.command(member);
      return yargs.demandCommand(1, `Name one of ${name}'s commands; see jouleflow ${name} --help.`).strict();
    },
    handler: () => undefined,
  };
}
