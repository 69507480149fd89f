import type { Event, EventBody } from '../domain/event.ts';
import type { PlanState } from '../domain/plan.ts';
import type { EventFilter, Reader, Tx } from '../store/store.ts';
import type { Ctx } from './verb.ts';

/** Writes what happened beside the change that made it happen. */
export function addEvent(tx: Tx, ctx: Ctx, businessId: number, body: EventBody): Promise<void> {
  return tx.events.add([{ id: ctx.nextId('event'), businessId, at: ctx.now(), body }]);
}

type BodyOf<K extends EventBody['kind']> = Extract<EventBody, { kind: K }>;

/** Gathers what happened to many messages in one batch: one event per business and what changed. */
export class EventBatch {
  readonly #bodies = new Map<string, { businessId: number; body: EventBody }>();
  // What is told next is nearly always of the same kind as the last: it is found without a key.
  #lastPlans: { businessId: number; body: BodyOf<'plan.state'> } | null = null;
  #lastRuns: { businessId: number; body: BodyOf<'message.state'> } | null = null;

  /** @param accepted given when the plan is new */
  plan(businessId: number, planId: number, state: PlanState, accepted?: true): void {
    let last = this.#lastPlans;
    if (last?.businessId !== businessId || last.body.state !== state || last.body.accepted !== accepted) {
      const key = `plan ${state} ${accepted ?? ''}`;
      const body = this.#body(businessId, key, () => ({
        kind: 'plan.state',
        plans: [],
        state,
        ...(accepted && { accepted }),
      }));
      last = this.#lastPlans = { businessId, body };
    }
    last.body.plans.push(planId);
  }

  messages(
    businessId: number,
    run: { planId: number; from: number; to: number },
    change: Pick<BodyOf<'message.state'>, 'state' | 'error' | 'repeat'>,
  ): void {
    const { state, error, repeat } = change;
    let last = this.#lastRuns;
    if (
      last?.businessId !== businessId ||
      last.body.state !== state ||
      last.body.error !== error ||
      last.body.repeat !== repeat
    ) {
      const key = `message ${state} ${error ?? ''} ${repeat ?? ''}`;
      const body = this.#body(businessId, key, () => ({ kind: 'message.state', runs: [], ...change }));
      last = this.#lastRuns = { businessId, body };
    }
    last.body.runs.push([run.planId, run.from, run.to]);
  }

  async write(tx: Tx, ctx: Ctx): Promise<void> {
    const at = ctx.now();
    await tx.events.add([...this.#bodies.values()].map((event) => ({ id: ctx.nextId('event'), at, ...event })));
  }

  /** @param key tells kinds apart, too */
  #body<K extends EventBody['kind']>(businessId: number, key: string, create: () => BodyOf<K>): BodyOf<K> {
    const fullKey = `${businessId} ${key}`;
    let entry = this.#bodies.get(fullKey);
    if (entry === undefined) {
      entry = { businessId, body: create() };
      this.#bodies.set(fullKey, entry);
    }
    return entry.body as BodyOf<K>;
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
