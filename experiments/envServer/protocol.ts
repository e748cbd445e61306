import { z } from 'zod';
import { validate } from '../../src/io/config.js';
import { parseJson } from '../../src/io/json.js';

/** Raised by every change that a client of the version before would misread. */
export const protocolVersion = 1;

/** When an environment whose episode has ended begins the next one, in Gymnasium's words (`AutoresetMode`). */
export const autoresets = ['next-step', 'same-step', 'disabled'] as const;
export type Autoreset = (typeof autoresets)[number];

const helloSchema = z.strictObject({
  protocol: z.literal(protocolVersion, { error: `expected ${protocolVersion}, the version of this server` }),
  autoreset: z.enum(autoresets),
});

const resetSchema = z.strictObject({
  envs: z
    .array(
      z.strictObject({
        index: z.int().min(0),
        seed: z.int().nullable().default(null),
        options: z.record(z.string(), z.unknown()).default({}),
      }),
    )
    .min(1),
});

export type Hello = z.infer<typeof helloSchema>;
export type ResetRequest = z.infer<typeof resetSchema>['envs'][number];

/** Throws InputError for what is no greeting of this protocol's version. */
export const readHello = (body: Buffer): Hello => validate(helloSchema, parse(body, 'hello'), 'env-server: hello');

/** Throws InputError for what is no request to reset. */
export const readReset = (body: Buffer): readonly ResetRequest[] => validate(resetSchema, parse(body, 'reset'), 'env-server: reset').envs;

const parse = (body: Buffer, frame: string): unknown => parseJson(body.toString('utf8'), `env-server: the ${frame} frame`);

/** A figure that comes with every step of every environment. A truth value is sent as 0 or 1. */
export interface InfoColumn {
  readonly name: string;
  readonly type: 'number' | 'boolean';
}

/** What the server says of itself and its environments before anything else. Arrays have one value a component. */
export interface Welcome {
  readonly protocol: number;
  /** Of jouleflow. */
  readonly version: string;
  readonly preset: string | null;
  readonly envs: number;
  readonly autoreset: Autoreset;
  readonly observation: { readonly size: number; readonly low: readonly number[]; readonly high: readonly number[]; readonly names: readonly string[] };
  readonly action: { readonly size: number; readonly low: readonly number[]; readonly high: readonly number[]; readonly names: readonly string[] };
  /** Where each site's part of an observation begins and ends. */
  readonly layout: { readonly globalSize: number; readonly siteSize: number; readonly sites: number };
  readonly infos: readonly InfoColumn[];
  /** UTC dates: episodes are drawn from `train`; `validation` and `test` are what policies are chosen and judged by. */
  readonly days: { readonly train: readonly string[]; readonly validation: readonly string[]; readonly test: readonly string[] };
  /** Seed of the jobs with which policies are judged. */
  readonly evaluationSeed: number;
  /** What a policy trained here must carry to be judged or to decide elsewhere, as metadata of its ONNX file. */
  readonly metadata: Readonly<Record<string, string>>;
}
