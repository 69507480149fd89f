import type { ResponsePdu } from './pdu/commands.ts';
import type { Answer } from './session-contract.ts';
import { type Pending, Window } from './window.ts';

/** Timed-out requests whose context is remembered for a late response. */
const REMEMBERED_TIMEOUTS = 10_000;

/** Stands in the window for a request whose sender awaits it alone. */
class Awaited {
  readonly resolve: (answer: Answer<undefined>) => void;
  constructor(resolve: (answer: Answer<undefined>) => void) {
    this.resolve = resolve;
  }
}

/**
 * The requests a session has sent, and what becomes of them. Answers are added to the batch the caller collects, or
 * resolve the promise of the one who sent a request alone.
 */
export class Requests<C> {
  readonly #window: Window<C | Awaited>;
  readonly #timedOut = new Map<number, C | Awaited>();

  constructor(windowSize: number) {
    this.#window = new Window(windowSize);
  }

  /** Requests waiting for a response. */
  get waiting(): number {
    return this.#window.used;
  }

  /** Requests that may still be sent. */
  get free(): number {
    return this.#window.free;
  }

  get oldestSentAt(): number | undefined {
    return this.#window.oldestSentAt;
  }

  /** A sequence number for a request that is not kept here (bind, enquire_link, unbind). */
  nextSequence(): number {
    return this.#window.nextSequence();
  }

  /** Keeps a request of a batch; returns its sequence number. */
  open(context: C, now: number): number {
    return this.#window.open(context, now);
  }

  /** Keeps a request that is awaited alone; returns its sequence number. */
  openAwaited(resolve: (answer: Answer<undefined>) => void, now: number): number {
    return this.#window.open(new Awaited(resolve), now);
  }

  /** Forgets a request that was not sent after all. */
  withdraw(sequence: number): void {
    this.#window.settle(sequence);
  }

  /** Settles the request a response belongs to; false when none waits under its number. */
  answered(sequence: number, status: number, response: ResponsePdu | undefined, batch: Answer<C>[]): boolean {
    const pending = this.#window.settle(sequence);
    if (pending === undefined) return false;
    this.#settle(pending, batch, {
      outcome: 'answered',
      context: pending.context as C,
      sequence,
      sentAt: pending.sentAt,
      status,
      messageId: response !== undefined && 'message_id' in response ? response.message_id : '',
      response,
    });
    return true;
  }

  /** Settles the requests sent at or before a moment as timed out. */
  expire(sentAtOrBefore: number, batch: Answer<C>[]): void {
    for (const pending of this.#window.expire(sentAtOrBefore)) {
      this.#remember(pending);
      this.#settle(pending, batch, unanswered('timeout', pending));
    }
  }

  /** Settles all requests as lost with their link. */
  closed(batch: Answer<C>[]): void {
    for (const pending of this.#window.drain()) this.#settle(pending, batch, unanswered('closed', pending));
  }

  /** The context of a timed-out request whose response comes late; undefined when it is not remembered. */
  late(sequence: number): C | undefined {
    const context = this.#timedOut.get(sequence);
    this.#timedOut.delete(sequence);
    return context instanceof Awaited ? undefined : context;
  }

  #remember(pending: Pending<C | Awaited>): void {
    if (this.#timedOut.size >= REMEMBERED_TIMEOUTS) {
      const [oldest] = this.#timedOut.keys();
      this.#timedOut.delete(oldest!);
    }
    this.#timedOut.set(pending.sequence, pending.context);
  }

  #settle(pending: Pending<C | Awaited>, batch: Answer<C>[], answer: Answer<C>): void {
    if (pending.context instanceof Awaited) pending.context.resolve({ ...answer, context: undefined });
    else batch.push(answer);
  }
}

function unanswered<C>(outcome: 'timeout' | 'closed', { context, sequence, sentAt }: Pending<unknown>): Answer<C> {
  return { outcome, context: context as C, sequence, sentAt, status: undefined, messageId: '', response: undefined };
}
