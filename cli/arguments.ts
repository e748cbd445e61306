import { InputError, suggest } from '../src/io/errors.js';

/** What the parser knows of the options of the command that was called; yargs gives it to middleware, untyped. */
export interface KnownOptions {
  /** Names of options that take a list, and so may be given more than once. */
  readonly array: readonly string[];
  /** Every option's name, and every alias. */
  readonly key: Readonly<Record<string, unknown>>;
  /** By name, what else it is called. */
  readonly alias: Readonly<Record<string, readonly string[]>>;
  /** Options that --help leaves out. */
  readonly hiddenOptions: readonly string[];
  /** Its own commands: status and collect of sweep. */
  readonly commands: readonly string[];
}

const camel = (name: string): string => name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** Throws InputError naming the first option that is given twice, under whatever spelling, and takes no list. */
export function refuseRepeats(argv: readonly string[], known: KnownOptions): void {
  const names = new Map<string, string>();
  for (const [name, others] of Object.entries(known.alias)) for (const other of [name, ...others]) names.set(camel(other), names.get(camel(name)) ?? camel(name));
  const lists = new Set(known.array.map((name) => names.get(camel(name)) ?? camel(name)));
  const seen = new Set<string>();
  for (const word of untilEnd(argv)) {
    const spelled = /^--(?:no-)?([^=]+)/.exec(word)?.[1];
    if (spelled === undefined) continue;
    const name = names.get(camel(spelled)) ?? camel(spelled);
    if (seen.has(name) && !lists.has(name)) throw new InputError(`--${spelled} is given twice.`);
    seen.add(name);
  }
}

/** The words before `--`, after which nothing is an option. */
function untilEnd(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf('--');
  return end < 0 ? argv : argv.slice(0, end);
}

/** The sentence about options that do not exist, with the nearest one that does; undefined for another message. */
export function unknownOption(message: string, argv: readonly string[], known: KnownOptions): string | undefined {
  const found = /^Unknown arguments?: (.*)$/.exec(message)?.[1]?.split(', ')[0];
  if (found === undefined) return undefined;
  const spelled = untilEnd(argv).find((word) => camel(word.replace(/^-+/, '').replace(/=.*/s, '')) === camel(found) && word.startsWith('-'));
  if (spelled === undefined) return `"${found}" is not expected here.${near(found, known.commands)}`;
  const hidden = new Set(known.hiddenOptions);
  const options = Object.keys(known.key).filter((name) => !hidden.has(name) && !/[A-Z]/.test(name));
  return `${spelled.replace(/=.*/s, '')}: there is no such option.${near(kebab(found), options).replace('"', '"--') || ' See --help.'}`;
}

/** ` Did you mean "x"?`, or nothing when no name is near. */
function near(found: string, names: readonly string[]): string {
  const hint = suggest(found, names);
  return hint.startsWith(' Did you mean') ? hint : '';
}

/** Throws InputError for the first option that takes a number and was given something else; true otherwise, as yargs wants. */
export function refuseNonNumbers(parsed: Readonly<Record<string, unknown>>, argv: readonly string[]): true {
  const key = Object.keys(parsed).find((name) => Number.isNaN(parsed[name]));
  if (key === undefined) return true;
  const at = argv.findIndex((word) => word === `--${key}` || word.startsWith(`--${key}=`));
  const found = argv[at]?.slice(key.length + 3) || argv[at + 1];
  throw new InputError(`--${key}: expected a number, found "${found ?? ''}".`);
}
