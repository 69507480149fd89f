import { NEW_PLAN_CALLBACKS, type Piece, type PlanSize, piecesOf } from '../domain/callback.ts';
import { cut, packed, rowsIn } from '../domain/cutting.ts';
import type { Event } from '../domain/event.ts';
import { MAX_DELIVERY_ROWS, MAX_WAITING_DELIVERIES, type Webhook, type WebhookCursor } from '../domain/webhook.ts';
import type { Reader } from '../store/store.ts';
import { single } from './verb.ts';

/** Rows one call makes into deliveries at most. */
const MAX_ROWS = 5_000;
/** Events one call looks at, and how many it reads at a time: one may speak of thousands of messages. */
const MAX_EVENTS = 256;
const EVENTS_AT_ONCE = 16;

/**
 * Makes what happened since the last call into deliveries of a webhook, and moves its cursor in the same transaction:
 * so every row is in exactly one delivery, however often the process dies.
 */
export const feedWebhook = single(async (tx, ctx, input: { id: number }): Promise<{ made: number }> => {
  const webhook = await tx.webhooks.byId(input.id);
  if (webhook === null || webhook.state === 'disabled' || webhook.waiting >= MAX_WAITING_DELIVERIES) return { made: 0 };
  const { pieces, cursor } = await readOn(tx, webhook);
  if (cursor === webhook.cursor) return { made: 0 };
  const chosen = pieces.filter(({ kind }) => webhook.callbacks.includes(kind));
  const deliveries = packed(chosen, MAX_DELIVERY_ROWS).map((list) => ({
    id: ctx.nextId('delivery'),
    pieces: list,
    rows: rowsIn(list),
    since: list[0]!.at,
  }));
  if (deliveries.length > 0) await tx.webhooks.addDeliveries(webhook.id, deliveries, ctx.now());
  await tx.webhooks.moveCursor(webhook.id, cursor);
  return { made: deliveries.length };
});

/** The pieces after a cursor, about {@link MAX_ROWS} rows of them, and the cursor behind them. */
async function readOn(
  reader: Reader,
  { businessId, callbacks, cursor: from }: Webhook,
): Promise<{ pieces: Piece[]; cursor: WebhookCursor }> {
  const ofNewPlans = NEW_PLAN_CALLBACKS.some((kind) => callbacks.includes(kind));
  const pieces: Piece[] = [];
  let cursor = from;
  let room = MAX_ROWS;
  for (let seen = 0; seen < MAX_EVENTS; seen += EVENTS_AT_ONCE) {
    const filter = { businessId, kind: null, states: null };
    const events = await reader.events.after(cursor.eventId, filter, EVENTS_AT_ONCE);
    for (const event of events) {
      const all = piecesOf(event, ofNewPlans ? await sizesOf(reader, event) : NO_SIZES);
      const part = cut(all, cursor.rows, room);
      const told = cursor.rows + rowsIn(part);
      pieces.push(...part);
      room -= rowsIn(part);
      if (told < rowsIn(all)) return { pieces, cursor: { eventId: cursor.eventId, rows: told } };
      cursor = { eventId: event.id, rows: 0 };
    }
    if (events.length < EVENTS_AT_ONCE || room === 0) break;
  }
  return { pieces, cursor };
}

const NO_SIZES: ReadonlyMap<number, PlanSize> = new Map();

/** How many messages new plans have. */
async function sizesOf(reader: Reader, { body }: Event): Promise<Map<number, PlanSize>> {
  const sizes = new Map<number, PlanSize>();
  if (body.kind !== 'plan.state' || !body.accepted) return sizes;
  for (const planId of body.plans) {
    const plan = await reader.plans.byId(planId);
    if (plan !== null) sizes.set(planId, plan);
  }
  return sizes;
}
