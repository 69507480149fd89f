import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Simulator, type SimulatorOptions, startSimulator } from '@signet/smpp/simulator';

const BIN = fileURLToPath(new URL('../bin/signet.js', import.meta.url));
const ROOT_PASSWORD = 'root-password-for-tests';

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

/** A started server process with an SMSC of its own. */
export interface House {
  readonly url: string;
  readonly port: number;
  readonly dataDir: string;
  readonly rootPassword: string;
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

/** A port nobody listens on now. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/** Starts `signet serve` on empty data, with an SMSC as its channel unless `simulator` is false. */
export async function startHouse(
  options: { env?: Record<string, string>; simulator?: SimulatorOptions | false; smpp?: Record<string, unknown> } = {},
): Promise<House> {
  const dataDir = mkdtempSync(join(tmpdir(), 'signet-test-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  let output = '';
  let child: ChildProcess | null = null;

  const start = async (): Promise<void> => {
    const env: NodeJS.ProcessEnv = {
      ...withoutSignetNames(process.env),
      SIGNET_PORT: String(port),
      SIGNET_DATA: dataDir,
      SIGNET_ROOT_PASSWORD: ROOT_PASSWORD,
      SIGNET_LOG_LEVEL: 'warn',
      ...options.env,
    };
    const started = spawn(process.execPath, [BIN, 'serve'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    child = started;
    started.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    started.stderr.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    await until(async () => {
      if (ended(started)) throw new Error(`the server ended with ${endOf(started)}:\n${output}`);
      return fetch(`${url}/readyz`).then(
        (answer) => answer.status === 200,
        () => false,
      );
    }, 'the server to be ready');
  };
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    const ending = child;
    child = null;
    if (ending === null || ended(ending)) return ending?.exitCode ?? null;
    const exited = new Promise<number | null>((resolve) => ending.once('exit', (code) => resolve(code)));
    ending.kill(signal);
    return exited;
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
      if (child !== null && ended(child)) throw new Error(`the server ended with ${endOf(child)}:\n${output}`);
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
    output: () => output,
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
      rmSync(dataDir, { recursive: true, force: true });
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

const ended = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

const endOf = (child: ChildProcess): string => String(child.exitCode ?? child.signalCode);

function withoutSignetNames(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('SIGNET_')));
}
