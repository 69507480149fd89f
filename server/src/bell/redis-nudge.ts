import type { Nudge, Urgency } from './bell.ts';

/** What this needs of a Redis client; subscribing takes a connection of its own. */
export interface Topic {
  publish(topic: string, text: string): Promise<void>;
  listen(topic: string, heard: (text: string) => void): Promise<void>;
}

/** Nudges by Redis pub/sub. Nothing depends on it: whoever is not nudged looks a moment later. */
export class RedisNudge implements Nudge {
  readonly #speak: Pick<Topic, 'publish'>;
  readonly #topic: string;
  readonly #listeners: ((urgency: Urgency) => void)[] = [];
  #ringing = false;
  /** What is to be told when the one that is under way has been told. */
  #next: Urgency | null = null;

  constructor(speak: Pick<Topic, 'publish'>, hear: Pick<Topic, 'listen'>, installation: string) {
    this.#speak = speak;
    this.#topic = `signet:{${installation}}:bell`;
    hear.listen(this.#topic, (text) => {
      for (const listener of this.#listeners) listener(text === 'work' ? 'work' : 'all');
    });
  }

  ring(urgency: Urgency): void {
    if (this.#ringing) {
      this.#next = this.#next === 'all' ? 'all' : urgency;
      return;
    }
    this.#ringing = true;
    this.#speak
      .publish(this.#topic, urgency)
      .catch(() => {})
      .finally(() => {
        this.#ringing = false;
        const next = this.#next;
        this.#next = null;
        if (next !== null) this.ring(next);
      });
  }

  onRing(listener: (urgency: Urgency) => void): void {
    this.#listeners.push(listener);
  }
}
