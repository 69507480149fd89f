import { describe, expect, it } from 'vitest';
import {
  CALLBACK_ERRORS,
  CALLBACKS,
  type InboundPiece,
  inboundRow,
  type MessagePiece,
  messageRow,
  noticeRow,
  piecesOf,
} from './callback.ts';
import type { EventBody } from './event.ts';
import { STOPPED_BY } from './listed.ts';
import { FINAL, type MESSAGE_STATES, UNANSWERED } from './message.ts';

const AT = 1_767_225_600_999;
const NONE = new Map<number, never>();
const told = (body: EventBody, sizes: Parameters<typeof piecesOf>[1] = NONE) =>
  piecesOf({ id: 1, businessId: 7, at: AT, body }, sizes);
const ofState = (state: (typeof MESSAGE_STATES)[number], error?: string) =>
  told({ kind: 'message.state', state, runs: [[70, 2, 4]], ...(error && { error }) }) as MessagePiece[];

describe('a message', () => {
  it.each([
    ['submitted', 'sent', 0],
    ['refused', 'sent_failed', 5015],
    ['failed', 'sent_failed', 5016],
    ['cancelled', 'sent_failed', 5016],
    ['expired_unsent', 'sent_failed', 5016],
    ['unknown', 'sent_failed', 5016],
    ['delivered', 'delivered', 0],
    ['undelivered', 'delivered_failed', 5012],
    ['expired', 'delivered_failed', 5018],
    ['rejected', 'delivered_failed', 5015],
    ['unreported', 'delivered_failed', 5012],
  ] as const)('that is %s is told as %s, %i', (state, kind, code) => {
    const [piece, ...more] = ofState(state);
    expect(more).toEqual([]);
    expect(piece).toMatchObject({ kind, code, at: AT, runs: [[70, 2, 4]] });
    expect(piece!.detail === '').toBe(code === 0);
  });

  it('is told once it is final, and not while nobody has answered', () => {
    for (const state of FINAL) if (state !== 'invalid') expect(ofState(state), state).toHaveLength(1);
    for (const state of UNANSWERED) expect(ofState(state), state).toEqual([]);
  });

  it('is told with the words of the carrier, and by those that say more than the state', () => {
    expect(ofState('rejected', '045')[0]).toMatchObject({
      code: 5015,
      detail: 'rejected by the carrier, carrier error 045',
    });
    expect(ofState('refused', 'ESME_RINVDSTADR')[0]).toMatchObject({ code: 5011, detail: 'ESME_RINVDSTADR' });
  });

  it.each([
    ['opt-out', 5019],
    ['blacklist', 5013],
  ] as const)('that a list has stopped (%s) is told with %i', (list, code) => {
    const detail = STOPPED_BY[list];
    expect(ofState('failed', detail)).toEqual([{ kind: 'sent_failed', at: AT, runs: [[70, 2, 4]], code, detail }]);
  });

  it('has a row of the documented form', () => {
    const facts = {
      messageId: '2900000008',
      to: '+8613800138000',
      templateId: 12,
      businessId: 7,
      customArgs: '{"order":"A-1"}',
      simulated: false,
      cost: 2,
    };
    expect(messageRow(ofState('submitted')[0]!, facts)).toEqual({
      message_id: '2900000008',
      to: '+8613800138000',
      server: 'sms',
      channel: 'sms',
      itime: 1_767_225_600,
      custom_args: { order: 'A-1' },
      status: {
        message_status: 'sent',
        status_data: {
          msg_time: 1_767_225_600,
          message_id: '2900000008',
          current_send_channel: 'sms',
          template_key: '12',
          business_id: '7',
        },
        billing: { cost: 2, currency: 'credit' },
        error_code: 0,
      },
    });
    const failed = messageRow(ofState('undelivered', '001')[0]!, { ...facts, customArgs: null, simulated: true });
    expect(failed).not.toHaveProperty('custom_args');
    expect(failed.status).toMatchObject({
      message_status: 'delivered_failed',
      status_data: { current_send_channel: 'simulator' },
      error_code: 5012,
      error_detail: { message: 'undelivered, carrier error 001' },
    });
    expect(failed.status).not.toHaveProperty('billing');
  });
});

