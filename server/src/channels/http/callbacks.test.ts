import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { DEFAULT_ENGAGELAB_SETTINGS } from '../../domain/engagelab-settings.ts';
import type { Exchange } from '../../domain/exchange.ts';
import { DEFAULT_HTTP_SETTINGS, type HttpSettings } from '../../domain/http-settings.ts';
import { ManualClock } from '../../lib/manual-clock.ts';
import { callbackHeaders } from '../../services/webhook-request.ts';
import type { Callback, CallbackSays } from '../channel.ts';
import { EngagelabCallbacks, GenericCallbacks } from './callbacks.ts';
import { HttpExchanges } from './exchanges.ts';

const AT = 1_767_225_600_000;
const callback = (body: string, more: Partial<Callback> = {}): Callback => {
  return { about: 'reports', headers: {}, query: {}, body: Buffer.from(body), at: AT, ...more };
};

describe('callbacks described by settings', () => {
  const readerOf = (change: Partial<HttpSettings>) =>
    new GenericCallbacks(
      {
        ...structuredClone(DEFAULT_HTTP_SETTINGS),
        url: 'https://p.example',
        body: {},
        callbackToken: 't',
        reports: {
          items: '',
          id: 'id',
          status: 's',
          states: { d: 'delivered' },
          recipient: '',
          country: '',
          error: '',
        },
        ...change,
      },
      null,
    );
  const delivered = [{ carrierId: '1', recipient: null, state: 'delivered', error: '' }];

  test.each([
    ['JSON', '{"id": 1, "s": "d"}', {}],
    ['a list', '[{"id": 1, "s": "d"}]', {}],
    ['a form', 'id=1&s=d', {}],
    ['a query', '', { id: '1', s: 'd' }],
    ['a query beside a body', '{"s": "d"}', { id: '1' }],
    ['a body that says otherwise than its query', '{"id": 1, "s": "d"}', { id: '2' }],
  ])('may be %s', (_what, body, query) => {
    expect(readerOf({}).read(callback(body, { query }))).toMatchObject({ reports: delivered, answer: { body: 'ok' } });
  });

  test.each(['x', '<xml/>', '{"id":', '['.repeat(100_000)])('may not be something else: %.20s', (body) => {
    expect(readerOf({}).read(callback(body))).toEqual({ refused: 'unreadable' });
  });

  test.each([
    ['sha256', 'hex', ''],
    ['sha1', 'base64', 'sha1='],
    ['sha512', 'hex', 'v1:'],
  ] as const)('may have to be signed: %s %s %s', (algorithm, encoding, prefix) => {
    const reader = readerOf({
      secrets: { hook: 'key' },
      signature: { header: 'X-Sign', secret: 'hook', algorithm, encoding, prefix },
    });
    const body = '{"id": 1, "s": "d"}';
    const sign = (key: string) => prefix + createHmac(algorithm, key).update(body).digest(encoding);
    const read = (headers: Record<string, string>) => reader.read(callback(body, { headers }));
    expect(read({ 'x-sign': sign('key') })).toMatchObject({ reports: delivered });
    for (const headers of [{}, { 'x-sign': sign('other') }, { 'x-sign': '' }, { 'x-sign': `${sign('key')}0` }]) {
      expect(read(headers as Record<string, string>)).toEqual({ refused: 'unsigned' });
    }
  });

  test('may be bound to networks', () => {
    const reader = readerOf({ networks: ['203.0.113.0/24', '2001:db8::1'] });
    const addresses = ['203.0.113.9', '2001:db8::1', '203.0.114.9', '::1'];
    expect(addresses.map((address) => reader.admits(address))).toEqual([true, true, false, false]);
    expect(readerOf({}).admits('::1')).toBe(true);
  });

  test('SMS from handsets are the same when they have one id, or are the same words', () => {
    const inbound = { items: '', id: 'id', from: 'from', to: 'to', text: 'text', country: '' };
    const reader = readerOf({ inbound });
    const print = (sms: object) => {
      const says = reader.read(callback(JSON.stringify(sms), { about: 'inbound' })) as CallbackSays;
      expect(says.inbound).toMatchObject([{ from: '+8613800138000', part: null, at: AT, linkSince: AT }]);
      return says.inbound[0]!.fingerprint;
    };
    const sms = { from: '8613800138000', to: '1069', text: 'T' };
    expect(print(sms)).toBe(print(sms));
    expect(print(sms)).not.toBe(print({ ...sms, text: 'Y' }));
    expect(print({ ...sms, id: 1 })).not.toBe(print({ ...sms, id: 2 }));
    expect(Number.isSafeInteger(print(sms))).toBe(true);
    expect(readerOf({}).read(callback('{}', { about: 'inbound' }))).toEqual({ refused: 'unreadable' });
  });
});

