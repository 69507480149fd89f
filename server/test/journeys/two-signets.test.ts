import type { SubmitRecord } from '@signet/smpp/simulator';
import { decodeUcs2 } from '@signet/text';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, startHouse, until } from '../house.ts';
import {
  type Account,
  accountOf,
  expectOk,
  ledgerFaults,
  listAll,
  numberAt,
  openSender,
  type Sender,
} from './sender.ts';

const WEBHOOK_SECRET = 'whsec_c2lnbmV0LXR3by1zaWduZXRzLXNlY3JldA==';
/** Uncertain notifications are repeated soon, so that no test waits for a minute. */
const SOON = { SIGNET_UNCERTAIN_NOTIFICATION_MS: '500', SIGNET_FREQUENCY: 'off' };

/** One Signet sends through another: A has B for a carrier, B has a simulated one. */
describe('two Signets', () => {
  const submitted: SubmitRecord[] = [];
  let a: House;
  let b: House;
  /** Whom A is at B. */
  let atB: Account;
  let sender: Sender;
  let channelId: number;
  let webhookId: number;

  beforeAll(async () => {
    a = await startHouse({ simulator: false, env: SOON });
    b = await startHouse({
      env: { ...SOON, SIGNET_WEBHOOK_ALLOW_HTTP: 'yes', SIGNET_WEBHOOK_ALLOW_NETWORKS: '127.0.0.1' },
      simulator: { answerMs: 5, receiptDelayMs: 20, onSubmit: (records) => submitted.push(...records) },
    });
    atB = accountOf(b, await b.createBusiness({ credits: 100_000 }));
    const template = { template_name: 'anything', template_type: 'utility', template_content: '{content}' };
    const { template_id } = expectOk(
      await atB.ask('POST', '/v1/template-configs', { ...template, country_codes: 'CN', add_signature: false }),
    ).json;
    expectOk(await b.asRoot('POST', '/v2/tempreview', { temp_id: Number(template_id), audit_status: 'passed' }));
    const added = expectOk(
      await a.asRoot('POST', '/api/v1/channels', {
        name: 'b',
        engagelab: {
          url: b.url,
          api_key: atB.user,
          api_secret: atB.password,
          template: template_id,
          webhook_secret: WEBHOOK_SECRET,
          rate: 100,
          response_timeout_ms: 5_000,
        },
      }),
    ).json;
    channelId = added.id;
    const webhook = {
      url: a.url + added.engagelab.callback_path,
      callbacks: ['delivered', 'delivered_failed', 'sent_failed', 'uplink_message'],
      secret: WEBHOOK_SECRET,
    };
    webhookId = expectOk(await atB.ask('POST', '/api/v1/webhooks', webhook)).json.id;
    sender = await openSender(a, { signature: '星河', template: '第{n}条' });
  });
  afterAll(async () => {
    await a?.stop();
    await b?.stop();
  });

  const batch = (from: number, count: number) => ({
    recipients: Array.from({ length: count }, (_, i) => ({
      mobile: numberAt(from + i),
      params: { n: String(from + i) },
    })),
  });
  /** How often B was given a message for each number from `from` on. */
  const givenToB = async (from: number, count: number): Promise<Map<string, number>> => {
    const given = new Map<string, number>();
    const plans = await listAll<{ plan_id: number }>((path) => atB.ask('GET', path), '/api/v1/plans');
    for (const { plan_id } of plans) {
      const { items } = expectOk(await atB.ask('GET', `/api/v1/plans/${plan_id}/messages`)).json;
      for (const { to } of items) {
        const place = Number(to.slice(3)) - Number(numberAt(from));
        if (place >= 0 && place < count) given.set(to, (given.get(to) ?? 0) + 1);
      }
    }
    return given;
  };
  /** Changes A's channel, and waits until it runs with that: begun anew it has counted nothing, as it had before. */
  const change = async (engagelab: Record<string, unknown>) => {
    const path = `/api/v1/channels/${channelId}`;
    const counted = async () => {
      const { accepted, refused } = expectOk(await a.asRoot('GET', `${path}/facts`)).json;
      return accepted + refused;
    };
    await until(async () => (await counted()) > 0, 'the channel to have counted');
    expectOk(await a.asRoot('PATCH', path, { engagelab }));
    await until(async () => (await counted()) === 0, 'the channel to begin anew');
  };
  const linkOf = async () => expectOk(await a.asRoot('GET', `/api/v1/channels/${channelId}`)).json.state;

  it('send through each other, and reports come all the way back', async () => {
    const uuid = await sender.send([], batch(0, 30));
    const progress = await sender.finished(uuid);
    expect(progress.counts).toEqual({ delivered: 30 });
    const texts = submitted.map(({ shortMessage }) => decodeUcs2(shortMessage));
    expect(new Set(texts)).toEqual(new Set(Array.from({ length: 30 }, (_, i) => `【星河】第${i}条`)));
    expect([...(await givenToB(0, 30)).values()]).toEqual(new Array(30).fill(1));
    expect([await ledgerFaults(a), await ledgerFaults(b)]).toEqual([[], []]);
    expect((await sender.balance()).available).toBe(100_000 - 30);
    expect((await atB.balance()).available).toBe(100_000 - 30);
  });

  it('send by templates of the other side, with our values and its signature', async () => {
    const { sign_id } = expectOk(await atB.ask('POST', '/v1/signature', { signature: '彼岸', source: 'tests' })).json;
    expectOk(await b.asRoot('POST', '/v2/signreview', { sign_id, audit_status: 'passed' }));
    const theirs = { name: 'n', template: '编号{n}', type: 2, description: 'd', sign_id };
    const { temp_id } = expectOk(await atB.ask('POST', '/v1/template', theirs)).json;
    expectOk(await b.asRoot('POST', '/v2/tempreview', { temp_id, audit_status: 'passed' }));
    await change({ templates: { [sender.tempId]: String(temp_id) } });
    submitted.length = 0;
    await sender.finished(await sender.send([], batch(100, 1)));
    expect(submitted.map(({ shortMessage }) => decodeUcs2(shortMessage))).toEqual(['【彼岸】编号100']);
  });

  it('say no to each other as carriers do', async () => {
    const path = `/api/v1/channels/${channelId}`;
    const { template } = expectOk(await a.asRoot('GET', path)).json.engagelab;
    await change({ templates: {}, template: '999999' });
    const uuid = await sender.send([], batch(200, 1));
    await sender.finished(uuid, ['failed']);
    expect((await sender.messages(uuid))[0].error).toBe('HTTP 400: template config not exist');
    await change({ template, api_secret: 'wrong' });
    const second = await sender.send([], batch(201, 1));
    await until(async () => /HTTP 401/.test((await linkOf()).reason), 'the link to be down for the wrong secret');
    expectOk(await a.asRoot('PATCH', path, { engagelab: { api_secret: atB.password } }));
    await sender.finished(second);
    expect(await ledgerFaults(a)).toEqual([]);
  });

  it('nothing is sent twice and nothing lost when either is killed in the middle', async () => {
    const count = 300;
    const uuid = await sender.send([], batch(1_000, count));
    const done = async () => count - ((await sender.progress(uuid)).counts.accepted ?? 0);
    await until(async () => (await done()) > 60, 'A in the middle');
    await b.kill();
    await until(async () => (await linkOf()).link === 'down', 'A to notice');
    await b.start();
    await until(async () => (await done()) > 150, 'A in the middle again');
    await a.kill();
    await a.start();
    await until(async () => (await linkOf()).link === 'bound', 'A to be back');
    // B found A away and would tell it again in a minute: it is asked to try now.
    const flush = () => atB.ask('PATCH', `/api/v1/webhooks/${webhookId}`, { description: 'tried again' });
    await until(async () => {
      await flush();
      const { state, counts } = await sender.progress(uuid);
      return state === 'done' && counts.delivered === count;
    }, 'every message to be delivered');
    const given = await givenToB(1_000, count);
    expect([given.size, Math.max(...given.values())]).toEqual([count, 1]);
    // Whatever was repeated cost nothing.
    expect(await sender.balance()).toEqual({ available: 100_000 - 30 - 1 - 1 - count, reserved: 0 });
    expect((await atB.balance()).reserved).toBe(0);
    expect([await ledgerFaults(a), await ledgerFaults(b)]).toEqual([[], []]);
  });

  it('a stop of B loses nothing, and A goes on with it when it is back', async () => {
    const uuid = await sender.send([], batch(2_000, 100));
    await until(async () => ((await sender.progress(uuid)).counts.accepted ?? 0) < 70, 'A in the middle');
    await b.terminate();
    await until(async () => (await linkOf()).link === 'down', 'A to notice');
    await b.start();
    await sender.finished(uuid);
    const given = await givenToB(2_000, 100);
    expect([given.size, Math.max(...given.values())]).toEqual([100, 1]);
    expect([await ledgerFaults(a), await ledgerFaults(b)]).toEqual([[], []]);
  });

  it('believes only what B has signed', async () => {
    const path = expectOk(await a.asRoot('GET', `/api/v1/channels/${channelId}`)).json.engagelab.callback_path;
    const forged = JSON.stringify({ total: 1, rows: [{ message_id: '1', to: '+8613800138000', status: {} }] });
    const tell = (headers: Record<string, string>) => a.request('POST', path, { raw: forged, headers });
    expect((await tell({})).status).toBe(401);
    const now = String(Math.floor(Date.now() / 1000));
    const wrong = { 'webhook-id': '1', 'webhook-timestamp': now, 'webhook-signature': 'v1,AAAA' };
    expect((await tell(wrong)).status).toBe(401);
    expect((await tell({ 'x-callback-id': `timestamp=${now};nonce=1;username=x;signature=00` })).status).toBe(401);
  });
});
