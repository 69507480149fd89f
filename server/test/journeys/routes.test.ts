import { type Simulator, type SubmitRecord, startSimulator } from '@signet/smpp/simulator';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CLUSTER, freePort, type House, startHouse, until } from '../house.ts';
import { expectOk, ledgerFaults, openSender, type Sender } from './sender.ts';

interface Taken extends Pick<SubmitRecord, 'destination' | 'status'> {
  carrier: string;
}

/** Several carriers, and routes that say which of them takes what. */
describe('routes', () => {
  const carriers = new Map<string, Simulator>();
  const ids = new Map<string, number>();
  const ports = new Map<string, number>();
  const senders = {} as Record<'verification' | 'notification' | 'marketing', Sender>;
  let taken: Taken[] = [];
  let house: House;
  let nextNumber = 0;

  beforeAll(async () => {
    house = await startHouse({
      simulator: false,
      // Each may be asked how it sees the channels, of which both have some.
      clusterNodes: ['api,channel', 'api,worker,channel'],
      env: {
        SIGNET_FAILOVER_AFTER_MS: '700',
        SIGNET_UNCERTAIN_NOTIFICATION_MS: '300',
        SIGNET_UNKNOWN_AFTER_MS: '3000',
        SIGNET_ENV: 'production',
        SIGNET_FREQUENCY: 'off',
      },
    });
    for (const category of ['verification', 'notification', 'marketing'] as const) {
      senders[category] = await openSender(house, { credits: 1_000_000, category });
    }
    // The lowest channel takes what no route fits.
    for (const name of ['rest', 'a', 'b', 'c']) {
      ports.set(name, await freePort());
      await startCarrier(name);
      const smpp = { host: '127.0.0.1', port: ports.get(name), system_id: 'test', password: 'test', window: 50 };
      ids.set(name, expectOk(await house.asRoot('POST', '/api/v1/channels', { name, smpp })).json.id);
    }
    for (const name of ids.keys()) await bound(name);
  });
  afterAll(async () => {
    await house?.stop();
    for (const carrier of carriers.values()) await carrier.close();
  });
  beforeEach(async () => {
    for (const { id } of expectOk(await house.asRoot('GET', '/api/v1/routes')).json.items) {
      expectOk(await house.asRoot('DELETE', `/api/v1/routes/${id}`));
    }
    for (const carrier of carriers.values()) carrier.set({ answerMs: 0, rules: [] });
    // What was given up in the test before is used again.
    for (const name of ids.keys()) await stands(name, 'up');
    taken = [];
  });

  const startCarrier = async (name: string) => {
    const carrier = await startSimulator({
      port: ports.get(name)!,
      receiptDelayMs: 0,
      onSubmit: (records) => {
        for (const { destination, status } of records) taken.push({ carrier: name, destination, status });
      },
    });
    carriers.set(name, carrier);
  };
  const bound = (name: string) =>
    until(async () => {
      const { state } = expectOk(await house.asRoot('GET', `/api/v1/channels/${ids.get(name)}`)).json;
      return state.link === 'bound';
    }, `channel ${name} to be bound`);
  /** Waits until a channel stands so in the eyes of every process: each gives it up, and uses it again, by itself. */
  const stands = async (name: string, standing: string) => {
    const login = Buffer.from(`root:${house.rootPassword}`).toString('base64');
    const query = `to=%2B8613800138000&category=notification`;
    for (const { url } of house.nodes) {
      await until(async () => {
        const answer = await fetch(`${url}/api/v1/routes/explain?${query}`, {
          headers: { authorization: `Basic ${login}` },
        });
        const { channels } = (await answer.json()) as { channels: { name: string; standing: string }[] };
        return channels.find((channel) => channel.name === name)?.standing === standing;
      }, `channel ${name} to be ${standing} at ${url}`);
    }
  };
  const addRoute = async (fields: Record<string, unknown>, name = `r${++routes}`): Promise<number> => {
    const { id } = expectOk(await house.asRoot('POST', '/api/v1/routes', { name, ...fields })).json;
    await house.heard();
    return id;
  };
  let routes = 0;
  const to = (...weights: [name: string, weight: number][]) => ({
    targets: weights.map(([name, weight]) => ({ channel_id: ids.get(name), weight })),
  });
  const over = (...names: string[]) => names.map((name) => ids.get(name));
  /** So many fresh numbers that begin with these digits. */
  const fresh = (count: number, prefix = '861380'): string[] =>
    Array.from({ length: count }, () => `+${prefix}${String(1_000_000 + nextNumber++).slice(-7)}`);
  const send = async (recipients: readonly string[], sender = senders.notification): Promise<number> =>
    expectOk(await sender.ask('POST', '/api/v1/plans', { template_id: sender.tempId, recipients })).json.plan_id;
  const finished = async (planId: number, state = 'delivered') => {
    let plan: { state: string; counts: Record<string, number>; total: number } | null = null;
    await until(
      async () => {
        plan = expectOk(await house.asRoot('GET', `/api/v1/plans/${planId}`)).json;
        return plan!.state === 'done' && plan!.counts[state] === plan!.total;
      },
      () => `plan ${planId} to be done with all in ${state}: ${JSON.stringify(plan)}`,
    );
  };
  /** What the routes of a name have counted. */
  const countsOf = async (name: string) =>
    expectOk(await house.asRoot('GET', '/api/v1/routes/figures?hours=2')).json.items.find(
      (item: { name: string }) => item.name === name,
    );
  const accepted = () => taken.filter(({ status }) => status === 0);
  const carrierOf = (recipients: readonly string[]): (string | undefined)[] => {
    const by = new Map(accepted().map(({ destination, carrier }) => [destination, carrier]));
    return recipients.map((recipient) => by.get(recipient.slice(1)));
  };
  const countOf = (carrier: string) => accepted().filter((each) => each.carrier === carrier).length;
  const expectOnce = (recipients: readonly string[]) => {
    const times = new Map<string, number>();
    for (const { destination } of accepted()) times.set(destination, (times.get(destination) ?? 0) + 1);
    expect(recipients.map((recipient) => times.get(recipient.slice(1)) ?? 0)).toEqual(recipients.map(() => 1));
  };

  it('send each message by country, prefix, category and business', async () => {
    await addRoute({ categories: ['verification'], countries: ['CN'], ...to(['c', 1]) });
    await addRoute({ countries: ['CN'], ...to(['a', 1]) });
    await addRoute({ prefixes: ['447'], businesses: [senders.notification.businessId], ...to(['b', 1]) });
    const chinese = fresh(300);
    const british = fresh(300, '44740');
    const american = Array.from({ length: 100 }, (_, i) => `+1201555${1_000 + i}`);
    const mixed = [...chinese, ...british, ...american].sort((a, b) => (a.slice(-3) < b.slice(-3) ? -1 : 1));
    await finished(await send(mixed));
    expectOnce(mixed);
    expect(new Set(carrierOf(chinese))).toEqual(new Set(['a']));
    expect(new Set(carrierOf(british))).toEqual(new Set(['b']));
    expect(new Set(carrierOf(american))).toEqual(new Set(['rest']));
    const codes = fresh(20);
    for (const code of codes) await send([code], senders.verification);
    await until(() => carrierOf(codes).every((carrier) => carrier === 'c'), 'the codes');
    const others = fresh(5, '44740');
    await finished(await send(others, senders.marketing));
    expect(carrierOf(others)).toEqual(others.map(() => 'rest'));
  });

  it('share by weight, in large requests and in single ones', async () => {
    await addRoute(to(['a', 70], ['b', 30]));
    const many = fresh(2_000);
    for (let from = 0; from < 1_500; from += 100) await finished(await send(many.slice(from, from + 100)));
    const single = many.slice(1_500);
    await Promise.all(
      Array.from({ length: 10 }, async (_, i) => {
        for (let at = i; at < single.length; at += 10) await send([single[at]!]);
      }),
    );
    await until(() => accepted().length >= many.length, 'all of them');
    expectOnce(many);
    expect(countOf('a') + countOf('b')).toBe(2_000);
    expect(Math.abs(countOf('a') - 1_400)).toBeLessThan(140);
  });

  it('go over another channel while a link stays down, and come back with it', async () => {
    await addRoute({ ...to(['a', 1]), fallback: over('b') }, 'failover');
    carriers.get('a')!.set({ answerMs: 20 });
    const first = fresh(3_000);
    const planId = await send(first);
    await until(() => countOf('a') > 100, 'some to be sent');
    await carriers.get('a')!.close();
    await until(() => countOf('b') > 100, 'the fallback to take over');
    await stands('a', 'down');
    await until(async () => {
      const { counts } = expectOk(await house.asRoot('GET', `/api/v1/plans/${planId}`)).json;
      return (counts.delivered ?? 0) + (counts.submitted ?? 0) + (counts.unknown ?? 0) === first.length;
    }, 'everything to be sent');
    // What was on its way when the link broke is repeated once, and says so.
    const times = new Map<string, number>();
    for (const { destination } of accepted()) times.set(destination, (times.get(destination) ?? 0) + 1);
    const { items } = expectOk(await house.asRoot('GET', `/api/v1/plans/${planId}/messages?limit=1000`)).json;
    for (const { to: recipient, repeats, state } of items) {
      const count = times.get(recipient.slice(1)) ?? 0;
      if (state !== 'unknown') expect(count).toBeGreaterThanOrEqual(1);
      expect(count).toBeLessThanOrEqual(1 + repeats);
    }
    await startCarrier('a');
    await stands('a', 'up');
    const later = fresh(50);
    await finished(await send(later));
    expect(carrierOf(later)).toEqual(later.map(() => 'a'));
    // Each time a message was given to a channel, and what of it went to the fallback.
    let counted: { messages: number; fallback: number; stand_in: number; channels: unknown[] } | null = null;
    await until(
      async () => {
        counted = await countsOf('failover');
        return counted!.messages >= first.length + later.length;
      },
      () => `the figures: ${JSON.stringify(counted)}`,
    );
    expect(counted!.fallback).toBeGreaterThanOrEqual(countOf('b'));
    // With several processes, that of the fallback may be given its first task before it hears that the target is down.
    const unheard = counted!.fallback - counted!.stand_in;
    expect(unheard).toBeGreaterThanOrEqual(0);
    expect(unheard).toBeLessThanOrEqual(CLUSTER ? 100 : 0);
  });

  it('go elsewhere when a carrier wants that, and fail when all do', async () => {
    await addRoute({ ...to(['a', 1]), fallback: over('b', 'c') }, 'picky');
    const refuse = { rules: [{ prefix: '86', status: 'ESME_RSUBMITFAIL' as const }] };
    carriers.get('a')!.set(refuse);
    const first = fresh(200);
    await finished(await send(first));
    expect(carrierOf(first)).toEqual(first.map(() => 'b'));
    const { items } = expectOk(await house.asRoot('GET', `/api/v1/messages?to=${first[0]!.slice(1)}`)).json;
    const { timeline } = expectOk(await house.asRoot('GET', `/api/v1/messages/${items[0].message_id}`)).json;
    expect(timeline.filter(({ state }: { state: string }) => state === 'dispatching')).toEqual([
      expect.objectContaining({ attempt: 1, channel_id: ids.get('a') }),
      expect.objectContaining({ attempt: 2, channel_id: ids.get('b') }),
    ]);
    carriers.get('b')!.set(refuse);
    carriers.get('c')!.set(refuse);
    const before = await senders.notification.balance();
    const second = fresh(50);
    taken = [];
    await finished(await send(second), 'failed');
    expect(taken).toHaveLength(150);
    expect(await senders.notification.balance()).toEqual(before);
    const counts = (given: number, fallback: number, passed_on: number, dead_ends: number) => ({
      messages: given,
      fallback,
      stand_in: 0,
      passed_on,
      dead_ends,
    });
    await until(async () => {
      const { messages, dead_ends: deadEnds } = await countsOf('picky');
      return messages === 550 && deadEnds === 50;
    }, 'the figures');
    expect(await countsOf('picky')).toMatchObject({
      ...counts(550, 300, 300, 50),
      channels: [
        { channel_id: ids.get('a'), ...counts(250, 0, 250, 0) },
        { channel_id: ids.get('b'), ...counts(250, 250, 50, 0) },
        { channel_id: ids.get('c'), ...counts(50, 50, 0, 50) },
      ],
    });
    // Each process counts what its own channels are given.
    const texts = house.nodes.map(async ({ url }) => (await fetch(`${url}/metrics`)).text());
    const text = (await Promise.all(texts)).join('');
    expect(text).toContain(
      `signet_route_failovers_total{route="picky",channel="${ids.get('a')}",cause="refused"} 250\n`,
    );
    expect(text).toContain(`signet_route_dead_ends_total{route="picky",channel="${ids.get('c')}"} 50\n`);
  });

  it('keep each number to one channel where they are sticky', async () => {
    await addRoute({ ...to(['a', 1], ['b', 1], ['c', 1]), sticky: true });
    const recipients = fresh(150);
    for (let i = 0; i < 3; i++) await finished(await send(recipients));
    for (const recipient of recipients.slice(0, 30)) await send([recipient]);
    await until(() => accepted().length === 480, 'all of them');
    const channels = new Map<string, Set<string>>();
    for (const { destination, carrier } of accepted()) {
      if (!channels.has(destination)) channels.set(destination, new Set());
      channels.get(destination)!.add(carrier);
    }
    for (const recipient of recipients) expect(channels.get(recipient.slice(1))!.size).toBe(1);
    for (const carrier of ['a', 'b', 'c']) expect(countOf(carrier)).toBeGreaterThan(50);
  });

  it('let no slow channel hold up another', async () => {
    await addRoute({ countries: ['CN'], ...to(['a', 1]) });
    await addRoute({ countries: ['GB'], ...to(['b', 1]) });
    carriers.get('a')!.set({ answerMs: 600_000 });
    const slow = fresh(2_000);
    const quick = fresh(2_000, '44740');
    const stuck = await send(slow);
    const both = await send([...fresh(500), ...quick]);
    await until(() => countOf('b') === 2_000, 'what goes over the other channel');
    expect(countOf('a')).toBeLessThanOrEqual(50);
    for (const planId of [stuck, both]) await house.asRoot('POST', `/api/v1/plans/${planId}/cancel`, {});
    // What the carrier has in hand is lost sight of with its link.
    await carriers.get('a')!.close();
    await startCarrier('a');
    await bound('a');
  });

  it('are followed at once by what waits', async () => {
    const route = await addRoute(to(['a', 1]));
    carriers.get('a')!.set({ answerMs: 200 });
    const recipients = fresh(3_000);
    const planId = await send(recipients);
    await until(() => countOf('a') > 50, 'some to be sent');
    expectOk(await house.asRoot('PATCH', `/api/v1/routes/${route}`, to(['b', 1])));
    await finished(planId);
    expectOnce(recipients);
    expect(countOf('b')).toBeGreaterThan(1_000);
  });

  it('lose nothing, and repeat nothing without saying so, when the server is killed during a failover', async () => {
    await addRoute({ ...to(['a', 1], ['c', 1]), fallback: over('b') });
    // Slow enough for much to wait still when each has been noticed to be gone.
    for (const name of ['a', 'b', 'c']) carriers.get(name)!.set({ answerMs: 200 });
    const recipients = fresh(3_000);
    const planId = await send(recipients);
    await until(() => countOf('a') > 100 && countOf('c') > 100, 'both to send');
    await carriers.get('a')!.close();
    await stands('a', 'down');
    await house.kill();
    await house.start();
    await until(() => countOf('c') > 400, 'the other to go on');
    await carriers.get('c')!.close();
    await until(() => countOf('b') > 100, 'the fallback to take over');
    await house.kill();
    await house.start();
    await startCarrier('a');
    await until(async () => {
      const { counts } = expectOk(await house.asRoot('GET', `/api/v1/plans/${planId}`)).json;
      return (counts.delivered ?? 0) + (counts.submitted ?? 0) + (counts.unknown ?? 0) === recipients.length;
    }, 'everything to be sent');
    const times = new Map<string, number>();
    for (const { destination } of accepted()) times.set(destination, (times.get(destination) ?? 0) + 1);
    const messages: { to: string; repeats: number; state: string }[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: { json: { items: typeof messages; next_cursor: string | null } } = expectOk(
        await house.asRoot(
          'GET',
          `/api/v1/plans/${planId}/messages?limit=1000${cursor === '' ? '' : `&cursor=${cursor}`}`,
        ),
      );
      messages.push(...page.json.items);
      cursor = page.json.next_cursor;
    }
    expect(messages).toHaveLength(3_000);
    for (const { to: recipient, repeats, state } of messages) {
      const count = times.get(recipient.slice(1)) ?? 0;
      if (state !== 'unknown') expect(count).toBeGreaterThanOrEqual(1);
      expect(count).toBeLessThanOrEqual(1 + repeats);
    }
    await startCarrier('c');
    await bound('c');
  });

  it('leave a ledger that adds up', async () => {
    expect(await ledgerFaults(house)).toEqual([]);
  });
});
