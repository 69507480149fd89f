import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { request } from 'undici';
import { freePort } from '../lib/port.ts';
import { sleep, waitUntil } from '../lib/time.ts';
import { businessAuthorization, rootAuthorization, SignetServer } from '../peers/signet.ts';
import type { Engine } from '../servers/engine.ts';
import { MariaDb } from '../servers/mariadb.ts';
import { RabbitMq } from '../servers/rabbitmq.ts';
import { Redis } from '../servers/redis.ts';

/** What each process of the installation does. */
const ROLES = { 'api-1': 'api', 'api-2': 'api', 'worker-1': 'worker,channel', 'worker-2': 'worker,channel' } as const;
const READY_LIMIT_MS = 180_000;
/** A request that is answered by nobody for so long is given up, as a proxy would. */
const ANSWER_LIMIT_MS = 60_000;
/** A supervisor looks this often whether a process has ended. */
const SUPERVISE_MS = 200;

/** One HTTP answer. */
export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

/** A request, and who makes it. */
export interface Question {
  method: 'GET' | 'POST';
  path: string;
  as?: 'root' | 'business';
  body?: unknown;
  headers?: Record<string, string>;
}

/** One process of Signet, started again on its data directory and port whenever it has ended, as by a supervisor. */
export class Node {
  readonly name: string;
  readonly role: string;
  /** How often it ended and nobody had killed it. */
  endedByItself = 0;
  readonly #dataDir: string;
  readonly #port: number;
  readonly #env: Record<string, string>;
  #server: SignetServer | null = null;
  #supervised = false;

  constructor(name: string, role: string, place: { folder: string; port: number; env: Record<string, string> }) {
    this.name = name;
    this.role = role;
    this.#dataDir = join(place.folder, name);
    this.#port = place.port;
    this.#env = { ...place.env, SIGNET_ROLE: role };
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Begins it; from now on it is started again when it ends. */
  async begin(): Promise<void> {
    await this.#spawn();
    this.#supervised = true;
    void this.#supervise();
  }

  /** kill -9, and the start that follows; does not wait until it is ready. */
  async kill(): Promise<void> {
    const server = this.#server!;
    this.#server = null;
    await server.kill();
    await this.#spawn();
  }

  async stop(): Promise<void> {
    this.#supervised = false;
    await this.#server?.stop();
  }

  /** Resolves when it says that it is ready. */
  async ready(): Promise<void> {
    const isReady = async () => (await this.ask({ method: 'GET', path: '/readyz' }).catch(() => null))?.status === 200;
    await waitUntil(`${this.name} to be ready`, isReady, READY_LIMIT_MS);
  }

  /** @throws when there is no answer */
  async ask({ method, path, as, body, headers }: Question): Promise<Answer> {
    const answer = await request(`${this.url}${path}`, {
      method,
      headersTimeout: ANSWER_LIMIT_MS,
      bodyTimeout: ANSWER_LIMIT_MS,
      headers: {
        ...(as !== undefined && { authorization: as === 'root' ? rootAuthorization() : businessAuthorization() }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
  }

  async #spawn(): Promise<void> {
    this.#server = await SignetServer.spawn(this.#dataDir, { port: this.#port, env: this.#env });
  }

  async #supervise(): Promise<void> {
    while (this.#supervised) {
      await sleep(SUPERVISE_MS);
      if (!this.#supervised || this.#server?.hasEnded !== true) continue;
      this.endedByItself++;
      await this.#spawn();
    }
  }
}

/** Two processes that take requests and two that send, on a database, queues and counters of their own. */
export class Installation {
  readonly mariadb: MariaDb;
  readonly rabbitmq: RabbitMq;
  readonly redis: Redis;
  readonly nodes: readonly Node[];

  private constructor(engines: [MariaDb, RabbitMq, Redis], nodes: readonly Node[]) {
    [this.mariadb, this.rabbitmq, this.redis] = engines;
    this.nodes = nodes;
  }

  /** Starts everything in a folder; resolves when all processes are ready. */
  static async start(folder: string): Promise<Installation> {
    mkdirSync(folder, { recursive: true });
    const started: Engine[] = [];
    const keep = async <E extends Engine>(starting: Promise<E>): Promise<E> => {
      const engine = await starting;
      started.push(engine);
      return engine;
    };
    let installation: Installation | undefined;
    try {
      const mariadb = await keep(MariaDb.start(join(folder, 'mariadb')));
      const rabbitmq = await keep(RabbitMq.start(join(folder, 'rabbitmq')));
      const redis = await keep(Redis.start(join(folder, 'redis')));
      const env = { SIGNET_STORE: mariadb.url, SIGNET_QUEUE: rabbitmq.url, SIGNET_REDIS: redis.url };
      const nodes: Node[] = [];
      for (const [name, role] of Object.entries(ROLES)) {
        nodes.push(new Node(name, role, { folder, port: await freePort(), env }));
      }
      installation = new Installation([mariadb, rabbitmq, redis], nodes);
      for (const node of nodes) await node.begin();
      for (const node of nodes) await node.ready();
      return installation;
    } catch (error) {
      for (const node of installation?.nodes ?? []) await node.stop();
      for (const engine of started) await engine.stop();
      throw error;
    }
  }

  get engines(): readonly Engine[] {
    return [this.mariadb, this.rabbitmq, this.redis];
  }

  /** Those that take requests. */
  get apis(): readonly Node[] {
    return this.nodes.filter(({ role }) => role === 'api');
  }

  /** Asks the first that takes requests. @throws Error unless answered 2xx */
  async call(question: Question): Promise<unknown> {
    const { status, text } = await this.apis[0]!.ask(question);
    if (status >= 300) throw new Error(`${question.method} ${question.path}: ${status} ${text}`);
    return /^[{[]/.test(text) ? JSON.parse(text) : text;
  }

  /** Ends everything; the data stay. */
  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
    await Promise.all(this.engines.map((engine) => engine.stop()));
  }
}
