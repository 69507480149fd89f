import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatReceipt, isReceipt, messageState, parseReceipt, type Receipt, type ReceiptState } from './receipt.ts';

const STATES: ReceiptState[] = [
  'enroute',
  'delivered',
  'expired',
  'deleted',
  'undeliverable',
  'accepted',
  'unknown',
  'rejected',
];

const text = (short_message: string, more: object = {}) => ({
  esm_class: 0x04,
  data_coding: 0,
  short_message: Buffer.from(short_message, 'latin1'),
  ...more,
});

const NOON = Date.UTC(2021, 10, 22, 12, 0);

describe('parseReceipt', () => {
  it('reads the form of appendix B', () => {
    const standard =
      'id:5f0a3b sub:001 dlvrd:001 submit date:2111221159 done date:2111221200 stat:DELIVRD err:000 text:Your code';
    expect(parseReceipt(text(standard))).toEqual({
      messageId: '5f0a3b',
      state: 'delivered',
      error: '000',
      submittedAt: NOON - 60_000,
      doneAt: NOON,
      text: standard,
    });
  });

  it.each<[string, string, Partial<Receipt>]>([
    [
      'dates with seconds',
      'id:1 sub:001 dlvrd:000 submit date:211122120000 done date:211122120030 stat:UNDELIV err:0ab text:',
      { messageId: '1', state: 'undeliverable', error: '0ab', submittedAt: NOON, doneAt: NOON + 30_000 },
    ],
    [
      'years of four digits',
      'id:1 submit date:202111221200 done date:20211122120005 stat:EXPIRED err:1',
      { state: 'expired', error: '1', submittedAt: NOON, doneAt: NOON + 5000 },
    ],
    [
      'capitals and Text:',
      'ID:abc Sub:1 Dlvrd:1 Submit Date:2111221200 Done Date:2111221200 Stat:DELIVRD Err:0 Text:stat:REJECTD',
      { messageId: 'abc', state: 'delivered', error: '0', submittedAt: NOON, doneAt: NOON },
    ],
    ['missing fields', 'id:7 stat:REJECTD', { messageId: '7', state: 'rejected', error: '', doneAt: undefined }],
    [
      'extra fields, another order, commas',
      'stat:ACCEPTD,err:12,mcc:262 id:9;foo:bar done_date:2111221200',
      { messageId: '9', state: 'accepted', error: '12', doneAt: NOON },
    ],
    ['blanks behind colons', 'id: 77 stat: DELETED err: 5', { messageId: '77', state: 'deleted', error: '5' }],
    ['words of their own', 'id:1 stat:DELIVERED', { state: 'delivered' }],
    ['words of their own', 'id:1 stat:undeliverable', { state: 'undeliverable' }],
    ['words of their own', 'id:1 stat:FAILED', { state: 'undeliverable' }],
    ['words of their own', 'id:1 stat:BUFFERED', { state: 'enroute' }],
    ['words of their own', 'id:1 stat:Sent', { state: 'enroute' }],
    ['words of their own', 'id:1 stat:PENDING', { state: 'enroute' }],
    ['words of their own', 'id:1 stat:SKIPPED', { state: 'undeliverable' }],
    ['words of their own', 'id:1 stat:CANCELLED', { state: 'deleted' }],
    ['words of their own', 'id:1 stat:Rejected', { state: 'rejected' }],
    ['words of their own', 'id:1 stat:EXPIRED_MSG', { state: 'expired' }],
    ['words of their own', 'id:1 stat:accepted', { state: 'accepted' }],
    ['words of their own', 'id:1 stat:UNKNOWN', { state: 'unknown' }],
    ['numbers of SMPP 5.0', 'id:1 stat:0', { state: 'enroute' }],
    ['numbers of SMPP 5.0', 'id:1 stat:9', { state: 'undeliverable' }],
    [
      'ids with dashes',
      'id:4f8e7c2a-1b2c-4d3e-9f00-aabbccddeeff sub:001 dlvrd:001 submit date:2111221159 done date:2111221200 stat:DELIVRD err:000 text:',
      { messageId: '4f8e7c2a-1b2c-4d3e-9f00-aabbccddeeff', state: 'delivered', doneAt: NOON },
    ],
    [
      'ids with zeros in front, and errors in hexadecimal digits',
      'id:00000000001234567890 sub:001 dlvrd:000 submit date:2111221159 done date:2111221200 stat:UNDELIV err:0FF text:',
      { messageId: '00000000001234567890', state: 'undeliverable', error: '0FF' },
    ],
    [
      'more blanks than there should be',
      'id:12   sub:001  dlvrd:001   submit date:2111221159  done date:2111221200  stat:DELIVRD  err:000  text:hi',
      { messageId: '12', state: 'delivered', error: '000', doneAt: NOON },
    ],
    [
      'dates with and without seconds in one receipt',
      'id:12 sub:1 dlvrd:1 submit date:20211122115930 done date:2111221200 stat:DELIVRD err:0',
      { submittedAt: NOON - 30_000, doneAt: NOON },
    ],
    [
      'lines instead of blanks',
      'id:12\r\nstat:UNDELIV\r\nerr:034',
      { messageId: '12', state: 'undeliverable', error: '034' },
    ],
    ['names before its keys', 'message id:12 final_stat:DELIVRD', { messageId: '12', state: 'delivered' }],
    ['nothing but a state', 'stat:DELIVRD', { messageId: '', state: 'delivered' }],
    ['numbers for words', 'id:1 stat:8', { state: 'rejected' }],
    ['words nobody knows', 'id:1 stat:GONE', { messageId: '1', state: 'unknown' }],
    [
      'dates that are none',
      'id:1 submit date:9999999999 done date:20-11-22 stat:DELIVRD',
      { submittedAt: undefined, doneAt: undefined },
    ],
    ['an empty text', '', { messageId: '', state: 'unknown', error: '' }],
    ['keys that only end alike', 'mid:5 paid:6 id:7 substat:X stat:EXPIRED', { messageId: '7', state: 'expired' }],
  ])('reads %s: %s', (_, short_message, expected) => {
    expect(parseReceipt(text(short_message))).toMatchObject(expected);
  });

  it('looks for keys before the text only', () => {
    expect(parseReceipt(text('stat:DELIVRD text:id:99 err:7'))).toMatchObject({ messageId: '', error: '' });
  });

  it('believes the parameters before the text', () => {
    const tlvs = { receipted_message_id: 'tlv', message_state: 5, network_error_code: Buffer.from([3, 0x01, 0x02]) };
    expect(parseReceipt(text('id:text stat:DELIVRD', { tlvs }))).toMatchObject({
      messageId: 'tlv',
      state: 'undeliverable',
      error: '258',
    });
    expect(parseReceipt(text('', { tlvs: { ...tlvs, message_state: 77 } }))).toMatchObject({ state: 'unknown' });
    expect(parseReceipt(text('id:text stat:DELIVRD err:011', { tlvs }))).toMatchObject({ error: '011' });
  });

  it('takes what names its message for a receipt, though it is not marked as one', () => {
    const tlvs = { receipted_message_id: 'abc', message_state: 2 };
    expect(parseReceipt(text('', { esm_class: 0, tlvs }))).toMatchObject({ messageId: 'abc', state: 'delivered' });
    expect(parseReceipt(text('id:1 stat:DELIVRD', { esm_class: 0, tlvs: { message_state: 2 } }))).toBeNull();
  });

  it('reads message_payload where short_message is empty, and UCS-2', () => {
    const payload = Buffer.from('id:p stat:DELIVRD', 'latin1');
    expect(parseReceipt(text('', { tlvs: { message_payload: payload } }))).toMatchObject({
      messageId: 'p',
      state: 'delivered',
    });
    const ucs2 = Buffer.from('id:u stat:EXPIRED', 'utf16le').swap16();
    expect(parseReceipt({ esm_class: 4, data_coding: 8, short_message: ucs2 })).toMatchObject({
      messageId: 'u',
      state: 'expired',
    });
  });

  it('puts the dates where the carrier lives', () => {
    const said = text('id:1 sub:001 dlvrd:001 submit date:2111222000 done date:2111222000 stat:DELIVRD err:000 text:');
    expect(parseReceipt(said, 480)?.doneAt).toBe(NOON);
  });

  it('goes by esm_class whether it is a receipt at all', () => {
    const receipt = 'id:1 stat:DELIVRD';
    expect(parseReceipt(text(receipt, { esm_class: 0x00 }))).toBeNull();
    expect(parseReceipt(text(receipt, { esm_class: 0x40 }))).toBeNull();
    expect(parseReceipt(text(receipt, { esm_class: 0x08 }))).toBeNull();
    expect(parseReceipt(text(receipt, { esm_class: 0x04 }))).not.toBeNull();
    expect(parseReceipt(text(receipt, { esm_class: 0x44 }))).not.toBeNull();
    expect(isReceipt(0x20)).toBe(true);
  });

  it('reads back what formatReceipt() writes, by position as by key', () => {
    const minute = fc.integer({ min: 0, max: 50 * 525_600 }).map((minutes) => Date.UTC(2000, 0, 1) + minutes * 60_000);
    const id = fc.string({ unit: fc.constantFrom(...'0123456789abcdef-'), minLength: 1, maxLength: 40 });
    const error = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 3, maxLength: 3 });
    const body = fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)) });
    fc.assert(
      fc.property(
        id,
        fc.constantFrom(...STATES),
        error,
        minute,
        minute,
        body,
        (messageId, state, error, submittedAt, doneAt, message) => {
          const written = formatReceipt({ messageId, state, error, submittedAt, doneAt, text: message });
          const receipt = { messageId, state, error, submittedAt, doneAt };
          expect(parseReceipt(text(written))).toEqual({ ...receipt, text: written });
          expect(parseReceipt(text(` ${written}`))).toEqual({ ...receipt, text: ` ${written}` });
        },
      ),
    );
  });

  it('never throws and never hangs on any text', () => {
    const words = fc.constantFrom(
      'id:',
      'stat:',
      'submit date:',
      'text:',
      ' ',
      '2111221200',
      'DELIVRD',
      'id',
      ':',
      '\0',
      'é',
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 40 }), (parts) => {
        expect(parseReceipt(text(parts.join('')))).not.toBeNull();
      }),
      { numRuns: 500 },
    );
    expect(parseReceipt(text('id '.repeat(80)))).toMatchObject({ messageId: '' });
  });
});

describe('messageState', () => {
  it('numbers the states as §5.2.28 does', () => {
    expect(STATES.map(messageState)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });
});
