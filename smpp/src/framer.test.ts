import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyPdu } from '../test/arbitrary.ts';
import { Framer } from './framer.ts';
import { encodePdu } from './pdu/encode.ts';

function frames(framer: Framer, chunks: readonly Buffer[]): Buffer[] {
  const found: Buffer[] = [];
  for (const chunk of chunks)
    framer.push(chunk, (buffer, start, end) => found.push(Buffer.from(buffer.subarray(start, end))));
  return found;
}

function cut(stream: Buffer, at: readonly number[]): Buffer[] {
  const places = [0, ...at.map((place) => place % (stream.length + 1)), stream.length].sort((a, b) => a - b);
  return places.slice(1).map((end, i) => stream.subarray(places[i], end));
}

describe('Framer', () => {
  it('finds the same PDUs however the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(anyPdu, { maxLength: 12 }), fc.array(fc.nat(), { maxLength: 40 }), (pdus, at) => {
        const wires = pdus.map((pdu) => encodePdu(pdu));
        expect(frames(new Framer(), cut(Buffer.concat(wires), at))).toEqual(wires);
      }),
    );
  });

  it('finds them octet by octet', () => {
    const wires = [1, 2, 3].map((sequence) => encodePdu({ command: 'submit_sm', sequence, short_message: 'hello' }));
    const stream = Buffer.concat(wires);
    expect(frames(new Framer(), cut(stream, [...stream.keys()]))).toEqual(wires);
  });

  it.each([0, 4, 15, 65_537, 0x7fffffff, 0xffffffff])(
    'stops at a command_length of %i, however it is cut',
    (length) => {
      const good = encodePdu({ command: 'enquire_link', sequence: 1 });
      const bad = Buffer.alloc(32);
      bad.writeUInt32BE(length, 0);
      const stream = Buffer.concat([good, bad, good]);
      fc.assert(
        fc.property(fc.array(fc.nat(), { maxLength: 20 }), (at) => {
          const framer = new Framer();
          expect(frames(framer, cut(stream, at))).toEqual([good]);
          expect(framer.brokenLength).toBe(length);
        }),
        { numRuns: 30 },
      );
    },
  );

  it('takes PDUs up to its limit', () => {
    const framer = new Framer(100);
    const fits = Buffer.alloc(100);
    fits.writeUInt32BE(100, 0);
    expect(frames(framer, [fits])).toHaveLength(1);
    const over = Buffer.alloc(101);
    over.writeUInt32BE(101, 0);
    expect(frames(framer, [over])).toHaveLength(0);
    expect(framer.brokenLength).toBe(101);
  });

  it('holds no more than the announced PDU for a stream that comes octet by octet', () => {
    const wire = encodePdu({ command: 'data_sm', tlvs: { message_payload: Buffer.alloc(60_000, 1) } });
    expect(frames(new Framer(), cut(wire, [...wire.keys()]))).toEqual([wire]);
  });
});
