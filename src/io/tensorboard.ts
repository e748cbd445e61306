import { crc32c } from './crc32c.js';

/** Scalars of one step. */
export interface ScalarEvent {
  readonly step: number;
  /** When, in seconds since 1970. */
  readonly wallTime: number;
  /** By name; kept as 32-bit floats, which is what TensorBoard shows. */
  readonly scalars: Readonly<Record<string, number>>;
}

/**
 * A TensorBoard event file: TFRecords (tensorflow/core/lib/io/record_writer.h) of `Event` messages
 * (tensorflow/core/util/event.proto), the first of which names the version.
 */
export function eventFile(events: readonly ScalarEvent[]): Uint8Array {
  const version = message(doubleField(1, events[0]?.wallTime ?? 0), bytesField(3, Buffer.from('brain.Event:2')));
  return Buffer.concat([version, ...events.map(encode)].flatMap(record));
}

function encode({ step, wallTime, scalars }: ScalarEvent): Buffer {
  const values = Object.entries(scalars).map(([tag, value]) => bytesField(1, message(bytesField(1, Buffer.from(tag)), floatField(2, value))));
  return message(doubleField(1, wallTime), intField(2, step), bytesField(5, message(...values)));
}

/** Length, its checksum, the data, its checksum. */
function record(data: Buffer): Buffer[] {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(data.length));
  return [length, checksum(length), data, checksum(data)];
}

/** The CRC as TFRecords hold it: rotated and moved, so that the CRC of data that holds CRCs stays a good one. */
export const maskedCrc = (bytes: Uint8Array): number => {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
};

function checksum(bytes: Uint8Array): Buffer {
  const four = Buffer.alloc(4);
  four.writeUInt32LE(maskedCrc(bytes));
  return four;
}

// Protocol buffers: a field is its number and wire type, then its value.
const message = (...fields: readonly Buffer[]): Buffer => Buffer.concat(fields);
const key = (field: number, wireType: number): Buffer => varint((field << 3) | wireType);
const intField = (field: number, value: number): Buffer => Buffer.concat([key(field, 0), varint(value)]);
const bytesField = (field: number, value: Buffer): Buffer => Buffer.concat([key(field, 2), varint(value.length), value]);

function doubleField(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return Buffer.concat([key(field, 1), bytes]);
}

function floatField(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return Buffer.concat([key(field, 5), bytes]);
}

/** Of a whole number from 0 to 2^53. */
function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Buffer.from([...bytes, rest]);
}
