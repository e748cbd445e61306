import { InputError } from '../../io/errors.js';

/** Field numbers of onnx.proto3: ModelProto.metadata_props, and key and value of its entries. */
const metadataField = 14;
const [keyField, valueField] = [1, 2];

/**
 * The pairs stored as an ONNX model's metadata, which ONNX Runtime does not give out in Node.
 * Throws InputError naming `where` if the bytes are no protocol-buffers message.
 */
export function readMetadata(bytes: Uint8Array, where: string): Record<string, string> {
  const text = new TextDecoder();
  const metadata: Record<string, string> = {};
  for (const { field, content } of fieldsOf(bytes, where)) {
    if (field !== metadataField || content === null) continue;
    const pair = [...fieldsOf(content, where)];
    const part = (number: number): string => text.decode(pair.find((one) => one.field === number)?.content ?? new Uint8Array());
    metadata[part(keyField)] = part(valueField);
  }
  return metadata;
}

/** The fields of a message; `content` of the length-delimited ones. */
function* fieldsOf(bytes: Uint8Array, where: string): Generator<{ field: number; content: Uint8Array | null }> {
  const broken = (): InputError => new InputError(`${where} is no ONNX model: its bytes end or turn senseless.`);
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = bytes[at++];
      if (byte === undefined || shift > 2 ** 63) throw broken();
      value += (byte & 127) * shift;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const key = varint();
    const [field, wire] = [Math.floor(key / 8), key % 8];
    let size = 0;
    if (wire === 0) varint();
    else if (wire === 1) size = 8;
    else if (wire === 5) size = 4;
    else if (wire === 2) size = varint();
    else throw broken();
    if (field === 0 || size > bytes.length - at) throw broken();
    yield { field, content: wire === 2 ? bytes.subarray(at, at + size) : null };
    at += size;
  }
}
