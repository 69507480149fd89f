import { type Clock, systemClock } from '../lib/clock.ts';
import { type Random, systemRandom } from '../lib/random.ts';
import type { SubmitSm } from '../pdu/commands.ts';
import { STATUS } from '../pdu/statuses.ts';
import type { InboundPdu } from '../session-contract.ts';
import { type BindRequest, SmscServer, type SmscSession } from '../smsc.ts';
import { Account, type AccountContext, type Item, type ReceiptItem } from './account.ts';
import { type InboundText, inboundBody } from './inbound.ts';
import { Judge, type Verdict } from './judge.ts';
import { DEFAULT_KNOBS, type Knobs, pickDelay, turned } from './knobs.ts';
import { messagePart, SubmitLog, type SubmitRecord } from './log.ts';
import { newStats, type Stats } from './stats.ts';
import { Wheel } from './wheel.ts';

/** How a simulator starts: its knobs, and what stays as it is while it runs. */
export interface SimulatorOptions extends Partial<Knobs> {
  /** Default 127.0.0.1. */
  host?: string;
  /** Default 0, a free one. */
  port?: number;
  /** deliver_sm that may be unanswered on one session; default 1,000. */
  window?: number;
  /** deliver_sm not answered after this long are sent again; default 30 s. */
  responseTimeoutMs?: number;
  /** Silence of an ESME before it is asked whether it lives; default 60 s, 0 for never. */
  enquireLinkMs?: number;
  /** A file to which every submit_sm is appended as one line. */
  logPath?: string;
  /** Whether those lines end with the octets of the message; default false. */
  logText?: boolean;
  /** Told of every submit_sm, once per socket read. */
  onSubmit?: (records: SubmitRecord[]) => void;
  clock?: Clock;
  random?: Random;
}

/** How long an ESME that answers "try again" is left alone. */
const RETRY_MS = 1000;

interface LateAnswer {
  readonly session: SmscSession<Item>;
  readonly request: SubmitSm;
  readonly verdict: Verdict;
}

/** What is counted of each session. */
interface Seen {
  submits: number;
  unanswered: number;
}

/** What the simulator answers to requests it has no use for. */
const REFUSALS = {
  query_sm: STATUS.ESME_RQUERYFAIL,
  cancel_sm: STATUS.ESME_RCANCELFAIL,
  replace_sm: STATUS.ESME_RREPLACEFAIL,
  data_sm: STATUS.ESME_RINVCMDID,
  submit_multi: STATUS.ESME_RINVCMDID,
  deliver_sm: STATUS.ESME_RINVCMDID,
} as const;

/** An SMSC without handsets: it takes messages, says what became of them, and misbehaves as its knobs say. */
export class Simulator {
  readonly stats: Stats = newStats();
  readonly #server: SmscServer<Item>;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #log: SubmitLog | undefined;
  readonly #onSubmit: ((records: SubmitRecord[]) => void) | undefined;
  readonly #accounts = new Map<string, Account>();
  readonly #answers: Wheel<LateAnswer>;
  readonly #receipts: Wheel<ReceiptItem>;
  readonly #retries: Wheel<Item>;
  readonly #context: AccountContext;
  readonly #seen = new WeakMap<SmscSession<Item>, Seen>();
  #judge: Judge;
  #lastBound: Account | undefined;

