import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SubmitRecord } from '@signet/smpp/simulator';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { freePort, type House, startHouse, until } from '../house.ts';
import { serveToTheEnd } from './run.ts';
import { expectOk, ledgerFaults, numberAt, numbersFrom, openSender } from './sender.ts';

/** Starting where it must not, it says why in a sentence and leaves. */
describe('a server that cannot start', () => {
  let data: string;
  beforeAll(() => {
    data = mkdtempSync(join(tmpdir(), 'signet-test-'));
  });
  afterAll(() => rmSync(data, { recursive: true, force: true }));

  it.each([
    [{ SIGNET_PROT: '5000' }, /SIGNET_PROT.*SIGNET_PORT/],
    [{ SIGNET_DB: 'x' }, /SIGNET_DB/],
    [{ SIGNET_PORT: 'http' }, /SIGNET_PORT.*"http"/],
    [{ SIGNET_PORT: '65536' }, /SIGNET_PORT.*65535/],
    [{ SIGNET_PORT: '' }, /SIGNET_PORT/],
    [{ SIGNET_LOG_LEVEL: 'loud' }, /SIGNET_LOG_LEVEL.*"loud"/],
    [{ SIGNET_ENV: 'prod' }, /SIGNET_ENV.*production/],
    [{ SIGNET_UNCERTAIN_NOTIFICATION_MS: '-1' }, /SIGNET_UNCERTAIN_NOTIFICATION_MS/],
    [{ SIGNET_MIN_FREE_DISK_MB: '1.5' }, /SIGNET_MIN_FREE_DISK_MB/],
  ])('refuses %j', async (env, sentence) => {
    const { code, output } = await serveToTheEnd({ SIGNET_PORT: '0', SIGNET_DATA: data, ...env });
    expect(code).not.toBe(0);
    expect(code).not.toBeNull();
    expect(output).toMatch(sentence);
    expectSentence(output);
    expect(readdirSync(data)).toEqual([]);
  });

  it('never shows a password it refuses', async () => {
    const { code, output } = await serveToTheEnd({ SIGNET_PORT: '0', SIGNET_DATA: data, SIGNET_ROOT_PASSWORD: 'abc' });
    expect(code).not.toBe(0);
    expect(output).toMatch(/SIGNET_ROOT_PASSWORD/);
    expect(output).not.toMatch(/abc/);
  });

  it('knows the names of other parts and passes them by', async () => {
    const house = await startHouse({ simulator: false, env: { SIGNET_URL: 'http://127.0.0.1:1', SIGNET_USER: 'x' } });
    await house.stop();
  });

  it('says when its port is taken', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => holder.once('listening', resolve));
    const { port } = holder.address() as { port: number };
    const { code, output } = await serveToTheEnd({ SIGNET_PORT: String(port), SIGNET_DATA: data });
    holder.close();
    expect(code).not.toBe(0);
    expect(output).toContain(String(port));
    expectSentence(output);
  });

  it('says when its data directory is no directory', async () => {
    const { code, output } = await serveToTheEnd({ SIGNET_PORT: '0', SIGNET_DATA: '/dev/null/data' });
    expect(code).not.toBe(0);
    expectSentence(output);
  });
});

describe('a second server on the same data', () => {
  it('refuses to start, and the first goes on', async () => {
    const house = await startHouse();
    const sender = await openSender(house);
    const { code, output } = await serveToTheEnd({ SIGNET_PORT: '0', SIGNET_DATA: house.dataDir });
    expect(code).not.toBe(0);
    expect(code).not.toBeNull();
    expect(output).toMatch(/another Signet server uses this data directory/);
    expectSentence(output);
    await sender.finished(await sender.send(numbersFrom(0, 10)));
    // The lock goes with the process, also when that is killed.
    await house.kill();
    await house.start();
    await sender.finished(await sender.send(numbersFrom(10, 10)));
    await house.stop();
  });
});

