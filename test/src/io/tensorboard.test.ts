import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { crc32c } from '../../../src/io/crc32c.js';
import { eventFile, maskedCrc } from '../../../src/io/tensorboard.js';
import { temporaryFolder } from '../../support/cli.js';
import { hasTensorboard, readEvents, readWithTensorboard } from '../../support/tensorboard.js';

const upTo = (count: number, at: (i: number) => number): Uint8Array => Uint8Array.from({ length: count }, (_, i) => at(i));

describe('CRC-32C', () => {
  it.each<[string, Uint8Array, number]>([
    ['32 zeros', upTo(32, () => 0), 0x8a9136aa],
    ['32 ones', upTo(32, () => 0xff), 0x62a8ab43],
    ['ascending', upTo(32, (i) => i), 0x46dd794e],
    ['descending', upTo(32, (i) => 31 - i), 0x113fdb5c],
    ['digits', Buffer.from('123456789'), 0xe3069283],
  ])('of %s is that of RFC 3720 B.4', (_name, bytes, expected) => expect(crc32c(bytes)).toBe(expected));

  it('is masked as leveldb does it', () => {
    // leveldb/util/crc32c_test.cc: masking changes it, and can be taken back.
    const masked = maskedCrc(Buffer.from('foo'));
    const rotated = (masked - 0xa282ead8) >>> 0;
    expect(masked).not.toBe(crc32c(Buffer.from('foo')));
    expect(((rotated >>> 17) | (rotated << 15)) >>> 0).toBe(crc32c(Buffer.from('foo')));
  });
});

const events = [
  { step: 288, wallTime: 1_700_000_000.25, scalars: { utility: 5298.341402119045, lateRate: 0 } },
  { step: 300_000_000_000, wallTime: 1_700_000_001, scalars: { utility: -1e-7 } },
];
const whole = Buffer.from(eventFile(events));

describe('an event file', () => {
  it('begins as TensorFlow writes it', () => {
    // A length of 24, then wall_time (0 here) and file_version "brain.Event:2".
    expect(Buffer.from(eventFile([])).subarray(8 + 4, 8 + 4 + 24).toString('hex')).toBe('0900000000000000001a0d627261696e2e4576656e743a32');
    expect(Buffer.from(eventFile([])).subarray(0, 8).toString('hex')).toBe('1800000000000000');
  });

  it('is read back by a decoder that knows only the format', () => {
    const float = (scalars: Record<string, number>) => Object.fromEntries(Object.entries(scalars).map(([key, value]) => [key, Math.fround(value)]));
    expect(readEvents(whole)).toEqual(events.map((event) => ({ ...event, scalars: float(event.scalars) })));
  });

  it('shows each changed byte', () => {
    for (let at = 0; at < whole.length; at++) {
      const changed = Buffer.from(whole);
      changed[at]! ^= 1;
      expect(() => readEvents(changed), `byte ${at}`).toThrow();
    }
  });

  it.skipIf(!hasTensorboard)("is read by Python's tensorboard", () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'events.out.tfevents.jouleflow'), whole);
    expect(readWithTensorboard(folder)).toEqual({
      utility: events.map(({ step, wallTime, scalars }) => [wallTime, step, Math.fround(scalars.utility)]),
      lateRate: [[1_700_000_000.25, 288, 0]],
    });
  });
});
