import type { Channel, ChannelModel, ConfirmChannel } from 'amqplib';
import { connect } from 'amqplib';
import { nextDelayMs } from '../../lib/backoff.ts';
import type { Clock, Timer } from '../../lib/clock.ts';
import type { Logger } from '../../lib/log.ts';

const CONNECT_TIMEOUT_MS = 10_000;
/** A server that is silent for two of these is away. */
const HEARTBEAT_S = 10;
const RETRY_MS = { min: 200, max: 10_000 };

/** Where a RabbitMQ server is, and who we are to it. */
export interface RabbitAddress {
  host: string;
  port: number;
  vhost: string;
  user: string;
  password: string;
  /** Null: without TLS. Texts in PEM; `ca` null: the authorities that Node knows. */
  tls: { ca: string | null; cert: string | null; key: string | null } | null;
}

/** The AMQP channels of one connection. */
export interface Connected {
  publisher: ConfirmChannel;
  /** What comes in. */
  intake: Channel;
  /** Runs one piece of work after the other on a channel that is opened again after the server has closed it for an error. */
  control<T>(work: (channel: Channel) => Promise<T>): Promise<T>;
}

/** Told how the connection stands. */
export interface LinkListener {
  up(connected: Connected): void;
  down(): void;
  /** The server takes no more for now, or does again. */
  blocked(blocked: boolean): void;
}

/** Keeps one connection to a RabbitMQ server, and makes it again for ever. */
export class RabbitLink {
  readonly #address: RabbitAddress;
  readonly #name: string;
  readonly #listener: LinkListener;
  readonly #clock: Clock;
  readonly #log: Logger;
  #model: ChannelModel | null = null;
  #timer: Timer | null = null;
  #attempt = 0;
  #stopped = false;
  #connecting: Promise<void> | null = null;
  /** Why there is no connection; null while there is one. */
  reason: string | null = 'connecting';

  /** @param name shown in the server's list of connections */
  constructor(address: RabbitAddress, name: string, listener: LinkListener, deps: { clock: Clock; log: Logger }) {
    this.#address = address;
    this.#name = name;
    this.#listener = listener;
    this.#clock = deps.clock;
    this.#log = deps.log;
  }

  start(): void {
    this.#connecting = this.#connect();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#connecting;
    // It may be gone already.
    await this.#model?.close().catch(() => {});
    this.#model = null;
  }

  /** Ends a connection on which something has gone wrong; it is made again. */
  break(): void {
    this.#model?.close().catch(() => {});
  }

  async #connect(): Promise<void> {
    let model: ChannelModel | null = null;
    try {
      model = await connect(this.#options(), {
        ...tlsOptions(this.#address),
        timeout: CONNECT_TIMEOUT_MS,
        noDelay: true,
        clientProperties: { connection_name: this.#name },
      });
      const own = model;
      // An error is followed by the end.
      own.on('error', () => {});
      own.on('close', (error?: Error) => this.#lost(own, error?.message ?? 'the connection was closed'));
      own.on('blocked', (reason: string) => {
        this.#log.warn({ reason }, 'RabbitMQ takes nothing more for now');
        this.#listener.blocked(true);
      });
      own.on('unblocked', () => this.#listener.blocked(false));
      const breaks = (channel: Channel) => {
        channel.on('error', (error: Error) => this.#log.error({ err: error }, 'RabbitMQ closed a channel'));
        channel.on('close', () => void own.close().catch(() => {}));
      };
      const publisher = await own.createConfirmChannel();
      breaks(publisher);
      const intake = await own.createChannel();
      breaks(intake);
      if (this.#stopped) return void (await own.close());
      this.#model = own;
      this.#attempt = 0;
      this.reason = null;
      this.#listener.up({ publisher, intake, control: serial(own) });
    } catch (error) {
      await model?.close().catch(() => {});
      this.#again((error as Error).message);
    }
  }

  #lost(model: ChannelModel, reason: string): void {
    // One that never came up is tried again where that was noticed.
    if (this.#model !== model) return;
    this.#model = null;
    this.#listener.down();
    this.#again(reason);
  }

  #again(reason: string): void {
    if (this.#stopped) return;
    if (this.reason === null || this.#attempt === 0) {
      this.#log.warn({ reason }, 'RabbitMQ is away: messages are accepted, and sent when it is back');
    }
    this.reason = reason;
    const ms = nextDelayMs(this.#attempt++, RETRY_MS.min, RETRY_MS.max);
    this.#timer = this.#clock.setTimer(() => this.start(), ms);
  }

  #options() {
    const { host, port, vhost, user, password, tls } = this.#address;
    return {
      protocol: tls === null ? 'amqp' : 'amqps',
      hostname: host,
      port,
      vhost: encodeURIComponent(vhost),
      username: user,
      password,
      heartbeat: HEARTBEAT_S,
    };
  }
}

function tlsOptions({ tls }: RabbitAddress): { ca?: string; cert?: string; key?: string } {
  const options: { ca?: string; cert?: string; key?: string } = {};
  if (tls?.ca != null) options.ca = tls.ca;
  if (tls?.cert != null) options.cert = tls.cert;
  if (tls?.key != null) options.key = tls.key;
  return options;
}

function serial(model: ChannelModel): Connected['control'] {
  let channel: Channel | null = null;
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const run = async () => {
      if (channel === null) {
        const opened = await model.createChannel();
        opened.on('error', () => {});
        opened.on('close', () => {
          if (channel === opened) channel = null;
        });
        channel = opened;
      }
      return work(channel);
    };
    const result = last.then(run);
    last = result.catch(() => {});
    return result;
  };
}
