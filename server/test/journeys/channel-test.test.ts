import { type Simulator, type SubmitRecord, startSimulator } from '@signet/smpp/simulator';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type House, startHouse, until } from '../house.ts';
import { expectOk, ledgerFaults, openSender } from './sender.ts';

type Taken = Pick<SubmitRecord, 'destination' | 'status'> & { carrier: string };

/** Two carriers, all routes over the first: the second is only reached by testing it. */
describe('a test of one channel', () => {
  const carriers = {} as Record<'routed' | 'tested', Simulator>;
  const ids = {} as Record<'routed' | 'tested', number>;
  let taken: Taken[] = [];
  let house: House;

  beforeAll(async () => {
    house = await startHouse({ simulator: false, env: { SIGNET_FAILOVER_AFTER_MS: '700' } });
    for (const name of ['routed', 'tested'] as const) {
      carriers[name] = await startSimulator({
        receiptDelayMs: 0,
        onSubmit: (records) => {
          for (const { destination, status } of records) taken.push({ carrier: name, destination, status });
        },
      });
      const smpp = { host: '127.0.0.1', port: carriers[name].port, system_id: 'test', password: 'test' };
      ids[name] = expectOk(await house.asRoot('POST', '/api/v1/channels', { name, smpp })).json.id;
    }
    for (const id of Object.values(ids)) {
      const link = async () => (await house.asRoot('GET', `/api/v1/channels/${id}`)).json.state.link;
      await until(async () => (await link()) === 'bound', `channel ${id} to be bound`);
    }
    const targets = [{ channel_id: ids.routed, weight: 1 }];
    expectOk(await house.asRoot('POST', '/api/v1/routes', { name: 'all', targets }));
  });
  afterAll(async () => {
    await house?.stop();
    for (const carrier of Object.values(carriers)) await carrier.close();
  });
  beforeEach(() => {
    taken = [];
  });

  let next = 0;
  const fresh = () => `+8613800138${String(next++).padStart(3, '0')}`;
  const post = (name: keyof typeof ids, to = fresh(), text = '【Signet】A line for you') =>
    house.asRoot('POST', `/api/v1/channels/${ids[name]}/test`, { to, text });
  const look = async (id: string) => (await house.asRoot('GET', `/api/v1/messages/${id}`)).json;
  const ended = async (id: string, state: string) => {
    let seen: { state: string; error: string } | null = null;
    await until(
      async () => {
        seen = await look(id);
        return seen!.state === state;
      },
      () => `message ${id} to be ${state}: ${JSON.stringify(seen)}`,
    );
    return look(id);
  };

  it('goes over exactly that channel, is delivered, and costs nothing', async () => {
    const before = (await house.asRoot('GET', '/api/v1/balance')).json;
    const to = fresh();
    const sent = expectOk(await post('tested', to)).json;
    expect(sent).toMatchObject({ to, reserved: 0, simulated: false });
    const message = await ended(sent.message_id, 'delivered');
    expect(message).toMatchObject({ channel_id: ids.tested, settled: 0, segments: 1, attempts: 1 });
    expect(message.timeline.map(({ state }: { state: string }) => state)).toEqual([
      'accepted',
      'dispatching',
      'submitted',
      'delivered',
    ]);
    expect(taken).toEqual([{ carrier: 'tested', destination: to.slice(1), status: 0 }]);
    expect((await house.asRoot('GET', '/api/v1/balance')).json).toEqual(before);
    const plan = (await house.asRoot('GET', `/api/v1/plans/${sent.plan_id}`)).json;
    expect(plan).toMatchObject({
      name: 'test of tested',
      state: 'done',
      test_channel_id: ids.tested,
      template_id: null,
    });
    const { items } = (await house.asRoot('GET', '/api/v1/audit?action=channel.test')).json;
    expect(items[0]).toMatchObject({ object: 'channel', object_id: String(ids.tested) });
    expect(items[0].after).toMatchObject({ text: '【Signet】A line for you' });
    expect(JSON.stringify(items[0])).not.toContain(to.slice(1));
    expect(await ledgerFaults(house)).toEqual([]);
  });

  it('goes nowhere else when its carrier would rather have it elsewhere, or says no', async () => {
    const to = fresh();
    carriers.tested.set({ rules: [{ prefix: to.slice(1), status: 'ESME_RSUBMITFAIL' }] });
    const sent = expectOk(await post('tested', to)).json;
    const message = await ended(sent.message_id, 'failed');
    expect(message.error).not.toBe('');
    carriers.tested.set({ rules: [] });
    expect(taken.every(({ carrier }) => carrier === 'tested')).toBe(true);
  });

  it('waits for its own channel while that is down, though others are up, and can be paused meanwhile', async () => {
    const { port } = carriers.tested;
    await carriers.tested.close();
    const link = async () => (await house.asRoot('GET', `/api/v1/channels/${ids.tested}`)).json.state.link;
    await until(async () => (await link()) !== 'bound', 'the link to be down');
    const to = fresh();
    const sent = expectOk(await post('tested', to)).json;
    // What goes by the routes goes on meanwhile.
    const sender = await openSender(house);
    await sender.finished(await sender.send(['13800138900']), ['delivered']);
    expectOk(await house.asRoot('POST', `/api/v1/plans/${sent.plan_id}/pause`));
    expectOk(await house.asRoot('POST', `/api/v1/plans/${sent.plan_id}/resume`));
    expect(['accepted', 'queued']).toContain((await look(sent.message_id)).state);
    carriers.tested = await startSimulator({
      port,
      receiptDelayMs: 0,
      onSubmit: (records) => {
        for (const { destination, status } of records) taken.push({ carrier: 'tested', destination, status });
      },
    });
    await ended(sent.message_id, 'delivered');
    expect(taken.filter(({ destination }) => destination === to.slice(1))).toEqual([
      { carrier: 'tested', destination: to.slice(1), status: 0 },
    ]);
  });

  it('is refused with a reason: to no number, without a text, over no channel or a stopped one, too often', async () => {
    expect((await post('routed', 'nobody')).json).toMatchObject({ code: 'invalidField', field: 'to' });
    expect((await post('routed', fresh(), ' ')).json).toMatchObject({ code: 'invalidField', field: 'text' });
    const none = await house.asRoot('POST', '/api/v1/channels/999/test', { to: fresh(), text: 'a' });
    expect(none.json).toMatchObject({ status: 404, code: 'channelNotFound' });
    const business = await house.createBusiness();
    const body = { to: fresh(), text: 'a' };
    const own = await house.request('POST', `/api/v1/channels/${ids.routed}/test`, { ...business, body });
    expect(own.json.code).toBe('adminOnly');
    const answers = [];
    for (let i = 0; i < 6; i++) answers.push(await post('routed'));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201, 429]);
    expect(answers[5]!.json).toMatchObject({ code: 'tooManyTests' });
    expect(answers[5]!.headers.get('retry-after')).toBe('60');
    expectOk(await house.asRoot('POST', `/api/v1/channels/${ids.tested}/disable`, {}));
    expect((await post('tested')).json).toMatchObject({ status: 409, code: 'channelDisabled' });
  });
});
