import { Fifo } from '../../lib/fifo.ts';

/** Taken for the size of tasks that another process has published. */
const USUAL_SIZE = 50;

/**
 * Messages that stand in a queue of a server which only counts tasks. What was published here is known task by task, in
 * the order in which it is taken; what the server has beyond that is guessed.
 */
export class ReadyCount {
  /** Sizes of the tasks published here that may still stand in the queue, the next to be taken first. */
  readonly #sizes = new Fifo<number>();
  #known = 0;
  /** Tasks of others. */
  #others = 0;
  /** Published since the last question left, or before it and not yet confirmed: the answer may not count them. */
  #sinceAsked = 0;
  /** How many there can have been by the answer before. */
  #before = Number.POSITIVE_INFINITY;

  /** Messages, about. */
  get messages(): number {
    return this.#known + this.#others * USUAL_SIZE;
  }

  /** A task was put into the queue, again or for the first time; which stands before which matters little. */
  came(size: number): void {
    this.#sizes.push(size);
    this.#known += size;
    this.#sinceAsked++;
  }

  /** The next task has left the queue. */
  left(): void {
    const size = this.#sizes.shift();
    if (size !== undefined) this.#known -= size;
    else if (this.#others > 0) this.#others--;
  }

  /**
   * The server is asked how many tasks there are.
   * @param unconfirmed tasks published here that the server may not have yet
   */
  asked(unconfirmed: number): void {
    this.#sinceAsked = unconfirmed;
  }

  /** @param tasks what the server answered */
  answered(tasks: number): void {
    const most = tasks + this.#sinceAsked;
    // A replicated queue may count what it has confirmed a little later: what is gone is gone by two answers.
    const bound = Math.max(most, this.#before);
    this.#before = most;
    while (this.#sizes.size > bound) this.#known -= this.#sizes.shift()!;
    this.#others = Math.max(0, tasks - this.#sizes.size);
  }

  empty(): void {
    this.#sizes.clear();
    this.#known = 0;
    this.#others = 0;
    this.#before = Number.POSITIVE_INFINITY;
  }
}
