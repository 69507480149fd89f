import { DATA_CODING, ESM_CLASS, NPI, REGISTERED_DELIVERY, TON } from '@signet/smpp';
import { countSegments, decodeGsm7, decodeUcs2 } from '@signet/text';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_SMPP_SETTINGS, type SmppSettings } from '../../domain/smpp-settings.ts';
import type { Outgoing } from '../channel.ts';
import { SubmissionEncoder } from './submission.ts';

const TO = 8_613_800_130_000;
const NOW = Date.UTC(2026, 10, 26, 15, 4, 5);

const encoderOf = (settings: Partial<SmppSettings> = {}) =>
  new SubmissionEncoder({ ...DEFAULT_SMPP_SETTINGS, host: '', port: 1, systemId: '', password: '', ...settings });
const message = (text: string, more: Partial<Outgoing> = {}): Outgoing => {
  return { planId: 1, index: 0, recipient: TO, text, lane: 'notification', ...more };
};
const encode = (text: string, settings: Partial<SmppSettings> = {}, more: Partial<Outgoing> = {}) =>
  encoderOf(settings).encode(message(text, more), NOW);
const bytes = (octets: Uint8Array | undefined) => Buffer.from(octets!).toString('hex');

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
    const [body] = encode('hello', { sender });
    expect(body).toMatchObject({ source_addr_ton: ton, source_addr_npi: npi, source_addr: address });
  });

  it('goes to an international number', () => {
    const [body] = encode('hello');
    expect(body).toMatchObject({
      dest_addr_ton: TON.INTERNATIONAL,
      dest_addr_npi: NPI.ISDN,
      destination_addr: String(TO),
    });
  });

  it.each([
    ['final', REGISTERED_DELIVERY.FINAL],
    ['failure', REGISTERED_DELIVERY.FAILURE],
    ['intermediate', 0x11],
    ['none', 0],
  ] as const)('asks for reports (%s) with %i', (registeredDelivery, registered) => {
    const [body] = encode('hello', { registeredDelivery });
    expect(body!.registered_delivery).toBe(registered);
  });

  it('carries septets or UCS-2, whichever the text needs', () => {
    const encoder = encoderOf();
    const [plain] = encoder.encode(message('à la carte: 5 €'), NOW);
    expect(plain).toMatchObject({ data_coding: DATA_CODING.SMSC_DEFAULT, esm_class: 0 });
    expect(decodeGsm7(plain!.short_message)).toBe('à la carte: 5 €');
    const [wide] = encoder.encode(message('您好'), NOW);
    expect(wide).toMatchObject({ data_coding: DATA_CODING.UCS2, esm_class: 0 });
    expect(decodeUcs2(wide!.short_message)).toBe('您好');
  });

  it('of a long text is one of several with a header', () => {
    const bodies = encode('a'.repeat(161));
    expect(bodies.map(({ esm_class }) => esm_class)).toEqual([ESM_CLASS.UDHI, ESM_CLASS.UDHI]);
    // 3GPP 23.040 §9.2.3.24.1: length of the header, element 0 of 3 octets: reference, total, number.
    expect([...bodies[0]!.short_message.subarray(0, 6)]).toEqual([5, 0, 3, 1, 2, 1]);
    expect([...bodies[1]!.short_message.subarray(0, 6)]).toEqual([5, 0, 3, 1, 2, 2]);
  });

  it('numbers long texts near each other differently, and starts over after 256', () => {
    const encoder = encoderOf();
    const references = Array.from(
      { length: 513 },
      () => encoder.encode(message('长'.repeat(71)), NOW)[0]!.short_message[3]!,
    );
    for (let i = 1; i < references.length; i++) expect(references[i]).toBe((references[i - 1]! + 1) % 256);
    expect(new Set(references.slice(0, 256)).size).toBe(256);
  });

  it('is the same for a text that was sent before', () => {
    const encoder = encoderOf();
    const first = encoder.encode(message('hello'), NOW);
    expect(encoder.encode(message('hello'), NOW)).toEqual(first);
    expect(encoder.encode(message('hello', { recipient: TO + 1 }), NOW)).toEqual([
      { ...first[0], destination_addr: String(TO + 1) },
    ]);
  });

  it('says as many parts as are charged, none over 140 octets on the air', () => {
    const text = fc.oneof(
      fc.string({ maxLength: 400 }),
      fc.string({ unit: 'grapheme', maxLength: 300 }),
      fc.string({ unit: fc.constantFrom('a', '€', '[', '您', '😀'), maxLength: 400 }),
    );
    fc.assert(
      fc.property(text, (each) => {
        const encoder = encoderOf();
        const bodies = encoder.encode(message(each), NOW);
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

  it.each([
    ['fixed', 'Acme', undefined, 'Acme'],
    ['fixed', 'Acme', 2, 'Acme'],
    ['business', 'Acme', 2, 'Two'],
    ['business', 'Acme', 3, 'Acme'],
    ['business', '', 3, ''],
    ['none', 'Acme', 2, ''],
  ] as const)(
    'with the rule %s and the sender %j is from whom it should be',
    (senderRule, sender, businessId, from) => {
      const plan = businessId && { businessId, expiresAt: NOW };
      const [body] = encode(
        'hello',
        { senderRule, sender, senders: { '2': 'Two' } },
        plan === undefined ? {} : { plan },
      );
      expect(body!.source_addr).toBe(from);
      expect(body!.source_addr_ton).toBe(from === '' ? TON.UNKNOWN : TON.ALPHANUMERIC);
    },
  );

  it('has the types and plans of numbers that are set, where there is a number', () => {
    const fixed = { sourceTon: 2, sourceNpi: 8, destinationTon: 0, destinationNpi: 3 } as const;
    expect(encode('hello', { ...fixed, sender: '10690' })[0]).toMatchObject({
      source_addr_ton: 2,
      source_addr_npi: 8,
      dest_addr_ton: 0,
      dest_addr_npi: 3,
    });
    expect(encode('hello', fixed)[0]).toMatchObject({ source_addr_ton: 0, source_addr_npi: 0 });
  });

  it('has the service type, and the priority of its category', () => {
    const settings = { serviceType: 'OTP', priorityVerification: 3, priorityMarketing: 1 };
    const priority = (lane: Outgoing['lane']) => encode('hello', settings, { lane })[0]!.priority_flag;
    expect(encode('hello', settings)[0]!.service_type).toBe('OTP');
    expect([priority('verification'), priority('notification'), priority('marketing')]).toEqual([3, 0, 1]);
  });

  it.each([
    ['none', 90_000, ''],
    ['absolute', 90_000, '261126150535000+'],
    ['relative', 90_000, '000000000130000R'],
    ['relative', 3 * 86_400_000 + 3_600_000, '000003010000000R'],
    ['relative', -5_000, '000000000001000R'],
    ['relative', 400 * 86_400_000, '000030000000000R'],
  ] as const)('has the validity %s of %i ms as %j', (validityPeriod, ms, expected) => {
    const plan = { businessId: 2, expiresAt: NOW + ms };
    expect(encode('hello', { validityPeriod }, { plan })[0]!.validity_period).toBe(expected);
    expect(encode('hello', { validityPeriod })[0]!.validity_period).toBe('');
  });

  it('uses an alphabet of the channel that holds the text', () => {
    const coding = (text: string, alphabets: SmppSettings['alphabets']) =>
      encode(text, { alphabets }).map((body) => body.data_coding);
    expect(coding('ç', ['gsm7', 'latin1', 'ucs2'])).toEqual([DATA_CODING.LATIN1]);
    expect(coding('a', ['latin1', 'gsm7'])).toEqual([DATA_CODING.LATIN1]);
    expect(coding('a', ['ucs2'])).toEqual([DATA_CODING.UCS2]);
    expect(coding('长', ['gsm7', 'latin1', 'ucs2'])).toEqual([DATA_CODING.UCS2]);
    expect(coding('长', ['gsm7', 'latin1'])).toEqual([]);
    expect(bytes(encode('né', { alphabets: ['latin1'] })[0]!.short_message)).toBe('6ee9');
  });

  it('cuts Latin-1 at 140 and 134 octets, UCS-2 at 70 and 67 units and no pair in two', () => {
    const lengths = (text: string, alphabets: SmppSettings['alphabets']) =>
      encode(text, { alphabets }).map((body) => body.short_message.length);
    expect(lengths('é'.repeat(140), ['latin1'])).toEqual([140]);
    expect(lengths('é'.repeat(141), ['latin1'])).toEqual([140, 13]);
    expect(lengths('a'.repeat(71), ['ucs2'])).toEqual([140, 14]);
    expect(lengths(`${'a'.repeat(66)}😀aaa`, ['ucs2'])).toEqual([138, 16]);
  });

  it('is none when a header cannot number its parts', () => {
    expect(encode('a'.repeat(67 * 255), { alphabets: ['ucs2'] })).toHaveLength(255);
    expect(encode('a'.repeat(67 * 255 + 1), { alphabets: ['ucs2'] })).toEqual([]);
  });

  it('names the national table in a header of its own, alone or beside the number of a part', () => {
    const [one] = encode('ş', { singleShift: ['turkish'] });
    expect(one).toMatchObject({ data_coding: DATA_CODING.SMSC_DEFAULT, esm_class: ESM_CLASS.UDHI });
    expect(bytes(one!.short_message)).toBe('032401011b73');
    const [first] = encode('ş'.repeat(100), { singleShift: ['turkish'] });
    expect(bytes(first!.short_message.subarray(0, 9))).toBe('080003010201240101');
  });

  it('of a long text travels with TLVs, or whole, as the carrier wants it', () => {
    const long = 'a'.repeat(161);
    const parts = encode(long, { longMessages: 'sar' });
    expect(parts.map(({ esm_class, short_message, tlvs }) => [esm_class, short_message.length, tlvs])).toEqual([
      [0, 153, { sar_msg_ref_num: 1, sar_total_segments: 2, sar_segment_seqnum: 1 }],
      [0, 8, { sar_msg_ref_num: 1, sar_total_segments: 2, sar_segment_seqnum: 2 }],
    ]);
    const [whole, ...others] = encode(long, { longMessages: 'payload' });
    expect(others).toEqual([]);
    expect(whole!.short_message).toHaveLength(0);
    expect(decodeGsm7(whole!.tlvs!.message_payload as Uint8Array)).toBe(long);
    expect(encode('short', { longMessages: 'payload' })[0]!.tlvs).toBeUndefined();
  });
});
