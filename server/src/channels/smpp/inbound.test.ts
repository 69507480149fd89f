import { DATA_CODING, ESM_CLASS, TON } from '@signet/smpp';
import { encodeGsm7, encodeUcs2, userDataHeader } from '@signet/text';
import { describe, expect, it } from 'vitest';
import { type HandsetPdu, readInbound } from './inbound.ts';

const AT = 1_767_225_600_000;

const pdu = (fields: Record<string, unknown>): HandsetPdu =>
  ({
    command: 'deliver_sm',
    source_addr_ton: TON.INTERNATIONAL,
    source_addr: '8613800138000',
    dest_addr_ton: TON.UNKNOWN,
    destination_addr: '1069001',
    esm_class: 0,
    data_coding: DATA_CODING.SMSC_DEFAULT,
    short_message: Buffer.from('hello'),
    ...fields,
  }) as unknown as HandsetPdu;
const read = (fields: Record<string, unknown>) => readInbound(pdu(fields), AT, AT - 5);
const textOf = (data_coding: number, octets: Uint8Array | number[] | string) =>
  read({ data_coding, short_message: Buffer.from(octets as number[]) }).text;

describe('an SMS from a handset', () => {
  it('says from whom, to whom and what', () => {
    expect(read({})).toEqual({
      from: '+8613800138000',
      to: '1069001',
      text: 'hello',
      part: null,
      fingerprint: expect.any(Number),
      at: AT,
      linkSince: AT - 5,
    });
  });

  it.each([
    [TON.INTERNATIONAL, '8613800138000', '+8613800138000'],
    [TON.INTERNATIONAL, '+8613800138000', '+8613800138000'],
    [TON.UNKNOWN, '13800138000', '13800138000'],
    [TON.NATIONAL, '13800138000', '13800138000'],
    [TON.ALPHANUMERIC, 'Signet', 'Signet'],
  ])('of type of number %i from %s is from %s', (source_addr_ton, source_addr, from) => {
    expect(read({ source_addr_ton, source_addr }).from).toBe(from);
  });

  it('may stand in message_payload, and in data_sm only there', () => {
    const payload = { message_payload: Buffer.from('long') };
    expect(read({ short_message: Buffer.alloc(0), tlvs: payload }).text).toBe('long');
    expect(read({ command: 'data_sm', short_message: undefined, tlvs: payload }).text).toBe('long');
    expect(read({ command: 'data_sm', short_message: undefined }).text).toBe('');
  });
});

describe('a text', () => {
  it.each([
    ['GSM 7 bit', 0x00, encodeGsm7('a@€{'), 'a@€{'],
    ['ASCII', 0x01, 'a@', 'a@'],
    ['binary', 0x02, [0xde, 0xad], 'dead'],
    ['Latin-1', 0x03, [0x40, 0xe9, 0x80], '@é\u0080'],
    ['binary', 0x04, [0x00, 0xff], '00ff'],
    ['JIS', 0x05, [0x83, 0x65], 'テ'],
    ['Cyrillic', 0x06, [0xb0], 'А'],
    ['Hebrew', 0x07, [0xe0], 'א'],
    ['UCS-2', 0x08, encodeUcs2('退订😀'), '退订😀'],
    ['ISO-2022-JP', 0x0a, '\x1b$B%F\x1b(B', 'テ'],
    ['Korean', 0x0e, [0xb0, 0xa1], '가'],
    ['GSM, class 1', 0x11, encodeGsm7('@'), '@'],
    ['8 bit, class 1', 0x15, [0x01], '01'],
    ['UCS-2, class 0', 0x18, encodeUcs2('订'), '订'],
    ['compressed', 0x22, [0x01], '01'],
    ['UCS-2, deleted when read', 0x48, encodeUcs2('订'), '订'],
    ['reserved', 0x8c, encodeGsm7('@'), '@'],
    ['message waiting, dropped', 0xc8, encodeGsm7('@'), '@'],
    ['message waiting', 0xd8, encodeGsm7('@'), '@'],
    ['message waiting in UCS-2', 0xe8, encodeUcs2('订'), '订'],
    ['GSM, class 0', 0xf0, encodeGsm7('@'), '@'],
    ['8 bit, class 2', 0xf6, [0x40], '40'],
  ])('in %s (data_coding %i)', (_what, dataCoding, octets, text) => {
    expect(textOf(dataCoding, octets)).toBe(text);
  });

  it('is read with every data_coding and whatever octets', () => {
    for (let dataCoding = 0; dataCoding < 256; dataCoding++) {
      expect(typeof textOf(dataCoding, [0x1b, 0xff, 0x00, 0xd8])).toBe('string');
    }
  });

  it('is read with the tables its header names', () => {
    const header = userDataHeader(null, 'turkish');
    const octets = Buffer.concat([header, encodeGsm7('ğ', 'turkish')]);
    expect(read({ esm_class: ESM_CLASS.UDHI, short_message: octets }).text).toBe('ğ');
  });
});

