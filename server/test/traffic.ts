import { CATEGORIES, type Category } from '../src/domain/category.ts';
import { OWN_RECEIPTS } from '../src/domain/channel.ts';
import type { MessageState, ReportedState } from '../src/domain/message.ts';
import type { PartAnswer } from '../src/domain/parts.ts';
import type { NotOverMe } from '../src/domain/route-figure.ts';
import type { VerbInput, VerbValue } from '../src/services/desk.ts';
import type { FailedMessage } from '../src/services/outcome.ts';
import { type AcceptedMessage, packAccepted, packRanges } from '../src/services/packed.ts';
import type { AcceptPlan, PlanRequest } from '../src/services/plan-request.ts';
import type { ActorRef } from '../src/services/verb.ts';
import type { LeasedRetry, Range, RetryKey } from '../src/store/store.ts';
import { ADMIN, type TestDesk } from './desk.ts';

/** The first of a row of test numbers. */
export const NUMBER = 8_613_800_138_000;

/** `count` numbers from {@link NUMBER} on. */
export const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => NUMBER + i);

/** A business that may send. */
export interface Sender {
  actor: ActorRef;
  businessId: number;
  signatureId: number;
  templateId: number;
  request: PlanRequest;
}

let names = 0;

/** A business with credits, a signature and a template, both approved. */
export async function openSender(
  desk: TestDesk,
  given: { credits?: number; text?: string; category?: Category; signature?: string } = {},
): Promise<Sender> {
  const { id: businessId } = await desk.do('createBusiness', {
    actor: ADMIN,
    name: `sender-${++names}`,
    passwordHash: 'no hash at all',
    defaultCountry: null,
    timeZone: null,
    credits: given.credits ?? 1_000,
  });
  const actor = { businessId, admin: false };
  const { id: signatureId } = await desk.do('createSignature', {
    actor,
    text: given.signature ?? 'Signet',
    source: 'trade mark',
    pics: [],
  });
  await approveSignature(desk, signatureId);
  const templateId = await addTemplate(desk, actor, signatureId, given.text ?? 'Hello', given.category);
  const request: PlanRequest = {
    businessId,
    dialect: 'native',
    name: '',
    templateId,
    signatureId,
    unsetVariables: 'refuse',
    startAt: null,
    customArgs: null,
  };
  return { actor, businessId, signatureId, templateId, request };
}

export const approveSignature = (desk: TestDesk, id: number): Promise<void> =>
  desk.do('reviewSignature', { actor: ADMIN, id, verdict: { state: 'approved', reason: '' } });

export const approveTemplate = (desk: TestDesk, id: number): Promise<void> =>
  desk.do('reviewTemplate', { actor: ADMIN, id, verdict: { state: 'approved', reason: '' } });

/** What makes a template; a notification unless said otherwise. */
export const templateFields = (
  signatureId: number | null,
  text: string,
  category: Category = 'notification',
): VerbInput<'createTemplate'>['fields'] => ({
  signatureId,
  placement: null,
  name: 'greeting',
  text,
  category,
  description: null,
  countryCodes: null,
});

export async function addTemplate(
  desk: TestDesk,
  actor: ActorRef,
  signatureId: number | null,
  text: string,
  category?: Category,
): Promise<number> {
  const { id } = await desk.do('createTemplate', { actor, fields: templateFields(signatureId, text, category) });
  await approveTemplate(desk, id);
  return id;
}

/** A request of this sender to so many numbers. */
export function toSend(sender: Sender, recipients: number | number[], change: Partial<AcceptPlan> = {}): AcceptPlan {
  const to = typeof recipients === 'number' ? numbers(recipients) : recipients;
  return {
    request: sender.request,
    total: to.length,
    recipients: to,
    invalid: [],
    parameters: { shared: null },
    idempotency: null,
    ...change,
  };
}

/** Accepts a plan and returns its id. */
export async function accept(desk: TestDesk, sender: Sender, recipients: number | number[]): Promise<number> {
  return (await desk.do('acceptPlan', toSend(sender, recipients))).planId;
}

/** Claims messages for a channel as a dispatcher does, and tells which were claimed. */
export async function open(
  desk: TestDesk,
  ranges: readonly Range[],
  channelId = 1,
  retries: readonly RetryKey[] = [],
): Promise<{ planId: number; index: number; recipient: number }[]> {
  const opened = await desk.do('openAttempts', { channelId, ranges: packRanges(ranges), retries });
  return Array.from(opened.planIds, (planId, i) => ({
    planId,
    index: opened.indexes[i]!,
    recipient: opened.recipients[i]!,
  }));
}

/** Leases what is due to be sent again, lane by lane, `limit` of each at most. */
export async function leaseDue(desk: TestDesk, limit = 100): Promise<LeasedRetry[]> {
  const due: LeasedRetry[] = [];
  for (const category of CATEGORIES) due.push(...(await desk.do('leaseRetries', { category, limit })));
  return due;
}

/** Leases what is due to be sent again and claims it, as relay and dispatcher do. */
export const openDue = async (desk: TestDesk, channelId = 1): ReturnType<typeof open> =>
  open(desk, [], channelId, await leaseDue(desk));

