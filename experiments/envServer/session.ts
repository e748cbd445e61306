import type { Duplex, Readable, Writable } from 'node:stream';
import { InputError, messageOf } from '../../src/io/errors.js';
import type { Batch } from './batch.js';
import type { Frame } from './frames.js';
import { FrameReader, frameKinds, jsonFrame } from './frames.js';
import type { Hello, Welcome } from './protocol.js';
import { readHello, readReset } from './protocol.js';

/** Where a client's frames come from and replies go to. */
export interface Channel {
  readonly input: Readable;
  readonly output: Writable;
}

export const channelOf = (duplex: Duplex): Channel => ({ input: duplex, output: duplex });

/** What a session serves, made once the client has said how. */
export interface Served {
  readonly batch: Batch;
  readonly welcome: Welcome;
}

/** No request is longer: actions aside, options are a few words an environment. */
const leastLimit = 1 << 20;

/**
 * Serves one client until it says goodbye. Rejects with InputError if it sends what is no frame of this protocol, and with
 * Error if it goes away without a word; either way nothing of the session is left open.
 */
export async function serveClient({ input, output }: Channel, begin: (hello: Hello) => Served, actionBytes: number): Promise<void> {
  const session = new Session(output, begin, Math.max(leastLimit, actionBytes));
  try {
    await new Promise<void>((resolve, reject) => {
      const gone = (why: string) => (): void => {
        const where = session.unfinished ? ', in the middle of a frame' : '';
        reject(new Error(`env-server: the client ${why} without saying goodbye${where}; the server ends.`));
      };
      input.on('data', (piece: Buffer) => {
        try {
          if (session.take(piece)) resolve();
        } catch (error) {
          reject(error);
        }
      });
      input.once('end', gone('went away'));
      input.once('error', gone('broke the connection'));
      output.once('error', gone('stopped reading'));
      output.once('close', gone('went away'));
    });
  } catch (error) {
    if (error instanceof InputError) output.write(jsonFrame(frameKinds.refusal, { message: messageOf(error) }));
    throw error;
  } finally {
    input.removeAllListeners();
    // An error of a channel that is being given up says nothing new.
    for (const end of [input, output]) end.on('error', () => undefined);
    input.destroy();
    output.end();
  }
}

class Session {
  readonly #output: Writable;
  readonly #begin: (hello: Hello) => Served;
  readonly #reader: FrameReader;
  #served: Served | undefined;

  constructor(output: Writable, begin: (hello: Hello) => Served, mostBytes: number) {
    this.#output = output;
    this.#begin = begin;
    this.#reader = new FrameReader(mostBytes);
  }

  get unfinished(): boolean {
    return this.#reader.unfinished;
  }

  /** Answers what has come in; true once the client has said goodbye. */
  take(piece: Buffer): boolean {
    for (const frame of this.#reader.take(piece)) {
      if (frame.kind === frameKinds.close) return true;
      this.#answer(frame);
    }
    return false;
  }

  #answer({ kind, body }: Frame): void {
    if (this.#served === undefined) {
      if (kind !== frameKinds.hello) throw new InputError(`env-server: found a frame of kind ${kind}, expected a hello (${frameKinds.hello}) first.`);
      this.#served = this.#begin(readHello(body));
      this.#output.write(jsonFrame(frameKinds.welcome, this.#served.welcome));
      return;
    }
    const { batch } = this.#served;
    if (kind === frameKinds.step) {
      const actions = actionsOf(body, batch);
      this.#reply(() => batch.step(actions));
    } else if (kind === frameKinds.reset) {
      const requests = readReset(body);
      this.#reply(() => batch.reset(requests));
    } else throw new InputError(`env-server: found a frame of kind ${kind}, expected reset (${frameKinds.reset}), step (${frameKinds.step}) or close (${frameKinds.close}).`);
  }

  /** What an environment refuses, such as a day that the world does not cover, is told the client, who may go on. */
  #reply(work: () => Buffer): void {
    let frame: Buffer;
    try {
      frame = work();
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      frame = jsonFrame(frameKinds.refusal, { message: messageOf(error) });
    }
    this.#output.write(frame);
  }
}

/** Throws InputError if the body is not an action for each environment. */
function actionsOf(body: Buffer, { actionBytes }: Batch): Float32Array {
  if (body.length !== actionBytes) throw new InputError(`env-server: found a step of ${body.length} bytes, expected ${actionBytes}.`);
  // A copy, as numbers must begin at a multiple of their size.
  return new Float32Array(body.buffer.slice(body.byteOffset, body.byteOffset + body.length));
}
