import type { BodyInput } from '../pdu/commands.ts';
import { DATA_CODING, ESM_CLASS } from '../pdu/constants.ts';
import { STATUS } from '../pdu/statuses.ts';
import { formatReceipt, messageState, type ReceiptState } from '../receipt.ts';
import type { Answer } from '../session-contract.ts';
import type { SmscSession } from '../smsc.ts';
import { Fifo } from './fifo.ts';
import type { Stats } from './stats.ts';

/** A receipt on its way to the ESME. */
export interface ReceiptItem {
  readonly kind: 'receipt';
  readonly account: Account;
  readonly messageId: string;
  readonly state: ReceiptState;
  readonly withTlvs: boolean;
  readonly withText: boolean;
  readonly submittedAt: number;
  /** The receipt's own addresses: those of the message, turned round. */
  readonly source_addr_ton: number;
  readonly source_addr_npi: number;
  readonly source_addr: string;
  readonly dest_addr_ton: number;
  readonly dest_addr_npi: number;
  readonly destination_addr: string;
}

/** A message from a handset on its way to the ESME. */
export interface InboundItem {
  readonly kind: 'inbound';
  readonly account: Account;
  readonly body: BodyInput<'deliver_sm'>;
  readonly answered: (status: number) => void;
}

export type Item = ReceiptItem | InboundItem;

/** What the simulator gives each account. */
export interface AccountContext {
  readonly stats: Stats;
  now(): number;
  /** Hands an item back to its account after a while. */
  retryLater(item: Item): void;
  /** Puts items that leave together in the order they leave in. */
  arrange(items: Item[]): void;
}

/** Statuses by which an ESME asks for the same deliver_sm again (§5.1.3). */
const TEMPORARY: ReadonlySet<number> = new Set([
  STATUS.ESME_RX_T_APPN,
  STATUS.ESME_RMSGQFUL,
  STATUS.ESME_RTHROTTLED,
  STATUS.ESME_RSYSERR,
]);

/** Most items of one account held at once; the oldest go first beyond that. */
const MAX_QUEUED = 1_000_000;

/**
 * One system_id: its sessions, and what waits to be delivered to it. Items wait here while nobody is bound to receive
 * them and while the windows are full, and come back here when a link is lost before they were answered.
 */
export class Account {
  readonly #context: AccountContext;
  readonly #receivers = new Set<SmscSession<Item>>();
  readonly #queue = new Fifo<Item>();
  readonly #sessions = new Set<SmscSession<Item>>();
  #binds = 0;

  constructor(context: AccountContext) {
    this.#context = context;
  }

  /** Items waiting to be sent. */
  get queued(): number {
    return this.#queue.size;
  }

  /** Sessions that are bound. */
  get bound(): number {
    return this.#sessions.size;
  }

  /** Takes a session that has just bound. */
  join(session: SmscSession<Item>): void {
    this.#context.stats.binds++;
    if (this.#binds++ > 0) this.#context.stats.reconnects++;
    this.#sessions.add(session);
    session.once('closed', () => this.#sessions.delete(session));
    if (session.state === 'bound_tx') return;
    this.#receivers.add(session);
    session.on('results', (answers) => {
      this.#settle(answers);
      this.pump();
    });
    session.on('drain', () => this.pump());
    session.once('closed', () => {
      this.#receivers.delete(session);
      this.pump();
    });
    this.pump();
  }

  /** Sends nothing over a session any more, though it is bound. */
  leave(session: SmscSession<Item>): void {
    this.#receivers.delete(session);
  }

  /** Queues an item; pump() sends it. */
  push(item: Item): void {
    if (this.#queue.size >= MAX_QUEUED) {
      this.#queue.take(1);
      this.#context.stats.receiptsDropped++;
    }
    this.#queue.push(item);
  }

  /** Sends what the windows of the bound receivers allow, many deliver_sm per write. */
  pump(): void {
    for (const session of this.#receivers) {
      if (this.#queue.size === 0) return;
      if (session.free === 0 || !session.writable) continue;
      const items = this.#queue.take(session.free);
      this.#context.arrange(items);
      const now = this.#context.now();
      session.deliverMany(
        items.map((item) => (item.kind === 'inbound' ? item.body : receiptBody(item, now))),
        items,
      );
      for (const item of items) {
        if (item.kind === 'receipt') this.#context.stats.receiptsSent++;
        else this.#context.stats.inboundSent++;
      }
    }
  }

  #settle(answers: readonly Answer<Item>[]): void {
    const { stats } = this.#context;
    const again: Item[] = [];
    for (const { outcome, status, context } of answers) {
      if (outcome !== 'answered') again.push(context);
      else if (TEMPORARY.has(status)) this.#context.retryLater(context);
      else if (context.kind === 'inbound') {
        stats.inboundAnswered++;
        context.answered(status);
      } else if (status === STATUS.ESME_ROK) stats.receiptsAnswered++;
      else stats.receiptsDropped++;
    }
    if (again.length > 0) {
      stats.receiptsRepeated += again.length;
      this.#queue.giveBack(again);
    }
  }
}

function receiptBody(item: ReceiptItem, doneAt: number): BodyInput<'deliver_sm'> {
  const { messageId, state, submittedAt } = item;
  return {
    source_addr_ton: item.source_addr_ton,
    source_addr_npi: item.source_addr_npi,
    source_addr: item.source_addr,
    dest_addr_ton: item.dest_addr_ton,
    dest_addr_npi: item.dest_addr_npi,
    destination_addr: item.destination_addr,
    esm_class: state === 'enroute' ? ESM_CLASS.INTERMEDIATE_NOTIFICATION : ESM_CLASS.DELIVERY_RECEIPT,
    data_coding: DATA_CODING.SMSC_DEFAULT,
    short_message: item.withText
      ? formatReceipt({ messageId, state, error: errorCode(state), submittedAt, doneAt })
      : undefined,
    tlvs: item.withTlvs ? { receipted_message_id: messageId, message_state: messageState(state) } : undefined,
  };
}

function errorCode(state: ReceiptState): string {
  return state === 'delivered' || state === 'enroute' || state === 'accepted' ? '000' : '001';
}
