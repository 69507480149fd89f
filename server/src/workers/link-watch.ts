import type { Clock } from '../lib/clock.ts';

/** A channel that was down for long is used again once its link has been up for this long, so that nothing flaps. */
const RETURN_AFTER_MS = 5_000;

interface Link {
  up: boolean;
  /** When that began. */
  since: number;
  usable: boolean;
}

/**
 * Which channels are worth waiting for. A link that is down is given time to come back before others take its messages;
 * one that was given up has to stay up for a while before it is used again.
 */
export class LinkWatch {
  readonly #clock: Clock;
  readonly #failoverAfterMs: number;
  readonly #links = new Map<number, Link>();

  /** @param failoverAfterMs how long a link may be down */
  constructor(clock: Clock, failoverAfterMs: number) {
    this.#clock = clock;
    this.#failoverAfterMs = failoverAfterMs;
  }

  /** Says how a link is now. */
  see(channelId: number, up: boolean): void {
    const now = this.#clock.monotonic();
    let link = this.#links.get(channelId);
    if (link === undefined) {
      link = { up, since: now, usable: true };
      this.#links.set(channelId, link);
    }
    if (link.up !== up) {
      link.up = up;
      link.since = now;
    }
    const lastsMs = now - link.since;
    if (link.usable) link.usable = up || lastsMs < this.#failoverAfterMs;
    else link.usable = up && lastsMs >= Math.min(RETURN_AFTER_MS, this.#failoverAfterMs);
  }

  forget(channelId: number): void {
    this.#links.delete(channelId);
  }

  /** As of when it was seen last. */
  usable(channelId: number): boolean {
    return this.#links.get(channelId)?.usable ?? false;
  }
}