/** When the next message of any lane is due to be sent again. */
export async function nextRetry(desk: TestDesk): Promise<number | null> {
  const times: number[] = [];
  for (const category of CATEGORIES) {
    const at = await desk.ask('nextRetry', { category });
    if (at !== null) times.push(at);
  }
  return times.length === 0 ? null : Math.min(...times);
}

/** The indexes of a plan's messages that were never tried. */
export async function waitingOf(desk: TestDesk, planId: number): Promise<number[]> {
  const { indexes } = await desk.ask('waitingMessages', { plans: [{ planId, from: 0 }], limit: 100_000 });
  return [...indexes];
}

/** Ends what waits in plans that have expired by now. */
export async function expire(desk: TestDesk): Promise<void> {
  for (const category of CATEGORIES) {
    const plans = await desk.ask('expiredPlans', { category, after: null, until: desk.clock.now(), limit: 1_000 });
    const ranges = plans.map(({ id, accepted }) => ({ planId: id, from: 0, to: accepted - 1 }));
    await desk.do('expireUnsent', { ranges });
  }
}

/** Records that the carrier accepted messages. */
export const answerAccepted = (
  desk: TestDesk,
  messages: readonly AcceptedMessage[],
  { channelId = 1, receipts = true } = {},
): Promise<NotOverMe[]> =>
  desk.do('recordOutcomes', { channelId, accepted: packAccepted(messages), receipts, failed: [] });

/** Records that a message was not accepted. */
export const answerFailed = (
  desk: TestDesk,
  message: { planId: number; index: number; recipient?: number; linkLost?: boolean },
  outcome: FailedMessage['outcome'],
  error = outcome === 'notSent' ? '' : '0x0000000B',
  channelId = 1,
): Promise<NotOverMe[]> =>
  desk.do('recordOutcomes', {
    channelId,
    accepted: packAccepted([]),
    receipts: true,
    failed: [{ recipient: NUMBER + message.index, ...message, outcome, error }],
  });

/**
 * Records an answer about a long message, part by part, a letter each: accepted, unknown, not sent; refused: later,
 * elsewhere or (x) never.
 */
export const answerInParts = (
  desk: TestDesk,
  message: { planId: number; index: number; recipient?: number },
  letters: string,
  given: {
    round?: number | null;
    reference?: number;
    userReference?: number;
    ids?: readonly string[];
    channelId?: number;
  } = {},
): Promise<NotOverMe[]> =>
  desk.do('recordOutcomes', {
    channelId: given.channelId ?? 1,
    accepted: packAccepted([]),
    receipts: true,
    failed: [],
    inParts: [
      {
        recipient: NUMBER + message.index,
        ...message,
        reference: given.reference ?? 0,
        userReference: given.userReference ?? null,
        round: given.round === undefined ? 0 : given.round,
        parts: [...letters].map((letter, i) => partAnswer(letter, given.ids?.[i] ?? `id-${i}`)),
      },
    ],
  });

function partAnswer(letter: string, carrierId: string): PartAnswer {
  if (letter === 'a') return { kind: 'accepted', carrierId };
  if (letter === 'u') return { kind: 'unknown', error: 'lost' };
  if (letter === 'n') return { kind: 'notSent' };
  const retry = letter === 'l' ? 'later' : letter === 'e' ? 'elsewhere' : 'never';
  return { kind: 'refused', retry, error: retry };
}

/** A report with an id that nobody knows, once whatever it may be about has been answered. */
export async function unheardOf(desk: TestDesk): Promise<void> {
  await report(desk, 'unheard-of');
  desk.clock.advance(OWN_RECEIPTS.answeredWithinMs);
  await desk.do('settleParked', { limit: 10 });
}

/** Hands in one report. */
export const report = (
  desk: TestDesk,
  carrierId: string,
  state: ReportedState = 'delivered',
  given: { recipient?: number | null; error?: string; channelId?: number; userReference?: number } = {},
): Promise<VerbValue<'recordReceipts'>> =>
  desk.do('recordReceipts', {
    reports: [
      {
        channelId: given.channelId ?? 1,
        carrierId,
        recipient: given.recipient === undefined ? NUMBER : given.recipient,
        state,
        error: given.error ?? '',
        userReference: given.userReference ?? null,
        at: desk.clock.now(),
      },
    ],
    batch: null,
  });

/** The states of a plan's messages, by index. */
export async function statesOf(desk: TestDesk, planId: number): Promise<MessageState[]> {
  const rows = await desk.ask('messagesOfPlan', { planId, after: -1, limit: 100_000 });
  return rows.map(({ state }) => state);
}

/** One message as lists show it. */
export async function messageOf(desk: TestDesk, planId: number, index = 0) {
  return (await desk.ask('findMessage', { businessId: null, planId, index }))!.message;
}

/** One plan. */
export async function planOf(desk: TestDesk, planId: number) {
  return (await desk.ask('findPlan', { businessId: null, id: planId }))!.plan;
}

/** The lines of a grant where there are no routes. */
export const EVERYTHING: ReadonlyMap<string, number> = new Map([['default', 1]]);
