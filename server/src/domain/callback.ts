import type { Event, MessageRun } from './event.ts';
import type { InboundMessage } from './inbound.ts';
import { STOPPED_BY } from './listed.ts';
import type { MessageState } from './message.ts';
import { type ReviewState, reviewCode } from './review.ts';

/** What becomes of a message, in the words of the callback rows. */
export const MESSAGE_CALLBACKS = [
  'plan',
  'target_valid',
  'target_invalid',
  'sent',
  'sent_failed',
  'delivered',
  'delivered_failed',
] as const;
export type MessageCallback = (typeof MESSAGE_CALLBACKS)[number];

/** Those that are told of a plan when it is accepted. */
export const NEW_PLAN_CALLBACKS = [
  'plan',
  'target_valid',
  'target_invalid',
] as const satisfies readonly MessageCallback[];

/** What a business should know about its account and what it had reviewed. */
export const NOTIFICATION_CALLBACKS = [
  'insufficient_balance',
  'template_audit_result',
  'sign_audit_result',
  'plan_missed',
] as const;
export type NotificationCallback = (typeof NOTIFICATION_CALLBACKS)[number];

/** What somebody did to the account. */
export const SYSTEM_CALLBACKS = ['key_manage'] as const;
export type SystemCallback = (typeof SYSTEM_CALLBACKS)[number];

/** What comes in. */
export const RESPONSE_CALLBACKS = ['uplink_message'] as const;
export type ResponseCallback = (typeof RESPONSE_CALLBACKS)[number];

/** Everything a webhook can be told. */
export const CALLBACKS = [
  ...MESSAGE_CALLBACKS,
  ...NOTIFICATION_CALLBACKS,
  ...SYSTEM_CALLBACKS,
  ...RESPONSE_CALLBACKS,
] as const;
export type Callback = (typeof CALLBACKS)[number];

/** What one event tells in one word: the rows of its messages, or one row. */
export type Piece = MessagePiece | NoticePiece | InboundPiece;

export interface MessagePiece {
  kind: MessageCallback;
  at: number;
  /** One row each. */
  runs: MessageRun[];
  /** 0: nothing is wrong. */
  code: number;
  /** What is wrong, for people. */
  detail: string;
}

export interface NoticePiece {
  kind: NotificationCallback | SystemCallback;
  at: number;
  data: Record<string, string | number>;
}

/** An inbound message: one row. */
export interface InboundPiece {
  kind: ResponseCallback;
  at: number;
  inboundId: number;
}

/** What went wrong with a message, as callbacks number it. */
export const CALLBACK_ERRORS = {
  numberFormat: 5011,
  unreachable: 5012,
  blacklisted: 5013,
  content: 5014,
  rejected: 5015,
  internal: 5016,
  noPermission: 5017,
  handsetOff: 5018,
  unsubscribed: 5019,
  notRegistered: 5020,
} as const;

interface Telling {
  kind: MessageCallback;
  code: number;
  detail: string;
}

const told = (kind: MessageCallback, error?: keyof typeof CALLBACK_ERRORS, detail = ''): Telling => ({
  kind,
  code: error === undefined ? 0 : CALLBACK_ERRORS[error],
  detail,
});

/** What a message's new state is told as; null: not at all. */
const TOLD_AS: Readonly<Record<MessageState, Telling | null>> = {
  // Told when their plan is accepted.
  accepted: null,
  invalid: null,
  queued: null,
  dispatching: null,
  // Something better or worse follows.
  uncertain: null,
  submitted: told('sent'),
  refused: told('sent_failed', 'rejected', 'refused by the carrier'),
  failed: told('sent_failed', 'internal', 'could not be sent'),
  cancelled: told('sent_failed', 'internal', 'cancelled'),
  expired_unsent: told('sent_failed', 'internal', 'expired before it was sent'),
  unknown: told('sent_failed', 'internal', 'the carrier never answered'),
  delivered: told('delivered'),
  undelivered: told('delivered_failed', 'unreachable', 'undelivered'),
  expired: told('delivered_failed', 'handsetOff', 'expired before it was delivered'),
  rejected: told('delivered_failed', 'rejected', 'rejected by the carrier'),
  unreported: told('delivered_failed', 'unreachable', 'the carrier sent no report'),
};

/** Words of an error that say more than the state does: of lists, and of carriers (SMPP 3.4 §5.1.3). */
const ERROR_OF_WORDS: Readonly<Record<string, keyof typeof CALLBACK_ERRORS>> = {
  [STOPPED_BY['opt-out']]: 'unsubscribed',
  [STOPPED_BY.blacklist]: 'blacklisted',
  ESME_RINVDSTADR: 'numberFormat',
};

/** The messages of a plan: indexes up to `accepted` are sent, `invalid` more were no numbers, `stopped` more are on a list. */
export interface PlanSize {
  accepted: number;
  invalid: number;
  stopped: number;
}

