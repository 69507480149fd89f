import { type Clock, systemClock } from '../lib/clock.ts';
import { type Random, systemRandom } from '../lib/random.ts';
import type { BodyInput, SubmitSm } from '../pdu/commands.ts';
import { DATA_CODING, NPI, REGISTERED_DELIVERY, TON } from '../pdu/constants.ts';
import { SHORT_MESSAGE_MAX_OCTETS } from '../pdu/fields.ts';
import { STATUS } from '../pdu/statuses.ts';
import type { InboundPdu } from '../session-contract.ts';
import { type BindRequest, SmscServer, type SmscSession } from '../smsc.ts';
import { Account, type AccountContext, type Item, type ReceiptItem } from './account.ts';
import { decimalId, hexId, inOtherBase } from './ids.ts';
import {
  checkKnobs,
  DEFAULT_KNOBS,
  findRule,
  type Knobs,
  outcomePicker,
  pickDelay,
  type ReceiptOutcome,
  ruleStatus,
} from './knobs.ts';
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

/** A text from a handset. */
export interface InboundText {
  from: string;
  to: string;
  text: string;
  /** Whom it is delivered to; default the system_id that bound last. */
  systemId?: string;
}

/** How long an ESME that answers "try again" is left alone. */
const RETRY_MS = 1000;

interface LateAnswer {
  readonly session: SmscSession<Item>;
  readonly request: SubmitSm;
  readonly status: number;
  readonly messageId: string;
}

interface Seen {
  submits: number;
  unanswered: number;
}

/** What the simulator makes of one submit_sm. */
interface Verdict {
  readonly status: number;
  readonly messageId: string;
  readonly silent: boolean;
  readonly receipt: ReceiptOutcome;
}

