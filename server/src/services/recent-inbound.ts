import { REPEAT_WITHIN_MS, type SeenInbound } from '../domain/inbound.ts';

/** SMS that are remembered at most; beyond them the oldest are forgotten early. */
const MAX_REMEMBERED = 200_000;

/** The SMS of the last hour, to know those that a carrier delivers again. A start reads them from the store. */
export class RecentInbound {
  /** In the order in which they were noted, which is about that of their times. */
  readonly #seen = new Map<string, SeenInbound>();

  find(channelId: number, fingerprint: number): SeenInbound | null {
    return this.#seen.get(keyOf(channelId, fingerprint)) ?? null;
  }

  /** Returns what takes it back, for a rollback. */
  note(seen: SeenInbound): () => void {
    const key = keyOf(seen.channelId, seen.fingerprint);
    const before = this.#seen.get(key);
    this.#seen.delete(key);
    this.#seen.set(key, seen);
    this.#forget(seen.takenAt);
    return () => {
      if (before === undefined) this.#seen.delete(key);
      else this.#seen.set(key, before);
    };
  }

  #forget(now: number): void {
    for (const [key, { takenAt }] of this.#seen) {
      if (this.#seen.size <= MAX_REMEMBERED && now - takenAt <= REPEAT_WITHIN_MS) return;
      this.#seen.delete(key);
    }
  }
}

const keyOf = (channelId: number, fingerprint: number): string => `${channelId} ${fingerprint}`;
