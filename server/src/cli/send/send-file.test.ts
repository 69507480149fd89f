import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../lib/manual-clock.ts';
import { ApiClient } from '../client.ts';
import type { World } from '../world.ts';
import { besides, type SendStopped, type SendSummary, type SendWishes, sendFile } from './send-file.ts';

/** What goes wrong with one request. `lost` answers vanish after the request was carried out, `cut` ones before. */
type Mishap = 'none' | 'lost' | 'cut' | 'busy' | 'defect' | 'poor' | 'stop' | 'stopLost';

/** A server that remembers keys as Signet does, and has mishaps in a given order. */
class Accepting {
  accepted: string[] = [];
  requests = 0;
  mishaps: Mishap[] = [];
  /** Numbers that are over their limit. */
  tooOften = new Set<string>();
  /** The template's text. */
  template = 'Hello {name}';
  /** Whether every request is refused for its values. */
  refuses = false;
  stop: () => void = () => {};
  readonly #answers = new Map<string, { body: string; uuid: string }>();
  readonly #server = createServer((request, response) => void this.#serve(request, response));

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  forgetKeys(): void {
    this.#answers.clear();
  }

  close(): void {
    this.#server.close();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += chunk;
    const say = (status: number, answer: unknown) => response.writeHead(status).end(JSON.stringify(answer));
    if (request.url === '/api/v1/me') return void say(200, { business_id: 2 });
    if (request.url === '/api/v1/businesses/2') return void say(200, { default_country: 'CN' });
    if (request.url === '/api/v1/templates/7') return void say(200, { template: this.template, signature_id: 3 });
    this.requests++;
    const mishap = this.mishaps.shift() ?? 'none';
    if (mishap === 'stop' || mishap === 'stopLost') this.stop();
    if (mishap === 'cut') return void response.destroy();
    if (mishap === 'busy') return void say(503, { error: 'ER:0503' });
    if (mishap === 'defect') return void say(500, { error: 'ER:0500' });
    if (mishap === 'poor') return void say(403, { error: 'ER:0035' });
    const answer = this.#accept(request.headers['idempotency-key'] as string, body);
    if (mishap === 'lost' || mishap === 'stopLost') return void response.destroy();
    say(answer.status, answer.body);
  }

  #accept(key: string, body: string): { status: number; body: unknown } {
    const before = this.#answers.get(key);
    if (before !== undefined) {
      return before.body === body
        ? { status: 200, body: { uuid: before.uuid } }
        : { status: 400, body: { error: 'ER:0004' } };
    }
    const mobiles = (JSON.parse(body) as { recipients: { mobile: string }[] }).recipients.map(({ mobile }) => mobile);
    if (this.refuses) return { status: 400, body: { error: 'ER:0004' } };
    if (mobiles.some((mobile) => this.tooOften.has(mobile))) return { status: 403, body: { error: 'ER:0036' } };
    this.accepted.push(...mobiles);
    const uuid = `uuid-${this.#answers.size}`;
    this.#answers.set(key, { body, uuid });
    return { status: 200, body: { uuid } };
  }
}

const directory = mkdtempSync(join(tmpdir(), 'signet-send-'));
const file = join(directory, 'numbers.csv');
const { state, rejected } = besides(file);
let server = new Accepting();
const clock = new ManualClock();

beforeAll(() => server.listen());
beforeEach(async () => {
  server.close();
  server = new Accepting();
  await server.listen();
  for (const path of [file, state, rejected]) rmSync(path, { force: true });
});
afterAll(() => {
  server.close();
  rmSync(directory, { recursive: true });
});

const number = (index: number) => `+86${13_800_138_000 + index}`;

function write(count: number): void {
  const rows = Array.from({ length: count }, (_, index) => `${number(index)},name ${index}`);
  writeFileSync(file, `mobile,name\n${rows.join('\n')}\n`);
}

/** One run of `signet send`. */
async function send(wishes: Partial<SendWishes> = {}): Promise<SendSummary> {
  const interruption = new AbortController();
  server.stop = () => interruption.abort();
  const sink = () => new Writable({ write: (_chunk, _encoding, done) => done() });
  const world: World = {
    env: {},
    stdin: new PassThrough(),
    stdout: sink(),
    stderr: sink(),
    clock,
    wait: async () => {},
    interruption: () => interruption.signal,
  };
  const client = new ApiClient({ url: server.url, user: 'acme', password: 'secret' });
  try {
    return await sendFile(
      {
        file,
        signId: 3,
        tempId: 7,
        params: {},
        batch: 4,
        encoding: 'utf-8',
        uncertain: 'ask',
        restart: false,
        ...wishes,
      },
      client,
      world,
    );
  } finally {
    await client.close();
  }
}

/** The same, for a run that is expected to stop. */
async function stopped(wishes: Partial<SendWishes> = {}): Promise<SendStopped> {
  return send(wishes).then(
    () => expect.fail('the send was not stopped'),
    (error: SendStopped) => error,
  );
}

const sentOnce = (count: number) => Array.from({ length: count }, (_, index) => number(index)).sort();

