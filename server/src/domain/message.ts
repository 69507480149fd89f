/**
 * The states of one text to one recipient (docs/message-states.md). The position is the stored code: append, never
 * reorder.
 */
export const MESSAGE_STATES = [
  'accepted',
  'queued',
  'dispatching',
  'submitted',
  'delivered',
  'undelivered',
  'expired',
  'rejected',
  'unreported',
  'cancelled',
  'expired_unsent',
  'refused',
  'failed',
  'uncertain',
  'unknown',
  'invalid',
] as const;
export type MessageState = (typeof MESSAGE_STATES)[number];

const CODE_OF = new Map<MessageState, number>(MESSAGE_STATES.map((state, code) => [state, code]));

export const messageCode = (state: MessageState): number => CODE_OF.get(state)!;

export function messageStateOfCode(code: number): MessageState {
  const state = MESSAGE_STATES[code];
  if (state === undefined) throw new Error(`no message state has code ${code}`);
  return state;
}

/** States in which the message still waits to be answered by a carrier; they keep a plan from being done. */
export const UNANSWERED: readonly MessageState[] = ['accepted', 'queued', 'dispatching', 'uncertain'];

/** States that nothing changes any more, but a late report `unreported`. */
export const FINAL: readonly MessageState[] = [
  'delivered',
  'undelivered',
  'expired',
  'rejected',
  'unreported',
  'cancelled',
  'expired_unsent',
  'refused',
  'failed',
  'unknown',
  'invalid',
];

/** States that messages wait in, or that most end in; the few that are in any other are found by it at once. */
export const USUAL: readonly MessageState[] = [...UNANSWERED, 'submitted', 'delivered'];

/** What a carrier's report can make of a submitted message. */
export const REPORTED_STATES = ['delivered', 'undelivered', 'expired', 'rejected'] as const;
export type ReportedState = (typeof REPORTED_STATES)[number];

/** Those of them that say it did not arrive. */
export const NOT_DELIVERED: readonly MessageState[] = ['undelivered', 'expired', 'rejected'] satisfies ReportedState[];

const INDEX_DIGITS = 8;
const MAX_INDEX = 10 ** INDEX_DIGITS - 1;

/** A message's public id: the digits of its plan's id, then its index in eight digits. */
export function messageId(planId: number, index: number): string {
  return `${planId}${String(index).padStart(INDEX_DIGITS, '0')}`;
}

/** The plan and index inside a message's public id, or null when the text cannot be one. */
export function parseMessageId(id: string): { planId: number; index: number } | null {
  if (!/^[1-9][0-9]{8,23}$/.test(id)) return null;
  const planId = Number(id.slice(0, -INDEX_DIGITS));
  const index = Number(id.slice(-INDEX_DIGITS));
  return Number.isSafeInteger(planId) && index <= MAX_INDEX ? { planId, index } : null;
}
