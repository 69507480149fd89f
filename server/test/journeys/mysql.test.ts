import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type House, startHouse, until } from '../house.ts';
import { haveMysql, TestDatabase } from '../mysql.ts';
import { TcpProxy } from '../tcp-proxy.ts';
import { expectOk, ledgerFaults, numberAt, numbersFrom, openSender, type Sender } from './sender.ts';

/** Whether the last word of a log about the store is that it is back. */
const saysBackLast = (log: string): boolean =>
  log.match(/the store is (?:away|back)|nobody knows whether/g)?.at(-1) === 'the store is back';

/** One process that keeps everything in a database, over a network that fails. */
describe.skipIf(!(await haveMysql()))('a server on a database', () => {
  let database: TestDatabase;
  let way: TcpProxy;
  let house: House;
  let sender: Sender;
  beforeAll(async () => {
    database = await TestDatabase.make();
    const at = new URL(database.url);
    way = await TcpProxy.to({ host: at.hostname, port: Number(at.port || 3306) });
    at.hostname = 'localhost';
    at.port = String(way.port);
    house = await startHouse({ env: { SIGNET_STORE: at.href } });
    sender = await openSender(house, { credits: 1_000 });
  });
  afterAll(async () => {
    await house?.stop();
    await way?.end();
    await database?.drop();
  });

  it('sends, and charges', async () => {
    await sender.finished(await sender.send(numbersFrom(0, 200)));
    expect(await sender.balance()).toEqual({ available: 800, reserved: 0 });
    expect(await ledgerFaults(house)).toEqual([]);
  });

  it('refuses while the database is away, and goes on when it is back', async () => {
    const before = await sender.send(numbersFrom(1_000, 100));
    way.cut();
    let refused = await sender.post(numbersFrom(2_000, 10));
    await until(async () => {
      refused = await sender.post(numbersFrom(2_000, 10));
      return refused.status === 503;
    }, `a request to be refused: ${refused.text}`);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    const native = await sender.ask('GET', '/api/v1/balance');
    expect([native.status, native.json.code]).toEqual([503, 'storeAway']);
    way.restore();
    let answer = refused;
    await until(async () => {
      answer = await sender.post(numbersFrom(3_000, 50));
      return answer.status < 300;
    }, 'a request to be taken again');
    await sender.finished(answer.json.uuid);
    await sender.finished(before);
    // What was refused was neither sent nor charged.
    expect(await sender.balance()).toEqual({ available: 650, reserved: 0 });
    expect(await ledgerFaults(house)).toEqual([]);
  });

  it('refuses at once what comes while nobody knows what became of a commit, and then tells', async () => {
    const { available } = await sender.balance();
    way.cutAt(`86${numberAt(4_000)}`, 'COMMIT');
    let told: Answer | null = null;
    const doubtful = sender.post(numbersFrom(4_000, 1)).then((answer) => {
      told = answer;
    });
    await until(() => way.links === 0, 'the link to be cut');
    expect((await sender.post(numbersFrom(4_001, 1))).status).toBe(503);
    const native = await sender.ask('GET', '/api/v1/balance');
    expect([native.status, native.json.code]).toEqual([503, 'storeAway']);
    expect(told).toBe(null);
    way.restore();
    await doubtful;
    expect(told!.status).toBe(503);
    expect(await sender.balance()).toEqual({ available, reserved: 0 });
    expect(await ledgerFaults(house)).toEqual([]);
  });

  it('says that it may have been done when nobody can tell, does it once when it is asked again, and makes few words of it', async () => {
    // The store is said to be back with the first commit after it was away, which the test before need not have seen.
    await sender.finished(await sender.send(numbersFrom(4_050, 1)));
    await until(() => saysBackLast(house.output()), 'the store to be said to be back');
    const { available } = await sender.balance();
    const before = house.output().length;
    const key = { 'idempotency-key': 'in doubt' };
    const plan = { template_id: sender.tempId, recipients: [`+86${numberAt(4_100)}`] };
    const post = () => sender.ask('POST', '/api/v1/plans', plan, key);
    way.cutBehind(`86${numberAt(4_100)}`, 'COMMIT');
    const native = await post();
    expect([native.status, native.json.code]).toEqual([503, 'outcomeUnknown']);
    expect(native.json.detail).toContain('Idempotency-Key');
    expect(Number(native.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await sender.ask('GET', '/api/v1/balance')).json.code).toBe('storeAway');
    way.restore();
    // It had been done, and is done once.
    let again = native;
    await until(
      async () => {
        again = await post();
        return again.status < 300;
      },
      () => `the request to be taken: ${again.text}`,
    );
    await until(async () => (await sender.balance()).reserved === 0, 'it to be sent');
    expect(await sender.balance()).toEqual({ available: available - 1, reserved: 0 });
    expect(await ledgerFaults(house)).toEqual([]);
    await until(() => saysBackLast(house.output()), 'the store to be said to be back');
    const lines = house.output().slice(before);
    expect(lines.match(/the store is away/g)?.length ?? 0).toBeLessThanOrEqual(1);
    expect(lines.match(/the store is back/g)).toHaveLength(1);
    expect(lines).not.toMatch(/could not be (recorded|read|listed)/);
  });

  it('finds everything again after a kill', async () => {
    const { available } = await sender.balance();
    const uuid = await sender.send(numbersFrom(5_000, 100));
    await house.kill();
    await house.start();
    await until(async () => {
      const { state, counts } = await sender.progress(uuid);
      return state === 'done' && (counts.delivered ?? 0) === 100;
    }, 'the rest to be sent');
    expectOk(await sender.ask('GET', '/api/v1/events?limit=10'));
    expect(await sender.balance()).toEqual({ available: available - 100, reserved: 0 });
    expect(await ledgerFaults(house)).toEqual([]);
  });
});
