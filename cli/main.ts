import type { Argv } from 'yargs';
import yargs from 'yargs';
import { InputError, messageOf } from '../src/io/errors.js';
import { packageVersion } from '../src/io/version.js';
import { commands } from './commands.js';
import type { CommonOptions } from './command.js';

/** Runs the command line. Sets the exit code: 0 done, 1 failed, 2 bad usage or bad input. */
export async function main(argv: readonly string[]): Promise<void> {
  const debug = argv.includes('--debug');
  const parser = commands.reduce(
    (parser, command) => parser.command(command),
    yargs(argv as string[])
      .scriptName('jouleflow')
      .version(packageVersion())
      .usage('$0 <command>\n\nDecides which AI job runs where, how, and on whose electricity.')
      .option('json', { type: 'boolean', default: false, describe: 'print one JSON document on stdout and nothing else' })
      .option('debug', { type: 'boolean', default: false, describe: 'show stack traces' })
      .demandCommand(1, 'Name a command; see jouleflow --help.')
      .check((parsed) => {
        const key = Object.keys(parsed).find((name) => Number.isNaN(parsed[name]));
        if (key === undefined) return true;
        const at = argv.findIndex((word) => word === `--${key}` || word.startsWith(`--${key}=`));
        const found = argv[at]?.slice(key.length + 3) || argv[at + 1];
        throw new InputError(`--${key}: expected a number, found "${found ?? ''}".`);
      }, true)
      .strict()
      .recommendCommands()
      .wrap(Math.min(110, process.stdout.columns ?? 110))
      .exitProcess(false)
      .fail((message, error) => {
        // What yargs suggests names only the command that exists.
        const found = message?.startsWith('Did you mean') ? `"${argv.join(' ')}": there is no such command. ` : '';
        throw error ?? new InputError(found + message.replace(/\s*\n\s*/g, ' '));
      }) as Argv<CommonOptions>,
  );
  try {
    await parser.parseAsync();
  } catch (error) {
    report(error, debug);
  }
}

function report(error: unknown, debug: boolean): void {
  const detail = debug && error instanceof Error && error.stack !== undefined ? error.stack : messageOf(error);
  process.stderr.write(`jouleflow: ${detail}\n`);
  process.exitCode = error instanceof InputError ? 2 : 1;
}
