import type { Category } from '../domain/category.ts';
import type { Content } from '../domain/content.ts';
import { messageId } from '../domain/message.ts';
import type { OpenedMessages, OpenPlan, Range, Reader, Retry } from '../store/store.ts';
import { single, type Verb } from './verb.ts';

/** Ranges to claim for a channel. */
export interface OpenAttempts {
  channelId: number;
  ranges: readonly Range[];
  /** Which of them come from the list of retries, and leave it when they are claimed. */
  retries: readonly { planId: number; index: number }[];
}

/**
 * Writes down the attempts before their bytes leave, and returns what is to be sent. Claims are guarded: what another
 * task has taken, or what a pause or cancel has stopped, is not returned.
 */
export const openAttempts: Verb<OpenAttempts, OpenedMessages[]> = {
  priority: 0,
  // Opening a range is one statement, so a message weighs less than a row.
  rows: (input) => input.ranges.reduce((rows, range) => rows + 1 + (range.to - range.from) / 8, 0),
  async run(tx, ctx, inputs) {
    const at = ctx.now();
    const answers = [];
    for (const input of inputs) {
      const value = await tx.messages.open(input.ranges, input.channelId, at);
      if (input.retries.length > 0) {
        const opened = new Set(
          value.flatMap(({ planId, indexes }) => indexes.map((index) => messageId(planId, index))),
        );
        await tx.retries.remove(input.retries.filter(({ planId, index }) => opened.has(messageId(planId, index))));
      }
      answers.push({ value });
    }
    return answers;
  },
};

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
