import { frameKinds, headerBytes, jsonFrame } from '../../experiments/envServer/frames.js';

/** What a reply says, read by the published layout. */
export interface Reply {
  readonly rewards: Float64Array;
  /** [columns, envs]. */
  readonly infos: Float64Array;
  readonly observations: Float32Array;
  readonly finals: Float32Array;
  readonly flags: Uint8Array;
  readonly details: { env: number; begun?: Record<string, unknown>; ended?: Record<string, unknown> }[];
}

/** Decodes a batch frame, header included. */
export function readReply(frame: Buffer, sizes: { envs: number; columns: number; observation: number }): Reply {
  const { envs, columns, observation } = sizes;
  if (frame.readUInt32LE(4) !== frameKinds.batch) throw new Error(`not a batch: ${frame.subarray(headerBytes).toString()}`);
  const body = Buffer.from(frame.subarray(headerBytes));
  const [detailBytes, rows] = [body.readUInt32LE(0), body.readUInt32LE(4)];
  let at = 8;
  const take = (bytes: number): ArrayBuffer => {
    const part = body.buffer.slice(body.byteOffset + at, body.byteOffset + at + bytes) as ArrayBuffer;
    at += bytes;
    return part;
  };
  const rewards = new Float64Array(take(8 * envs));
  const infos = new Float64Array(take(8 * envs * columns));
  const observations = new Float32Array(take(4 * envs * observation));
  const finals = new Float32Array(take(4 * rows * observation));
  const flags = new Uint8Array(take(envs));
  const details = detailBytes === 0 ? [] : (JSON.parse(Buffer.from(take(detailBytes)).toString()) as Reply['details']);
  if (at !== body.length) throw new Error(`${body.length - at} bytes are left over`);
  return { rewards, infos, observations, finals, flags, details };
}

export function stepFrame(actions: Float32Array): Buffer {
  const frame = Buffer.alloc(headerBytes + actions.byteLength);
  frame.writeUInt32LE(actions.byteLength, 0);
  frame.writeUInt32LE(frameKinds.step, 4);
  Buffer.from(actions.buffer, actions.byteOffset, actions.byteLength).copy(frame, headerBytes);
  return frame;
}

export const helloFrame = (autoreset: string): Buffer => jsonFrame(frameKinds.hello, { protocol: 1, autoreset });
export const closeFrame = (): Buffer => jsonFrame(frameKinds.close, null);
