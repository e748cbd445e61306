import { createHash } from 'node:crypto';
import { InputError } from '../../io/errors.js';
import { ProtobufWriter } from './protobuf.js';

const sealKey = 'sha256';
/** What encoding writes into a model's own field, producer_name. */
const producer = Buffer.from(new ProtobufWriter().string(2, 'jouleflow').finish());

/** The model with a checksum of all its bytes as its last metadata entry, which other readers of ONNX take as any other. */
export const sealed = (model: Uint8Array): Uint8Array => Buffer.concat([model, sealOf(model)]);

const sealOf = (model: Uint8Array): Uint8Array =>
  new ProtobufWriter().message(14, (pair) => pair.string(1, sealKey).string(2, createHash('sha256').update(model).digest('hex'))).finish();

const sealBytes = sealOf(new Uint8Array()).length;

/**
 * Throws InputError naming `where` if the bytes are not those that were written: if their seal does not fit, or a model of
 * this program has none. Models that other programs wrote have none to check.
 */
export function requireUndamaged(bytes: Uint8Array, where: string): void {
  const model = bytes.subarray(0, Math.max(0, bytes.length - sealBytes));
  if (Buffer.from(bytes.subarray(model.length)).equals(Buffer.from(sealOf(model)))) return;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (!buffer.includes(sealKey) && !buffer.subarray(0, 64).includes(producer)) return;
  throw new InputError(`${where} is damaged, or of an earlier version: its bytes do not have the checksum that it should hold.`);
}
