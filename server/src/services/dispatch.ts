import type { Category } from '../domain/category.ts';
import type { Content } from '../domain/content.ts';
import { messageId } from '../domain/message.ts';
import type { OpenedMessages, OpenPlan, Range, Reader, Retry, Tx } from '../store/store.ts';
import { EventBatch } from './event.ts';
import { type PackedRanges, unpackRanges } from './packed.ts';
import { single, type Verb } from './verb.ts';

/** Ranges to claim for a channel. */
export interface OpenAttempts {
  channelId: number;
  ranges: PackedRanges;
  /** Which of them come from the list of retries, and leave it when they are claimed. */
  retries: readonly { planId: number; index: number }[];
}

/**
 * Writes down the attempts before their bytes leave, and returns what is to be sent. Claims are guarded: what another
 * task has taken, or what a pause or cancel has stopped, is not returned.
 */
export const openAttempts: Verb<OpenAttempts, OpenedMessages> = {
  priority: 0,
  // A long range is one statement, so a message of it weighs less than a row.
  rows: ({ ranges }) => unpackRanges(ranges).reduce((rows, { from, to }) => rows + 1 + (to - from) / 8, 0),
  async run(tx, ctx, inputs) {
    const at = ctx.now();
    const answers = [];
    const events = new EventBatch();
    for (const { channelId, ranges, retries } of inputs) {
      const value = await tx.messages.open(unpackRanges(ranges), channelId, at);
      tellDispatching(events, value);
      if (retries.length > 0) await leaveRetries(tx, retries, value);
      answers.push({ value });
    }
    await events.write(tx, ctx);
    return answers;
  },
};

function tellDispatching(events: EventBatch, { planIds, businessIds, indexes }: OpenedMessages): void {
  let from = 0;
  for (let i = 1; i <= planIds.length; i++) {
    if (i < planIds.length && planIds[i] === planIds[i - 1] && indexes[i] === indexes[i - 1]! + 1) continue;
    const run = { planId: planIds[from]!, from: indexes[from]!, to: indexes[i - 1]! };
    events.messages(businessIds[from]!, run, { state: 'dispatching' });
    from = i;
  }
}

async function leaveRetries(tx: Tx, retries: OpenAttempts['retries'], opened: OpenedMessages): Promise<void> {
  const claimed = new Set<string>();
  for (let i = 0; i < opened.planIds.length; i++) claimed.add(messageId(opened.planIds[i]!, opened.indexes[i]!));
  await tx.retries.remove(retries.filter(({ planId, index }) => claimed.has(messageId(planId, index))));
}

/** Running plans of a lane, in the order they came. */
export const runningPlans = (
  reader: Reader,
  input: { category: Category; after: number; limit: number },
): Promise<OpenPlan[]> => reader.plans.running(input.category, input.after, input.limit);

/** Runs of messages of a plan that wait to be sent. */
export const waitingRanges = (
  reader: Reader,
  input: { planId: number; from: number; limit: number },
): Promise<Range[]> => reader.messages.waiting(input.planId, input.from, input.limit);

/** When the next message is due to be sent again; null when none waits. */
export const nextRetry = (reader: Reader, _input: Record<string, never>): Promise<number | null> =>
  reader.retries.nextAt();

/** How long a retry may stand in a queue before it is published again. */
const RETRY_LEASE_MS = 60_000;

/** Takes messages that are due to be sent again, for publishing. */
export const leaseRetries = single(
  async (tx, ctx, input: { limit: number }): Promise<(Retry & { category: Category })[]> => {
    const at = ctx.now();
    return tx.retries.lease(at, at + RETRY_LEASE_MS, input.limit);
  },
);

/** What a plan sends. */
export const findContent = (reader: Reader, input: { id: number }): Promise<Content | null> =>
  reader.contents.byId(input.id);
