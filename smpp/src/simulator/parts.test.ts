import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { until } from '../../test/peer.ts';
import { Framer } from '../framer.ts';
import { ManualClock } from '../lib/clock.ts';
import { seededRandom } from '../lib/random.ts';
import type { SubmitSm } from '../pdu/commands.ts';
import { DecodeError, decodePdu } from '../pdu/decode.ts';
import { encodePdu } from '../pdu/encode.ts';
import { AnswerClock } from './answer-times.ts';
import { read, write } from './characters.ts';
import { Fifo } from './fifo.ts';
import { garbagePdu, garbageStream } from './garbage.ts';
import {
  decimalId,
  hexId,
  ID_FORMS,
  type IdForm,
  idInReceipt,
  inOtherBase,
  type ReceiptIdForm,
  randomId,
} from './ids.ts';
import { inboundBodies } from './inbound.ts';
import { SubmitLog, type SubmitRecord } from './log.ts';
import { LongMessages } from './long-messages.ts';
import { bodyOfPart, messagePart, pieceOf } from './parts.ts';
import { mostInOneSecond, Peak } from './peak.ts';
import { Wheel } from './wheel.ts';

describe('ids', () => {
  it('are random, of one length, and the same number in either base', () => {
    const random = seededRandom(5);
    const hex = new Set(Array.from({ length: 1000 }, () => hexId(random)));
    const decimal = new Set(Array.from({ length: 1000 }, () => decimalId(random)));
    expect([hex.size, decimal.size]).toEqual([1000, 1000]);
    for (const id of hex) {
      expect(id).toMatch(/^[0-9a-f]{16}$/);
      expect(BigInt(inOtherBase(id, 'hex'))).toBe(BigInt(`0x${id}`));
    }
    for (const id of decimal) {
      expect(id).toMatch(/^[0-9]{18}$/);
      expect(inOtherBase(inOtherBase(id, 'decimal'), 'hex')).toBe(id);
    }
  });

  it.each<[IdForm, RegExp]>([
    ['hex', /^[0-9a-f]{16}$/],
    ['upper-hex', /^[0-9A-F]{16}$/],
    ['padded-hex', /^0000[0-9a-f]{12}$/],
    ['decimal', /^[0-9]{18}$/],
    ['padded-decimal', /^00000[0-9]{15}$/],
  ])('are written as %s, each another', (form, shape) => {
    const random = seededRandom(6);
    const ids = Array.from({ length: 100 }, () => randomId(form, random));
    expect(new Set(ids).size).toBe(100);
    for (const id of ids) expect(id).toMatch(shape);
  });

  it.each<[string, IdForm, ReceiptIdForm, string]>([
    ['00ff', 'padded-hex', 'same', '00ff'],
    ['00ff', 'padded-hex', 'other-base', '255'],
    ['00FF', 'upper-hex', 'other-base', '255'],
    ['0255', 'padded-decimal', 'other-base', 'ff'],
    ['00ff', 'hex', 'other-case', '00FF'],
    ['00FF', 'upper-hex', 'other-case', '00ff'],
    ['00ff', 'hex', 'unpadded', 'ff'],
    ['0000', 'hex', 'unpadded', '0'],
    ['12', 'decimal', 'padded', '00000000000000000012'],
  ])('%s of %s is %s in a receipt: %s', (id, form, receiptForm, expected) => {
    expect(idInReceipt(id, form, receiptForm)).toBe(expected);
  });

  it('are the same number in every receipt', () => {
    const random = seededRandom(7);
    for (const form of ID_FORMS) {
      const value = (id: string, hex: boolean) => BigInt(hex ? `0x${id}` : id);
      const hex = form.endsWith('hex');
      const id = randomId(form, random);
      for (const same of ['same', 'other-case', 'unpadded', 'padded'] as const) {
        expect(value(idInReceipt(id, form, same), hex)).toBe(value(id, hex));
      }
      expect(value(idInReceipt(id, form, 'other-base'), !hex)).toBe(value(id, hex));
    }
  });
});

