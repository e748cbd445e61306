import { parseDocument } from 'yaml';
import { z } from 'zod';
import { InputError, suggest } from './errors.js';
import { readText } from './files.js';

function parsed(text: string, file: string): ReturnType<typeof parseDocument> {
  try {
    return parseDocument(text, { prettyErrors: true });
  } catch (error) {
    if (error instanceof RangeError) throw new InputError(`${file}: not valid YAML: it is nested too deeply.`);
    throw error;
  }
}

/** Parses YAML. Throws InputError naming the file and the line. */
export function parseYaml(text: string, file: string): unknown {
  const document = parsed(text, file);
  const error = document.errors[0];
  if (error !== undefined) {
    const line = error.linePos?.[0].line;
    const reason = error.message.split('\n')[0]!.replace(/ at line .*$/, '');
    throw new InputError(`${file}${line === undefined ? '' : `, line ${line}`}: not valid YAML: ${reason}.`);
  }
  try {
    return document.toJS({ maxAliasCount: 100 }) as unknown;
  } catch {
    throw new InputError(`${file}: not valid YAML: its aliases expand without bound.`);
  }
}

export const readYaml = (file: string): unknown => parseYaml(readText(file), file);

/** Lays `over` upon `under`: objects key by key, everything else (arrays too) replaced. */
export function overlay(under: unknown, over: unknown): unknown {
  if (!isRecord(under) || !isRecord(over)) return over;
  const laid = Object.entries(over).map(([key, value]) => [key, Object.hasOwn(under, key) ? overlay(under[key], value) : value] as const);
  // Not by assignment, which would lose a key "__proto__" before anyone refuses it.
  return Object.fromEntries([...Object.entries(under), ...laid]);
}

/**
 * Applies `--set a.b.0.c=value` to a resolved configuration; the value is read as YAML, and `*` stands for every entry
 * of a list.
 * Throws InputError if the assignment has no `=`, or its path leaves what exists.
 */
export function setByPath(config: unknown, assignment: string): unknown {
  const equals = assignment.indexOf('=');
  const path = assignment.slice(0, equals).split('.');
  if (equals < 1 || path.some((key) => key === '')) {
    throw new InputError(`--set: expected key.path=value, found "${assignment}".`);
  }
  const value = parseYaml(assignment.slice(equals + 1), `--set ${path.join('.')}`);
  const set = (at: unknown, depth: number): unknown => {
    if (depth === path.length) return value;
    const key = path[depth]!;
    if (Array.isArray(at)) {
      if (key === '*') return at.map((entry) => set(entry, depth + 1));
      if (!/^(0|[1-9]\d*)$/.test(key) || Number(key) >= at.length) {
        throw new InputError(`--set ${path.join('.')}: "${path.slice(0, depth).join('.')}" has ${at.length} entries, 0 to ${at.length - 1}, so there is no entry "${key}".`);
      }
      return at.map((entry, index) => (index === Number(key) ? set(entry, depth + 1) : (entry as unknown)));
    }
    const record = isRecord(at) ? at : {};
    if (key === prototypeKey) throw new InputError(`--set ${path.join('.')}: unknown key "${key}".`);
    return { ...record, [key]: set(Object.hasOwn(record, key) ? record[key] : undefined, depth + 1) };
  };
  return set(config, 0);
}

/**
 * Checks `value` against a schema and fills in its defaults. Throws InputError with one sentence about the first thing
 * that is wrong: where it came from, the key, what was found, what was expected; unknown keys get the nearest known one.
 */
export function validate<T>(schema: z.ZodType<T>, value: unknown, where: string): T {
  const forbidden = pathOf(value, prototypeKey);
  if (forbidden !== undefined) throw new InputError(`${where}: unknown key "${forbidden.join('.')}".`);
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0]!;
    const path = [...issue.path, key].join('.');
    throw new InputError(`${where}: unknown key "${path}".${suggest(key, knownKeys(schema, issue.path))}`);
  }
  const path = issue.path.join('.');
  const found = 'input' in issue && issue.input !== undefined ? `; found ${shorten(issue.input)}` : '';
  throw new InputError(`${where}: ${path === '' ? '' : `"${path}": `}${decapitalise(issue.message)}${found}.`);
}

/** No schema has it, and assigning to it would change an object's prototype. */
const prototypeKey = '__proto__';

/** Where an object below `value` has an own key; undefined if none has. */
function pathOf(value: unknown, wanted: string): string[] | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Object.hasOwn(value, wanted)) return [wanted];
  for (const [key, inner] of Object.entries(value)) {
    const below = pathOf(inner, wanted);
    if (below !== undefined) return [key, ...below];
  }
  return undefined;
}

function knownKeys(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  type Node = { properties?: Record<string, Node>; items?: Node };
  let node: Node | undefined = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Node;
  for (const key of path) node = typeof key === 'number' ? node?.items : node?.properties?.[String(key)];
  return Object.keys(node?.properties ?? {});
}

function shorten(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value));
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

const decapitalise = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
