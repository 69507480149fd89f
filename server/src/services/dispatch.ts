import type { Category } from '../domain/category.ts';
import { SIMULATOR_CHANNEL_ID } from '../domain/channel.ts';
import type { Content } from '../domain/content.ts';
import { messageId } from '../domain/message.ts';
import type { Begun } from '../domain/parts.ts';
import type {
  LeasedRetry,
  OpenedMessages,
  OpenPlan,
  PlanPlace,
  Reader,
  Retry,
  RetryKey,
  Tx,
  WaitingMessages,
} from '../store/store.ts';
import { hadChannel } from './channel.ts';
import { EventBatch } from './event.ts';
import { begunAmong } from './in-parts.ts';
import { type Claimant, Ownership } from './ownership.ts';
import { type LanePlan, type PackedRanges, unpackRanges } from './packed.ts';
import { withoutStopped } from './screening.ts';
import { single, type Verb } from './verb.ts';

/** Claimed messages, and what carriers have of them already, by their places. */
export type OpenedAttempts = OpenedMessages & {
  begun?: ReadonlyMap<number, Begun>;
  /** Nothing was claimed: the claimant does not own the channel any more, or it is the simulator that is not needed now. */
  stale?: true;
};

/** Ranges to claim for a channel. */
export interface OpenAttempts {
  channelId: number;
  ranges: PackedRanges;
  /** Messages of the list of retries, which they leave when they are claimed. */
  retries: readonly RetryKey[];
  /** Absent where only one process sends. */
  claimant?: Claimant | undefined;
}

/**
 * Writes down the attempts before their bytes leave, and returns what is to be sent. Claims are guarded: what another
 * task has taken, or what a pause or cancel has stopped, is not returned.
 */
export const openAttempts: Verb<OpenAttempts, OpenedAttempts> = {
  priority: 0,
  // A long range is one statement, so a message of it weighs less than a row.
  rows: ({ ranges, retries }) =>
    unpackRanges(ranges).reduce((rows, { from, to }) => rows + 1 + (to - from) / 8, retries.length),
  async run(tx, ctx, inputs) {
    const at = ctx.now();
    const answers = [];
    const events = new EventBatch();
    const owners = new Ownership(tx);
    for (const { channelId, ranges, retries, claimant } of inputs) {
      // A process that has not heard yet of the first channel must not take a message for a simulated one.
      const gone = channelId === SIMULATOR_CHANNEL_ID && (await hadChannel(tx));
      if (gone || !(await owners.isOwner(claimant))) {
        answers.push({ value: nothingOpened() });
        continue;
      }
      const opened = await tx.messages.open(unpackRanges(ranges), channelId, at, retries);
      const value = await withoutStopped(tx, ctx, opened);
      tellDispatching(events, value);
      if (retries.length > 0) await leaveRetries(tx, retries, opened);
      const begun = await begunAmong(tx, value);
      answers.push({ value: begun === undefined ? value : { ...value, begun } });
    }
    await events.write(tx, ctx);
    return answers;
  },
};

const nothingOpened = (): OpenedAttempts => ({
  planIds: new Float64Array(0),
  businessIds: new Float64Array(0),
  indexes: new Uint32Array(0),
  recipients: new Float64Array(0),
  contentIds: new Float64Array(0),
  parameters: null,
  stale: true,
});

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

/** Running plans of a lane, those first that expire first. */
export const runningPlans = (
  reader: Reader,
  input: { category: Category; after: PlanPlace | null; limit: number },
): Promise<OpenPlan[]> => reader.plans.running(input.category, input.after, input.limit);

/** Running plans of a business in a lane, in the order they came; `next`: where to go on. */
export const runningPlansOf = (
  reader: Reader,
  input: { businessId: number; category: Category; after: number; limit: number },
): Promise<{ plans: OpenPlan[]; next: number | null }> =>
  reader.plans.runningOf(input.businessId, input.category, input.after, input.limit);