const REFUSED_COMMANDS = {
  query_sm: STATUS.ESME_RQUERYFAIL,
  cancel_sm: STATUS.ESME_RCANCELFAIL,
  replace_sm: STATUS.ESME_RREPLACEFAIL,
  data_sm: STATUS.ESME_RINVCMDID,
  submit_multi: STATUS.ESME_RINVCMDID,
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
  readonly #seen = new WeakMap<SmscSession<Item>, Seen>();
  readonly #answers: Wheel<LateAnswer>;
  readonly #receipts: Wheel<ReceiptItem>;
  readonly #retries: Wheel<{ account: Account; item: Item }>;
  readonly #context: AccountContext;
  #knobs: Knobs;
  #outcome: () => ReceiptOutcome;
  #second = 0;
  #thisSecond = 0;
  #lastBound: Account | undefined;

  constructor(options: SimulatorOptions) {
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? systemRandom;
    this.#knobs = knobsOf(options, DEFAULT_KNOBS);
    this.#outcome = outcomePicker(this.#knobs.receipts, this.#random);
    this.#onSubmit = options.onSubmit;
    this.#log =
      options.logPath === undefined ? undefined : new SubmitLog(options.logPath, options.logText ?? false, this.#clock);
    this.#context = {
      stats: this.stats,
      now: () => this.#clock.now(),
      retryLater: (account, item) => this.#retries.add({ account, item }, this.#clock.now() + RETRY_MS),
    };
    this.#answers = new Wheel(this.#clock, (items) => this.#answerLate(items));
    this.#receipts = new Wheel(this.#clock, (items) => this.#deliver(items));
    this.#retries = new Wheel(this.#clock, (items) => {
      for (const { account, item } of items) account.push(item);
      for (const account of new Set(items.map((each) => each.account))) account.pump();
    });
    this.#server = new SmscServer<Item>({
      host: options.host ?? '127.0.0.1',
      port: options.port ?? 0,
      window: options.window ?? 1000,
      responseTimeoutMs: options.responseTimeoutMs ?? 30_000,
      enquireLinkMs: options.enquireLinkMs ?? 60_000,
      clock: this.#clock,
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
    return this.#knobs;
  }

  /** Receipts and handset messages that are not with an ESME yet. */
  get waiting(): number {
    let waiting = this.#receipts.size + this.#retries.size;
    for (const account of this.#accounts.values()) waiting += account.queued;
    return waiting;
  }

  /** Turns knobs; the others stay as they are. Throws RangeError, changing nothing, for a value without sense. */
  set(knobs: Partial<Knobs>): void {
    this.#knobs = knobsOf(knobs, this.#knobs);
    this.#outcome = outcomePicker(this.#knobs.receipts, this.#random);
  }

  /** Delivers a text from a handset; resolves with the ESME's status once it has answered for good. */
  deliver(message: InboundText): Promise<number> {
    const account = message.systemId === undefined ? this.#lastBound : this.#account(message.systemId);
    if (account === undefined) return Promise.reject(new Error('nobody has bound yet'));
    const body = inboundBody(message);
    return new Promise((answered) => {
      account.push({ kind: 'inbound', body, answered });
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
    this.#answers.clear();
    this.#receipts.clear();
    this.#retries.clear();
    await this.#log?.close();
  }

  #authenticate(request: BindRequest): number {
    const { accounts } = this.#knobs;
    if (accounts === null) return STATUS.ESME_ROK;
    if (!Object.hasOwn(accounts, request.system_id)) return STATUS.ESME_RINVSYSID;
    return accounts[request.system_id] === request.password ? STATUS.ESME_ROK : STATUS.ESME_RINVPASWD;
  }

  #account(systemId: string): Account {
    let account = this.#accounts.get(systemId);
    if (account === undefined) {
      account = new Account(systemId, this.#context);
      this.#accounts.set(systemId, account);
    }
    return account;
  }

  #join(session: SmscSession<Item>): void {
    const account = this.#account(session.bound!.systemId);
    this.#lastBound = account;
    this.#seen.set(session, { submits: 0, unanswered: 0 });
    session.on('pdus', (pdus) => this.#received(session, account, pdus));
    const { dropLink } = this.#knobs;
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
  #received(session: SmscSession<Item>, account: Account, pdus: readonly InboundPdu[]): void {
    const now = this.#clock.now();
    const seen = this.#seen.get(session)!;
    const knobs = this.#knobs;
    const everyPdus = knobs.dropLink !== null && 'everyPdus' in knobs.dropLink ? knobs.dropLink.everyPdus : 0;
    const records: SubmitRecord[] | undefined = this.#onSubmit && [];
    const requests: SubmitSm[] = [];
    const statuses: number[] = [];
    const messageIds: string[] = [];
    let dropped = false;
    for (const pdu of pdus) {
      if (pdu.command !== 'submit_sm') {
        this.#refuse(session, pdu);
        continue;
      }
      const verdict = this.#judge(pdu, account, seen, now);
      if (this.#log !== undefined || records !== undefined) this.#record(pdu, verdict, account, now, records);
      dropped = everyPdus > 0 && ++seen.submits % everyPdus === 0;
      if (dropped) break;
      if (verdict.silent) continue;
      const answerMs = pickDelay(knobs.answerMs, this.#random);
      if (answerMs > 0) {
        seen.unanswered++;
        const { status, messageId } = verdict;
        this.#answers.add({ session, request: pdu, status, messageId }, now + answerMs);
      } else {
        requests.push(pdu);
        statuses.push(verdict.status);
        messageIds.push(verdict.messageId);
      }
    }
    if (dropped) this.#drop(session);
    else session.respondMany(requests, statuses, messageIds);
    if (records !== undefined && records.length > 0) this.#onSubmit!(records);
    // Receipts without delay are queued by now and follow the answers in the same write.
    account.pump();
  }

  #judge(pdu: SubmitSm, account: Account, seen: Seen, now: number): Verdict {
    const { stats } = this;
    const knobs = this.#knobs;
    stats.submits++;
    const rule = knobs.rules.length === 0 ? undefined : findRule(knobs.rules, pdu.destination_addr);
    let status = rule === undefined ? STATUS.ESME_ROK : ruleStatus(rule);
    if (knobs.throttle !== null && this.#throttles(knobs.throttle.perSecond, now)) {
      status = STATUS.ESME_RTHROTTLED;
      stats.throttled++;
    } else if (knobs.maxUnanswered > 0 && seen.unanswered >= knobs.maxUnanswered) status = STATUS.ESME_RMSGQFUL;
    if (status !== STATUS.ESME_ROK) {
      stats.refused++;
      return { status, messageId: '', silent: rule?.silent ?? false, receipt: 'none' };
    }
    stats.accepted++;
    const messageId = knobs.ids === 'hex' ? hexId(this.#random) : decimalId(this.#random);
    const receipt = rule?.receipt ?? this.#outcome();
    if (receipt !== 'none' && wantsReceipt(pdu.registered_delivery, receipt)) {
      const item: ReceiptItem = {
        kind: 'receipt',
        account,
        messageId: knobs.receiptIds === 'same' ? messageId : inOtherBase(messageId, knobs.ids),
        state: receipt,
        withTlvs: knobs.receiptTlvs,
        submittedAt: now,
        // The addresses alone: the PDU would keep the whole socket read alive that it lies in.
        source_addr_ton: pdu.dest_addr_ton,
        source_addr_npi: pdu.dest_addr_npi,
        source_addr: pdu.destination_addr,
        dest_addr_ton: pdu.source_addr_ton,
        dest_addr_npi: pdu.source_addr_npi,
        destination_addr: pdu.source_addr,
      };
      const delayMs = pickDelay(knobs.receiptDelayMs, this.#random);
      if (delayMs > 0) this.#receipts.add(item, now + delayMs);
      else account.push(item);
    }
    return { status, messageId, silent: rule?.silent ?? false, receipt };
  }

  #throttles(perSecond: number, now: number): boolean {
    const second = Math.floor(now / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#thisSecond = 0;
    }
    return ++this.#thisSecond > perSecond;
  }

  #record(pdu: SubmitSm, verdict: Verdict, account: Account, now: number, records: SubmitRecord[] | undefined): void {
    const record: SubmitRecord = {
      at: now,
      systemId: account.systemId,
      sequence: pdu.sequence,
      source: pdu.source_addr,
      destination: pdu.destination_addr,
      messageId: verdict.messageId,
      status: verdict.status,
      part: messagePart(pdu),
      shortMessage: pdu.short_message,
    };
    this.#log?.write(record);
    records?.push(record);
  }

  #refuse(session: SmscSession<Item>, pdu: InboundPdu): void {
    if (pdu.command in REFUSED_COMMANDS) {
      const command = pdu.command as keyof typeof REFUSED_COMMANDS;
      session.respond({ command, sequence: pdu.sequence }, REFUSED_COMMANDS[command]);
    }
  }

  #answerLate(items: readonly LateAnswer[]): void {
    const bySession = new Map<SmscSession<Item>, LateAnswer[]>();
    for (const item of items) {
      const answers = bySession.get(item.session);
      if (answers === undefined) bySession.set(item.session, [item]);
      else answers.push(item);
    }
    for (const [session, answers] of bySession) {
      this.#seen.get(session)!.unanswered -= answers.length;
      session.respondMany(
        answers.map((each) => each.request),
        answers.map((each) => each.status),
        answers.map((each) => each.messageId),
      );
    }
  }

  #deliver(items: readonly ReceiptItem[]): void {
    const accounts = new Set<Account>();
    for (const item of items) {
      item.account.push(item);
      accounts.add(item.account);
    }
    for (const account of accounts) account.pump();
  }
}

