import type { MessagePart } from './parts.ts';

/** What is kept of a part until all of them are there. */
export interface KeptPart {
  readonly messageId: string;
  readonly text: Uint8Array;
}

interface Unfinished {
  readonly total: number;
  readonly parts: Map<number, KeptPart>;
}

/** Most long messages that wait for their parts; beyond that the oldest are forgotten. */
const MAX_UNFINISHED = 100_000;

/** Long messages whose parts come one by one, in any order; a part that comes again takes the place of the first. */
export class LongMessages {
  readonly #unfinished = new Map<string, Unfinished>();

  /** Messages that wait for parts. */
  get size(): number {
    return this.#unfinished.size;
  }

  /** The id of a part that came before; undefined for the first part of a message. */
  earlierId(sender: string, part: MessagePart): string | undefined {
    const [first] = this.#unfinished.get(keyOf(sender, part))?.parts.values() ?? [];
    return first?.messageId;
  }

  /**
   * Takes a part; returns all parts in their order once the last is there. `sender` tells messages of the same
   * reference apart. A part that cannot be (the third of two) counts as a message of its own.
   */
  add(sender: string, part: MessagePart, kept: KeptPart): KeptPart[] | undefined {
    if (part.number < 1 || part.number > part.total) return [kept];
    const key = keyOf(sender, part);
    let unfinished = this.#unfinished.get(key);
    if (unfinished === undefined) {
      unfinished = { total: part.total, parts: new Map() };
      this.#unfinished.set(key, unfinished);
      if (this.#unfinished.size > MAX_UNFINISHED) this.#forgetOldest();
    }
    unfinished.parts.set(part.number, kept);
    if (unfinished.parts.size < unfinished.total) return undefined;
    this.#unfinished.delete(key);
    return [...unfinished.parts].sort(([a], [b]) => a - b).map(([, each]) => each);
  }

  #forgetOldest(): void {
    const [oldest] = this.#unfinished.keys();
    this.#unfinished.delete(oldest!);
  }
}

function keyOf(sender: string, part: MessagePart): string {
  return `${sender}\t${part.reference}\t${part.total}`;
}