describe('Fifo', () => {
  it('behaves as a list', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('push' as const), count: fc.nat(600) }),
      fc.record({ kind: fc.constant('take' as const), count: fc.nat(700) }),
      fc.constant({ kind: 'giveBack' as const, count: 0 }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const fifo = new Fifo<number>();
        let model: number[] = [];
        let taken: number[] = [];
        let next = 0;
        for (const { kind, count } of steps) {
          if (kind === 'push') {
            for (let i = 0; i < count; i++) {
              fifo.push(next);
              model.push(next++);
            }
          } else if (kind === 'take') {
            taken = fifo.take(count);
            expect(taken).toEqual(model.splice(0, count));
          } else {
            fifo.giveBack(taken);
            model = [...taken, ...model];
            taken = [];
          }
          expect(fifo.size).toBe(model.length);
        }
        expect(fifo.take(Number.POSITIVE_INFINITY)).toEqual(model);
      }),
    );
  });
});

describe('Wheel', () => {
  it('hands over everything, in one call a tick, never early and at most a tick late', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(50), fc.nat(200)), { maxLength: 60 }), (additions) => {
        const clock = new ManualClock(1_000_000);
        const seen: number[] = [];
        const wheel = new Wheel<number>(clock, (due) => {
          for (const at of due) {
            expect(clock.now()).toBeGreaterThanOrEqual(at);
            expect(clock.now()).toBeLessThan(at + 10);
          }
          seen.push(...due);
        });
        for (const [wait, delay] of additions) {
          clock.advance(wait);
          wheel.add(clock.now() + delay, clock.now() + delay);
        }
        clock.advance(1000);
        expect(seen).toHaveLength(additions.length);
        expect([wheel.size, clock.pending]).toEqual([0, 0]);
      }),
    );
  });

  it('takes additions while it hands over', () => {
    const clock = new ManualClock(0);
    const seen: number[] = [];
    const wheel: Wheel<number> = new Wheel(clock, (due) => {
      seen.push(...due);
      if (due[0]! < 3) wheel.add(due[0]! + 1, clock.now());
    });
    wheel.add(1, 10);
    clock.advance(100);
    expect(seen).toEqual([1, 2, 3]);
  });

  it('forgets what it is told to forget', () => {
    const clock = new ManualClock(0);
    const wheel = new Wheel<number>(clock, () => expect.unreachable());
    wheel.add(1, 10);
    wheel.clear();
    clock.advance(100);
    expect([wheel.size, clock.pending]).toEqual([0, 0]);
  });
});

const submit = (more: object): SubmitSm => decodePdu(encodePdu({ command: 'submit_sm', ...more })) as SubmitSm;

describe('messagePart', () => {
  it.each<[string, object, object | undefined]>([
    ['a message of one part', { short_message: 'hello' }, undefined],
    [
      'an 8-bit reference',
      { esm_class: 0x40, short_message: Buffer.from('050003a70201', 'hex') },
      { reference: 0xa7, total: 2, number: 1 },
    ],
    [
      'a 16-bit reference behind a port element',
      { esm_class: 0x40, short_message: Buffer.from('0c0504158200000804beef0302', 'hex') },
      { reference: 0xbeef, total: 3, number: 2 },
    ],
    [
      'parameters',
      { tlvs: { sar_msg_ref_num: 9, sar_total_segments: 3, sar_segment_seqnum: 1 } },
      { reference: 9, total: 3, number: 1 },
    ],
    [
      'a header without concatenation',
      { esm_class: 0x40, short_message: Buffer.from('0605041582000041', 'hex') },
      undefined,
    ],
    ['a header cut short', { esm_class: 0x40, short_message: Buffer.from('050003a7', 'hex') }, undefined],
    ['an empty text that claims a header', { esm_class: 0x40 }, undefined],
  ])('reads %s', (_, pdu, expected) => {
    expect(messagePart(submit(pdu))).toEqual(expected);
  });
});

describe('bodyOfPart', () => {
  it('writes what pieceOf reads', () => {
    const part = { reference: 0x1234, total: 3, number: 2 };
    const text = Buffer.from('hello');
    const read = (body: object) => pieceOf(submit(body));
    expect(read(bodyOfPart(text, 'short', undefined))).toEqual({ part: undefined, carriage: 'short', text });
    expect(read(bodyOfPart(text, 'payload', undefined))).toEqual({ part: undefined, carriage: 'payload', text });
    expect(read(bodyOfPart(text, 'sar', part))).toEqual({ part, carriage: 'sar', text });
    expect(read(bodyOfPart(text, 'udh16', part))).toEqual({ part, carriage: 'udh16', text });
    expect(read(bodyOfPart(text, 'udh', part))).toEqual({ part: { ...part, reference: 0x34 }, carriage: 'udh', text });
  });

  it('finds a user data header in message_payload, too', () => {
    const octets = Buffer.from('05000307020141', 'hex');
    expect(pieceOf(submit({ esm_class: 0x40, tlvs: { message_payload: octets } }))).toEqual({
      part: { reference: 7, total: 2, number: 1 },
      carriage: 'udh',
      text: Buffer.from('A'),
    });
  });
});

