import { DATA_CODING, ESM_CLASS, NPI, REGISTERED_DELIVERY, TON } from '@signet/smpp';
import { countSegments, decodeGsm7, decodeUcs2 } from '@signet/text';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SubmissionEncoder } from './submission.ts';

const TO = 8_613_800_130_000;

describe('the body of a submit_sm', () => {
  it.each([
    ['', TON.UNKNOWN, NPI.UNKNOWN, ''],
    ['Signet', TON.ALPHANUMERIC, NPI.UNKNOWN, 'Signet'],
    ['10690', TON.NETWORK_SPECIFIC, NPI.UNKNOWN, '10690'],
    ['12345678', TON.NETWORK_SPECIFIC, NPI.UNKNOWN, '12345678'],
    ['123456789', TON.INTERNATIONAL, NPI.ISDN, '123456789'],
    ['+12025550123', TON.INTERNATIONAL, NPI.ISDN, '12025550123'],
    ['+1202', TON.INTERNATIONAL, NPI.ISDN, '1202'],
  ])('from %j has type %i, plan %i and address %j', (sender, ton, npi, address) => {
    const [body] = new SubmissionEncoder(sender, true).encode(TO, 'hello');
    expect(body).toMatchObject({ source_addr_ton: ton, source_addr_npi: npi, source_addr: address });
  });

  it('goes to an international number', () => {
    const [body] = new SubmissionEncoder('', true).encode(TO, 'hello');
    expect(body).toMatchObject({
      dest_addr_ton: TON.INTERNATIONAL,
      dest_addr_npi: NPI.ISDN,
      destination_addr: String(TO),
    });
  });

  it.each([
    [true, REGISTERED_DELIVERY.FINAL],
    [false, 0],
  ])('asks for reports (%j) with %i', (receipts, registered) => {
    const [body] = new SubmissionEncoder('', receipts).encode(TO, 'hello');
    expect(body!.registered_delivery).toBe(registered);
  });

  it('carries septets or UCS-2, whichever the text needs', () => {
    const encoder = new SubmissionEncoder('', true);
    const [plain] = encoder.encode(TO, 'à la carte: 5 €');
    expect(plain).toMatchObject({ data_coding: DATA_CODING.SMSC_DEFAULT, esm_class: 0 });
    expect(decodeGsm7(plain!.short_message)).toBe('à la carte: 5 €');
    const [wide] = encoder.encode(TO, '您好');
    expect(wide).toMatchObject({ data_coding: DATA_CODING.UCS2, esm_class: 0 });
    expect(decodeUcs2(wide!.short_message)).toBe('您好');
  });

  it('of a long text is one of several with a header', () => {
    const bodies = new SubmissionEncoder('', true).encode(TO, 'a'.repeat(161));
    expect(bodies.map(({ esm_class }) => esm_class)).toEqual([ESM_CLASS.UDHI, ESM_CLASS.UDHI]);
    // 3GPP 23.040 §9.2.3.24.1: length of the header, element 0 of 3 octets: reference, total, number.
    expect([...bodies[0]!.short_message.subarray(0, 6)]).toEqual([5, 0, 3, 1, 2, 1]);
    expect([...bodies[1]!.short_message.subarray(0, 6)]).toEqual([5, 0, 3, 1, 2, 2]);
  });

  it('numbers long texts near each other differently, and starts over after 256', () => {
    const encoder = new SubmissionEncoder('', true);
    const references = Array.from({ length: 513 }, () => encoder.encode(TO, '长'.repeat(71))[0]!.short_message[3]!);
    for (let i = 1; i < references.length; i++) expect(references[i]).toBe((references[i - 1]! + 1) % 256);
    expect(new Set(references.slice(0, 256)).size).toBe(256);
  });

  it('is the same for a text that was sent before', () => {
    const encoder = new SubmissionEncoder('', true);
    const first = encoder.encode(TO, 'hello');
    expect(encoder.encode(TO, 'hello')).toEqual(first);
    expect(encoder.encode(TO + 1, 'hello')).toEqual([{ ...first[0], destination_addr: String(TO + 1) }]);
  });

  it('says as many parts as are charged, none over 140 octets on the air', () => {
    const text = fc.oneof(
      fc.string({ maxLength: 400 }),
      fc.string({ unit: 'grapheme', maxLength: 300 }),
      fc.string({ unit: fc.constantFrom('a', '€', '[', '您', '😀'), maxLength: 400 }),
    );
    fc.assert(
      fc.property(text, (each) => {
        const encoder = new SubmissionEncoder('', true);
        const bodies = encoder.encode(TO, each);
        expect(bodies).toHaveLength(countSegments(each));
        for (const { data_coding, esm_class, short_message } of bodies) {
          const header = esm_class === ESM_CLASS.UDHI ? 6 : 0;
          const onAir =
            data_coding === DATA_CODING.UCS2
              ? short_message.length
              : header + Math.ceil(((short_message.length - header) * 7) / 8);
          expect(onAir).toBeLessThanOrEqual(140);
        }
      }),
    );
  });
});
