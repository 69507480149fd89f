/** A statement that was handed in and not sent yet. */
export interface Later {
  text: string;
  /** Rows it has to find; null: any number of them. */
  rows: number | null;
}

const savepoint = (name: string): string => `SAVEPOINT ${name}`;

/** What a transaction has handed in and nobody has sent yet, in order. */
export class Unsent {
  #statements: Later[] = [];
  #characters = 0;

  get empty(): boolean {
    return this.#statements.length === 0;
  }

  get characters(): number {
    return this.#characters;
  }

  /** Whether any has to find a number of rows. */
  get demands(): boolean {
    return this.#statements.some(({ rows }) => rows !== null);
  }

  put(text: string, rows: number | null = null): void {
    this.#statements.push({ text, rows });
    this.#characters += text.length;
  }

  /** Gives all, to be sent or forgotten. */
  take(): Later[] {
    const taken = this.#statements;
    this.#statements = [];
    this.#characters = 0;
    return taken;
  }

  mark(name: string): void {
    this.put(savepoint(name));
  }

  /** Forgets a savepoint, not what came after it; false when it was sent. */
  unmark(name: string): boolean {
    const at = this.#markAt(name);
    if (at >= 0) this.#statements.splice(at, 1);
    return at >= 0;
  }

  /** Forgets a savepoint and all after it; false when it was sent. */
  undo(name: string): boolean {
    const at = this.#markAt(name);
    if (at >= 0) this.#statements.splice(at);
    return at >= 0;
  }

  #markAt(name: string): number {
    return this.#statements.findLastIndex(({ text }) => text === savepoint(name));
  }
}
