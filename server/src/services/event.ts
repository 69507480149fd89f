import type { Event, EventBody } from '../domain/event.ts';
import type { PlanState } from '../domain/plan.ts';
import type { EventFilter, Reader, Tx } from '../store/store.ts';
import type { Ctx } from './verb.ts';

/** Writes what happened beside the change that made it happen. */
export function addEvent(tx: Tx, ctx: Ctx, businessId: number, body: EventBody): Promise<void> {
  return tx.events.add([{ id: ctx.nextId('event'), businessId, at: ctx.now(), body }]);
}

/** Gathers what happened to many messages in one batch: one event per business and what changed. */
export class EventBatch {
  readonly #bodies = new Map<string, { businessId: number; body: EventBody }>();

  /** @param accepted given when the plan is new */
  plan(businessId: number, planId: number, state: PlanState, accepted?: true): void {
    const key = `plan ${state} ${accepted ?? ''}`;
    const body = this.#body(businessId, key, () => ({
      kind: 'plan.state',
      plans: [],
      state,
      ...(accepted && { accepted }),
    }));
    if (body.kind === 'plan.state') body.plans.push(planId);
  }

  messages(
    businessId: number,
    run: { planId: number; from: number; to: number },
    change: Pick<Extract<EventBody, { kind: 'message.state' }>, 'state' | 'error' | 'repeat'>,
  ): void {
    const key = `message ${change.state} ${change.error ?? ''} ${change.repeat ?? ''}`;
    const body = this.#body(businessId, key, () => ({ kind: 'message.state', runs: [], ...change }));
    if (body.kind === 'message.state') body.runs.push([run.planId, run.from, run.to]);
  }

  async write(tx: Tx, ctx: Ctx): Promise<void> {
    const at = ctx.now();
    await tx.events.add([...this.#bodies.values()].map((event) => ({ id: ctx.nextId('event'), at, ...event })));
  }

  #body(businessId: number, key: string, create: () => EventBody): EventBody {
    const fullKey = `${businessId} ${key}`;
    let entry = this.#bodies.get(fullKey);
    if (entry === undefined) {
      entry = { businessId, body: create() };
      this.#bodies.set(fullKey, entry);
    }
    return entry.body;
  }
}

/** Events in order, after an id; of one business or, for the installation, of all. */
export const listEvents = (
  reader: Reader,
  input: { filter: EventFilter; after: number; limit: number },
): Promise<Event[]> => reader.events.after(input.after, input.filter, input.limit);

/** The same for people who search: a page may hold few and have a next one all the same. */
export const searchEvents = (
  reader: Reader,
  input: { filter: EventFilter; after: number; limit: number },
): Promise<{ events: Event[]; next: number | null }> => reader.events.page(input.after, input.filter, input.limit);

/** The id of the last event; 0 when there is none. */
export const lastEvent = (reader: Reader, _input: Record<string, never>): Promise<number> => reader.events.last();
