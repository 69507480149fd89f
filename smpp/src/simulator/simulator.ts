import type { TlsOptions } from 'node:tls';
import { type Clock, systemClock } from '../lib/clock.ts';
import { type Random, systemRandom } from '../lib/random.ts';
import type { SubmitSm } from '../pdu/commands.ts';
import { STATUS } from '../pdu/statuses.ts';
import { type InboundPdu, SMPP_3_4 } from '../session-contract.ts';
import { type BindRequest, SmscServer, type SmscSession } from '../smsc.ts';
import { Account, type AccountContext, type Item, type ReceiptItem } from './account.ts';
import { AnswerClock, type AnswerTimes } from './answer-times.ts';
import { read } from './characters.ts';
import { garbagePdu, garbageStream } from './garbage.ts';
import { type InboundText, inboundBodies } from './inbound.ts';
import { Judge, type Verdict } from './judge.ts';
import { codeOf, DEFAULT_KNOBS, happens, type Knobs, type Occasion, pickDelay, turned } from './knobs.ts';
import { SubmitLog, type SubmitRecord, type TakenText } from './log.ts';
import { type KeptPart, LongMessages } from './long-messages.ts';
import { octetsOf, type Piece, pieceOf } from './parts.ts';
import { Peak } from './peak.ts';
import { newStats, type Stats } from './stats.ts';
import { Wheel } from './wheel.ts';

/** How a simulator starts: its knobs, and what stays as it is while it runs. */
export interface SimulatorOptions extends Partial<Knobs> {
  /** Default 127.0.0.1. */
  host?: string;
  /** Default 0, a free one. */
  port?: number;
  /** TLS instead of plain TCP: key, cert and other options of node:tls. */
  tls?: TlsOptions;
  /** 0x34 (default) is SMPP 3.4, 0x50 is 5.0, 0x33 is 3.3, which knows no optional parameters. */
  interfaceVersion?: number;
  /** deliver_sm that may be unanswered on one session; default 1,000. */
  window?: number;
  /** deliver_sm not answered after this long are sent again; default 30 s. */
  responseTimeoutMs?: number;
  /** Silence of an ESME before it is asked whether it lives; default 60 s, 0 for never. */
  enquireLinkMs?: number;
  /** A file to which every submit_sm is appended as one line. */
  logPath?: string;
  /** Whether those lines end with the octets of the message and its text; default false. */
  logText?: boolean;
  /** Told of every submit_sm, once per socket read. */
  onSubmit?: (records: SubmitRecord[]) => void;
  /** Told of every text that was handed over whole, its parts joined, once per socket read that brings some. */
  onText?: (texts: TakenText[]) => void;
  clock?: Clock;
  random?: Random;
}

/** How long an ESME that answers "try again" is left alone. */
const RETRY_MS = 1000;

/** How long an answer is held back whose receipt leaves first. */
const EARLY_MS = 5;

interface LateAnswer {
  readonly session: SmscSession<Item>;
  readonly request: SubmitSm;
  readonly verdict: Verdict;
  /** When the request came. */
  readonly since: number;
}

/** A session, and what is counted of it. */
interface Seen {
  readonly session: SmscSession<Item>;
  readonly account: Account;
  readonly systemId: string;
  /** Its number among the binds. */
  readonly bind: number;
  submits: number;
  unanswered: number;
  /** It neither takes nor answers anything any more. */
  muted: boolean;
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
  /** Binds, by their numbers in records, that it has cut, left half open, or sent a stream that cannot be read. */
  readonly brokenBinds = new Set<number>();
  readonly #server: SmscServer<Item>;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #log: SubmitLog | undefined;
  readonly #logsText: boolean;
  readonly #onSubmit: ((records: SubmitRecord[]) => void) | undefined;
  readonly #onText: ((texts: TakenText[]) => void) | undefined;
  readonly #accounts = new Map<string, Account>();
  readonly #answers: Wheel<LateAnswer>;
  readonly #receipts: Wheel<ReceiptItem>;
  readonly #retries: Wheel<Item>;
  readonly #context: AccountContext;
  readonly #seen = new WeakMap<SmscSession<Item>, Seen>();
  readonly #longMessages = new LongMessages();
  readonly #answerClock = new AnswerClock();
  readonly #peak = new Peak();
  #judge: Judge;
  #lastBound: Account | undefined;

