import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EXCHANGE_ANSWERS, EXCHANGE_KINDS, type Exchange, exchangeOf } from '../../domain/exchange.ts';
import { maskNumber } from '../../lib/log.ts';
import { packMasked, RecordBlock, RecordReader, wordMasked } from './record.ts';

const SUBMIT: Exchange = {
  kind: 'submit',
  bind: 2,
  at: 1_767_225_600_123.25,
  tookMs: 52.37,
  planId: 2 ** 53 - 1,
  index: 99_999_999,
  part: 2,
  parts: 3,
  octets: 140,
  dataCoding: 8,
  number: 8_613_800_130_042,
  answer: 'smpp',
  status: 0x58,
  carrierId: 'a1b2-c3d4',
  detail: '',
};

const pack = (...exchanges: Exchange[]): RecordBlock => {
  const block = new RecordBlock(64 << 10);
  for (const each of exchanges) block.add(each);
  return block;
};
const unpack = (block: RecordBlock) => {
  const records = new RecordReader(Buffer.from(block.records));
  const found = [];
  while (records.advance()) found.push(records.exchange([1, 0, found.length]));
  return found;
};

describe('a record', () => {
  it('says what was exchanged, the number masked, the status in a word', () => {
    expect(unpack(pack(SUBMIT))).toEqual(
      [{ ...SUBMIT, place: [1, 0, 0], number: '+8613***42', status: 'ESME_RTHROTTLED', answer: undefined }].map(
        ({ answer: _, ...rest }) => rest,
      ),
    );
  });

  it('has nothing of a number but its first four and last two digits', () => {
    const block = pack({ ...SUBMIT, detail: 'no route to 8613800130042 (+8613800130042)' });
    const octets = Buffer.from(block.records).toString('latin1');
    expect(octets).not.toContain('3800130042');
    expect(unpack(block)[0]!.detail).toBe('no route to +8613***42 (+8613***42)');
    const view = new DataView(block.records.buffer, 0, block.length);
    for (let at = 0; at + 8 <= block.length; at++) expect(view.getFloat64(at, true)).not.toBe(SUBMIT.number);
  });

  it('masks as the log of the server does', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 999_999_999_999_999 }), (number) => {
        expect(wordMasked(packMasked(number))).toBe(maskNumber(number));
      }),
    );
    expect(wordMasked(packMasked(0))).toBe('');
  });

  it.each([
    ['none', 0, ''],
    ['smpp', 0, 'ESME_ROK'],
    ['smpp', 0x400, '0x00000400'],
    ['http', 503, '503'],
    ['timeout', 0, 'timeout'],
    ['lost', 0, 'lost'],
  ] as const)('answered %s %d has the status %s', (answer, status, word) => {
    expect(unpack(pack({ ...SUBMIT, answer, status }))[0]!.status).toBe(word);
  });

  it('keeps whatever it is given, within its limits, beside any other', () => {
    const exchange = fc.record({
      kind: fc.constantFrom(...EXCHANGE_KINDS),
      bind: fc.nat(255),
      at: fc.double({ min: 0, max: 4e12, noNaN: true }),
      tookMs: fc.option(fc.nat(1_000_000), { nil: null }),
      planId: fc.nat(Number.MAX_SAFE_INTEGER),
      index: fc.nat(99_999_999),
      part: fc.nat(255),
      parts: fc.nat(255),
      octets: fc.nat(0xffff),
      dataCoding: fc.nat(255),
      number: fc.constant(0),
      answer: fc.constantFrom(...EXCHANGE_ANSWERS),
      status: fc.nat(0xffff_ffff),
      carrierId: fc.string({ unit: 'grapheme', maxLength: 60 }),
      detail: fc.string({ unit: 'grapheme', maxLength: 100 }).filter((text) => !/\d{7}/.test(text)),
    });
    fc.assert(
      fc.property(fc.array(exchange, { maxLength: 30 }), (exchanges) => {
        const found = unpack(pack(...exchanges));
        expect(found).toHaveLength(exchanges.length);
        for (const [i, { answer: _, number: __, status: ___, ...kept }] of exchanges.entries()) {
          expect(found[i]).toMatchObject(kept);
        }
      }),
    );
  });

  it('cuts texts that are too long at the end of a character', () => {
    const [found] = unpack(pack({ ...SUBMIT, carrierId: 'é'.repeat(300), detail: `x${'签'.repeat(400)}` }));
    expect(found!.carrierId).toBe('é'.repeat(127));
    expect(found!.detail).toBe(`x${'签'.repeat(166)}`);
  });
});

describe('a block', () => {
  it('knows the times and plans of its records', () => {
    const block = pack({ ...SUBMIT, at: 5, planId: 9 }, exchangeOf(1, 7, { kind: 'down' }), {
      ...SUBMIT,
      at: 6,
      planId: 4,
    });
    expect(block).toMatchObject({ count: 3, firstAt: 5, lastAt: 7, lowestPlan: 4, highestPlan: 9 });
  });

  it('takes any record while it is not full, and can be filled again', () => {
    const block = new RecordBlock(8 << 10);
    const longest = { ...SUBMIT, carrierId: 'x'.repeat(500), detail: '签'.repeat(500) };
    while (!block.full) block.add(longest);
    expect(unpack(block)).toHaveLength(block.count);
    block.clear();
    expect(block).toMatchObject({ length: 0, count: 0 });
    block.add(SUBMIT);
    expect(unpack(block)).toHaveLength(1);
  });

  it('of nonsense gives what can be read and ends', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (octets) => {
        const records = new RecordReader(Buffer.from(octets));
        let line = 0;
        while (records.advance()) records.exchange([1, 0, line++]);
        expect(line).toBeLessThan(10);
      }),
    );
  });
});
