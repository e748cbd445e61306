import { spawnSync } from 'node:child_process';
import { crc32c } from '../../src/io/crc32c.js';
import type { ScalarEvent } from '../../src/io/tensorboard.js';

/** Decodes an event file by the published format, checking both checksums of every record. Throws for any that is wrong. */
export function readEvents(file: Buffer): ScalarEvent[] {
  const events: ScalarEvent[] = [];
  for (let at = 0; at < file.length; ) {
    const length = Number(file.readBigUInt64LE(at));
    check(file.subarray(at, at + 8), file.readUInt32LE(at + 8));
    const data = file.subarray(at + 12, at + 12 + length);
    check(data, file.readUInt32LE(at + 12 + length));
    const fields = parse(data);
    if (at === 0) {
      if (fields.get(3)?.[0]?.toString() !== 'brain.Event:2') throw new Error('not an event file');
    } else events.push(eventOf(fields));
    at += length + 16;
  }
  return events;
}

function eventOf(fields: Fields): ScalarEvent {
  const scalars: Record<string, number> = {};
  for (const value of parse(fields.get(5)![0]!).get(1) ?? []) {
    const parts = parse(value);
    scalars[parts.get(1)![0]!.toString()] = parts.get(2)![0]!.readFloatLE();
  }
  return { wallTime: fields.get(1)![0]!.readDoubleLE(), step: varint(fields.get(2)![0]!, 0).value, scalars };
}

function check(bytes: Buffer, masked: number): void {
  const rotated = (masked - 0xa282ead8) >>> 0;
  if ((((rotated >>> 17) | (rotated << 15)) >>> 0) !== crc32c(bytes)) throw new Error('wrong checksum');
}

type Fields = Map<number, Buffer[]>;

function parse(message: Buffer): Fields {
  const fields: Fields = new Map();
  for (let at = 0; at < message.length; ) {
    const key = varint(message, at);
    at = key.end;
    let end: number;
    if (key.value % 8 === 0) end = varint(message, at).end;
    else if (key.value % 8 === 1) end = at + 8;
    else if (key.value % 8 === 5) end = at + 4;
    else {
      const length = varint(message, at);
      at = length.end;
      end = at + length.value;
    }
    const field = key.value >> 3;
    fields.set(field, [...(fields.get(field) ?? []), message.subarray(at, end)]);
    at = end;
  }
  return fields;
}

function varint(bytes: Buffer, at: number): { value: number; end: number } {
  let [value, scale] = [0, 1];
  for (;;) {
    const byte = bytes[at++]!;
    value += (byte % 128) * scale;
    scale *= 128;
    if (byte < 128) return { value, end: at };
  }
}

const python = process.env['JOULEFLOW_PYTHON'] ?? 'python3';

/** Whether Python's tensorboard is installed; tests that need it are skipped where it is not. */
export const hasTensorboard = spawnSync(python, ['-c', 'import tensorboard']).status === 0;

/** What Python's tensorboard finds in a folder: by tag, the wall time, step and value of each scalar. */
export function readWithTensorboard(folder: string): Record<string, [number, number, number][]> {
  const script = [
    'import json, sys',
    'from tensorboard.backend.event_processing.event_accumulator import EventAccumulator',
    'events = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0}); events.Reload()',
    'print(json.dumps({tag: [[e.wall_time, e.step, e.value] for e in events.Scalars(tag)] for tag in events.Tags()["scalars"]}))',
  ].join('\n');
  const { stdout, stderr } = spawnSync(python, ['-c', script, folder], { encoding: 'utf8' });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as Record<string, [number, number, number][]>;
}
