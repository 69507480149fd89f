import type { Target } from '../domain/route.ts';
import { WeightedTurns } from '../domain/weighted-turns.ts';
import type { Clock } from '../lib/clock.ts';

/** A channel whose turn it is and that is full is waited for so long; then it is slow, and the others take its share. */
export const PATIENCE_MS = 500;

/** Room of a channel's queue in a lane, in segments. */
export interface Room {
  free: number;
  /** With nothing in it. */
  whole: number;
}

/** Who is next, and among whom. */
export interface Next {
  channelId: number;
  standing: readonly Target[];
}

/**
 * Shares a line between its channels by weight as long as they keep up, and by what they can take when they do not: a
 * slow channel holds up no message that another can take. One that was slow counts again once half its queue is empty,
 * so that it is not waited for again with every message it takes.
 */
export class LineFlow {
  readonly #clock: Clock;
  readonly #turns = new WeightedTurns();
  readonly #fullSince = new Map<number, number>();
  /** By the monotonic clock; null: nobody is waited for. */
  #waitsUntil: number | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** When to ask again though no room was made, by the monotonic clock; null: not before there is room. */
  get waitsUntil(): number | null {
    return this.#waitsUntil;
  }

  /** The channel that is given the next messages, of those in use; null while it, or each of them, is full. */
  next(inUse: readonly Target[], roomOf: (channelId: number) => Room): Next | null {
    this.#waitsUntil = null;
    if (inUse.length === 0) return null;
    if (inUse.length === 1) {
      const { channelId } = inUse[0]!;
      return roomOf(channelId).free > 0 ? { channelId, standing: inUse } : null;
    }
    const now = this.#clock.monotonic();
    const quick = inUse.filter(({ channelId }) => !this.#isSlow(channelId, roomOf(channelId), now));
    if (quick.length > 0) {
      const { channelId } = this.#turns.next(quick);
      if (roomOf(channelId).free > 0) return { channelId, standing: quick };
      this.#waitsUntil = (this.#fullSince.get(channelId) ?? now) + PATIENCE_MS;
      return null;
    }
    const open = inUse.filter(({ channelId }) => roomOf(channelId).free > 0);
    return open.length === 0 ? null : { channelId: this.#turns.next(open).channelId, standing: open };
  }

  /** Says what it was given, in segments. */
  given({ channelId, standing }: Next, segments: number): void {
    this.#turns.given(standing, channelId, segments);
  }

  #isSlow(channelId: number, { free, whole }: Room, now: number): boolean {
    if (free <= 0) {
      if (!this.#fullSince.has(channelId)) this.#fullSince.set(channelId, now);
    } else if (free >= whole / 2) this.#fullSince.delete(channelId);
    const since = this.#fullSince.get(channelId);
    return since !== undefined && now - since >= PATIENCE_MS;
  }
}
