import type { Argv } from 'yargs';
import yargs from 'yargs';
import { InputError, messageOf } from '../src/io/errors.js';
import { packageVersion } from '../src/io/version.js';
import type { KnownOptions } from './arguments.js';
import { refuseNonNumbers, refuseRepeats, unknownOption } from './arguments.js';
import { commands } from './commands.js';
import type { CommonOptions } from './command.js';
import { subcommands } from './command.js';
import { complete } from './completion.js';

/** Runs the command line. Sets the exit code: 0 done, 1 failed, 2 bad usage or bad input. */
export async function main(argv: readonly string[]): Promise<void> {
  const debug = argv.includes('--debug');
  try {
    await parserOf(argv).parseAsync();
  } catch (error) {
    report(error, debug);
  }
}

function parserOf(argv: readonly string[]): Argv<CommonOptions> {
  const instance = yargs(argv as string[]);
  const completing = argv.includes('--get-yargs-completions');
  const known = (): KnownOptions => ({ ...(instance as unknown as YargsInside).getOptions(), commands: subcommands.get(argv[0] ?? '') ?? [] });
  return commands.reduce(
    (parser, command) => parser.command(command),
    instance
      .scriptName('jouleflow')
      .version(packageVersion())
      .usage('$0 <command>\n\nDecides which AI job runs where, how, and on whose electricity.')
      .option('json', { type: 'boolean', default: false, describe: 'print one JSON document on stdout and nothing else' })
      .option('debug', { type: 'boolean', default: false, describe: 'show stack traces' })
      .example('$0 train --preset quickstart', 'train an agent on the embedded world, in some minutes')
      .example('$0 init my-fleet', 'begin with your own fleet and prices')
      .example('$0 train --help', 'options and examples of a command')
      .completion('completion', 'print a script that completes commands and options: jouleflow completion >> ~/.bashrc', complete)
      .demandCommand(1, 'Name a command; see jouleflow --help.')
      .middleware(() => refuseRepeats(argv, known()), true)
      .check((parsed) => refuseNonNumbers(parsed, argv), true)
      .strict()
      .recommendCommands()
      .wrap(Math.min(110, process.stdout.columns ?? 110))
      // Completion is over once it has printed; what else yargs finds wrong then is nobody's business.
      .exitProcess(completing)
      .fail((message, error) => {
        if (completing) return;
        if (error !== undefined && error !== null) throw error;
        throw new InputError(unknownOption(message, argv, known()) ?? unknownCommand(message, argv));
      }) as Argv<CommonOptions>,
  );
}

/** What yargs knows of the command being parsed, which its types leave out. */
interface YargsInside {
  getOptions(): Omit<KnownOptions, 'commands'>;
}

/** What yargs suggests names only the command that exists. */
function unknownCommand(message: string, argv: readonly string[]): string {
  const found = message.startsWith('Did you mean') ? `"${argv.join(' ')}": there is no such command. ` : '';
  return found + message;
}

function report(error: unknown, debug: boolean): void {
  const detail = debug && error instanceof Error && error.stack !== undefined ? error.stack : messageOf(error);
  process.stderr.write(`jouleflow: ${detail}\n`);
  process.exitCode = error instanceof InputError ? 2 : 1;
}
