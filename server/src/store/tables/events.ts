import type { Event, EventBody } from '../../domain/event.ts';

/** Which events are wanted; null: whatever it is. */
export interface EventFilter {
  businessId: number | null;
  kind: EventBody['kind'] | null;
  /** For kinds that tell a state. */
  states: readonly string[] | null;
}

export interface EventReader {
  /** In order, after `after`. */
  after(after: number, filter: EventFilter, limit: number): Promise<Event[]>;
  /**
   * The same, for people who search: what one question looks through is bounded. `next`: where to go on after; null: there
   * are no more.
   */
  page(after: number, filter: EventFilter, limit: number): Promise<{ events: Event[]; next: number | null }>;
  /** The id of the last one; 0 when there is none. */
  last(): Promise<number>;
}

export interface EventWriter {
  add(events: readonly { id: number; businessId: number; at: number; body: EventBody }[]): Promise<void>;
}
