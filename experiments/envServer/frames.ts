import { InputError } from '../../src/io/errors.js';

/** Kinds of frames; see docs/python.md. The first four come from the client, the others from the server. */
export const frameKinds = { hello: 1, reset: 2, step: 3, close: 4, welcome: 17, batch: 18, refusal: 19 } as const;

/** Bytes of a frame before its body: the body's length and the frame's kind, both u32, little-endian. */
export const headerBytes = 8;

export interface Frame {
  readonly kind: number;
  /** Valid until the next call of `take`. */
  readonly body: Buffer;
}

/** Puts together the frames of a stream of bytes that arrives in pieces of any size. */
export class FrameReader {
  readonly #mostBytes: number;
  #pending: Buffer = Buffer.alloc(0);

  /** `mostBytes`: of a frame's body. */
  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** Whether bytes of an unfinished frame are waiting. */
  get unfinished(): boolean {
    return this.#pending.length > 0;
  }

  /** Takes in a piece and returns every frame that is complete. Throws InputError for a length that no frame has. */
  take(piece: Buffer): Frame[] {
    let bytes = this.#pending.length === 0 ? piece : Buffer.concat([this.#pending, piece]);
    const frames: Frame[] = [];
    while (bytes.length >= headerBytes) {
      const length = bytes.readUInt32LE(0);
      const kind = bytes.readUInt32LE(4);
      if (length > this.#mostBytes) {
        throw new InputError(`env-server: found a frame of ${length} bytes, expected at most ${this.#mostBytes}; the client does not speak this protocol.`);
      }
      if (bytes.length < headerBytes + length) break;
      frames.push({ kind, body: bytes.subarray(headerBytes, headerBytes + length) });
      bytes = bytes.subarray(headerBytes + length);
    }
    this.#pending = bytes;
    return frames;
  }
}

/** A frame of a kind with a JSON body. */
export function jsonFrame(kind: number, value: unknown): Buffer {
  const body = Buffer.from(JSON.stringify(value));
  const frame = Buffer.allocUnsafe(headerBytes + body.length);
  frame.writeUInt32LE(body.length, 0);
  frame.writeUInt32LE(kind, 4);
  body.copy(frame, headerBytes);
  return frame;
}
