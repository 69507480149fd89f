import { randomInt } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { type Simulator, type SimulatorOptions, startSimulator } from '@signet/smpp/simulator';
import { ROOT_PASSWORD, ServerProcess } from './server-process.ts';
import { clusterServers } from './servers.ts';

/** Whether houses have the shape of a cluster where a test says nothing else. */
export const CLUSTER = process.env.TEST_SHAPE === 'cluster';

/** What each process of a house in the shape of a cluster does, where a test says nothing else. The first is asked. */
const CLUSTER_ROLES = ['api', 'worker,channel'];

/** One HTTP answer, read whole. */
export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came back
  json: any;
}

export interface RequestOptions {
  user?: string;
  password?: string;
  /** Sent as JSON; a Buffer or string in `raw` is sent as it is. */
  body?: unknown;
  raw?: string | Buffer;
  headers?: Record<string, string>;
}

export interface TestBusiness {
  user: string;
  password: string;
  businessId: number;
}

/**
 * A started server with an SMSC of its own: one process, or in the shape of a cluster several on a database and queues of
 * their own. TEST_SHAPE=cluster gives all tests that shape.
 */
export interface House {
  readonly url: string;
  readonly port: number;
  readonly dataDir: string;
  readonly rootPassword: string;
  /** Its processes; the first is the one that is asked. */
  readonly nodes: readonly ServerProcess[];
  /** The process that has a lease now; null: none that runs. For houses of several processes. */
  ownerOf(lease: string): Promise<ServerProcess | null>;
  /** Waits until every process has heard what was changed before; one process hears itself at once. */
  heard(): Promise<void>;
  /** What a statement of both stores finds or does beside the server, or while none runs: for what no API tells. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came back
  rows(sql: string): Promise<any[]>;
  /** What the server wrote so far. */
  readonly output: () => string;
  /** The SMSC its channel is bound to; null when it was started without one. */
  readonly simulator: Simulator;
  request(method: string, path: string, options?: RequestOptions): Promise<Answer>;
  /** As the administrator. */
  asRoot(method: string, path: string, body?: unknown): Promise<Answer>;
  createBusiness(options?: { credits?: number }): Promise<TestBusiness>;
  /** SIGTERM; resolves with the exit code. */
  terminate(): Promise<number | null>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** Starts the server again on the same data and port. */
  start(): Promise<void>;
  /** Ends everything and removes the data. */
  stop(): Promise<void>;
}

let businesses = 0;

/** Below the ports that systems give to outgoing connections, any of which could take a port while its server restarts. */
const PORTS = { from: 10_240, to: 32_000 };

/** Ports that were given out: they may not be listened on yet, or not now. */
const given = new Set<number>();

/** A port nobody listens on now, another each time. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(PORTS.from, PORTS.to);
    if (given.has(port)) continue;
    const probe = createServer();
    const free = await new Promise<boolean>((resolve) => {
      probe.once('error', () => resolve(false));
      probe.listen(port, '127.0.0.1', () => resolve(true));
    });
    await new Promise((resolve) => probe.close(resolve));
    if (!free) continue;
    given.add(port);
    return port;
  }
}

/**
 * Starts `signet serve` on empty data, with an SMSC as its channel unless `simulator` is false.
 * @param options.nodes the roles of each process: the house has the shape of a cluster
 * @param options.clusterNodes the same where TEST_SHAPE says so, and one process elsewhere
 * @param options.storePort where its processes find their database, when that is not the usual place
 */