describe('characters', () => {
  it.each([
    ['Hello {€}', 0, '48656c6c6f201b281b651b29'],
    ['@£$¥èéùìòÇ', 0, '00010203040506070809'],
    ['退订😀', 8, '90008ba2d83dde00'],
    ['ç', 8, '00e7'],
  ])('write and read %j', (text, dataCoding, hex) => {
    const written = write(text);
    const octets = Buffer.concat(written.characters);
    expect([written.dataCoding, octets.toString('hex')]).toEqual([dataCoding, hex]);
    expect(read(octets, dataCoding)).toBe(text);
  });

  it('read what others wrote', () => {
    expect(read(Buffer.from('e7', 'hex'), 3)).toBe('ç');
    expect(read(Buffer.from('00ff', 'hex'), 4)).toBe('00ff');
    expect(read(Buffer.from('1b41411b1b411b', 'hex'), 0)).toBe('AA A ');
    expect(read(Buffer.from('004100', 'hex'), 8)).toBe('A');
  });
});

describe('inboundBodies', () => {
  const random = seededRandom(8);
  const message = { from: '447400123001', to: '15550100' };
  const pieces = (text: string, more: object = {}) =>
    inboundBodies({ ...message, text, ...more }, random).map((body) => pieceOf(submit(body)));

  it('send in one what fits one short message', () => {
    expect(pieces('a'.repeat(160), { long: 'udh' }).map((piece) => piece.carriage)).toEqual(['short']);
    expect(pieces('你'.repeat(70), { long: 'udh' }).map((piece) => piece.carriage)).toEqual(['short']);
    expect(pieces('a'.repeat(161)).map((piece) => [piece.carriage, piece.text.length])).toEqual([['payload', 161]]);
  });

  it.each([
    ['udh', 'a', [153, 153, 1]],
    ['udh16', 'a', [152, 152, 3]],
    ['sar', 'a', [153, 153, 1]],
    ['udh', '你', [134, 134, 134, 134, 78]],
    ['udh16', '你', [132, 132, 132, 132, 86]],
  ])('cut by %s what does not', (long, character, octets) => {
    const cut = pieces(character.repeat(307), { long });
    expect(cut.map((piece) => piece.text.length)).toEqual(octets);
    expect(cut.map((piece) => piece.carriage)).toEqual(octets.map(() => long));
    expect(cut.map((piece) => piece.part?.number)).toEqual(octets.map((_, i) => i + 1));
    expect(new Set(cut.map((piece) => piece.part?.reference)).size).toBe(1);
  });

  it('split no character', () => {
    expect(pieces(`${'a'.repeat(152)}€${'a'.repeat(10)}`, { long: 'udh' }).map((each) => each.text.length)).toEqual([
      152, 12,
    ]);
    expect(pieces(`${'你'.repeat(66)}😀${'你'.repeat(10)}`, { long: 'udh' }).map((each) => each.text.length)).toEqual([
      132, 24,
    ]);
  });

  it('send parts in another order, twice, or not at all', () => {
    const numbers = (order: number[]) =>
      pieces('a'.repeat(307), { long: 'udh', order }).map((piece) => piece.part?.number);
    expect(numbers([3, 1, 1, 2])).toEqual([3, 1, 1, 2]);
    expect(numbers([2])).toEqual([2]);
    expect(() => numbers([4])).toThrow('has 3 parts');
  });
});

describe('LongMessages', () => {
  const kept = (messageId: string) => ({ messageId, text: Buffer.from(messageId) });
  const part = (number: number, total = 3) => ({ reference: 1, total, number });

  it('join parts in their order, however they come', () => {
    const long = new LongMessages();
    expect(long.add('a', part(3), kept('3'))).toBeUndefined();
    expect(long.add('b', part(1), kept('other'))).toBeUndefined();
    expect(long.add('a', part(1), kept('1'))).toBeUndefined();
    expect(long.earlierId('a', part(2))).toBe('3');
    expect(long.add('a', part(1), kept('1 again'))).toBeUndefined();
    expect(long.add('a', part(2), kept('2'))?.map((each) => each.messageId)).toEqual(['1 again', '2', '3']);
    expect(long.size).toBe(1);
    expect(long.earlierId('a', part(2))).toBeUndefined();
  });

  it('take a part that cannot be for a message', () => {
    expect(new LongMessages().add('a', part(4), kept('x'))).toHaveLength(1);
    expect(new LongMessages().add('a', part(0, 0), kept('x'))).toHaveLength(1);
  });
});

