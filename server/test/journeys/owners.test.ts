import { randomInt } from 'node:crypto';
import { type Simulator, type SubmitRecord, seededRandom, startSimulator } from '@signet/smpp/simulator';
import { afterEach, describe, expect, it } from 'vitest';
import { type House, startHouse, until } from '../house.ts';
import { haveMysql } from '../mysql.ts';
import { haveRabbitmq } from '../rabbitmq.ts';
import type { ServerProcess } from '../server-process.ts';
import { TcpProxy } from '../tcp-proxy.ts';
import { expectOk, ledgerFaults, numbersFrom, openSender } from './sender.ts';

const services = (await haveMysql()) && (await haveRabbitmq());
const CHANNEL = 'channel:1';

/** Channels and duties of an installation of several processes belong to one of them at a time, and move. */
describe.runIf(services)('a house of several processes', () => {
  let house: House;
  let simulator: Simulator;
  let way: TcpProxy;
  /** How often each number was written to, and over which bind last. */
  const taken = new Map<string, number>();
  let lastBind = 0;
  let moment: { count: number; reached: () => void } | null = null;

  /** A house whose one channel leads over a way that counts octets. */
  const open = async (nodes: readonly string[], env: Record<string, string>, storePort?: number) => {
    taken.clear();
    simulator = await startSimulator({
      answerMs: { min: 20, max: 60 },
      receiptDelayMs: { min: 0, max: 50 },
      onSubmit(records: SubmitRecord[]) {
        for (const { destination, bind } of records) {
          taken.set(destination, (taken.get(destination) ?? 0) + 1);
          lastBind = bind;
        }
        if (moment !== null && taken.size >= moment.count) {
          const { reached } = moment;
          moment = null;
          reached();
        }
      },
    });
    way = await TcpProxy.to({ host: '127.0.0.1', port: simulator.port });
    house = await startHouse({
      nodes,
      simulator: false,
      env: { SIGNET_FREQUENCY: 'off', ...env },
      ...(storePort !== undefined && { storePort }),
    });
    const smpp = { host: 'localhost', port: way.port, system_id: 'test', password: 'test', window: 20 };
    expectOk(await house.asRoot('POST', '/api/v1/channels', { name: 'smsc', smpp }));
    await until(
      async () => (await house.asRoot('GET', '/api/v1/channels')).json.items[0]?.state.link === 'bound',
      () => `the channel to be bound:\n${house.output()}`,
    );
  };
  afterEach(async () => {
    await house.stop();
    await way.end();
    await simulator.close();
  });
  /** Resolves when so many numbers have been written to. */
  const whenTaken = (count: number) =>
    new Promise<void>((resolve) => {
      moment = { count, reached: resolve };
    });
  const repeated = () => [...taken.values()].filter((times) => times > 1).length;
  const ownerIs = async (wanted: (owner: ServerProcess) => boolean) => {
    let owner: ServerProcess | null = null;
    await until(
      async () => {
        owner = await house.ownerOf(CHANNEL);
        return owner !== null && wanted(owner);
      },
      () => `another owner than ${owner?.pid}:\n${house.output()}`,
    );
    return owner! as ServerProcess;
  };

  it('stops an owner that stood still from writing, when another has its channel', async () => {
    // Marketing is never repeated: whatever is written twice was written by both.
    await open(['api', 'worker,channel', 'worker,channel'], { SIGNET_UNKNOWN_AFTER_MS: '30000' });
    const sender = await openSender(house, { credits: 10_000, category: 'marketing' });
    const old = await ownerIs(() => true);
    const enough = whenTaken(300);
    const uuid = await sender.send(numbersFrom(0, 3_000));
    await enough;
    old.signal('SIGSTOP');
    const owner = await ownerIs((each) => each !== old);
    const before = taken.size;
    await until(() => taken.size > before, 'the new owner to send');
    const links = way.octets.length;
    const octets = way.octets.slice();
    const newBind = lastBind;
    old.signal('SIGCONT');
    await sender.finished(uuid, ['delivered', 'unknown']);
    // It has noticed, and lives.
    await until(async () => (await old.ready()) === true, 'the old owner to be ready');
    expect(owner.isRunning).toBe(true);
    expect(taken.size).toBeGreaterThanOrEqual(3_000 - 20);
    expect(repeated()).toBe(0);
    // All but the newest link are those of the old owner.
    const grown = way.octets.slice(0, links).filter((count, link) => count > octets[link]!);
    expect(grown.length).toBeLessThanOrEqual(1);
    expect(lastBind).toBe(newBind);
    const counts = (await sender.progress(uuid)).counts;
    // What it had in hand when it stopped is not known to have left.
    expect(counts.delivered! + (counts.unknown ?? 0)).toBe(3_000);
    expect(await ledgerFaults(house)).toEqual([]);
  });

  it('loses nothing and charges nothing twice, whichever process is killed', async () => {
    const seed = Number(process.env.CRASH_SEED ?? randomInt(2 ** 31));
    const kills = Number(process.env.KILLS ?? 4);
    const count = Number(process.env.MESSAGES ?? 2_000);
    const random = seededRandom(seed);
    console.log(`owners: seed ${seed} (CRASH_SEED=${seed} repeats its choices), ${kills} kills, ${count} messages`);
    await open(['api', 'api', 'worker,channel', 'worker,channel'], { SIGNET_UNCERTAIN_NOTIFICATION_MS: '300' });
    const sender = await openSender(house, { credits: count * 2 });
    const plans: string[] = [];
    let next = 0;
    let stop = false;
    /** Sends some at a time, each request with a key, again and again until it is answered. */
    const client = async () => {
      while (next < count && !stop) {
        const size = Math.min(count - next, 1 + Math.floor(random() * 40));
        const mobiles = numbersFrom(next, size);
        const key = `request-${next}`;
        next += size;
        for (;;) {
          const answer = await sender.post(mobiles, {}, { 'idempotency-key': key }).catch(() => null);
          if (answer !== null && answer.status === 200) {
            plans.push(answer.json.uuid);
            break;
          }
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
        // Some are on their way at each kill, and not all.
        while (next - taken.size > 400 && !stop) await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    const clients = Promise.all([client(), client(), client()]);
    for (let kill = 1; kill <= kills; kill++) {
      await whenTakenOr(Math.floor((count * kill) / (kills + 1)), clients);
      const victim = house.nodes[Math.floor(random() * house.nodes.length)]!;
      await victim.end('SIGKILL');
      await victim.start();
    }
    await clients.finally(() => {
      stop = true;
    });
    for (const uuid of plans) await sender.finished(uuid);
    expect(taken.size).toBe(count);
    expect(await sender.balance()).toEqual({ available: count, reserved: 0 });
    expect(await ledgerFaults(house)).toEqual([]);
    const flagged = await repeats(sender, plans);
    const twice = [...taken.values()].reduce((sum, times) => sum + times - 1, 0);
    console.log(`owners: ${twice} written again, ${flagged} flagged`);
    expect(twice).toBeLessThanOrEqual(flagged);
    expect(twice).toBeLessThanOrEqual(20 * kills);
  });

  it('says that its store is away, lets go of its channel in time, and goes on where it was', async () => {
    const address = new URL(process.env.SIGNET_TEST_MYSQL || 'mysql://root@127.0.0.1:3306');
    const store = await TcpProxy.to({ host: address.hostname, port: Number(address.port || '3306') });
    try {
      await open(['api', 'worker,channel'], {}, store.port);
      const sender = await openSender(house, { credits: 10_000, category: 'marketing' });
      const enough = whenTaken(300);
      const uuid = await sender.send(numbersFrom(0, 2_000));
      await enough;
      store.cut();
      await until(async () => (await fetch(`${house.url}/readyz`)).status === 503, 'the house to be unready');
      expect(await (await fetch(`${house.url}/readyz`)).json()).toMatchObject({
        status: 'unready',
        reason: 'the store does not answer',
        parts: { store: { kind: 'mysql', state: 'away' }, queue: { kind: 'rabbitmq', state: 'reachable' } },
      });
      const tsms = await sender.post(numbersFrom(5_000, 1));
      expect([tsms.status, tsms.headers.get('retry-after')]).toEqual([503, expect.any(String)]);
      expect(tsms.text).toContain('ER:0503');
      const engagelab = await sender.ask('POST', '/v1/messages', { to: ['+8613800138000'], template: { id: '1' } });
      expect([engagelab.status, engagelab.headers.get('retry-after')]).toEqual([503, expect.any(String)]);
      const native = await sender.ask('GET', '/api/v1/balance');
      expect([native.status, native.json.code, native.headers.get('retry-after')]).toEqual([
        503,
        'storeAway',
        expect.any(String),
      ]);
      await until(() => /could not be renewed in time/.test(house.output()), 'the channel to be let go of');
      await until(() => way.links === 0, 'the link to be cut');
      store.restore();
      await until(async () => (await fetch(`${house.url}/readyz`)).status === 200, 'the house to be ready');
      await sender.finished(uuid, ['delivered', 'unknown', 'unreported']);
      expect(repeated()).toBe(0);
      // At most a window had left and was not answered.
      expect(taken.size).toBeGreaterThanOrEqual(2_000 - 20);
      expect(await ledgerFaults(house)).toEqual([]);
    } finally {
      await store.end();
    }
  });

  /** Resolves when so many have been written to, or when everything is over. */
  const whenTakenOr = (wanted: number, over: Promise<unknown>): Promise<unknown> =>
    taken.size >= wanted ? Promise.resolve() : Promise.race([whenTaken(wanted), over]);
});

/** Repeats of messages, as their owner sees them. */
async function repeats(sender: Awaited<ReturnType<typeof openSender>>, plans: readonly string[]): Promise<number> {
  let flagged = 0;
  for (const uuid of plans) for (const { repeats: each } of await sender.messages(uuid)) flagged += each;
  return flagged;
}
