import { Document, isMap, isScalar, isSeq } from 'yaml';
import { z } from 'zod';
import type { ExperimentConfig } from './config.js';
import { experimentSchema } from './config.js';

/** The part of a JSON Schema that descriptions are read from. */
interface Node {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
}

/** JSON Schema (2020-12) of an experiment's configuration file: names, types, ranges, defaults and what each key means. */
export const configSchema = (): object => z.toJSONSchema(experimentSchema, { io: 'input', unrepresentable: 'any' });

/** A configuration as YAML; with `describe` each key has what the schema says of it in a comment before it. */
export function configYaml(config: ExperimentConfig, { describe = false } = {}): string {
  const document = new Document(config);
  if (describe) comment(document.contents, configSchema() as Node);
  return document.toString({ lineWidth: 120 });
}

function comment(contents: unknown, node: Node | undefined): void {
  const schema = node?.anyOf?.find((one) => one.properties !== undefined || one.items !== undefined) ?? node;
  if (isSeq(contents)) for (const item of contents.items) comment(item, schema?.items);
  if (!isMap(contents)) return;
  for (const { key, value } of contents.items) {
    if (!isScalar(key)) continue;
    const own = schema?.properties?.[String(key.value)];
    if (own?.description !== undefined) key.commentBefore = ` ${own.description}`;
    comment(value, own);
  }
}