describe('a plan', () => {
  const sizes = new Map([
    [70, { accepted: 3, invalid: 2, stopped: 0 }],
    [71, { accepted: 1, invalid: 0, stopped: 0 }],
    [72, { accepted: 0, invalid: 1, stopped: 0 }],
  ]);
  it('that is new is told message by message, invalid recipients apart', () => {
    expect(told({ kind: 'plan.state', plans: [70, 71, 72], state: 'running', accepted: true }, sizes)).toEqual([
      {
        kind: 'plan',
        at: AT,
        code: 0,
        detail: '',
        runs: [
          [70, 0, 4],
          [71, 0, 0],
          [72, 0, 0],
        ],
      },
      {
        kind: 'target_valid',
        at: AT,
        code: 0,
        detail: '',
        runs: [
          [70, 0, 2],
          [71, 0, 0],
        ],
      },
      {
        kind: 'target_invalid',
        at: AT,
        code: 5011,
        detail: 'not a mobile number',
        runs: [
          [70, 3, 4],
          [72, 0, 0],
        ],
      },
    ]);
  });
  it('tells stopped recipients as numbers that are valid: what stopped them is told of their messages', () => {
    const plan = told(
      { kind: 'plan.state', plans: [70], state: 'running', accepted: true },
      new Map([[70, { accepted: 2, invalid: 1, stopped: 2 }]]),
    ) as MessagePiece[];
    expect(plan.map(({ kind, runs }) => [kind, runs])).toEqual([
      ['plan', [[70, 0, 4]]],
      [
        'target_valid',
        [
          [70, 0, 1],
          [70, 3, 4],
        ],
      ],
      ['target_invalid', [[70, 2, 2]]],
    ]);
  });
  it('that goes on, or of which nothing is known, is not', () => {
    expect(told({ kind: 'plan.state', plans: [70], state: 'running' }, sizes)).toEqual([]);
    expect(told({ kind: 'plan.state', plans: [70], state: 'done' }, sizes)).toEqual([]);
    expect(told({ kind: 'plan.state', plans: [70], state: 'running', accepted: true })).toEqual([]);
  });
});

describe('an inbound message', () => {
  it('has a row of the documented form', () => {
    const [piece] = told({ kind: 'inbound.received', inboundId: 99, as: 'plain' });
    expect(piece).toEqual({ kind: 'uplink_message', at: AT, inboundId: 99 });
    const message = { id: 99, businessId: 7, from: '+8613800138000', to: '1069001', text: '退订' };
    expect(inboundRow(piece as InboundPiece, message)).toEqual({
      message_id: '0',
      business_id: '0',
      to: '1069001',
      server: 'sms',
      channel: 'sms',
      itime: 1_767_225_600,
      response: {
        event: 'uplink_message',
        response_data: {
          message_sid: '99',
          account_sid: '7',
          from: '+8613800138000',
          to: '1069001',
          body: '退订',
        },
      },
    });
  });
});

describe('a notification', () => {
  const rowOf = (body: EventBody) => {
    const [piece] = told(body);
    if (piece === undefined || !('data' in piece)) throw new Error('nothing is told');
    return noticeRow(piece);
  };
  const common = { server: 'sms', itime: 1_767_225_600 };

  it.each<[string, EventBody, Record<string, unknown>]>([
    [
      'template_audit_result',
      { kind: 'template.review', templateId: 12, state: 'approved', reason: '' },
      { template_id: '12', status: 2, reason: '' },
    ],
    [
      'sign_audit_result',
      { kind: 'signature.review', signatureId: 3, state: 'rejected', reason: 'no proof' },
      { sign_id: '3', status: 3, reason: 'no proof' },
    ],
    [
      'insufficient_balance',
      { kind: 'balance.low', available: 9, threshold: 10 },
      { business_id: '7', remain_balance: 9, balance_threshold: 10 },
    ],
    [
      'plan_missed',
      { kind: 'plan.missed', planId: 70, reason: 'late' },
      { business_id: '7', plan_id: '70', reason: 'late' },
    ],
  ])('%s has a row of the documented form', (event, body, notification_data) => {
    expect(rowOf(body)).toEqual({ ...common, notification: { event, notification_data } });
  });

  it('of the system has its own form', () => {
    expect(rowOf({ kind: 'credential.changed', credentialId: 5, change: 'disabled' })).toEqual({
      ...common,
      system_event: { event: 'key_manage', data: { business_id: '7', action: 'update', key_id: '5' } },
    });
  });
});

it('what only concerns us is told to nobody', () => {
  expect(told({ kind: 'business.changed', change: 'password' })).toEqual([]);
  expect(told({ kind: 'webhook.changed', webhookId: 1, change: 'created' })).toEqual([]);
});

it('every word is told by something, and every number of an error is one of the vendor', () => {
  expect(new Set(CALLBACKS).size).toBe(CALLBACKS.length);
  expect(Object.values(CALLBACK_ERRORS)).toEqual([5011, 5012, 5013, 5014, 5015, 5016, 5017, 5018, 5019, 5020]);
});
