import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { request } from 'undici';
import { endWithUs } from '../lib/children.ts';
import { endProcess, type Helper, startHelper } from '../lib/helper.ts';
import { freePort } from '../lib/port.ts';
import { waitUntil } from '../lib/time.ts';
import { PLACEHOLDER } from '../processes/load.ts';
import type { ReporterHelper } from '../processes/reporter.ts';
import { type Peer, type PeerSetting, type RunningPeer, SENDER, TEXT, WINDOW } from './peer.ts';

/** The `signet` command. */
export const BIN = fileURLToPath(new URL('../../../server/bin/signet.js', import.meta.url));
const ROOT_PASSWORD = 'bench-root-password';
const USER = 'bench';
const PASSWORD = 'bench-password';
/** What the bench's business may spend. */
export const CREDITS = 1_000_000_000;
/** Far beyond what a start takes; a machine that is busy otherwise needs more. */
const START_LIMIT_MS = 60_000;

const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

/** How a server is started, where not as always. */
export interface ServerSetting {
  /** Options of node itself. */
  nodeArgs?: readonly string[];
  /** Settings beside those of the bench. */
  env?: Readonly<Record<string, string>>;
  /** A free one where it is left out. */
  port?: number;
}

/** A Signet server as a child process, with calls of its API. */
export class SignetServer {
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(port: number, child: ChildProcess) {
    this.port = port;
    this.#child = child;
  }

