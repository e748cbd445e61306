import { InputError } from './errors.js';
import { readText } from './files.js';

/** An address as it may be shown: whoever reads a log learns neither password nor token. */
export function masked(address: string): string {
  const [before, query] = address.split('?', 2) as [string, string | undefined];
  const shown = before.replace(/^(\w[\w+.-]*:\/\/)[^/]*@/, '$1***@');
  return query === undefined ? shown : `${shown}?***`;
}

/**
 * The address of a service: as given, or else the environment variable `name`, or else the file that `name_FILE` names,
 * neither of which any list of processes shows. Undefined if nothing says it. Throws InputError for a file that cannot be
 * read.
 */
export function addressOf(given: string | undefined, name: string, environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const file = environment[`${name}_FILE`];
  const found = given ?? environment[name] ?? (file === undefined ? undefined : readText(file).trim());
  if (found === '') throw new InputError(`${name}: found nothing, expected an address.`);
  return found;
}

/** An address without its user and password, and them as an Authorization header if it has any. Throws TypeError if it is none. */
export function withoutCredentials(address: string): { address: string; authorization: string | undefined } {
  const url = new URL(address);
  const { username, password } = url;
  if (username === '' && password === '') return { address, authorization: undefined };
  url.username = '';
  url.password = '';
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { address: url.toString(), authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}