  constructor(options: SimulatorOptions) {
    const clock = options.clock ?? systemClock;
    this.#clock = clock;
    this.#random = options.random ?? systemRandom;
    this.#judge = new Judge(turned(DEFAULT_KNOBS, options), this.#random, this.stats);
    this.#onSubmit = options.onSubmit;
    this.#log =
      options.logPath === undefined ? undefined : new SubmitLog(options.logPath, options.logText ?? false, clock);
    this.#answers = new Wheel(clock, (late) => this.#answerLate(late));
    this.#receipts = new Wheel(clock, (items) => this.#deliver(items));
    this.#retries = new Wheel(clock, (items) => this.#deliver(items));
    this.#context = {
      stats: this.stats,
      now: () => clock.now(),
      retryLater: (item) => this.#retries.add(item, clock.now() + RETRY_MS),
    };
    this.#server = new SmscServer<Item>({
      host: options.host ?? '127.0.0.1',
      port: options.port ?? 0,
      window: options.window ?? 1000,
      responseTimeoutMs: options.responseTimeoutMs ?? 30_000,
      enquireLinkMs: options.enquireLinkMs ?? 60_000,
      clock,
      system_id: 'SIMULATOR',
      authenticate: (request) => this.#authenticate(request),
    });
    this.#server.on('session', (session) => this.#join(session));
  }

  /** Starts to listen. */
  async start(): Promise<this> {
    await this.#server.listen();
    return this;
  }

  /** The port it listens on. */
  get port(): number {
    return this.#server.port;
  }

  /** The knobs as they stand. */
  get knobs(): Readonly<Knobs> {
    return this.#judge.knobs;
  }

  /** Receipts and handset messages that are not with an ESME yet. */
  get waiting(): number {
    let waiting = this.#receipts.size + this.#retries.size;
    for (const account of this.#accounts.values()) waiting += account.queued;
    return waiting;
  }

  /** Turns knobs; the others stay as they are. Throws RangeError, changing nothing, for a value without sense. */
  set(knobs: Partial<Knobs>): void {
    this.#judge = new Judge(turned(this.knobs, knobs), this.#random, this.stats, this.#judge);
  }

  /** Delivers a text from a handset; resolves with the ESME's status once it has answered for good. */
  async deliver(message: InboundText): Promise<number> {
    const account = message.systemId === undefined ? this.#lastBound : this.#account(message.systemId);
    if (account === undefined) throw new Error('nobody has bound yet');
    const body = inboundBody(message);
    return new Promise((answered) => {
      account.push({ kind: 'inbound', account, body, answered });
      account.pump();
    });
  }

  /** Cuts every link now. */
  dropLinks(): void {
    for (const session of this.#server.sessions) this.#drop(session);
  }

  /** Stops: cuts every link, frees the port, and finishes the log. */
  async close(): Promise<void> {
    await this.#server.close();
    for (const wheel of [this.#answers, this.#receipts, this.#retries]) wheel.clear();
    await this.#log?.close();
  }

  #authenticate(request: BindRequest): number {
    const { accounts } = this.knobs;
    if (accounts === null) return STATUS.ESME_ROK;
    if (!Object.hasOwn(accounts, request.system_id)) return STATUS.ESME_RINVSYSID;
    return accounts[request.system_id] === request.password ? STATUS.ESME_ROK : STATUS.ESME_RINVPASWD;
  }

  #account(systemId: string): Account {
    let account = this.#accounts.get(systemId);
    if (account === undefined) {
      account = new Account(this.#context);
      this.#accounts.set(systemId, account);
    }
    return account;
  }

  #join(session: SmscSession<Item>): void {
    const { systemId } = session.bound!;
    const account = this.#account(systemId);
    this.#lastBound = account;
    this.#seen.set(session, { submits: 0, unanswered: 0 });
    session.on('pdus', (pdus) => this.#received(session, systemId, account, pdus));
    const { dropLink } = this.knobs;
    if (dropLink !== null && 'afterMs' in dropLink) {
      const timer = this.#clock.setTimer(() => this.#drop(session), dropLink.afterMs);
      session.once('closed', () => timer.cancel());
    }
    account.join(session);
  }

  #drop(session: SmscSession<Item>): void {
    this.stats.linksDropped++;
    session.destroy();
  }

  /** Takes one socket read's worth of requests and answers them with one write. */
  #received(session: SmscSession<Item>, systemId: string, account: Account, pdus: readonly InboundPdu[]): void {
    const now = this.#clock.now();
    const seen = this.#seen.get(session)!;
    const { answerMs, dropLink } = this.knobs;
    const everyPdus = dropLink !== null && 'everyPdus' in dropLink ? dropLink.everyPdus : 0;
    const records: SubmitRecord[] = [];
    const requests: SubmitSm[] = [];
    const statuses: number[] = [];
    const messageIds: string[] = [];
    let dropped = false;
    for (const pdu of pdus) {
      if (pdu.command !== 'submit_sm') {
        if (pdu.command in REFUSALS) session.respondMany([pdu], REFUSALS[pdu.command as keyof typeof REFUSALS]);
        continue;
      }
      const verdict = this.#judge.judge(pdu, seen.unanswered, now);
      if (verdict.receipt !== 'none') this.#report(pdu, verdict, account, now);
      if (this.#log !== undefined || this.#onSubmit !== undefined) records.push(recordOf(pdu, verdict, systemId, now));
      dropped = everyPdus > 0 && ++seen.submits % everyPdus === 0;
      if (dropped) break;
      if (!verdict.answered) continue;
      const delayMs = pickDelay(answerMs, this.#random);
      if (delayMs > 0) {
        seen.unanswered++;
        this.#answers.add({ session, request: pdu, verdict }, now + delayMs);
      } else {
        requests.push(pdu);
        statuses.push(verdict.status);
        messageIds.push(verdict.messageId);
      }
    }
    if (dropped) this.#drop(session);
    else session.respondMany(requests, statuses, messageIds);
    for (const record of records) this.#log?.write(record);
    if (records.length > 0) this.#onSubmit?.(records);
    // Receipts without delay are queued by now and follow the answers in the same write.
    account.pump();
  }

  #report(pdu: SubmitSm, verdict: Verdict, account: Account, now: number): void {
    const { receiptDelayMs, receiptTlvs } = this.knobs;
    const item: ReceiptItem = {
      kind: 'receipt',
      account,
      messageId: verdict.receiptId,
      state: verdict.receipt as ReceiptItem['state'],
      withTlvs: receiptTlvs,
      submittedAt: now,
      // The addresses alone: the PDU would keep the whole socket read alive that it lies in.
      source_addr_ton: pdu.dest_addr_ton,
      source_addr_npi: pdu.dest_addr_npi,
      source_addr: pdu.destination_addr,
      dest_addr_ton: pdu.source_addr_ton,
      dest_addr_npi: pdu.source_addr_npi,
      destination_addr: pdu.source_addr,
    };
    const delayMs = pickDelay(receiptDelayMs, this.#random);
    if (delayMs > 0) this.#receipts.add(item, now + delayMs);
    else account.push(item);
  }

  #answerLate(late: readonly LateAnswer[]): void {
    const bySession = new Map<SmscSession<Item>, LateAnswer[]>();
    for (const each of late) {
      const answers = bySession.get(each.session);
      if (answers === undefined) bySession.set(each.session, [each]);
      else answers.push(each);
    }
    for (const [session, answers] of bySession) {
      this.#seen.get(session)!.unanswered -= answers.length;
      session.respondMany(
        answers.map((each) => each.request),
        answers.map((each) => each.verdict.status),
        answers.map((each) => each.verdict.messageId),
      );
    }
  }

  #deliver(items: readonly Item[]): void {
    const accounts = new Set<Account>();
    for (const item of items) {
      item.account.push(item);
      accounts.add(item.account);
    }
    for (const account of accounts) account.pump();
  }
}

function recordOf(pdu: SubmitSm, verdict: Verdict, systemId: string, now: number): SubmitRecord {
  return {
    at: now,
    systemId,
    sequence: pdu.sequence,
    source: pdu.source_addr,
    destination: pdu.destination_addr,
    messageId: verdict.messageId,
    status: verdict.status,
    part: messagePart(pdu),
    shortMessage: pdu.short_message,
  };
}