export async function startHouse(
  options: {
    env?: Record<string, string>;
    nodes?: readonly string[];
    clusterNodes?: readonly string[];
    storePort?: number;
    simulator?: SimulatorOptions | false;
    smpp?: Record<string, unknown>;
  } = {},
): Promise<House> {
  const folder = mkdtempSync(join(tmpdir(), 'signet-test-'));
  const roles = options.nodes ?? (CLUSTER ? (options.clusterNodes ?? CLUSTER_ROLES) : null);
  const servers = roles === null ? null : await clusterServers(options.storePort);
  const nodes: ServerProcess[] = [];
  for (const [i, role] of (roles ?? ['all']).entries()) {
    const dataDir = roles === null ? folder : join(folder, String(i));
    mkdirSync(dataDir, { recursive: true });
    nodes.push(new ServerProcess(await freePort(), dataDir, { SIGNET_ROLE: role, ...servers?.env, ...options.env }));
  }
  const [front] = nodes as [ServerProcess];
  const { url, port, dataDir } = front;
  const start = async (): Promise<void> => void (await Promise.all(nodes.map((node) => node.start())));
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    const codes = await Promise.all(nodes.map((node) => node.end(signal)));
    return codes.find((code) => code !== 0) ?? codes[0]!;
  };
  const request = async (method: string, path: string, asked: RequestOptions = {}): Promise<Answer> => {
    const headers: Record<string, string> = { ...asked.headers };
    if (asked.user !== undefined) {
      headers.authorization ??= `Basic ${Buffer.from(`${asked.user}:${asked.password ?? ''}`).toString('base64')}`;
    }
    const init: RequestInit = { method, headers };
    if (asked.raw !== undefined) init.body = asked.raw as string;
    else if (asked.body !== undefined) {
      init.body = JSON.stringify(asked.body);
      headers['content-type'] ??= 'application/json';
    }
    const answer = await fetch(url + path, init).catch((error: unknown) => {
      if (front.ended !== null) throw new Error(`the server ended with ${front.ended}:\n${front.output}`);
      throw error;
    });
    const text = await answer.text();
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      json = undefined;
    }
    return { status: answer.status, headers: answer.headers, text, json };
  };
  const asRoot = (method: string, path: string, body?: unknown) =>
    request(method, path, { user: 'root', password: ROOT_PASSWORD, ...(body !== undefined && { body }) });

  await start();
  let simulator: Simulator | null = null;
  if (options.simulator !== false) {
    simulator = await startSimulator({ receiptDelayMs: 0, ...options.simulator });
    const added = await asRoot('POST', '/api/v1/channels', {
      name: 'smsc',
      smpp: {
        host: '127.0.0.1',
        port: simulator.port,
        system_id: 'test',
        password: 'test',
        ...options.smpp,
      },
    });
    if (added.status !== 201) throw new Error(`the channel was not added: ${added.text}`);
  }
  return {
    url,
    port,
    dataDir,
    rootPassword: ROOT_PASSWORD,
    nodes,
    async ownerOf(lease) {
      const sql = `SELECT n.pid FROM lease l JOIN node n ON n.id = l.owner WHERE l.name = '${lease}'`;
      const [row] = (await servers!.database.run(sql)) as { pid: number }[];
      return nodes.find((node) => node.isRunning && node.pid === row?.pid) ?? null;
    },
    async heard() {
      if (servers === null) return;
      const [told] = (await servers.database.run('SELECT MAX(seq) AS seq FROM notice')) as { seq: number | null }[];
      for (const node of nodes) {
        await until(
          async () => (await node.gauge('signet_bell_transaction')) >= (told!.seq ?? 0),
          `the process at ${node.url} to hear what was changed`,
        );
      }
    },
    async rows(sql) {
      if (servers !== null) return (await servers.database.run(sql)) as object[];
      const db = new DatabaseSync(join(dataDir, 'signet.db'));
      try {
        return db.prepare(sql).all();
      } finally {
        db.close();
      }
    },
    output: () => nodes.map((node) => node.output).join('\n'),
    get simulator() {
      if (simulator === null) throw new Error('this house was started without an SMSC');
      return simulator;
    },
    request,
    asRoot,
    async createBusiness({ credits = 0 } = {}) {
      const user = `b${process.pid}-${++businesses}`;
      const password = `password-of-${user}`;
      const created = await asRoot('POST', '/api/v1/businesses', {
        name: user,
        password,
        ...(credits > 0 && { credits }),
      });
      if (created.status !== 201) throw new Error(`the business was not created: ${created.text}`);
      return { user, password, businessId: created.json.business_id };
    },
    terminate: () => end('SIGTERM'),
    async kill() {
      await end('SIGKILL');
    },
    start,
    async stop() {
      await end('SIGTERM');
      await simulator?.close();
      await servers?.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Waits until `condition` holds, looking again and again, for two minutes unless said otherwise. */
export async function until(
  condition: () => Promise<boolean> | boolean,
  what: string | (() => string),
  limitMs = 120_000,
): Promise<void> {
  const end = Date.now() + limitMs;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`waited in vain for ${typeof what === 'string' ? what : what()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