  /** Starts one over a data directory; resolves once it answers. */
  static async start(dataDir: string, setting: ServerSetting = {}): Promise<SignetServer> {
    const server = await SignetServer.spawn(dataDir, setting);
    try {
      await waitUntil(
        `the server of ${dataDir}`,
        async () => {
          if (server.hasEnded) throw new Error(`the server ended: see ${dataDir}.log`);
          return (await server.call('GET', '/healthz').catch(() => null)) !== null;
        },
        START_LIMIT_MS,
      );
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  /** Starts one without waiting for it. */
  static async spawn(dataDir: string, { nodeArgs = [], env, port: wanted }: ServerSetting = {}): Promise<SignetServer> {
    const port = wanted ?? (await freePort());
    const log = openSync(`${dataDir}.log`, 'a');
    const child = spawn(process.execPath, [...nodeArgs, BIN, 'serve'], {
      stdio: ['ignore', log, log],
      env: {
        PATH: process.env.PATH,
        SIGNET_PORT: String(port),
        SIGNET_DATA: dataDir,
        SIGNET_ROOT_PASSWORD: ROOT_PASSWORD,
        SIGNET_LOG_LEVEL: 'warn',
        ...env,
      },
    });
    closeSync(log);
    endWithUs(child);
    return new SignetServer(port, child);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get pid(): number {
    return this.#child.pid!;
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Calls the API as root, or as the business of the bench. @throws Error unless answered 2xx */
  async call(method: 'GET' | 'POST', path: string, body?: unknown, as: 'root' | 'business' = 'root'): Promise<unknown> {
    const { statusCode, body: answer } = await request(`${this.url}${path}`, {
      // The check of the ledger answers when it has gone through everything.
      headersTimeout: 0,
      method,
      headers: {
        authorization: as === 'root' ? rootAuthorization() : businessAuthorization(),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (statusCode >= 300) throw new Error(`${method} ${path}: ${statusCode} ${text}`);
    return text.startsWith('{') ? JSON.parse(text) : text;
  }

  stop(): Promise<void> {
    return endProcess(this.#child);
  }

  /** SIGKILL. */
  async kill(): Promise<void> {
    if (this.hasEnded) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }
}

/** How the bench's business signs in. */
export function businessAuthorization(): string {
  return basic(USER, PASSWORD);
}

/** How the administrator signs in. */
export function rootAuthorization(): string {
  return basic('root', ROOT_PASSWORD);
}

/** The environment of a `signet` command that acts for the bench's business. */
export function commandEnvironment(url: string): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, SIGNET_URL: url, SIGNET_USER: USER, SIGNET_PASSWORD: PASSWORD };
}

/** Names of what was set up. */
export interface Prepared {
  signId: number;
  tempId: number;
}

const [, SIGNATURE, CONTENT] = /^【(.+)】(.+)$/.exec(TEXT)!;
/** What the bench's business is allowed to send. */
export const TEMPLATE = CONTENT!;

/** A call of the API that has to be answered 2xx. */
export type Call = (method: 'GET' | 'POST', path: string, body?: unknown, as?: 'root' | 'business') => Promise<unknown>;

/** A business with credits, and an approved signature and template. */
export async function prepareBusiness(call: Call, template = TEMPLATE): Promise<Prepared> {
  await call('POST', '/api/v1/businesses', { name: USER, password: PASSWORD, credits: CREDITS });
  const signed = await call('POST', '/v1/signature', { signature: SIGNATURE, source: 'bench' }, 'business');
  const { sign_id: signId } = signed as { sign_id: number };
  await call('POST', '/v2/signreview', { sign_id: signId, audit_status: 'passed' });
  const made = await call(
    'POST',
    '/v1/template',
    { name: 'parcel', template, type: 2, description: 'bench', sign_id: signId },
    'business',
  );
  const { temp_id: tempId } = made as { temp_id: number };
  await call('POST', '/v2/tempreview', { temp_id: tempId, audit_status: 'passed' });
  return { signId, tempId };
}

/** The same, and channels to the SMSC, several of which share everything by a route. */
export async function prepare(
  server: SignetServer,
  smscPort: number,
  receipts: boolean,
  template = TEMPLATE,
  channels = 1,
): Promise<Prepared> {
  const prepared = await prepareBusiness(server.call.bind(server), template);
  const ids: number[] = [];
  for (let i = 1; i <= channels; i++) ids.push(await addChannel(server, `bench-${i}`, smscPort, receipts));
  if (channels > 1) {
    const targets = ids.map((id) => ({ channel_id: id, weight: 1 }));
    await server.call('POST', '/api/v1/routes', { name: 'all', targets });
  }
  return prepared;
}

/** Adds a channel to the SMSC; resolves with its id once it is bound. */
async function addChannel(server: SignetServer, name: string, smscPort: number, receipts: boolean): Promise<number> {
  const { id } = (await server.call('POST', '/api/v1/channels', {
    name,
    smpp: {
      host: '127.0.0.1',
      port: smscPort,
      // An account of its own: the SMSC gives an account's reports to any of its binds.
      system_id: name,
      password: 'signet',
      sender: SENDER,
      window: WINDOW,
      registered_delivery: receipts ? 'final' : 'none',
    },
  })) as { id: number };
  await waitUntil(
    `channel ${name} to be bound`,
    async () => {
      const { state } = (await server.call('GET', `/api/v1/channels/${id}`)) as { state: { link: string } };
      return state.link === 'bound';
    },
    30_000,
  );
  return id;
}

/** Whether every credit of so many one-segment messages is where it belongs. @throws Error saying what is wrong */
export async function checkBooks(server: SignetServer, messages: number): Promise<void> {
  let balance = { available: 0, reserved: 0 };
  await waitUntil(
    'the last credits to be settled',
    async () => {
      balance = (await server.call('GET', '/api/v1/balance', undefined, 'business')) as typeof balance;
      return balance.reserved === 0;
    },
    30_000,
  );
  if (balance.available !== CREDITS - messages) {
    throw new Error(`${CREDITS - balance.available} credits are gone for ${messages} messages`);
  }
  const check = (await server.call('GET', '/api/v1/ledger/check')) as { ok: boolean; faults: unknown[] };
  if (!check.ok) throw new Error(`the ledger does not reconcile: ${JSON.stringify(check.faults)}`);
}

/** One HTTP request to so many placeholders. */
export function sendRequest({ signId, tempId }: Prepared, numbersPerRequest: number): string {
  const mobiles = Array.from({ length: numbersPerRequest }, () => PLACEHOLDER);
  const body = JSON.stringify({ sign_id: signId, temp_id: tempId, mobiles });
  return [
    'POST /v1/message HTTP/1.1',
    'Host: 127.0.0.1',
    `Authorization: ${businessAuthorization()}`,
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n');
}

/** Tells the sink what a server's events say of reports. */
export async function startReporter(server: SignetServer, sinkPort: number): Promise<Helper<ReporterHelper>> {
  const reporter = startHelper<ReporterHelper>('reporter');
  await reporter.start(server.url, rootAuthorization(), `http://127.0.0.1:${sinkPort}`);
  return reporter;
}

/** Signet embedded: one process, SQLite with fsync, charging on. @param nodeArgs options of node itself */
export const signet = (nodeArgs: readonly string[], { name = 'Signet', channels = 1 } = {}): Peer => ({
  name,
  async start({ dir, smscPort, sinkPort, numbersPerRequest }: PeerSetting): Promise<RunningPeer> {
    const server = await SignetServer.start(join(dir, 'data'), { nodeArgs });
    let reporter: Helper<ReporterHelper> | null = null;
    const stop = async (): Promise<void> => {
      await reporter?.stop();
      await server.stop();
    };
    try {
      const prepared = await prepare(server, smscPort, sinkPort !== null, TEMPLATE, channels);
      if (sinkPort !== null) reporter = await startReporter(server, sinkPort);
      return {
        port: server.port,
        request: sendRequest(prepared, numbersPerRequest),
        pids: { server: server.pid, ...(reporter === null ? {} : { reporter: reporter.pid }) },
        check: (messages) => checkBooks(server, messages),
        stop,
      };
    } catch (error) {
      await stop();
      throw error;
    }
  },
});
