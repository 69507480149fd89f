import { describe, expect, it } from 'vitest';
import {
  INBOUND_NUMBER,
  type InboundNumber,
  isRepeat,
  joined,
  ownerOfNumber,
  REPEAT_WITHIN_MS,
  readInboundNumber,
  senderNumber,
  storable,
} from './inbound.ts';

const AT = 1_767_225_600_000;

describe('an SMS that equals an earlier one', () => {
  const seen = { channelId: 1, fingerprint: 1, at: AT, takenAt: AT + 10 };

  it.each([
    ['before the first was written down', AT + 10, AT - 1_000, true],
    ['on the same link, after it was answered', AT + 11, AT - 1_000, false],
    ['on a link that came up since', AT + 60_000, AT + 50_000, true],
    ['on such a link, an hour later', AT + REPEAT_WITHIN_MS, AT + 50_000, true],
    ['on such a link, more than an hour later', AT + REPEAT_WITHIN_MS + 1, AT + 50_000, false],
    ['on another link that was up already', AT + 11, AT - 5, false],
  ])('and comes %s', (_when, at, linkSince, repeat) => {
    expect(isRepeat({ at, linkSince }, seen)).toBe(repeat);
  });
});

describe('a text in parts', () => {
  it('is joined in their order, whatever is missing', () => {
    expect(
      joined([
        { index: 3, text: 'c' },
        { index: 1, text: 'a' },
      ]),
    ).toBe('ac');
  });

  it('is whole where a character was cut', () => {
    const [high, low] = ['\ud83d', '\ude00'];
    expect(
      storable(
        joined([
          { index: 2, text: `${low}!` },
          { index: 1, text: `hi ${high}` },
        ]),
      ),
    ).toBe('hi 😀!');
    expect(storable(`${high}\0x`)).toBe('\ufffdx');
  });
});

describe('a sender', () => {
  it.each([
    ['+8613800138000', null, 8_613_800_138_000],
    ['8613800138000', null, 8_613_800_138_000],
    ['13800138000', 'CN', 8_613_800_138_000],
    ['8613800138000', 'CN', 8_613_800_138_000],
    ['13800138000', null, null],
    ['07400123456', 'GB', 447_400_123_456],
    ['8613800138000', 'GB', 8_613_800_138_000],
    ['10086', 'CN', null],
    ['Signet', 'CN', null],
    ['', 'CN', null],
    ['+', null, null],
  ])('%j to a business in %s has the number %j', (from, country, number) => {
    expect(senderNumber(from, country)).toBe(number);
  });
});

describe('a number', () => {
  let ids = 0;
  const number = (text: string, channelId: number | null = null): InboundNumber => {
    const id = ++ids;
    return { id, ...readInboundNumber(text), channelId, businessId: id, createdAt: AT };
  };

  it.each(['1069001', '+447400123456', '1069*', '*'])('is written %j', (text) => {
    expect(INBOUND_NUMBER.test(text)).toBe(true);
  });
  it.each(['', '+', '10 69', '10*9', '**', 'abc', '1'.repeat(21)])('is not written %j', (text) => {
    expect(INBOUND_NUMBER.test(text)).toBe(false);
  });

  it('belongs to the one that says most of it', () => {
    const [all, some, more, exact, here] = [
      number('*'),
      number('1069*'),
      number('106900*'),
      number('1069001'),
      number('1069001', 7),
    ];
    const every = [all, some, more, exact, here];
    const owner = (to: string, channelId = 1) => ownerOfNumber(every, to, channelId);
    expect(owner('1069001')).toBe(exact);
    expect(owner('1069001', 7)).toBe(here);
    expect(owner('10690012')).toBe(more);
    expect(owner('10691')).toBe(some);
    expect(owner('+1069')).toBe(some);
    expect(owner('12')).toBe(all);
    expect(ownerOfNumber([exact, here], '10690011', 7)).toBe(null);
    expect(ownerOfNumber([number('1069*', 7)], '1069', 1)).toBe(null);
  });
});
