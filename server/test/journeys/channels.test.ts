import { createServer, type Server, type Socket } from 'node:net';
import { type Simulator, type SubmitRecord, startSimulator } from '@signet/smpp/simulator';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CLUSTER, freePort, type House, startHouse, until } from '../house.ts';
import { expectOk, ledgerFaults, numbersFrom, openSender, type Sender } from './sender.ts';

interface ChannelView {
  id: number;
  enabled: boolean;
  state: { link: string; reason: string };
}

/** Carriers come and go while messages wait; none is lost and none is sent twice without saying so. */
describe('channels', () => {
  const submitted: SubmitRecord[] = [];
  const carriers: Simulator[] = [];
  let house: House;
  let sender: Sender;
  let next = 0;
  const fresh = (count: number) => {
    next += count;
    return numbersFrom(next - count, count);
  };
  beforeAll(async () => {
    house = await startHouse({
      simulator: false,
      env: { SIGNET_UNCERTAIN_NOTIFICATION_MS: '300', SIGNET_UNKNOWN_AFTER_MS: '3000', SIGNET_ENV: 'production' },
    });
    sender = await openSender(house, { credits: 1_000_000 });
  });
  afterAll(async () => {
    await house.stop();
    for (const carrier of carriers) await carrier.close();
  });
  beforeEach(async () => {
    for (const { id } of await channels()) expectOk(await house.asRoot('DELETE', `/api/v1/channels/${id}`));
    // Whoever sends over them must not take what the next test sends.
    await house.heard();
    submitted.length = 0;
  });

  const channels = async (): Promise<ChannelView[]> =>
    expectOk(await house.asRoot('GET', '/api/v1/channels')).json.items;
  const startCarrier = async (options: Parameters<typeof startSimulator>[0] = {}) => {
    const carrier = await startSimulator({
      receiptDelayMs: 0,
      onSubmit: (records) => submitted.push(...records),
      ...options,
    });
    carriers.push(carrier);
    return carrier;
  };
  const addChannel = async (port: number, smpp: Record<string, unknown> = {}): Promise<number> => {
    const settings = { host: '127.0.0.1', port, system_id: 'test', password: 'test', ...smpp };
    return expectOk(await house.asRoot('POST', '/api/v1/channels', { name: `c${port}`, smpp: settings })).json.id;
  };
  const bound = (id: number) =>
    until(async () => (await channels()).find((each) => each.id === id)?.state.link === 'bound', 'the bind');
  /** How often each number was taken by a carrier. */
  const timesTaken = () => {
    const times = new Map<string, number>();
    for (const { destination, status } of submitted) {
      if (status === 0) times.set(destination, (times.get(destination) ?? 0) + 1);
    }
    return times;
  };
  const expectOnce = (numbers: readonly string[]) => {
    const times = timesTaken();
    expect(numbers.map((number) => times.get(`86${number}`) ?? 0)).toEqual(numbers.map(() => 1));
  };
  /** Repeats after unknown outcomes are allowed, as many as were flagged; what became unknown may not have arrived. */
  const expectAccounted = async (uuid: string, numbers: readonly string[]) => {
    const times = timesTaken();
    const messages = await sender.messages(uuid);
    for (let i = 0; i < numbers.length; i++) {
      const taken = times.get(`86${numbers[i]}`) ?? 0;
      expect(taken).toBeGreaterThanOrEqual(messages[i].state === 'unknown' ? 0 : 1);
      expect(taken).toBeLessThanOrEqual(1 + messages[i].repeats);
    }
  };

  it('are waited for: what is accepted without any goes out when one comes', async () => {
    const numbers = fresh(500);
    const uuid = await sender.send(numbers);
    expect(await sender.progress(uuid)).toMatchObject({ state: 'running', counts: { accepted: 500 } });
    expect(await sender.balance()).toMatchObject({ reserved: 500 });
    await addChannel((await startCarrier()).port);
    await sender.finished(uuid);
    expectOnce(numbers);
  });

  it('whose carrier is not there yet are tried until it is', async () => {
    const port = await freePort();
    const id = await addChannel(port);
    const numbers = fresh(50);
    const uuid = await sender.send(numbers);
    await until(async () => /ECONNREFUSED/.test((await channels())[0]!.state.reason), 'a reason');
    await startCarrier({ port });
    await bound(id);
    await sender.finished(uuid);
    expectOnce(numbers);
  });

  it('whose carrier goes away for a while go on with what waits', async () => {
    const port = await freePort();
    const first = await startCarrier({ port });
    const id = await addChannel(port, { window: 10 });
    await bound(id);
    const numbers = fresh(3_000);
    const uuid = await sender.send(numbers);
    await until(() => submitted.length > 100, 'some to be sent');
    await first.close();
    await until(async () => (await channels())[0]!.state.link !== 'bound', 'the link to be missed');
    await startCarrier({ port });
    await sender.finished(uuid, ['delivered', 'submitted']);
    await expectAccounted(uuid, numbers);
    expect((await sender.messages(uuid)).reduce((sum, { repeats }) => sum + repeats, 0)).toBeLessThanOrEqual(10);
  });

  it('with a line that breaks again and again lose nothing', async () => {
    const carrier = await startCarrier({ dropLink: { everyPdus: 150 } });
    await addChannel(carrier.port, { window: 20 });
    const numbers = fresh(700);
    const uuid = await sender.send(numbers);
    // A message whose repeat was lost as well is not sent a third time: it ends as unknown.
    await sender.finished(uuid, ['delivered', 'submitted', 'unknown']);
    expect(carrier.stats.linksDropped).toBeGreaterThan(2);
    await expectAccounted(uuid, numbers);
    const repeats = (await sender.messages(uuid)).reduce((sum, message) => sum + message.repeats, 0);
    expect(repeats).toBeLessThanOrEqual(20 * carrier.stats.linksDropped);
  });

  it('are edited while messages flow', async () => {
    const [first, second] = [await startCarrier({ answerMs: 5 }), await startCarrier({ answerMs: 5 })];
    const id = await addChannel(first.port, { window: 10 });
    const numbers = fresh(2_000);
    const uuid = await sender.send(numbers);
    await until(() => submitted.length > 100, 'some to be sent');
    expectOk(await house.asRoot('PATCH', `/api/v1/channels/${id}`, { smpp: { port: second.port, window: 50 } }));
    await sender.finished(uuid);
    expectOnce(numbers);
    expect(first.stats.accepted).toBeGreaterThan(0);
    expect(second.stats.accepted).toBeGreaterThan(0);
  });

  it('are edited, disabled and enabled in a hurry', async () => {
    const carrier = await startCarrier({ answerMs: 5 });
    const id = await addChannel(carrier.port, { window: 10 });
    const numbers = fresh(1_500);
    const uuid = await sender.send(numbers);
    for (let i = 0; i < 6; i++) {
      await until(() => submitted.length > i * 100, 'some to be sent');
      const change = i % 3 === 0 ? { smpp: { window: 10 + i } } : { enabled: i % 3 === 2 };
      expectOk(await house.asRoot('PATCH', `/api/v1/channels/${id}`, change));
      if (i % 3 === 1) expectOk(await house.asRoot('POST', `/api/v1/channels/${id}/enable`));
    }
    await sender.finished(uuid);
    expectOnce(numbers);
  });

  it('keep what waits while they are disabled', async () => {
    const carrier = await startCarrier({ answerMs: 5 });
    const id = await addChannel(carrier.port, { window: 10 });
    const numbers = fresh(1_200);
    const uuid = await sender.send(numbers);
    await until(() => submitted.length > 50, 'some to be sent');
    expectOk(await house.asRoot('POST', `/api/v1/channels/${id}/disable`));
    await until(async () => (await channels())[0]!.state.link === 'disabled', 'its process to have heard of it');
    await until(async () => {
      const { counts } = await sender.progress(uuid);
      return counts.dispatching === undefined && counts.queued === undefined;
    }, 'the answers to be in');
    const sent = submitted.length;
    expect(sent).toBeLessThan(1_200);
    const view = (await channels())[0]!;
    expect(view.enabled).toBe(false);
    expectOk(await house.asRoot('POST', `/api/v1/channels/${id}/enable`));
    await sender.finished(uuid);
    expectOnce(numbers);
  });

  it('that are deleted leave what waits to the next one', async () => {
    const [first, second] = [await startCarrier({ answerMs: 5 }), await startCarrier()];
    const id = await addChannel(first.port, { window: 10 });
    const numbers = fresh(2_500);
    const uuid = await sender.send(numbers);
    await until(() => submitted.length > 100, 'some to be sent');
    expectOk(await house.asRoot('DELETE', `/api/v1/channels/${id}`));
    await addChannel(second.port);
    await sender.finished(uuid);
    expectOnce(numbers);
    // With several processes, one may still run the channel of the test before when the first task comes.
    const elsewhere = 2_500 - first.stats.accepted - second.stats.accepted;
    expect(elsewhere).toBeGreaterThanOrEqual(0);
    expect(elsewhere).toBeLessThanOrEqual(CLUSTER ? 100 : 0);
  });

  it('share nothing: the lowest that is enabled takes all', async () => {
    const [first, second] = [await startCarrier({ answerMs: 5 }), await startCarrier({ answerMs: 5 })];
    const lower = await addChannel(first.port, { window: 10 });
    const higher = await addChannel(second.port, { window: 10 });
    const numbers = fresh(1_500);
    const uuid = await sender.send(numbers);
    await until(() => first.stats.accepted > 100, 'some to be sent');
    expectOk(await house.asRoot('POST', `/api/v1/channels/${lower}/disable`));
    await until(() => second.stats.accepted > 100, 'the other to take over');
    expectOk(await house.asRoot('POST', `/api/v1/channels/${lower}/enable`));
    expectOk(await house.asRoot('DELETE', `/api/v1/channels/${higher}`));
    await sender.finished(uuid);
    expectOnce(numbers);
  });

  it('to a carrier that takes the connection and says nothing do no harm', async () => {
    const deaf = await listenDeaf();
    const id = await addChannel(deaf.port, { response_timeout_ms: 500 });
    const numbers = fresh(20);
    const uuid = await sender.send(numbers);
    await until(async () => (await channels())[0]!.state.link === 'connecting', 'the try');
    expectOk(await house.asRoot('PATCH', `/api/v1/channels/${id}`, { smpp: { port: (await startCarrier()).port } }));
    await sender.finished(uuid);
    expectOnce(numbers);
    await deaf.close();
  });

  it('that a carrier refuses say so', async () => {
    const carrier = await startCarrier({ accounts: { test: 'right' } });
    const id = await addChannel(carrier.port);
    await until(async () => /ESME_RINVPASWD/.test((await channels())[0]!.state.reason), 'the refusal to be told');
    const numbers = fresh(5);
    const uuid = await sender.send(numbers);
    expectOk(await house.asRoot('PATCH', `/api/v1/channels/${id}`, { smpp: { password: 'right' } }));
    await bound(id);
    await sender.finished(uuid);
    expectOnce(numbers);
  });

  it('leave a ledger that adds up', async () => {
    await until(async () => (await sender.balance()).reserved === 0, 'nothing to be left reserved');
    expect(await ledgerFaults(house)).toEqual([]);
  });
});

/** Takes connections, reads them, and never answers. */
async function listenDeaf(): Promise<{ port: number; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket.resume());
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as { port: number }).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
