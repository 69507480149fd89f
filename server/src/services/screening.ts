import { type RecipientList, STOPPED_BY } from '../domain/listed.ts';
import type { OpenedMessages, StoppedRecipients, Tx } from '../store/store.ts';
import type { EventBatch } from './event.ts';
import { hotContent } from './hot-rows.ts';
import type { RequestParameters } from './plan-request.ts';
import type { Gate } from './recipient-lists.ts';
import { SettleBatch } from './settle-batch.ts';
import { endUnclaimed } from './sweep.ts';
import type { Ctx } from './verb.ts';

/** Recipients that lists stop, by list. */
export type Stopped = Partial<Record<RecipientList, number[]>>;

/** A request without the recipients that lists stop. */
export interface Screened {
  recipients: readonly number[];
  parameters: RequestParameters;
  stopped: Stopped;
}

/** Parts a request's recipients; null when none is stopped. */
export function screen(
  gate: Gate | null,
  recipients: readonly number[],
  parameters: RequestParameters,
): Screened | null {
  if (gate === null) return null;
  const stopped: Stopped = {};
  const kept: number[] = [];
  for (let i = 0; i < recipients.length; i++) {
    const list = gate(recipients[i]!);
    if (list === null) kept.push(i);
    else if (stopped[list] === undefined) stopped[list] = [recipients[i]!];
    else stopped[list].push(recipients[i]!);
  }
  if (kept.length === recipients.length) return null;
  return {
    recipients: kept.map((i) => recipients[i]!),
    parameters: 'shared' in parameters ? parameters : { each: kept.map((i) => parameters.each[i] ?? null) },
    stopped,
  };
}

/** How many recipients are stopped. */
export const countStopped = (stopped: Stopped): number =>
  Object.values(stopped).reduce((sum, { length }) => sum + length, 0);

/** The messages of stopped recipients, failed from the beginning, indexes from `from` on; and what is told of them. */
export function stoppedMessages(
  events: EventBatch,
  businessId: number,
  planId: number,
  from: number,
  stopped: Stopped,
): StoppedRecipients[] {
  const rows: StoppedRecipients[] = [];
  let next = from;
  for (const [list, recipients] of Object.entries(stopped) as [RecipientList, number[]][]) {
    const error = STOPPED_BY[list];
    rows.push({ planId, from: next, recipients, error });
    const to = next + recipients.length - 1;
    events.messages(businessId, { planId, from: next, to }, { state: 'failed', error });
    next = to + 1;
  }
  return rows;
}

/**
 * Of messages that were just claimed, those whose recipients no list stops by now. The others fail, and their credits
 * come back. Costs nothing while all lists are empty.
 */
export async function withoutStopped(tx: Tx, ctx: Ctx, opened: OpenedMessages): Promise<OpenedMessages> {
  if (ctx.recipientLists.empty) return opened;
  const gates = new Map<string, Gate | null>();
  let gate: Gate | null = null;
  const kept: number[] = [];
  const batch = new SettleBatch(tx, ctx);
  const { planIds, businessIds, indexes, recipients, contentIds, parameters } = opened;
  const gateOf = async (businessId: number, contentId: number): Promise<Gate | null> => {
    const key = `${businessId} ${contentId}`;
    let found = gates.get(key);
    if (found === undefined) {
      const { category } = (await hotContent(tx, ctx, contentId))!;
      found = ctx.recipientLists.gate(businessId, category);
      gates.set(key, found);
    }
    return found;
  };
  for (let i = 0; i < planIds.length; i++) {
    // Messages of a plan stand together.
    if (i === 0 || planIds[i] !== planIds[i - 1]) gate = await gateOf(businessIds[i]!, contentIds[i]!);
    const list = gate === null ? null : gate(recipients[i]!);
    if (list === null) {
      kept.push(i);
      continue;
    }
    const range = { planId: planIds[i]!, from: indexes[i]!, to: indexes[i]! };
    await tx.messages.unopen([range]);
    await endUnclaimed(tx, ctx, batch, { state: 'failed', error: STOPPED_BY[list] }, range);
  }
  if (kept.length === planIds.length) return opened;
  await batch.write();
  return {
    planIds: Float64Array.from(kept, (i) => planIds[i]!),
    businessIds: Float64Array.from(kept, (i) => businessIds[i]!),
    indexes: Uint32Array.from(kept, (i) => indexes[i]!),
    recipients: Float64Array.from(kept, (i) => recipients[i]!),
    contentIds: Float64Array.from(kept, (i) => contentIds[i]!),
    parameters: parameters === null ? null : kept.map((i) => parameters[i]!),
  };
}