describe('sendFile', () => {
  it('sends every row, in requests of the size asked for', async () => {
    write(10);
    const summary = await send();
    expect(summary).toMatchObject({
      finished: true,
      resumed: false,
      rows: 10,
      accepted: 10,
      rejected: {},
      rejectedFile: null,
    });
    expect(server.requests).toBe(3);
    expect([...server.accepted].sort()).toEqual(sentOnce(10));
    expect(existsSync(rejected)).toBe(false);
  });

  it('sends nothing twice and loses nothing, whatever goes wrong and however often it is stopped', async () => {
    const mishap = fc.constantFrom<Mishap>('none', 'none', 'lost', 'cut', 'busy', 'defect', 'poor', 'stop', 'stopLost');
    await fc.assert(
      fc.asyncProperty(
        fc.array(mishap, { maxLength: 12 }),
        fc.uniqueArray(fc.integer({ min: 0, max: 16 }), { maxLength: 5 }),
        async (mishaps, over) => {
          for (const path of [state, rejected]) rmSync(path, { force: true });
          server.close();
          server = new Accepting();
          await server.listen();
          write(17);
          server.mishaps = [...mishaps];
          server.tooOften = new Set(over.map(number));
          let summary: SendSummary | null = null;
          for (let run = 0; summary === null; run++) {
            if (run > mishaps.length) expect.fail('the send does not end');
            summary = await send().catch((error: SendStopped) => {
              expect(['interrupted', 'ER:0035', 'defect']).toContain(error.facts.code);
              return null;
            });
          }
          const sent = sentOnce(17).filter((mobile) => !server.tooOften.has(mobile));
          expect([...server.accepted].sort()).toEqual(sent);
          expect(summary.accepted).toBe(sent.length);
          expect(summary.rejected).toEqual(over.length === 0 ? {} : { too_often: over.length });
          const lines = existsSync(rejected) ? readFileSync(rejected, 'utf8').trimEnd().split('\n').slice(1) : [];
          expect(lines.map((line) => line.split(',')[2]).sort()).toEqual(over.map(number).sort());
        },
      ),
      { numRuns: 60 },
    );
  });

  it('writes the rejected rows as a file that can be corrected and sent', async () => {
    writeFileSync(file, 'name,mobile\nAnn,13800138000\nBob,123\n"C, D",13800138001\nEve,13800138000\n,13800138002\n');
    const summary = await send();
    expect(summary).toMatchObject({
      accepted: 2,
      rejected: { invalid_number: 1, duplicate: 1, missing_value: 1 },
      rejectedFile: rejected,
    });
    expect(readFileSync(rejected, 'utf8')).toBe(
      'line,reason,name,mobile\n' +
        '3,not a mobile number,Bob,123\n' +
        '5,this number stands on an earlier line too,Eve,13800138000\n' +
        '6,no value for {name},,13800138002\n',
    );
  });

  it('does nothing to a file that was sent, until it is told to send it anew', async () => {
    write(3);
    await send();
    expect(await send()).toMatchObject({ alreadySent: true, accepted: 3 });
    expect(server.accepted).toHaveLength(3);
    expect(await send({ restart: true })).toMatchObject({ alreadySent: false, resumed: false, accepted: 3 });
    expect(server.accepted).toHaveLength(6);
  });

  it('goes on only with the same file and the same order', async () => {
    write(9);
    server.mishaps = ['none', 'stop'];
    expect((await stopped()).facts.code).toBe('interrupted');
    for (const other of [{ signId: 4 }, { tempId: 8 }, { params: { name: 'x' } }]) {
      await expect(send(other)).rejects.toThrow('was begun with');
    }
    const content = readFileSync(file, 'utf8');
    writeFileSync(file, content.replace('name 8', 'name 9'));
    await expect(send()).rejects.toThrow('has changed');
    writeFileSync(file, content);
    expect(await send()).toMatchObject({ resumed: true, accepted: 9 });
    expect([...server.accepted].sort()).toEqual(sentOnce(9));
  });

  it('goes on as it began when the template has changed meanwhile', async () => {
    write(6);
    server.mishaps = ['none', 'stopLost'];
    await stopped();
    server.template = 'Bye {name}, {code}';
    expect(await send()).toMatchObject({ accepted: 6 });
    expect([...server.accepted].sort()).toEqual(sentOnce(6));
  });

  it('asks what to do when the server may have forgotten a lost answer', async () => {
    write(6);
    server.mishaps = ['none', 'stopLost'];
    await stopped();
    clock.advance(24 * 3_600_000);
    server.forgetKeys();
    expect((await stopped()).facts).toMatchObject({ code: 'uncertain', lines: [6, 7] });
    expect(await send({ uncertain: 'skip' })).toMatchObject({ accepted: 4, rejected: { uncertain: 2 } });
    expect([...server.accepted].sort()).toEqual(sentOnce(6));
  });

  it('stops when the server refuses every row', async () => {
    write(25);
    server.refuses = true;
    const error = await stopped({ batch: 25 });
    expect(error.facts.code).toBe('everyRowRefused');
    expect(server.accepted).toEqual([]);
  });

  it('stops before the first request when a variable has no column', async () => {
    write(3);
    server.template = 'Your code is {code}';
    await expect(send()).rejects.toThrow('the template needs a value for {code}');
    expect(server.requests).toBe(0);
    expect(existsSync(state)).toBe(false);
  });
});
