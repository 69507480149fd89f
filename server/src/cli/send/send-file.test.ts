import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../lib/manual-clock.ts';
import { ApiClient } from '../client.ts';
import type { World } from '../world.ts';
import { besides, type SendStopped, type SendSummary, type SendWishes, sendFile } from './send-file.ts';

/** What goes wrong with one request. `lost` answers vanish after the request was carried out, `cut` ones before. */
type Mishap = 'none' | 'lost' | 'cut' | 'busy' | 'defect' | 'poor' | 'stop' | 'stopLost';

/** A server that makes drafts of files and remembers keys as Signet does, and has mishaps in a given order. */
class Accepting {
  /** Plans by id: what was uploaded, and whether it was confirmed. */
  readonly plans = new Map<number, { file: string; key: string; state: 'draft' | 'pending' }>();
  requests = 0;
  mishaps: Mishap[] = [];
  rejected = 0;
  stop: () => void = () => {};
  readonly #server = createServer((request, response) => void this.#serve(request, response));

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Files of plans that were confirmed. */
  get sent(): string[] {
    return [...this.plans.values()].filter(({ state }) => state === 'pending').map(({ file }) => file);
  }

  close(): void {
    this.#server.close();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += chunk;
    const say = (status: number, answer: unknown) => response.writeHead(status).end(JSON.stringify(answer));
    this.requests++;
    const mishap = this.mishaps.shift() ?? 'none';
    if (mishap === 'stop' || mishap === 'stopLost') this.stop();
    if (mishap === 'cut') return void response.destroy();
    if (mishap === 'busy') return void say(503, { code: 'overloaded', detail: 'busy' });
    if (mishap === 'defect') return void say(500, { code: 'defect', detail: 'broken' });
    if (mishap === 'poor') return void say(409, { code: 'balanceTooLow', detail: 'too little' });
    const [status, answer] = this.#answer(request, body);
    if (mishap === 'lost' || mishap === 'stopLost') return void response.destroy();
    if (typeof answer === 'string') return void response.writeHead(status).end(answer);
    say(status, answer);
  }

  #answer({ method, url, headers }: IncomingMessage, body: string): [status: number, answer: unknown] {
    const key = headers['idempotency-key'] as string;
    const id = Number(/^\/api\/v1\/plans\/(\d+)/.exec(url!)?.[1] ?? 0);
    if (url!.endsWith('/draft')) {
      return this.plans.has(id) ? [200, this.#show(id)] : [404, { code: 'planNotFound', detail: 'gone' }];
    }
    if (method === 'DELETE') return [this.plans.delete(id) ? 204 : 404, {}];
    if (url!.endsWith('/rejected')) return [200, 'line,reason\r\n'];
    if (url!.endsWith('/confirm')) {
      const plan = this.plans.get(id);
      if (plan === undefined) return [404, { code: 'planNotFound', detail: 'gone' }];
      plan.state = 'pending';
      return [200, {}];
    }
    const known = [...this.plans].find(([, plan]) => plan.key === key);
    const planId = known?.[0] ?? this.plans.size + 1;
    if (known === undefined) this.plans.set(planId, { file: body, key, state: 'draft' });
    return [201, this.#show(planId)];
  }

  #show(planId: number) {
    const { state } = this.plans.get(planId)!;
    const rest = { total: 2, accepted: 2, rejected: this.rejected, rejected_by_reason: {}, credits: 2 };
    return { plan_id: planId, state, ...rest };
  }
}

const directory = mkdtempSync(join(tmpdir(), 'signet-send-'));
const file = join(directory, 'numbers.csv');
const { state, rejected } = besides(file);
const clock = new ManualClock();
const CSV = 'mobile\n13800138000\n13800138001\n';
let server = new Accepting();

beforeEach(() => renew());
afterAll(() => {
  server.close();
  rmSync(directory, { recursive: true });
});

async function renew(): Promise<void> {
  server.close();
  server = new Accepting();
  await server.listen();
  for (const path of [state, rejected]) rmSync(path, { force: true });
  writeFileSync(file, CSV);
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
  const client = new ApiClient({ url: server.url, user: 'acme', password: 'x' });
  try {
    return await sendFile(
      {
        file,
        query: { template_id: '7' },
        startAt: null,
        restart: false,
        decide: async () => 'send',
        note: () => {},
        ...wishes,
      },
      client,
      world,
    );
  } finally {
    await client.close();
  }
}