/** What an event tells webhooks, in the order it is told; nothing when nobody is told of it. `sizes`: of plans it says are new. */
export function piecesOf({ businessId, at, body }: Event, sizes: ReadonlyMap<number, PlanSize>): Piece[] {
  switch (body.kind) {
    case 'plan.state':
      return body.accepted ? newPlans(at, body.plans, sizes) : [];
    case 'message.state': {
      const telling = TOLD_AS[body.state];
      if (telling === null) return [];
      const { error = '', runs } = body;
      if (telling.code === 0 || error === '') return [{ ...telling, at, runs }];
      const words = ERROR_OF_WORDS[error];
      // What a report gives is a number that only this carrier can explain.
      const detail = telling.kind === 'delivered_failed' ? `${telling.detail}, carrier error ${error}` : error;
      return [{ ...telling, at, runs, detail, ...(words && { code: CALLBACK_ERRORS[words] }) }];
    }
    case 'template.review':
      return [notice('template_audit_result', at, { template_id: String(body.templateId), ...verdict(body) })];
    case 'signature.review':
      return [notice('sign_audit_result', at, { sign_id: String(body.signatureId), ...verdict(body) })];
    case 'plan.missed':
      return [
        notice('plan_missed', at, {
          business_id: String(businessId),
          plan_id: String(body.planId),
          reason: body.reason,
        }),
      ];
    case 'balance.low':
      return [
        notice('insufficient_balance', at, {
          business_id: String(businessId),
          remain_balance: body.available,
          balance_threshold: body.threshold,
        }),
      ];
    case 'inbound.received':
      return [{ kind: 'uplink_message', at, inboundId: body.inboundId }];
    case 'credential.changed':
      return [
        notice('key_manage', at, {
          business_id: String(businessId),
          action: KEY_ACTIONS[body.change],
          key_id: String(body.credentialId),
        }),
      ];
    default:
      return [];
  }
}

const KEY_ACTIONS = {
  created: 'create',
  edited: 'update',
  disabled: 'update',
  enabled: 'update',
  deleted: 'delete',
} as const;

/** A reviewer's decision in the numbers of the template and signature lists. */
const verdict = ({ state, reason }: { state: ReviewState; reason: string }) => ({ status: reviewCode(state), reason });

const notice = (kind: NoticePiece['kind'], at: number, data: NoticePiece['data']): NoticePiece => ({ kind, at, data });

function newPlans(at: number, plans: readonly number[], sizes: ReadonlyMap<number, PlanSize>): Piece[] {
  const all: MessageRun[] = [];
  const valid: MessageRun[] = [];
  const invalid: MessageRun[] = [];
  for (const planId of plans) {
    const size = sizes.get(planId);
    if (size === undefined) continue;
    const { accepted, stopped } = size;
    const known = accepted + size.invalid;
    if (known + stopped > 0) all.push([planId, 0, known + stopped - 1]);
    if (accepted > 0) valid.push([planId, 0, accepted - 1]);
    if (stopped > 0) valid.push([planId, known, known + stopped - 1]);
    if (size.invalid > 0) invalid.push([planId, accepted, known - 1]);
  }
  const pieces: MessagePiece[] = [
    { ...told('plan'), at, runs: all },
    { ...told('target_valid'), at, runs: valid },
    { ...told('target_invalid', 'numberFormat', 'not a mobile number'), at, runs: invalid },
  ];
  return pieces.filter(({ runs }) => runs.length > 0);
}

/** What a row tells of one message beside its piece. */
export interface MessageFacts {
  messageId: string;
  /** With +; of an invalid one the text as it was written. */
  to: string;
  /** Null: a test of a channel. */
  templateId: number | null;
  businessId: number;
  /** JSON object of the request; null when it had none. */
  customArgs: string | null;
  simulated: boolean;
  /** Credits charged. */
  cost: number;
}

/** One message's row of a callback. */
export function messageRow(piece: MessagePiece, facts: MessageFacts): Record<string, unknown> {
  const at = seconds(piece.at);
  return {
    message_id: facts.messageId,
    to: facts.to,
    server: 'sms',
    channel: 'sms',
    itime: at,
    ...(facts.customArgs !== null && { custom_args: JSON.parse(facts.customArgs) }),
    status: {
      message_status: piece.kind,
      status_data: {
        msg_time: at,
        message_id: facts.messageId,
        current_send_channel: facts.simulated ? 'simulator' : 'sms',
        template_key: String(facts.templateId ?? ''),
        business_id: String(facts.businessId),
      },
      ...(piece.kind === 'sent' && { billing: { cost: facts.cost, currency: 'credit' } }),
      error_code: piece.code,
      ...(piece.code !== 0 && { error_detail: { message: piece.detail } }),
    },
  };
}

/** The row of anything else. */
export function noticeRow({ kind, at, data }: NoticePiece): Record<string, unknown> {
  const common = { server: 'sms', itime: seconds(at) };
  return (SYSTEM_CALLBACKS as readonly string[]).includes(kind)
    ? { ...common, system_event: { event: kind, data } }
    : { ...common, notification: { event: kind, notification_data: data } };
}

/** The row of an inbound message. Its own ids are 0, since it is no message that was sent. */
export function inboundRow(
  { kind, at }: InboundPiece,
  { id, businessId, from, to, text }: Pick<InboundMessage, 'id' | 'businessId' | 'from' | 'to' | 'text'>,
): Record<string, unknown> {
  return {
    message_id: '0',
    business_id: '0',
    to,
    server: 'sms',
    channel: 'sms',
    itime: seconds(at),
    response: {
      event: kind,
      response_data: {
        message_sid: String(id),
        account_sid: businessId === null ? '' : String(businessId),
        from,
        to,
        body: text,
      },
    },
  };
}

const seconds = (ms: number): number => Math.floor(ms / 1000);