describe('AnswerClock', () => {
  it('tells the median of the latest', () => {
    const clock = new AnswerClock();
    expect(clock.times).toEqual({ count: 0, medianMs: 0, p95Ms: 0, maxMs: 0 });
    for (let ms = 100; ms >= 1; ms--) clock.record(ms);
    expect(clock.times).toEqual({ count: 100, medianMs: 51, p95Ms: 96, maxMs: 100 });
    for (let i = 0; i < 70_000; i++) clock.record(7);
    expect(clock.times).toEqual({ count: 70_100, medianMs: 7, p95Ms: 7, maxMs: 7 });
    clock.clear();
    expect(clock.times.count).toBe(0);
  });
});

describe('Peak', () => {
  it('is the most in any second, wherever it begins', () => {
    expect(mostInOneSecond([])).toBe(0);
    expect(mostInOneSecond([0, 500, 1000, 1499])).toBe(3);
    fc.assert(
      fc.property(fc.array(fc.nat(3000), { minLength: 1, maxLength: 60 }), (moments) => {
        const counted = moments.map((from) => moments.filter((at) => at >= from && at < from + 1000).length);
        expect(mostInOneSecond(moments)).toBe(Math.max(...counted));
      }),
    );
  });

  it('forgets what is long gone', () => {
    const peak = new Peak();
    for (let at = 0; at < 10_000; at++) peak.add(at, 1);
    expect(peak.most).toBe(1000);
  });
});

describe('garbage', () => {
  it('PDUs end where they say, and most cannot be understood', () => {
    const random = seededRandom(9);
    const framer = new Framer();
    let broken = 0;
    for (let i = 0; i < 500; i++) {
      const octets = garbagePdu(random);
      let frames = 0;
      framer.push(octets, (buffer, start, end) => {
        frames++;
        if (decodePdu(buffer, start, end) instanceof DecodeError) broken++;
      });
      expect(frames).toBe(1);
    }
    expect(framer.brokenLength).toBeUndefined();
    expect(broken).toBeGreaterThan(150);
  });

  it('streams do not', () => {
    const random = seededRandom(10);
    for (let i = 0; i < 100; i++) new Framer().push(garbageStream(random), () => expect.unreachable());
  });
});

describe('SubmitLog', () => {
  const record = (more: Partial<SubmitRecord>): SubmitRecord => ({
    at: 1234.9,
    systemId: 'esme',
    sequence: 7,
    source: 'Signet',
    destination: '8613800138000',
    messageId: 'abc',
    status: 0,
    bind: 1,
    part: undefined,
    carriage: 'short',
    dataCoding: 0,
    shortMessage: Buffer.from('hi'),
    ...more,
  });

  it('writes a line per submit_sm, within a tenth of a second, and appends', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'signet-smpp-'));
    const path = join(folder, 'submits.log');
    const clock = new ManualClock(0);
    try {
      const log = new SubmitLog(path, true, clock);
      log.write(record({}), '“hi”\tyou');
      clock.advance(100);
      const first = '1234\t7\tSignet\t8613800138000\tabc\t0x00000000\t-\t6869\t“hi”?you\n';
      await until(() => readFileSync(path, 'utf8') === first, 'the line is in the file');
      log.write(
        record({ source: 'a\tb\nc', destination: '', messageId: '', status: 0x58, shortMessage: Buffer.alloc(0) }),
      );
      await log.close();
      const second = '1234\t7\ta?b?c\t-\t-\t0x00000058\t-\t-\t-\n';
      expect(await readFile(path, 'utf8')).toBe(first + second);
      const again = new SubmitLog(path, false, clock);
      again.write(record({ part: { reference: 5, total: 2, number: 1 } }));
      await again.close();
      const third = '1234\t7\tSignet\t8613800138000\tabc\t0x00000000\t5-2-1\n';
      expect(await readFile(path, 'utf8')).toBe(first + second + third);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('says at once that it cannot write', () => {
    expect(() => new SubmitLog(join(tmpdir(), 'signet-no-such-folder', 'x.log'), false, new ManualClock())).toThrow(
      'ENOENT',
    );
  });
});