describe('sendFile', () => {
  it('whatever happens on the way, sends the file once', async () => {
    const mishap = fc.constantFrom<Mishap>('none', 'lost', 'cut', 'busy', 'defect', 'poor', 'stop', 'stopLost');
    await fc.assert(
      fc.asyncProperty(fc.array(mishap, { maxLength: 12 }), async (mishaps) => {
        await renew();
        server.mishaps = [...mishaps];
        let ended: SendSummary | null = null;
        for (let run = 0; ended === null; run++) {
          expect(run).toBeLessThan(20);
          ended = await send().catch((error: SendStopped) => {
            expect(['interrupted', 'balanceTooLow', 'defect']).toContain(error.facts.code);
            return null;
          });
        }
        expect(ended.finished).toBe(true);
        expect(server.sent).toEqual([CSV]);
        const before = server.requests;
        expect(await send()).toMatchObject({ alreadySent: true, finished: true });
        expect(server.requests).toBe(before);
      }),
      { numRuns: 40 },
    );
  });

  it('does not send what somebody decides against, and forgets it', async () => {
    await expect(send({ decide: async () => 'discard' })).rejects.toMatchObject({ facts: { code: 'declined' } });
    expect(server.plans.size).toBe(0);
    expect(existsSync(state)).toBe(false);
  });

  it('asks nobody when a lost answer had sent it', async () => {
    server.mishaps = ['none', 'stopLost'];
    await expect(send()).rejects.toMatchObject({ facts: { code: 'interrupted' } });
    const never = async () => {
      throw new Error('was asked');
    };
    expect(await send({ decide: never })).toMatchObject({ finished: true, resumed: true });
    expect(server.sent).toEqual([CSV]);
  });

  it('sends once although the server has forgotten the key, or refuses for a while', async () => {
    server.mishaps = ['none', 'stopLost'];
    await expect(send()).rejects.toMatchObject({ facts: { code: 'interrupted' } });
    for (const plan of server.plans.values()) plan.key = 'forgotten';
    server.mishaps = ['poor'];
    await expect(send()).rejects.toMatchObject({ facts: { code: 'balanceTooLow' } });
    expect(await send()).toMatchObject({ finished: true });
    expect(server.sent).toEqual([CSV]);
  });

  it('uploads again what was discarded elsewhere', async () => {
    server.mishaps = ['none', 'poor'];
    await expect(send()).rejects.toMatchObject({ facts: { code: 'balanceTooLow' } });
    server.plans.clear();
    expect(await send()).toMatchObject({ finished: true });
    expect(server.sent).toEqual([CSV]);
  });

  it('keeps the rejected rows beside the file, and removes those of a send before', async () => {
    writeFileSync(rejected, 'old');
    server.rejected = 1;
    expect(await send()).toMatchObject({ rejectedFile: rejected });
    expect(readFileSync(rejected, 'utf8')).toBe('line,reason\r\n');
    server.rejected = 0;
    expect(await send({ restart: true })).toMatchObject({ rejectedFile: null });
    expect(existsSync(rejected)).toBe(false);
  });

  it('goes on only with the same order and the same file', async () => {
    server.mishaps = ['none', 'poor'];
    await expect(send()).rejects.toMatchObject({ facts: { code: 'balanceTooLow' } });
    const other = send({ query: { template_id: '8' } });
    await expect(other).rejects.toMatchObject({
      facts: { code: 'otherSend' },
      message: expect.stringContaining('--temp 7'),
    });
    writeFileSync(file, `${CSV}13800138002\n`);
    await expect(send()).rejects.toMatchObject({ facts: { code: 'fileChanged' } });
    writeFileSync(file, CSV);
    expect(await send()).toMatchObject({ resumed: true, finished: true });
    await expect(send({ file: join(directory, 'none.csv') })).rejects.toMatchObject({ facts: { code: 'file' } });
  });
});