  constructor(options: SimulatorOptions) {
    const clock = options.clock ?? systemClock;
    this.#clock = clock;
    this.#random = options.random ?? systemRandom;
    this.#judge = new Judge(turned(DEFAULT_KNOBS, options), this.#random, this.stats);
    this.#onSubmit = options.onSubmit;
    this.#onText = options.onText;
    this.#logsText = options.logPath !== undefined && options.logText === true;
    this.#log = options.logPath === undefined ? undefined : new SubmitLog(options.logPath, this.#logsText, clock);
    this.#answers = new Wheel(clock, (late) => this.#answerLate(late));
    this.#receipts = new Wheel(clock, (items) => this.#deliver(items));
    this.#retries = new Wheel(clock, (items) => this.#deliver(items));
    this.#context = {
      stats: this.stats,
      now: () => clock.now(),
      retryLater: (item) => this.#retries.add(item, clock.now() + RETRY_MS),
      arrange: (items) => {
        if (this.knobs.shuffleReceipts) shuffle(items, this.#random);
      },
    };
    this.#server = new SmscServer<Item>({
      host: options.host ?? '127.0.0.1',
      port: options.port ?? 0,
      ...(options.tls === undefined ? {} : { tls: options.tls }),
      interface_version: options.interfaceVersion ?? SMPP_3_4,
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

  /** How long the latest answers took. */
  get answerTimes(): AnswerTimes {
    return this.#answerClock.times;
  }

  /** Forgets how long answers took, so that what comes next can be judged alone. */
  clearAnswerTimes(): void {
    this.#answerClock.clear();
  }

  /** Turns knobs; the others stay as they are. Throws RangeError, changing nothing, for a value without sense. */
  set(knobs: Partial<Knobs>): void {
    this.#judge = new Judge(turned(this.knobs, knobs), this.#random, this.stats, this.#judge);
  }

  /**
   * Delivers a text from a handset; resolves with the ESME's status once it has answered for good: of several parts,
   * the first that is not ESME_ROK.
   */
  async deliver(message: InboundText): Promise<number> {
    const account = message.systemId === undefined ? this.#lastBound : this.#account(message.systemId);
    if (account === undefined) throw new Error('nobody has bound yet');
    const statuses = inboundBodies(message, this.#random).map(
      (body) =>
        new Promise<number>((answered) => {
          account.push({ kind: 'inbound', account, body, answered });
        }),
    );
    account.pump();
    return (await Promise.all(statuses)).find((status) => status !== STATUS.ESME_ROK) ?? STATUS.ESME_ROK;
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
    const { accounts, maxBinds, refuseBinds } = this.knobs;
    if (refuseBinds !== null) return codeOf(refuseBinds);
    if (accounts !== null) {
      if (!Object.hasOwn(accounts, request.system_id)) return STATUS.ESME_RINVSYSID;
      if (accounts[request.system_id] !== request.password) return STATUS.ESME_RINVPASWD;
    }
    const bound = this.#accounts.get(request.system_id)?.bound ?? 0;
    return maxBinds > 0 && bound >= maxBinds ? STATUS.ESME_RALYBND : STATUS.ESME_ROK;
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
    account.join(session);
    const bind = this.stats.binds;
    const seen: Seen = { session, account, systemId, bind, submits: 0, unanswered: 0, muted: false };
    this.#seen.set(session, seen);
    session.on('pdus', (pdus) => this.#received(seen, pdus));
    const { dropLink, halfOpen } = this.knobs;
    this.#later(session, dropLink, () => this.#drop(session));
    this.#later(session, halfOpen, () => this.#mute(seen));
  }

  #later(session: SmscSession<Item>, occasion: Occasion | null, act: () => void): void {
    if (occasion === null || !('afterMs' in occasion)) return;
    const timer = this.#clock.setTimer(act, occasion.afterMs);
    session.once('closed', () => timer.cancel());
  }

  #drop(session: SmscSession<Item>): void {
    this.stats.linksDropped++;
    const seen = this.#seen.get(session);
    if (seen !== undefined) this.brokenBinds.add(seen.bind);
    session.destroy();
  }

