import { idAt } from '../lib/ids.ts';
import type { Reader } from '../store/store.ts';
import { single } from './verb.ts';

/** Rows of `installation`: what happened before these times may have been forgotten. */
const PLANS_FORGOTTEN = 'plans forgotten before';
const EVENTS_FORGOTTEN = 'events forgotten before';

/** Makes room for what comes in the next days. */
export const makeRoom = single(async (tx, ctx, _input: Record<string, never>): Promise<null> => {
  await tx.retention.makeRoom(ctx.now());
  return null;
});

/** Forgets plans and messages that have been kept long enough, a step at a time; 0: nothing is left to be forgotten. */
export const forgetMessages = single(async (tx, ctx, input: { limit: number }): Promise<{ forgotten: number }> => {
  const { messagesKeptMs } = ctx.settings;
  if (messagesKeptMs === 0) return { forgotten: 0 };
  const before = ctx.now() - messagesKeptMs;
  const forgotten = await tx.retention.forgetPlans(idAt(before), input.limit);
  if (forgotten > 0) await tx.installation.set(PLANS_FORGOTTEN, String(before));
  return { forgotten };
});

/** The same for events: those only that every webhook and every count has read. */
export const forgetEvents = single(async (tx, ctx, input: { limit: number }): Promise<{ forgotten: number }> => {
  const { eventsKeptMs } = ctx.settings;
  if (eventsKeptMs === 0) return { forgotten: 0 };
  const before = ctx.now() - eventsKeptMs;
  const read = Math.min(await tx.figures.oldestCursor(), (await tx.webhooks.oldestCursor()) ?? Number.MAX_SAFE_INTEGER);
  const forgotten = await tx.retention.forgetEvents(Math.min(idAt(before), read + 1), input.limit);
  if (forgotten > 0) await tx.installation.set(EVENTS_FORGOTTEN, String(before));
  return { forgotten };
});

/** From when on everything is still known, events and messages: milliseconds since 1970, 0 while nothing was forgotten. */
export async function rememberedSince(reader: Reader): Promise<number> {
  const plans = await reader.installation.get(PLANS_FORGOTTEN);
  const events = await reader.installation.get(EVENTS_FORGOTTEN);
  return Math.max(Number(plans ?? 0), Number(events ?? 0));
}
