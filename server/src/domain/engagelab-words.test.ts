import { describe, expect, test } from 'vitest';
import { judgeEngagelab, readEngagelab } from './engagelab-words.ts';

describe('an answer to POST /v1/messages', () => {
  test.each([
    [200, { plan_id: '1', total_count: 1, accepted_count: 1, message_id: '100000000' }, 'accepted'],
    // It has taken something; nobody knows under which id.
    [200, { plan_id: '1' }, 'unknown'],
    [200, 'garbage', 'unknown'],
    [400, { code: 3001, message: 'm' }, 'never'],
    [400, { code: 3002, message: 'm' }, 'never'],
    [400, { code: 3003, message: 'template status is not approved, can not use' }, 'elsewhere'],
    [400, { code: 3003, message: 'insufficient balance: 2 needed, 0 available' }, 'trouble'],
    [400, { code: 3004, message: 'm' }, 'elsewhere'],
    [400, { code: 4001, message: 'm' }, 'elsewhere'],
    [400, { code: 5001, message: 'm' }, 'elsewhere'],
    [401, { code: 2001, message: 'm' }, 'trouble'],
    [403, { code: 2004, message: 'm' }, 'trouble'],
    [404, { code: 404, message: 'm' }, 'trouble'],
    [413, { code: 3002, message: 'm' }, 'never'],
    [422, { code: 3003, message: 'Idempotency-Key was used with another body' }, 'accepted'],
    [429, { code: 429, message: 'm' }, 'throttled'],
    [500, { code: 1000, message: 'm' }, 'later'],
    [502, 'garbage', 'unknown'],
    [503, { code: 503, message: 'm' }, 'throttled'],
  ])('%i %j', (status, body, outcome) => {
    expect(judgeEngagelab({ status, body }).outcome).toBe(outcome);
  });
});

describe('a callback', () => {
  const row = (message_status: string, error_code: number, more: object = {}) => ({
    message_id: '7',
    to: '+8613800138000',
    status: { message_status, error_code },
    ...more,
  });

  test('says what became of messages, and nothing of those on the way', () => {
    const rows = [
      row('plan', 0),
      row('target_valid', 0),
      row('sent', 0),
      row('delivered', 0),
      row('delivered_failed', 5012),
      row('delivered_failed', 5015),
      row('delivered_failed', 5018),
      row('sent_failed', 5016),
      { server: 'sms', notification: { event: 'insufficient_balance', notification_data: {} } },
      row('delivered', 0, { message_id: undefined }),
      null,
    ];
    const report = { carrierId: '7', recipient: 8_613_800_138_000 };
    expect(readEngagelab({ total: rows.length, rows })).toEqual({
      reports: [
        { ...report, state: 'delivered', error: '' },
        { ...report, state: 'undelivered', error: '5012' },
        { ...report, state: 'rejected', error: '5015' },
        { ...report, state: 'expired', error: '5018' },
        { ...report, state: 'undelivered', error: '5016' },
      ],
      inbound: [],
    });
  });

  test('brings SMS from handsets', () => {
    const response_data = { message_sid: '9', account_sid: '1', from: '8613800138000', to: '1069', body: '退订' };
    const uplink = { message_id: '0', response: { event: 'uplink_message', response_data } };
    expect(readEngagelab({ total: 1, rows: [uplink] })!.inbound).toEqual([
      { id: '9', from: '+8613800138000', to: '1069', text: '退订' },
    ]);
  });

  test.each([null, [], {}, { rows: {} }, { rows: new Array(10_001).fill({}) }])('%j is none', (value) => {
    expect(readEngagelab(value)).toBe(null);
  });
});
