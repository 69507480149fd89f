import type { Category } from '../domain/category.ts';
import type { Clock } from '../lib/clock.ts';
import type { Desk } from '../services/desk.ts';
import { type DueRetry, RETRY_LEASE_MS } from '../services/dispatch.ts';
import type { Next } from './line-flow.ts';

/** Taken from the store at once. */
const RETRY_BATCH = 1_000;
/** Kept while their channels have no room; beyond this they are left to the end of their lease. */
const MAX_HELD = 5_000;
/**
 * Taken although no line has room: what is bound to a channel (a test of it, a text it has in part) may find room there
 * all the same.
 */
const HELD_ANYWAY = 100;
/** Retries are not kept until the very end of their lease, when they would be taken again. */
const HOLD_MS = RETRY_LEASE_MS - 10_000;

/** Retries that may take the same channels. */
export interface RetryGroup {
  readonly key: string;
  /** The key of their line. */
  readonly line: string;
  /** Whose turn it is; null while none of their channels has room. */
  next(): Next | null;
}

/** Where retries go. */
export interface RetryOutlet {
  groupOf(retry: DueRetry): RetryGroup;
  /** Messages that all channels together have room for, about. */
  room(): number;
  /** Messages that one has room for, about. */
  roomOf(channelId: number): number;
  publish(group: RetryGroup, next: Next, retries: readonly DueRetry[]): Promise<void>;
  /** Told of what was taken from the store. */
  onTaken(retry: DueRetry): void;
}

/** Takes messages of a lane that are due to be sent again from the store, and keeps those whose channels have no room. */
export class RetryFeed {
  readonly #category: Category;
  readonly #desk: Desk;
  readonly #clock: Clock;
  readonly #outlet: RetryOutlet;
  #held = new Map<string, { group: RetryGroup; retries: DueRetry[]; dropAt: number }>();
  #heldCount = 0;
  /** Messages may wait in the store. */
  #added = true;

  constructor(category: Category, desk: Desk, clock: Clock, outlet: RetryOutlet) {
    this.#category = category;
    this.#desk = desk;
    this.#clock = clock;
    this.#outlet = outlet;
  }

  /** Knows nothing any more: what was kept comes again with the end of its lease. */
  begin(): void {
    this.#held = new Map();
    this.#heldCount = 0;
    this.#added = true;
  }

  /** There may be more. */
  added(): void {
    this.#added = true;
  }

  async publish(): Promise<void> {
    await this.#publishHeld();
    if (!this.#added) return;
    const room = this.#outlet.room();
    const limit = room > 0 ? Math.min(RETRY_BATCH, room) : HELD_ANYWAY - this.#heldCount;
    if (limit <= 0) return;
    this.#added = false;
    const nextAt = await this.#desk.ask('nextRetry', { category: this.#category });
    this.#added ||= nextAt !== null;
    if (nextAt === null || nextAt > this.#clock.now()) return;
    const due = await this.#desk.do('leaseRetries', { category: this.#category, limit });
    for (const retry of due) {
      this.#outlet.onTaken(retry);
      this.#hold(retry);
    }
    await this.#publishHeld();
  }

  /** Routes have changed: what is kept may go elsewhere now. */
  regroup(): void {
    const held = [...this.#held.values()];
    this.#held = new Map();
    this.#heldCount = 0;
    for (const { retries, dropAt } of held) for (const retry of retries) this.#hold(retry, dropAt);
  }

  #hold(retry: DueRetry, dropAt = this.#clock.monotonic() + HOLD_MS): void {
    const group = this.#outlet.groupOf(retry);
    const held = this.#held.get(group.key);
    if (held === undefined) this.#held.set(group.key, { group, retries: [retry], dropAt });
    else held.retries.push(retry);
    this.#heldCount++;
  }

  async #publishHeld(): Promise<void> {
    if (this.#held.size === 0) return;
    const now = this.#clock.monotonic();
    for (const [key, { group, retries, dropAt }] of this.#held) {
      while (retries.length > 0 && dropAt > now) {
        const next = group.next();
        if (next === null) break;
        const count = Math.max(1, this.#outlet.roomOf(next.channelId));
        const first = retries.splice(0, count);
        this.#heldCount -= first.length;
        await this.#outlet.publish(group, next, first);
      }
      // What is too much, and what is kept for too long, comes again with the end of its lease.
      const excess = dropAt <= now ? retries.length : Math.min(retries.length, Math.max(0, this.#heldCount - MAX_HELD));
      this.#heldCount -= retries.splice(retries.length - excess).length;
      if (retries.length === 0) this.#held.delete(key);
    }
  }
}
