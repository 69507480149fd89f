import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type SmscOptions, SmscServer, type SmscSession, STATUS, type SubmitSm } from '@signet/smpp';
import type { Answered, ChannelInbound, ChannelListener, ChannelReport, Outgoing } from '../src/channels/channel.ts';
import { FlightLog } from '../src/channels/flight-log.ts';
import { SmppConnector } from '../src/channels/smpp/connector.ts';
import type { Category } from '../src/domain/category.ts';
import type { Exchange } from '../src/domain/exchange.ts';
import type { Begun } from '../src/domain/parts.ts';
import { DEFAULT_SMPP_SETTINGS, type SmppSettings } from '../src/domain/smpp-settings.ts';
import { systemClock } from '../src/lib/clock.ts';
import { createLogger } from '../src/lib/log.ts';
import { ManualClock } from '../src/lib/manual-clock.ts';

/** What a carrier has been sent on one session. */
export interface Taken {
  session: SmscSession;
  submit: SubmitSm;
}

/** A carrier that does what a test says: it takes submit_sm, and answers only when told to. */
export class HandCarrier {
  readonly server: SmscServer;
  /** Everything it was sent, in order. */
  readonly taken: Taken[] = [];
  /** Taken and not answered. */
  readonly open: Taken[] = [];
  /** Told of each read that brought submit_sm. */
  onSubmits: (submits: Taken[]) => void = () => {};
  #nextId = 1;

  private constructor(options: SmscOptions) {
    this.server = new SmscServer({ enquireLinkMs: 0, ...options });
    this.server.on('session', (session) => {
      session.on('pdus', (pdus) => {
        const submits: Taken[] = [];
        for (const pdu of pdus) {
          if (pdu.command === 'submit_sm') submits.push({ session, submit: pdu });
        }
        this.taken.push(...submits);
        this.open.push(...submits);
        this.onSubmits(submits);
      });
    });
  }

  static async start(options: SmscOptions = {}): Promise<HandCarrier> {
    const carrier = new HandCarrier(options);
    await carrier.server.listen();
    return carrier;
  }

  /** The one session that is bound. */
  get session(): SmscSession {
    const [session] = this.server.sessions;
    if (session === undefined) throw new Error('nobody is bound');
    return session;
  }

  /** Answers the oldest open ones, all of them unless said otherwise, and returns the ids it gave. */
  answer(count = this.open.length, status: number = STATUS.ESME_ROK): string[] {
    return this.open.splice(0, count).map(({ session, submit }) => {
      const message_id = status === STATUS.ESME_ROK ? `id-${this.#nextId++}` : '';
      session.respond(submit, status, { message_id });
      return message_id;
    });
  }

  /** From now on answers everything at once. */
  answerAlways(status: number = STATUS.ESME_ROK): void {
    this.onSubmits = () => void this.answer(this.open.length, status);
    this.onSubmits([]);
  }

  close(): Promise<void> {
    return this.server.close();
  }
}

/** Hears what a connector says, and holds on to it. */
export class Ear implements ChannelListener {
  readonly answers: Answered[] = [];
  readonly reports: ChannelReport[] = [];
  readonly inbound: ChannelInbound[] = [];
  rooms = 0;
  /** What becomes of reports; the carrier waits for it. */
  onReports: (batch: ChannelReport[]) => Promise<void> = async () => {};
  /** The same for inbound messages. */
  onInbound: (batch: ChannelInbound[]) => Promise<void> = async () => {};
  onRoom: () => void = () => {};
  onAnswers: () => void = () => {};

  answered(_channelId: number, batch: Answered[]): void {
    this.answers.push(...batch);
    this.onAnswers();
  }
  reported(_channelId: number, batch: ChannelReport[]): Promise<void> {
    this.reports.push(...batch);
    return this.onReports(batch);
  }
  received(_channelId: number, batch: ChannelInbound[]): Promise<void> {
    this.inbound.push(...batch);
    return this.onInbound(batch);
  }
  room(): void {
    this.rooms++;
    this.onRoom();
  }

  /** Outcomes by message index. */
  outcomes(): Map<number, Answered['outcome']> {
    return new Map(this.answers.map(({ message, outcome }) => [message.index, outcome]));
  }
}

/** A connector with its ear, its flight log, and a clock moved by hand (the session keeps the machine's time). */
export class Rig {
  readonly ear = new Ear();
  readonly clock = new ManualClock();
  readonly dir = mkdtempSync(join(tmpdir(), 'signet-flight-'));
  readonly flightLog = new FlightLog(this.dir, 'boot');
  /** What was noted of what was said to the carrier and by it. */
  readonly exchanges: Exchange[] = [];
  readonly connector: SmppConnector;
  #nextIndex = 0;

  constructor(
    port: number,
    settings: Partial<SmppSettings> = {},
    options: { realClock?: boolean; mayWrite?: () => boolean } = {},
  ) {
    this.flightLog.recover();
    this.flightLog.forget();
    this.connector = new SmppConnector(
      7,
      { ...DEFAULT_SMPP_SETTINGS, host: '127.0.0.1', port, systemId: 'test', password: 'test', ...settings },
      {
        listener: this.ear,
        flightLog: this.flightLog,
        exchangeLog: { add: (exchange) => void this.exchanges.push(exchange) },
        ...(options.mayWrite === undefined ? {} : { mayWrite: options.mayWrite }),
        clock: options.realClock ? systemClock : this.clock,
        log: createLogger('silent'),
      },
    );
  }

  /** Hands in messages with rising indexes; returns them. */
  send(count: number, text = 'hello', lane: Category = 'notification', begun?: Begun): Outgoing[] {
    const messages = Array.from({ length: count }, (): Outgoing => {
      const index = this.#nextIndex++;
      const message = { planId: 1, index, recipient: 8_613_800_130_000 + index, text, lane };
      return begun === undefined ? message : { ...message, begun };
    });
    this.connector.send(messages);
    return messages;
  }

  async close(): Promise<void> {
    await this.connector.stop(0);
    this.flightLog.close();
    rmSync(this.dir, { recursive: true });
  }
}
