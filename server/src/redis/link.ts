import { Redis } from 'ioredis';
import { nextDelayMs } from '../lib/backoff.ts';
import type { Clock, Timer } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import type { Service } from '../lib/start-stop.ts';

const CONNECT_TIMEOUT_MS = 5_000;
/** A server that takes longer to answer is taken to be away, until it answers again. */
const ANSWER_TIMEOUT_MS = 500;
const RETRY_MS = { min: 100, max: 5_000 };
const LOOK_MS = 500;

/** Where a Redis server is, and who we are to it. */
export interface RedisPlace {
  host: string;
  port: number;
  /** Empty: the default user. */
  user: string;
  /** Empty: none. */
  password: string;
  /** Number of the database. */
  database: number;
  /** Null: without TLS. Texts in PEM; `ca` null: the authorities that Node knows. */
  tls: { ca: string | null; cert: string | null; key: string | null } | null;
}

/** The server cannot be asked now. */
export class RedisAway extends Error {
  constructor(reason: string) {
    super(`Redis is away: ${reason}`);
    this.name = 'RedisAway';
  }
}

/** Keeps a connection to a Redis server. A command either gets its answer soon or fails; none waits for the server. */
export class RedisLink implements Service {
  readonly #client: Redis;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #scripts = new Map<string, string>();
  /** Why the server cannot be asked; null while it can. */
  #trouble: string | null = 'connecting';
  #told = false;
  #looking: Timer | null = null;
  #stopped = false;
  readonly #ups: (() => void)[] = [];

  /** @param name shown in the server's list of connections */
  constructor(place: RedisPlace, name: string, deps: { clock: Clock; log: Logger }) {
    this.#clock = deps.clock;
    this.#log = deps.log;
    let attempt = 0;
    const { host, port, user, password, database, tls } = place;
    this.#client = new Redis({
      host,
      port,
      db: database,
      connectionName: name.replaceAll(/\s/g, '-'),
      lazyConnect: true,
      connectTimeout: CONNECT_TIMEOUT_MS,
      commandTimeout: ANSWER_TIMEOUT_MS,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      retryStrategy: () => nextDelayMs(attempt++, RETRY_MS.min, RETRY_MS.max),
      ...(user !== '' && { username: user }),
      ...(password !== '' && { password }),
      ...(tls !== null && { tls: tlsOf(place) }),
    });
    // What is wrong is said where it is noticed.
    this.#client.on('error', (error: Error) => this.#away(error.message));
    this.#client.on('close', () => this.#away('the connection was closed'));
    this.#client.on('ready', () => {
      attempt = 0;
      this.#there();
    });
  }

  /** Begins to connect, and does not wait for it. */
  async start(): Promise<void> {
    this.#client.connect().catch((error: unknown) => this.#away((error as Error).message));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#looking?.cancel();
    this.#client.disconnect();
  }

  /** Why the server cannot be asked; null while it can. */
  get trouble(): string | null {
    return this.#trouble;
  }

  /** Runs when the server can be asked again. */
  onUp(listener: () => void): void {
    this.#ups.push(listener);
  }

  /** Runs a Lua script in one step. @throws RedisAway */
  async run(script: string, keys: readonly string[], args: readonly string[]): Promise<unknown> {
    let name = this.#scripts.get(script);
    if (name === undefined) {
      name = `signet${this.#scripts.size}`;
      this.#scripts.set(script, name);
      this.#client.defineCommand(name, { lua: script });
    }
    const command = (this.#client as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>)[name]!;
    return this.#ask(() => command.call(this.#client, keys.length, ...keys, ...args));
  }

  /** Tells whoever listens to a topic; nobody is told again. @throws RedisAway */
  async publish(topic: string, text: string): Promise<void> {
    await this.#ask(() => this.#client.publish(topic, text));
  }

  /** Listens to a topic, on this connection, which can be used for nothing else then; again after each reconnect. */
  async listen(topic: string, heard: (text: string) => void): Promise<void> {
    this.#client.on('message', (channel: string, text: string) => {
      if (channel === topic) heard(text);
    });
    const subscribe = () =>
      this.#client.subscribe(topic).catch((error: unknown) => this.#away((error as Error).message));
    this.onUp(() => void subscribe());
    if (this.#trouble === null) await subscribe();
  }

  async #ask<T>(command: () => Promise<T>): Promise<T> {
    if (this.#trouble !== null) throw new RedisAway(this.#trouble);
    try {
      return await command();
    } catch (error) {
      const { message } = error as Error;
      this.#away(message);
      this.#lookSoon();
      throw new RedisAway(message);
    }
  }

  #away(reason: string): void {
    if (this.#stopped) return;
    this.#trouble = reason;
    if (!this.#told) this.#log.warn({ reason }, 'Redis is away');
    this.#told = true;
  }

  #there(): void {
    this.#looking?.cancel();
    this.#looking = null;
    if (this.#trouble === null) return;
    this.#trouble = null;
    this.#told = false;
    this.#log.info('Redis is there');
    for (const listener of this.#ups) listener();
  }

  /** A server that did not answer, or not as it should, is looked at until it does. */
  #lookSoon(): void {
    if (this.#stopped) return;
    this.#looking ??= this.#clock.setTimer(() => {
      this.#looking = null;
      if (this.#client.status !== 'ready') return;
      // A write, since a server may answer questions and take none.
      this.#client.publish('signet', '').then(
        () => this.#there(),
        () => this.#lookSoon(),
      );
    }, LOOK_MS);
  }
}

function tlsOf({ host, tls }: RedisPlace): Record<string, string> {
  const options: Record<string, string> = {};
  if (!/^[\d.:]+$/.test(host)) options.servername = host;
  if (tls!.ca !== null) options.ca = tls!.ca;
  if (tls!.cert !== null) options.cert = tls!.cert;
  if (tls!.key !== null) options.key = tls!.key;
  return options;
}