describe('a part', () => {
  const withHeader = (header: number[], text = 'x') =>
    read({ esm_class: ESM_CLASS.UDHI, short_message: Buffer.concat([Buffer.from(header), Buffer.from(text)]) });

  it('is told by its header, with a reference of 8 or 16 bits', () => {
    expect(withHeader([5, 0, 3, 7, 3, 2])).toMatchObject({ part: { reference: 7, total: 3, index: 2 }, text: 'x' });
    expect(withHeader([6, 8, 4, 1, 7, 3, 2])).toMatchObject({
      part: { reference: 263, total: 3, index: 2 },
      text: 'x',
    });
  });

  it('is told by its SAR parameters, also of a text in message_payload', () => {
    const tlvs = { sar_msg_ref_num: 300, sar_total_segments: 2, sar_segment_seqnum: 1 };
    expect(read({ tlvs }).part).toEqual({ reference: 300, total: 2, index: 1 });
    const payload = { ...tlvs, message_payload: Buffer.from('long') };
    expect(read({ short_message: Buffer.alloc(0), tlvs: payload })).toMatchObject({ text: 'long', part: { total: 2 } });
  });

  it.each([
    ['the only one', [5, 0, 3, 7, 1, 1]],
    ['one after the last', [5, 0, 3, 7, 2, 3]],
    ['number 0', [5, 0, 3, 7, 2, 0]],
  ])('that is %s is a whole text', (_what, header) => {
    expect(withHeader(header)).toMatchObject({ part: null, text: 'x' });
  });

  it.each([
    [{ sar_total_segments: 2, sar_segment_seqnum: 1 }],
    [{ sar_msg_ref_num: 1, sar_total_segments: 1, sar_segment_seqnum: 1 }],
    [{ sar_msg_ref_num: 1, sar_total_segments: 2, sar_segment_seqnum: 3 }],
  ])('with the parameters %j is a whole text', (tlvs) => {
    expect(read({ tlvs }).part).toBe(null);
  });

  it('may be cut inside a surrogate pair', () => {
    const { text } = read({ data_coding: 8, short_message: Buffer.from([0xd8, 0x3d]) });
    expect(text).toBe('\ud83d');
  });

  it('whose header is longer than it is has no text', () => {
    expect(withHeader([200, 0, 3, 7], '')).toMatchObject({ text: '' });
  });
});

describe('the fingerprint', () => {
  const base = read({}).fingerprint;

  it('is the same for the same SMS, whenever it comes', () => {
    expect(readInbound(pdu({}), AT + 100, AT + 50).fingerprint).toBe(base);
    expect(read({ sequence: 77 }).fingerprint).toBe(base);
    expect(Number.isSafeInteger(base)).toBe(true);
  });

  it.each([
    [{ source_addr: '8613800138001' }],
    [{ destination_addr: '1069002' }],
    [{ short_message: Buffer.from('hellp') }],
    [{ data_coding: 3 }],
    [{ esm_class: ESM_CLASS.UDHI }],
    [{ tlvs: { sar_msg_ref_num: 1, sar_total_segments: 2, sar_segment_seqnum: 1 } }],
  ])('is another with %j', (change) => {
    expect(read(change).fingerprint).not.toBe(base);
  });
});