/** §5.2.17: no receipt, always one, or one for failures only. */
function wantsReceipt(registeredDelivery: number, outcome: ReceiptOutcome): boolean {
  switch (registeredDelivery & REGISTERED_DELIVERY.RECEIPT_MASK) {
    case REGISTERED_DELIVERY.FINAL:
      return true;
    case REGISTERED_DELIVERY.FAILURE:
      return outcome !== 'delivered';
    default:
      return false;
  }
}

function knobsOf(given: Partial<Knobs>, otherwise: Knobs): Knobs {
  const knobs = { ...otherwise };
  for (const name of Object.keys(DEFAULT_KNOBS) as (keyof Knobs)[]) {
    if (given[name] !== undefined) Object.assign(knobs, { [name]: given[name] });
  }
  checkKnobs(knobs);
  return knobs;
}

/** Characters that have the same code in ASCII and in the GSM 7-bit default alphabet (3GPP 23.038 §6.2.1). */
const SAME_IN_GSM = /^[A-Za-z0-9 \r\n!"#%&'()*+,\-./:;<=>?]*$/;

function inboundBody({ from, to, text }: InboundText): BodyInput<'deliver_sm'> {
  const plain = SAME_IN_GSM.test(text);
  const octets = plain ? Buffer.from(text, 'latin1') : Buffer.from(text, 'utf16le').swap16();
  const fits = octets.length <= SHORT_MESSAGE_MAX_OCTETS;
  return {
    source_addr_ton: TON.INTERNATIONAL,
    source_addr_npi: NPI.ISDN,
    source_addr: from,
    dest_addr_ton: TON.UNKNOWN,
    dest_addr_npi: NPI.ISDN,
    destination_addr: to,
    data_coding: plain ? DATA_CODING.SMSC_DEFAULT : DATA_CODING.UCS2,
    short_message: fits ? octets : Buffer.alloc(0),
    tlvs: fits ? undefined : { message_payload: octets },
  };
}
