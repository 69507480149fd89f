import type { Category } from '../src/domain/category.ts';
import type { MessageState, ReportedState } from '../src/domain/message.ts';
import type { VerbInput, VerbValue } from '../src/services/desk.ts';
import type { FailedMessage } from '../src/services/outcome.ts';
import { type AcceptedMessage, packAccepted, packRanges } from '../src/services/packed.ts';
import type { AcceptPlan, PlanRequest } from '../src/services/plan.ts';
import type { ActorRef } from '../src/services/verb.ts';
import type { Range } from '../src/store/store.ts';
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
  return {
    request: sender.request,
    recipients: typeof recipients === 'number' ? numbers(recipients) : recipients,
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
  retries: readonly { planId: number; index: number }[] = [],
): Promise<{ planId: number; index: number; recipient: number }[]> {
  const opened = await desk.do('openAttempts', { channelId, ranges: packRanges(ranges), retries });
  return Array.from(opened.planIds, (planId, i) => ({
    planId,
    index: opened.indexes[i]!,
    recipient: opened.recipients[i]!,
  }));
}

/** Records that the carrier accepted messages. */
export const answerAccepted = (
  desk: TestDesk,
  messages: readonly AcceptedMessage[],
  { channelId = 1, receipts = true } = {},
): Promise<null> => desk.do('recordOutcomes', { channelId, accepted: packAccepted(messages), receipts, failed: [] });

/** Records that a message was not accepted. */
export const answerFailed = (
  desk: TestDesk,
  message: { planId: number; index: number; recipient?: number },
  outcome: FailedMessage['outcome'],
  error = outcome === 'notSent' ? '' : '0x0000000B',
): Promise<null> =>
  desk.do('recordOutcomes', {
    channelId: 1,
    accepted: packAccepted([]),
    receipts: true,
    failed: [{ recipient: NUMBER + message.index, ...message, outcome, error }],
  });

/** Hands in one report. */
export const report = (
  desk: TestDesk,
  carrierId: string,
  state: ReportedState = 'delivered',
  given: { recipient?: number | null; error?: string; group?: number } = {},
): Promise<VerbValue<'recordReceipts'>> =>
  desk.do('recordReceipts', {
    reports: [
      {
        group: given.group ?? 1,
        carrierId,
        recipient: given.recipient === undefined ? NUMBER : given.recipient,
        state,
        error: given.error ?? '',
        at: desk.clock.now(),
      },
    ],
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