/** A plan as its lane sees it, or null when it does not run. */
export async function runningPlan(reader: Reader, input: { planId: number }): Promise<LanePlan | null> {
  const plan = await reader.plans.byId(input.planId);
  // The messages of a test are only ever handed out as retries, which know their channel.
  if (plan?.state !== 'running' || plan.testChannelId !== null) return null;
  const { id, businessId, category, sendable, accepted, segments, expiresAt } = plan;
  return { id, businessId, category, sendable, accepted, segments, expiresAt };
}

/** Messages of running plans that wait and that no retry speaks of. */
export const waitingMessages = (
  reader: Reader,
  input: { plans: readonly { planId: number; from: number }[]; limit: number },
): Promise<WaitingMessages> => reader.messages.waiting(input.plans, input.limit);

/** When the next message of a lane is due to be sent again; null when none waits. */
export const nextRetry = (reader: Reader, input: { category: Category }): Promise<number | null> =>
  reader.retries.nextAt(input.category);

/** How long a retry may stand in a queue before it is published again. */
export const RETRY_LEASE_MS = 60_000;
/** A retry to somebody who rests is looked at again after this long at the latest. */
const MAX_REST_MS = 24 * 3_600_000;

/** A retry, and the channel that it is bound to: the one that has some parts of the message, or that is tested by it. */
export type DueRetry = LeasedRetry & { channelId?: number };

/** Takes messages of a lane that are due to be sent again, for publishing. */
export const leaseRetries = single(
  async (tx, ctx, input: { category: Category; limit: number }): Promise<DueRetry[]> => {
    const at = ctx.now();
    const due = await tx.retries.lease(input.category, at, at + RETRY_LEASE_MS, input.limit);
    const { quiet } = ctx.settings;
    if (quiet === null || input.category !== 'marketing') return onTheirChannels(tx, due);
    // Those who rest are written to when they do not any more; what never may be expires.
    const ready: LeasedRetry[] = [];
    const resting: Retry[] = [];
    for (const retry of due) {
      const until = quiet.until(retry.recipient, at);
      if (until === null) ready.push(retry);
      else resting.push({ ...retry, dueAt: Math.min(until, at + MAX_REST_MS) });
    }
    await tx.retries.add(resting);
    return onTheirChannels(tx, ready);
  },
);

/** Lets retries that were taken for publishing be taken again at once: where they were to go is not to be used now. */
export const releaseRetries = single(
  async (tx, ctx, input: { retries: readonly { planId: number; index: number }[] }): Promise<void> => {
    await tx.retries.release(input.retries, ctx.now());
    ctx.notify({ kind: 'workWaiting' });
  },
);

/** What a carrier has in part stays with it, and a test with what it tests. */
async function onTheirChannels(tx: Tx, retries: LeasedRetry[]): Promise<DueRetry[]> {
  if (retries.length === 0) return retries;
  const anyInParts = await tx.inParts.any();
  const due: DueRetry[] = [];
  for (const retry of retries) {
    const { planId, index, testChannelId } = retry;
    const begun = anyInParts ? await tx.inParts.byMessage(planId, index) : null;
    const channelId = testChannelId ?? begun?.channelId;
    due.push(channelId === undefined ? retry : { ...retry, channelId });
  }
  return due;
}

/** What channels may want to know of plans; those that are gone are left out. */
export async function planFacts(
  reader: Reader,
  input: { planIds: readonly number[] },
): Promise<{ planId: number; businessId: number; expiresAt: number }[]> {
  const plans = await Promise.all(input.planIds.map((planId) => reader.plans.byId(planId)));
  return plans.flatMap((plan) =>
    plan === null ? [] : [{ planId: plan.id, businessId: plan.businessId, expiresAt: plan.expiresAt }],
  );
}

/** What a plan sends. */
export const findContent = (reader: Reader, input: { id: number }): Promise<Content | null> =>
  reader.contents.byId(input.id);