describe('callbacks of another platform', () => {
  const SECRET = 'whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQ=';
  const exchanges: Exchange[] = [];
  const readerOf = (webhookSecret = SECRET) =>
    new EngagelabCallbacks(
      {
        ...structuredClone(DEFAULT_ENGAGELAB_SETTINGS),
        url: 'https://other.example',
        apiKey: 'k',
        apiSecret: 's',
        callbackToken: 't',
        keyPrefix: 'p',
        webhookSecret,
      },
      new HttpExchanges({ add: (exchange) => exchanges.push(exchange) }, new ManualClock(AT)),
    );
  const row = { message_id: '7', to: '+8613800138000', status: { message_status: 'delivered', error_code: 0 } };
  const BODY = JSON.stringify({ total: 1, rows: [row] });
  const target = (secret = SECRET) => ({ url: '', username: 'u', secret, authorization: '' });
  const UNSIGNED = { refused: 'unsigned' };

  test('are believed when a Signet signed them, and noted in the log', () => {
    const reader = readerOf();
    const says = reader.read(callback(BODY, { headers: callbackHeaders(target(), '1', AT, BODY) })) as CallbackSays;
    expect(says).toMatchObject({ reports: [{ carrierId: '7', state: 'delivered' }], answer: { status: 200 } });
    reader.answered(says, 200, 3);
    expect(exchanges).toMatchObject([
      { kind: 'report', carrierId: '7', number: 8_613_800_138_000, answer: 'http', status: 200, tookMs: 3, at: AT },
    ]);
  });

  test('are not believed with another secret, another body, or when they are old', () => {
    const reader = readerOf();
    const headers = callbackHeaders(target(), '1', AT, BODY);
    expect(reader.read(callback(BODY))).toEqual(UNSIGNED);
    expect(reader.read(callback(`${BODY} `, { headers }))).toEqual(UNSIGNED);
    expect(reader.read(callback(BODY, { headers: callbackHeaders(target('other'), '1', AT, BODY) }))).toEqual(UNSIGNED);
    expect(reader.read(callback(BODY, { headers, at: AT + 300_001 }))).toEqual(UNSIGNED);
    expect(reader.read(callback(BODY, { headers, at: AT - 300_001 }))).toEqual(UNSIGNED);
    expect(reader.read(callback(BODY, { headers, at: AT + 300_000 }))).not.toEqual(UNSIGNED);
    // Of several signatures one is enough: secrets are changed without a gap.
    const both = { ...headers, 'webhook-signature': `v1,AAAA ${headers['webhook-signature']}` };
    expect(reader.read(callback(BODY, { headers: both }))).not.toEqual(UNSIGNED);
  });

  test('of the vendor have a signature of their own', () => {
    const { 'x-callback-id': id } = callbackHeaders(target(), '1', AT, BODY);
    const read = (value: string, at = AT) =>
      readerOf().read(callback(BODY, { headers: { 'x-callback-id': value }, at }));
    expect(read(id!)).toMatchObject({ reports: [{ carrierId: '7' }] });
    expect(read(id!, AT + 300_001)).toEqual(UNSIGNED);
    expect(read(id!.replace('username=u', 'username=v'))).toEqual(UNSIGNED);
    expect(read('nonsense')).toEqual(UNSIGNED);
  });

  test('need no signature where none is agreed upon, nor when the webhook is set up', () => {
    expect(readerOf('').read(callback(BODY))).toMatchObject({ reports: [{ carrierId: '7' }] });
    expect(readerOf().read(callback('{}'))).toMatchObject({ reports: [], answer: { status: 200 } });
    expect(readerOf('').read(callback('{"rows": 1}'))).toEqual({ refused: 'unreadable' });
  });
});
