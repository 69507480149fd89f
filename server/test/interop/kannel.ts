import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, until } from '../house.ts';

/** One connection of Kannel's to an SMSC, as its configuration writes it. */
export type KannelSmsc = Record<string, string | number>;

/** What Kannel told us by HTTP: what became of a message, or what a handset wrote. */
interface Callback {
  path: string;
  /** Values as octets: texts come in whatever alphabet they came in from the SMSC. */
  query: Map<string, Buffer>;
}

/** Kannel's word for UCS-2. */
const UCS2_CODING = '2';

/** A whole Kannel, the gateway most others grew up with: bearerbox, which speaks SMPP, and smsbox, which speaks HTTP. */
export class Kannel {
  readonly #callbacks: Callback[] = [];
  readonly #folder: string;
  readonly #web: Server;
  readonly #adminPort: number;
  readonly #sendPort: number;
  readonly #children: ChildProcess[] = [];
  #output = '';

  private constructor(web: Server, adminPort: number, sendPort: number) {
    this.#folder = mkdtempSync(join(tmpdir(), 'signet-kannel-'));
    this.#web = web;
    this.#adminPort = adminPort;
    this.#sendPort = sendPort;
    web.on('request', (request, response) => {
      this.#callbacks.push(callbackOf(request.url!));
      response.end('ok');
    });
  }

  /** Starts one that connects to these SMSCs, and waits until it has. */
  static async start(smscs: readonly KannelSmsc[]): Promise<Kannel> {
    const web = createServer();
    web.listen(0, '127.0.0.1');
    await once(web, 'listening');
    const kannel = new Kannel(web, await freePort(), await freePort());
    try {
      await kannel.#start(smscs, await freePort());
    } catch (error) {
      await kannel.stop();
      throw error;
    }
    return kannel;
  }

  /** What both boxes wrote. */
  get output(): string {
    return this.#output;
  }

  /** Hands a text over for a number, through one of the SMSCs, asking for every report. */
  async send(smsc: string, to: string, text: string, more: Record<string, string> = {}): Promise<void> {
    const reports = `http://127.0.0.1:${(this.#web.address() as AddressInfo).port}/report?to=${to}&type=%d&id=%F`;
    const query = new URLSearchParams({
      ...{ username: 'signet', password: 'secret', smsc, to, text, charset: 'UTF-8' },
      ...{ 'dlr-mask': '31', 'dlr-url': reports, ...more },
    });
    const answer = await fetch(`http://127.0.0.1:${this.#sendPort}/cgi-bin/sendsms?${query}`);
    if (answer.status !== 202) throw new Error(`Kannel refused: ${answer.status} ${await answer.text()}`);
  }

  /** Reports of a number, as Kannel numbers their kinds: 1 delivered, 2 failed, 8 accepted by the SMSC, 16 refused. */
  reportsOf(to: string): { type: string; id: string }[] {
    return this.#callbacks
      .filter(({ path, query }) => path === '/report' && said(query, 'to') === to)
      .map(({ query }) => ({ type: said(query, 'type'), id: said(query, 'id') }));
  }

  /** Texts from handsets. */
  get inbound(): { from: string; to: string; text: string }[] {
    return this.#callbacks
      .filter(({ path }) => path === '/inbound')
      .map(({ query }) => {
        const octets = query.get('text')!;
        const ucs2 = said(query, 'coding') === UCS2_CODING;
        const text = ucs2 ? Buffer.from(octets).swap16().toString('utf16le') : octets.toString('utf8');
        return { from: said(query, 'from'), to: said(query, 'to'), text };
      });
  }

  /** Ends both boxes in order, so that links are unbound. */
  async stop(): Promise<void> {
    for (const child of [...this.#children].reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const closed = once(child, 'close');
      child.kill('SIGTERM');
      await closed;
    }
    this.#web.close();
    this.#web.closeAllConnections();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #start(smscs: readonly KannelSmsc[], boxPort: number): Promise<void> {
    const { port } = this.#web.address() as AddressInfo;
    const inbound = `http://127.0.0.1:${port}/inbound?from=%p&to=%P&coding=%c&text=%b`;
    const file = join(this.#folder, 'kannel.conf');
    writeFileSync(
      file,
      [
        group('core', {
          ...{ 'admin-port': this.#adminPort, 'admin-password': 'secret', 'smsbox-port': boxPort },
          ...{ 'dlr-storage': 'internal', 'box-allow-ip': '127.0.0.1' },
        }),
        ...smscs.map((smsc) => group('smsc', { smsc: 'smpp', host: '127.0.0.1', 'system-type': '', ...smsc })),
        group('smsbox', { 'bearerbox-host': '127.0.0.1', 'sendsms-port': this.#sendPort, 'global-sender': '15550100' }),
        group('sendsms-user', { username: 'signet', password: 'secret', 'max-messages': 20, concatenation: 'true' }),
        group('sms-service', { keyword: 'default', 'get-url': inbound, 'catch-all': 'true', 'max-messages': 0 }),
      ].join('\n'),
    );
    this.#run('bearerbox', file);
    await this.#shows(/Status: running/, 'bearerbox to be up');
    this.#run('smsbox', file);
    await this.#shows(/smsbox:.*on-line/, 'smsbox to join bearerbox');
    await this.#shows(new RegExp(`(?:\\(online[^]*){${smscs.length}}`), 'the SMSCs to be online');
  }

  #run(box: string, file: string): void {
    const child = spawn(box, ['-v', '0', file], { cwd: this.#folder, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        this.#output += chunk.toString();
      });
    }
    this.#children.push(child);
  }

  /** Waits until the status page of bearerbox shows something. */
  async #shows(expected: RegExp, what: string): Promise<void> {
    let status = '';
    await until(
      async () => {
        if (this.#children.some((child) => child.exitCode !== null)) throw new Error(`a box ended:\n${this.#output}`);
        status = await fetch(`http://127.0.0.1:${this.#adminPort}/status.txt?password=secret`).then(
          (answer) => answer.text(),
          () => '',
        );
        return expected.test(status);
      },
      () => `${what}; its status:\n${status}\nit wrote:\n${this.#output.split('\n').slice(-30).join('\n')}`,
    );
  }
}

const said = (query: Callback['query'], name: string): string => query.get(name)?.toString('latin1') ?? '';

function callbackOf(url: string): Callback {
  const [path = '', query = ''] = url.split('?');
  const octetsOf = (value: string): Buffer =>
    Buffer.from(
      value.replace(/\+|%([0-9A-Fa-f]{2})/g, (_, hex?: string) =>
        hex === undefined ? ' ' : String.fromCharCode(Number.parseInt(hex, 16)),
      ),
      'latin1',
    );
  const pairs = query.split('&').map((pair) => pair.split('=') as [string, string?]);
  return { path, query: new Map(pairs.map(([name, value = '']) => [name, octetsOf(value)])) };
}

function group(name: string, settings: Record<string, string | number>): string {
  const lines = Object.entries(settings).map(([key, value]) => `${key} = ${JSON.stringify(value)}`);
  return [`group = ${name}`, ...lines, ''].join('\n');
}
