import { afterEach, describe, expect, it } from 'vitest';
import { type House, startHouse, until } from '../house.ts';
import { haveMysql } from '../mysql.ts';
import { haveRabbitmq } from '../rabbitmq.ts';
import { haveRedis, redisPlace } from '../redis.ts';
import { TcpProxy } from '../tcp-proxy.ts';
import { expectOk, numberAt, openSender, type Sender } from './sender.ts';

const services = (await haveMysql()) && (await haveRabbitmq()) && (await haveRedis());
/** A process remembers a verified password for a minute: whatever is noticed sooner was heard. */
const HEARD_MS = 30_000;

/** Two processes that take requests know what the other has changed and counted. */
describe.runIf(services)('a house of two doors', () => {
  let house: House;
  let way: TcpProxy;
  let sender: Sender;

  /** Without Redis they hear of each other by the store alone. */
  const open = async (env: Record<string, string> = {}, redis = true) => {
    const { port, host, user, password, database } = redisPlace();
    way = await TcpProxy.to({ host, port });
    const login = password === '' ? '' : `${encodeURIComponent(user)}:${encodeURIComponent(password)}@`;
    house = await startHouse({
      nodes: ['api', 'api', 'worker,channel'],
      env: {
        ...(redis && { SIGNET_REDIS: `redis://${login}localhost:${way.port}/${database}` }),
        SIGNET_FREQUENCY: '3/10m',
        ...env,
      },
    });
    sender = await openSender(house, { credits: 1_000 });
  };
  afterEach(async () => {
    await house.stop();
    await way.end();
  });

  /** Asks one of the processes that take requests. */
  const ask = async (
    node: 0 | 1,
    method: string,
    path: string,
    body?: unknown,
    { user, password }: { user: string; password: string } = sender,
  ) => {
    const answer = await fetch(`${house.nodes[node]!.url}${path}`, {
      method,
      headers: {
        authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
        'content-type': 'application/json',
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: answer.status, json: (await answer.json()) as Record<string, unknown>, headers: answer.headers };
  };
  const send = (node: 0 | 1, mobile: string) =>
    ask(node, 'POST', '/v1/message', { sign_id: sender.signId, temp_id: sender.tempId, mobiles: [mobile] });
  const accepted = async (node: 0 | 1, mobile: string) => expect((await send(node, mobile)).status).toBe(200);
  const tooOften = async (node: 0 | 1, mobile: string) => expect((await send(node, mobile)).json.error).toBe('ER:0036');

  it.each([
    ['over Redis', true],
    ['by the store', false],
  ])('lets nobody in by one who has been kept out by the other, heard %s', async (_, redis) => {
    await open({}, redis);
    const made = expectOk(await sender.ask('POST', '/api/v1/api-keys', { permissions: ['read'] })).json;
    const key = { user: made.api_key, password: made.api_secret };
    const shut = async (login: { user: string; password: string }, change: () => Promise<unknown>) => {
      for (const node of [0, 1] as const) {
        expect((await ask(node, 'GET', '/api/v1/plans', undefined, login)).status).toBe(200);
      }
      await change();
      const end = Date.now() + HEARD_MS;
      for (const node of [0, 1] as const) {
        const status = async () => (await ask(node, 'GET', '/api/v1/plans', undefined, login)).status;
        await until(async () => (await status()) !== 200, 'the door to be shut');
      }
      expect(Date.now()).toBeLessThan(end);
    };
    await shut(key, () => sender.ask('POST', `/api/v1/api-keys/${made.id}/disable`));
    await shut(sender, () => house.asRoot('POST', `/api/v1/businesses/${sender.user}/suspend`));
  });

  it('charges what the other was told, and sends nothing that was withdrawn there, from the answer on', async () => {
    await open();
    await accepted(1, numberAt(1));
    const free = async () => expectOk(await sender.ask('GET', '/api/v1/balance')).json as Record<string, number>;
    const spent = async () => 1_000 - (await free()).available!;
    const before = await spent();
    for (const credits of [7, 3]) {
      const rows = [{ credits }];
      expectOk(await house.asRoot('POST', `/api/v1/price-rows?business_id=${sender.businessId}`, { rows }));
      const paid = await spent();
      await accepted(1, numberAt(10 + credits));
      expect((await spent()) - paid).toBe(credits);
    }
    expect(await spent()).toBe(before + 10);
    // What is on its way keeps its template.
    await until(async () => (await free()).reserved === 0, 'all to be sent');
    await until(async () => {
      return (await sender.ask('DELETE', `/api/v1/templates/${sender.tempId}`)).status < 300;
    }, 'the template to be free');
    expect((await send(1, numberAt(20))).status).not.toBe(200);
  });

  it('counts at both how often somebody is written to, and in the store while Redis is lost', async () => {
    await open();
    await accepted(0, numberAt(1));
    await accepted(1, numberAt(1));
    await accepted(0, numberAt(1));
    await tooOften(0, numberAt(1));
    await tooOften(1, numberAt(1));
    way.cut();
    await accepted(0, numberAt(2));
    // Sending goes on, so requests may come here as before; what is missing is said.
    const ready = await fetch(`${house.url}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([
      200,
      {
        status: 'ready',
        parts: {
          store: { kind: 'mysql', state: 'reachable' },
          queue: { kind: 'rabbitmq', state: 'reachable' },
          redis: { kind: 'redis', state: 'away', reason: expect.stringContaining('counted in the store') },
        },
      },
    ]);
    await accepted(1, numberAt(2));
    await accepted(0, numberAt(2));
    await tooOften(1, numberAt(2));
    // Redis knows nothing of these when it is back; the store does.
    way.restore();
    for (const { url } of house.nodes.slice(0, 2)) {
      const reachable = async () => /signet_redis_reachable 1/.test(await (await fetch(`${url}/metrics`)).text());
      await until(reachable, 'Redis to be back');
    }
    await tooOften(0, numberAt(2));
    await tooOften(1, numberAt(2));
  });

  it('lets nobody guess at one what the other has counted, and writes it down once', async () => {
    await open();
    const made = expectOk(await sender.ask('POST', '/api/v1/api-keys', { permissions: ['read'] })).json;
    const login = async (node: 0 | 1, password: string) =>
      (await ask(node, 'GET', '/api/v1/plans', undefined, { user: made.api_key, password })).status;
    for (let i = 0; i < 10; i++) expect([await login(0, 'wrong'), await login(1, 'wrong')]).toEqual([401, 401]);
    // The right secret has to wait as well.
    expect([await login(0, made.api_secret), await login(1, made.api_secret)]).toEqual([429, 429]);
    const noted = expectOk(await house.asRoot('GET', '/api/v1/audit?action=session.fail')).json.items;
    expect(noted.map(({ after }: { after: { failures: number } }) => after.failures)).toEqual([20, 1]);
    // While Redis is lost, each goes on with what it saw itself.
    way.cut();
    await until(async () => (await login(0, made.api_secret)) === 200, 'the first to count for itself');
  });

  it('takes nothing that is limited while Redis is lost, where it is told so', async () => {
    await open({ SIGNET_REDIS_LOST: 'closed' });
    await accepted(0, numberAt(1));
    way.cut();
    await until(async () => (await send(0, numberAt(2))).status === 503, 'sending to be refused');
    const refused = await send(0, numberAt(2));
    expect(refused.json).toEqual({ error: 'ER:0503', message: 'service unavailable' });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    way.restore();
    await until(async () => (await send(0, numberAt(3))).status === 200, 'sending to go on');
  });
});