  #mute(seen: Seen): void {
    this.stats.linksMuted++;
    this.brokenBinds.add(seen.bind);
    seen.muted = true;
    seen.session.mute();
    seen.account.leave(seen.session);
  }

  /** Whether something happens to a session at the submit_sm that was counted last. */
  #strikes(occasion: Occasion | null, seen: Seen): boolean {
    if (occasion === null || 'afterMs' in occasion) return false;
    return 'everyPdus' in occasion ? seen.submits % occasion.everyPdus === 0 : happens(occasion.chance, this.#random);
  }

  /** Takes one socket read's worth of requests and answers them with one write. */
  #received(seen: Seen, pdus: readonly InboundPdu[]): void {
    if (seen.muted) return;
    const { session, account } = seen;
    const now = this.#clock.now();
    const { answerMs, dropLink, halfOpen } = this.knobs;
    const recording = this.#log !== undefined || this.#onSubmit !== undefined;
    const records: SubmitRecord[] = [];
    const texts: (TakenText | undefined)[] = [];
    const requests: SubmitSm[] = [];
    const statuses: number[] = [];
    const messageIds: string[] = [];
    let submits = 0;
    let dropped = false;
    for (const pdu of pdus) {
      if (pdu.command !== 'submit_sm') {
        if (pdu.command in REFUSALS) session.respondMany([pdu], REFUSALS[pdu.command as keyof typeof REFUSALS]);
        continue;
      }
      submits++;
      seen.submits++;
      if (this.#strikes(halfOpen, seen)) {
        this.#mute(seen);
        break;
      }
      const piece = recording || this.#joinsParts ? pieceOf(pdu) : undefined;
      const verdict = this.#judge.judge(pdu, seen.unanswered, now, this.#earlierId(seen, pdu, piece));
      const whole = this.#joined(seen, pdu, piece, verdict);
      if (verdict.receipt !== 'none') this.#report(pdu, verdict, whole, piece, account, now);
      if (piece !== undefined && recording) records.push(recordOf(pdu, piece, verdict, seen, now));
      texts.push(piece === undefined || whole === undefined ? undefined : textOf(pdu, piece, whole, seen, now));
      dropped = this.#strikes(dropLink, seen);
      if (dropped) break;
      if (!verdict.answered) continue;
      const delayMs = Math.max(pickDelay(answerMs, this.#random), verdict.early ? EARLY_MS : 0);
      if (delayMs > 0) {
        seen.unanswered++;
        this.#answers.add({ session, request: pdu, verdict, since: now }, now + delayMs);
      } else {
        requests.push(pdu);
        statuses.push(verdict.status);
        messageIds.push(verdict.messageId);
      }
    }
    if (submits === 0) return;
    if (dropped) this.#drop(session);
    else this.#answer(session, requests, statuses, messageIds, now);
    this.#peak.add(now, submits);
    this.stats.peakPerSecond = this.#peak.most;
    this.#tell(records, texts);
    // Receipts without delay are queued by now and follow the answers in the same write.
    account.pump();
    this.#disturb(seen);
  }

  #answer(
    session: SmscSession<Item>,
    requests: readonly SubmitSm[],
    statuses: readonly number[],
    messageIds: readonly string[],
    since: number,
  ): void {
    session.respondMany(requests, statuses, messageIds);
    const took = requests.length === 0 ? 0 : this.#clock.now() - since;
    for (let i = 0; i < requests.length; i++) this.#answerClock.record(took);
  }

  /** Whether parts of a message are brought together. */
  get #joinsParts(): boolean {
    return this.#onText !== undefined || this.#logsText || this.knobs.partReceipts !== 'each';
  }

  #earlierId(seen: Seen, pdu: SubmitSm, piece: Piece | undefined): string | undefined {
    const { partReceipts } = this.knobs;
    if (piece?.part === undefined || (partReceipts !== 'shared' && partReceipts !== 'shared-each')) return undefined;
    return this.#longMessages.earlierId(senderOf(seen, pdu, piece), piece.part);
  }

  /** All parts of the message that a part completes; undefined when others are missing, or nobody wants to know. */
  #joined(seen: Seen, pdu: SubmitSm, piece: Piece | undefined, verdict: Verdict): KeptPart[] | undefined {
    if (piece === undefined || !this.#joinsParts || verdict.status !== STATUS.ESME_ROK) return undefined;
    // A copy: the PDU would keep the whole socket read alive that it lies in.
    const kept = { messageId: verdict.messageId, text: Uint8Array.from(piece.text) };
    return piece.part === undefined ? [kept] : this.#longMessages.add(senderOf(seen, pdu, piece), piece.part, kept);
  }

  #tell(records: SubmitRecord[], texts: readonly (TakenText | undefined)[]): void {
    for (const [i, record] of records.entries()) this.#log?.write(record, texts[i]?.text);
    if (records.length > 0) this.#onSubmit?.(records);
    if (this.#onText === undefined) return;
    const whole = texts.filter((text) => text !== undefined);
    if (whole.length > 0) this.#onText(whole);
  }

  /** What an ESME has to put up with besides. */
  #disturb({ session, bind }: Seen): void {
    const { garbage, readPauseMs } = this.knobs;
    if (garbage !== null) {
      if (happens(garbage.pdus, this.#random)) this.#litter(session, garbagePdu(this.#random));
      if (happens(garbage.streams, this.#random)) {
        this.brokenBinds.add(bind);
        this.#litter(session, garbageStream(this.#random));
      }
    }
    const pauseMs = pickDelay(readPauseMs, this.#random);
    if (pauseMs === 0) return;
    session.pause();
    // A session that is closed by then takes no notice.
    this.#clock.setTimer(() => session.resume(), pauseMs);
  }

  #litter(session: SmscSession<Item>, octets: Uint8Array): void {
    this.stats.garbageSent++;
    session.sendOctets(octets);
  }

  /** Sends the receipt of a message, or of a part; `whole` are the parts of the message that is complete with it. */
  #report(
    pdu: SubmitSm,
    verdict: Verdict,
    whole: readonly KeptPart[] | undefined,
    piece: Piece | undefined,
    account: Account,
    now: number,
  ): void {
    const { knobs, stats } = this;
    const { partReceipts } = knobs;
    let { messageId } = verdict;
    if (piece?.part !== undefined && partReceipts !== 'each' && partReceipts !== 'shared-each') {
      if (whole === undefined) return;
      messageId = whole[partReceipts === 'last' ? whole.length - 1 : 0]!.messageId;
    }
    const item: ReceiptItem = {
      kind: 'receipt',
      account,
      messageId: this.#judge.receiptId(messageId),
      state: verdict.receipt as ReceiptItem['state'],
      withTlvs: knobs.receiptTlvs,
      withText: knobs.receiptText,
      submittedAt: now,
      // The addresses alone: the PDU would keep the whole socket read alive that it lies in.
      source_addr_ton: pdu.dest_addr_ton,
      source_addr_npi: pdu.dest_addr_npi,
      source_addr: pdu.destination_addr,
      dest_addr_ton: pdu.source_addr_ton,
      dest_addr_npi: pdu.source_addr_npi,
      destination_addr: pdu.source_addr,
    };
    let delayMs = verdict.early ? 0 : pickDelay(knobs.receiptDelayMs, this.#random);
    if (verdict.early) stats.receiptsEarly++;
    else if (knobs.lateReceipts !== null && happens(knobs.lateReceipts.share, this.#random)) {
      delayMs = pickDelay(knobs.lateReceipts.delayMs, this.#random);
      stats.receiptsLate++;
    }
    if (delayMs > 0) this.#receipts.add(item, now + delayMs);
    else account.push(item);
    if (happens(knobs.duplicateReceipts, this.#random)) {
      stats.receiptsDuplicated++;
      this.#receipts.add(item, now + delayMs + pickDelay(knobs.receiptDelayMs, this.#random));
    }
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
      const now = this.#clock.now();
      for (const { since } of answers) this.#answerClock.record(now - since);
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

/** Whose parts belong together: references are chosen anew by each sender for each recipient. */
function senderOf({ systemId }: Seen, pdu: SubmitSm, { carriage }: Piece): string {
  return `${systemId}\t${carriage}\t${pdu.source_addr}\t${pdu.destination_addr}`;
}

function recordOf(pdu: SubmitSm, piece: Piece, verdict: Verdict, { systemId, bind }: Seen, now: number): SubmitRecord {
  return {
    at: now,
    systemId,
    bind,
    sequence: pdu.sequence,
    source: pdu.source_addr,
    destination: pdu.destination_addr,
    messageId: verdict.messageId,
    status: verdict.status,
    part: piece.part,
    carriage: piece.carriage,
    dataCoding: pdu.data_coding,
    shortMessage: octetsOf(pdu),
  };
}

function textOf(pdu: SubmitSm, piece: Piece, whole: readonly KeptPart[], { systemId }: Seen, now: number): TakenText {
  return {
    at: now,
    systemId,
    source: pdu.source_addr,
    destination: pdu.destination_addr,
    messageIds: whole.map((each) => each.messageId),
    carriage: piece.carriage,
    dataCoding: pdu.data_coding,
    // Joined before they are read: an escape or a surrogate pair may be split between parts.
    text: read(Buffer.concat(whole.map((each) => each.text)), pdu.data_coding),
  };
}

function shuffle(items: Item[], random: Random): void {
  for (let i = items.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [items[i], items[j]] = [items[j]!, items[i]!];
  }
}