describe('SIGTERM', () => {
  const submitted: SubmitRecord[] = [];
  let house: House | null = null;
  afterEach(async () => {
    submitted.length = 0;
    await house?.stop();
  });

  /** Times each number was taken. */
  const taken = () => {
    const times = new Map<string, number>();
    for (const { destination } of submitted) times.set(destination, (times.get(destination) ?? 0) + 1);
    return times;
  };

  it('drains: nothing is lost and nothing is sent twice, start after start', async () => {
    house = await startHouse({
      simulator: {
        answerMs: { min: 1, max: 40 },
        receiptDelayMs: { min: 0, max: 30 },
        onSubmit: (r) => submitted.push(...r),
      },
      smpp: { window: 20 },
    });
    const sender = await openSender(house);
    const uuids: string[] = [];
    for (let round = 0; round < 3; round++) {
      uuids.push(await sender.send(numbersFrom(round * 1_000, 900)));
      const soFar = submitted.length;
      await until(() => submitted.length > soFar + 200, 'some to be sent');
      expect(await house.terminate()).toBe(0);
      await house.start();
    }
    for (const uuid of uuids) {
      await sender.finished(uuid);
      for (const message of await sender.messages(uuid)) expect(message).toMatchObject({ repeats: 0, settled: 1 });
    }
    expect([...taken().values()].every((times) => times === 1)).toBe(true);
    expect(taken().size).toBe(2_700);
    expect(await ledgerFaults(house)).toEqual([]);
  });

  it('finishes the requests under way, and refuses the connections after', async () => {
    house = await startHouse({ env: { SIGNET_FREQUENCY: 'off' } });
    const sender = await openSender(house);
    const answers: Promise<{ status: number; uuid?: string } | null>[] = [];
    for (let i = 0; i < 300; i++) {
      answers.push(
        sender.post([numberAt(i)]).then(
          ({ status, json }) => ({ status, uuid: json?.uuid }),
          () => null,
        ),
      );
    }
    await answers[0];
    expect(await house.terminate()).toBe(0);
    const accepted = (await Promise.all(answers)).filter((answer) => answer?.status === 200);
    await house.start();
    for (const answer of accepted) await sender.finished(answer!.uuid!);
    // A connection that was cut says nothing; what was stored all the same is sent and paid for.
    const plans = expectOk(await sender.ask('GET', '/api/v1/plans?limit=1000')).json.items;
    expect(plans.length).toBeGreaterThanOrEqual(accepted.length);
    await until(async () => (await sender.balance()).reserved === 0, 'everything to be settled');
    expect(await ledgerFaults(house)).toEqual([]);
  });

  it('goes on taking requests for as long as it is told, and says meanwhile that it is not ready', async () => {
    house = await startHouse({ env: { SIGNET_STOP_DELAY_MS: '60000', SIGNET_UNCERTAIN_NOTIFICATION_MS: '0' } });
    const sender = await openSender(house);
    house.nodes[0]!.signal('SIGTERM');
    let leaving = await house.request('GET', '/readyz');
    await until(async () => {
      leaving = await house!.request('GET', '/readyz');
      return leaving.status === 503;
    }, 'it to say that it stops');
    expect(leaving.json.reason).toBe('the server is stopping');
    expect(leaving.headers.get('connection')).toBe('close');
    const sent = expectOk(await sender.post([numberAt(0)]));
    expect(sent.headers.get('connection')).toBe('close');
    // What it took is stored, whatever comes then.
    await house.kill();
    await house.start();
    await sender.finished(sent.json.uuid);
    await house.kill();
  });

  it('ends when that time is over', async () => {
    house = await startHouse({ simulator: false, env: { SIGNET_STOP_DELAY_MS: '50' } });
    expect(await house.terminate()).toBe(0);
  });

  it('does not wait for a carrier that never answers', async () => {
    house = await startHouse({
      simulator: { rules: [{ prefix: '86', silent: true }], onSubmit: (r) => submitted.push(...r) },
      env: { SIGNET_UNCERTAIN_NOTIFICATION_MS: '100', SIGNET_UNKNOWN_AFTER_MS: '100' },
      smpp: { window: 5 },
    });
    const sender = await openSender(house);
    const uuid = await sender.send(numbersFrom(0, 20));
    await until(() => submitted.length === 5, 'the window to be full');
    expect(await house.terminate()).toBe(0);
    house.simulator.set({ rules: [] });
    await house.start();
    await sender.finished(uuid, ['delivered', 'unknown']);
    // Only what had left is repeated, and says so.
    const messages = await sender.messages(uuid);
    expect(messages.reduce((sum, { repeats }) => sum + repeats, 0)).toBe(5);
    for (const { to, repeats } of messages) expect(taken().get(to.slice(1))).toBe(1 + repeats);
  });

  it('ends a server whose carrier is away', async () => {
    house = await startHouse({ simulator: false });
    const port = await freePort();
    const smpp = { host: '127.0.0.1', port, system_id: 'x', password: 'x' };
    expectOk(await house.asRoot('POST', '/api/v1/channels', { name: 'away', smpp }));
    const sender = await openSender(house);
    await sender.send(numbersFrom(0, 20));
    expect(await house.terminate()).toBe(0);
  });

  it('ends a server with idle and half-open connections', async () => {
    house = await startHouse();
    const { connect } = await import('node:net');
    const idle = connect(house.port, '127.0.0.1');
    const half = connect(house.port, '127.0.0.1');
    for (const socket of [idle, half]) socket.on('error', () => {});
    half.write('POST /v1/message HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{');
    await new Promise((resolve) => half.once('connect', resolve));
    await openSender(house);
    expect(await house.terminate()).toBe(0);
    idle.destroy();
    half.destroy();
  });
});

/** One sentence for whoever started it: no stack, no JSON. */
function expectSentence(output: string): void {
  const lines = output.split('\n').filter((line) => line.startsWith('signet: '));
  expect(lines).toHaveLength(1);
  expect(output).not.toMatch(/^\s+at /m);
}
