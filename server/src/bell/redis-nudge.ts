import type { Nudge } from './bell.ts';

/** What this needs of a Redis client; subscribing takes a connection of its own. */
export interface Topic {
  publish(topic: string, text: string): Promise<void>;
  listen(topic: string, heard: (text: string) => void): Promise<void>;
}

/** Nudges by Redis pub/sub. Nothing depends on it: whoever is not nudged looks a moment later. */
export class RedisNudge implements Nudge {
  readonly #speak: Pick<Topic, 'publish'>;
  readonly #topic: string;
  readonly #listeners: (() => void)[] = [];
  /** One is under way: what is told meanwhile, it tells as well. */
  #ringing = false;
  #again = false;

  constructor(speak: Pick<Topic, 'publish'>, hear: Pick<Topic, 'listen'>, installation: string) {
    this.#speak = speak;
    this.#topic = `signet:{${installation}}:bell`;
    hear.listen(this.#topic, () => {
      for (const listener of this.#listeners) listener();
    });
  }

  ring(): void {
    if (this.#ringing) {
      this.#again = true;
      return;
    }
    this.#ringing = true;
    this.#speak
      .publish(this.#topic, '')
      .catch(() => {})
      .finally(() => {
        this.#ringing = false;
        if (!this.#again) return;
        this.#again = false;
        this.ring();
      });
  }

  onRing(listener: () => void): void {
    this.#listeners.push(listener);
  }
}
