import { createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { newFolder } from '../folder.ts';
import { type House, startHouse, type TestBusiness, until } from '../house.ts';
import { type Receiver, startReceiver, wordsOf } from '../receiver.ts';
import { LOCALHOST_TLS } from '../tls.ts';
import { type Client, nativeClients, rootOf } from './client.ts';
import { approved, mobiles, send } from './seed.ts';

let house: House;
let clientOf: (login: TestBusiness) => Client;
let root: Client;
let receiver: Receiver;
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  const ca = join(newFolder(), 'ca.pem');
  writeFileSync(ca, LOCALHOST_TLS.cert);
  house = await startHouse({
    env: {
      SIGNET_WEBHOOK_ALLOW_HTTP: 'yes',
      SIGNET_WEBHOOK_ALLOW_NETWORKS: '127.0.0.1/32',
      NODE_EXTRA_CA_CERTS: ca,
    },
  });
  const clients = await nativeClients(house);
  clientOf = clients;
  root = clients(rootOf(house));
  receiver = await startReceiver();
});
afterAll(async () => {
  await house?.stop();
  await receiver?.close();
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const open = async () => {
  const business = await house.createBusiness({ credits: 1_000 });
  return { business, client: clientOf(business) };
};
async function newReceiver(): Promise<Receiver> {
  const made = await startReceiver();
  closing.push(() => made.close());
  return made;
}
/** A server that answers every request the same way; its address. */
async function answering(status: number, headers: Record<string, string> = {}): Promise<string> {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(status, headers).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => new Promise((resolve) => server.close(resolve)));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}
const told = (by: Receiver) => by.received.flatMap(({ rows }) => rows.map(wordsOf));

describe('a webhook', () => {
  it('is added, read, changed, switched and taken away by its business', async () => {
    const { business, client } = await open();
    const created = await client.post('/webhooks', { url: receiver.url, callbacks: ['delivered', 'sent'] });
    expect(created.status).toBe(201);
    expect(created.json).toMatchObject({
      business_id: business.businessId,
      url: receiver.url,
      callbacks: ['sent', 'delivered'],
      username: business.user,
      has_authorization: false,
      description: '',
      state: 'active',
      waiting: 0,
      failures: 0,
      retry_at: null,
      secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/),
    });
    const { secret, ...webhook } = created.json;
    expect((await client.get('/webhooks')).json.items).toEqual([webhook]);
    expect((await client.get(`/webhooks/${webhook.id}`)).json).toEqual(webhook);
    expect((await client.get('/webhooks')).text).not.toContain(secret);

    const edit = { callbacks: ['plan'], username: 'acme@example', description: 'ours', authorization: 'Bearer t0ken' };
    const edited = await client.patch(`/webhooks/${webhook.id}`, { ...edit, secret: 'a-secret-of-mine-1' });
    const { authorization, ...shown } = edit;
    expect(edited.json).toMatchObject({ ...shown, has_authorization: true, url: receiver.url });
    expect(edited.text).not.toMatch(/t0ken|a-secret-of-mine/);
    expect((await client.patch(`/webhooks/${webhook.id}`, { authorization: null })).json.has_authorization).toBe(false);

    expect((await client.post(`/webhooks/${webhook.id}/disable`)).json.state).toBe('disabled');
    expect((await client.post(`/webhooks/${webhook.id}/enable`)).json.state).toBe('active');
    expect((await client.delete(`/webhooks/${webhook.id}`)).status).toBe(204);
    expect((await client.get(`/webhooks/${webhook.id}`)).json.code).toBe('webhookNotFound');
    const { json } = await client.get('/events?kind=webhook.changed');
    expect(json.items.map(({ change }: { change: string }) => change)).toEqual([
      'created',
      'edited',
      'edited',
      'disabled',
      'enabled',
      'deleted',
    ]);
    expect(JSON.stringify(json)).not.toMatch(/t0ken|a-secret/);
  });

  it('is told everything by its user name, unless it says otherwise, and may bring its own secret', async () => {
    const { client } = await open();
    const created = await client.post('/webhooks', { url: receiver.url, secret: 'a-secret-of-mine-1' });
    expect(created.json).not.toHaveProperty('secret');
    expect(created.json.callbacks).toHaveLength(13);
  });

  it('is nobody else’s, but the administrator’s', async () => {
    const [mine, theirs] = [await open(), await open()];
    const { id } = (await mine.client.post('/webhooks', { url: receiver.url })).json;
    for (const asked of [
      await theirs.client.get(`/webhooks/${id}`),
      await theirs.client.patch(`/webhooks/${id}`, { description: '' }),
      await theirs.client.post(`/webhooks/${id}/disable`),
      await theirs.client.delete(`/webhooks/${id}`),
      await theirs.client.get(`/webhooks/${id}/deliveries`),
      await theirs.client.get(`/webhooks/${id}/deliveries/1`),
    ]) {
      expect([asked.status, asked.json.code]).toEqual([404, 'webhookNotFound']);
    }
    const other = { business_id: mine.business.businessId };
    expect((await theirs.client.post('/webhooks', { url: receiver.url, ...other })).json.code).toBe('businessNotFound');
    const made = await root.post('/webhooks', { url: receiver.url, ...other });
    expect(made.json).toMatchObject({ ...other, username: mine.business.user });
    const listed = await root.get(`/webhooks?business_id=${mine.business.businessId}&limit=1`);
    expect(listed.json.items.map((item: { id: number }) => item.id)).toEqual([id]);
    const next = await root.get(`/webhooks?business_id=${mine.business.businessId}&cursor=${listed.json.next_cursor}`);
    expect(next.json.items.map((item: { id: number }) => item.id)).toEqual([made.json.id]);
  });

  it('is one of ten', async () => {
    const { client } = await open();
    for (let i = 0; i < 10; i++) expect((await client.post('/webhooks', { url: receiver.url })).status).toBe(201);
    const refused = await client.post('/webhooks', { url: receiver.url });
    expect([refused.status, refused.json.code]).toEqual([409, 'tooManyWebhooks']);
  });

  it.each([
    [{}, 'url'],
    [{ url: '' }, 'url'],
    [{ url: 7 }, 'url'],
    [{ url: 'example.com' }, 'url'],
    [{ url: 'ftp://example.com/' }, 'url'],
    [{ url: 'https://user:secret@example.com/' }, 'url'],
    [{ url: 'https://example.com/#a' }, 'url'],
    [{ url: 'https://example.com/', callbacks: [] }, 'callbacks'],
    [{ url: 'https://example.com/', callbacks: ['lost'] }, 'callbacks.0'],
    [{ url: 'https://example.com/', callbacks: ['sent', 'sent'] }, 'callbacks'],
    [{ url: 'https://example.com/', username: 'a;b' }, 'username'],
    [{ url: 'https://example.com/', secret: 'short' }, 'secret'],
    [{ url: 'https://example.com/', authorization: 'a\r\nx-evil: 1' }, 'authorization'],
    [{ url: 'https://example.com/', authorization: '' }, 'authorization'],
    [{ url: 'https://example.com/', speed: 1 }, 'speed'],
  ])('is refused: %j', async (body, field) => {
    const { client } = await open();
    const answer = await client.post('/webhooks', body);
    expect([answer.status, answer.json.code, answer.json.field]).toEqual([400, 'invalidField', field]);
  });
});

describe('an address', () => {
  const saved = async (url: string) => {
    const { client } = await open();
    const answer = await client.post('/webhooks', { url });
    expect((await client.get('/webhooks')).json.items).toHaveLength(answer.status === 201 ? 1 : 0);
    return answer;
  };

  it.each([
    [200, 201],
    [201, 422],
    [204, 422],
    [301, 422],
    [302, 422],
    [404, 422],
    [500, 422],
  ])('that answers %i to {} is answered with %i', async (status, expected) => {
    const answer = await saved(await answering(status, { location: receiver.url }));
    expect(answer.status).toBe(expected);
    if (expected === 422) expect(answer.json.detail).toContain(`it answered ${status}`);
  });

  it('that is not there is refused, with the reason', async () => {
    const gone = await startReceiver();
    await gone.close();
    const answer = await saved(gone.url);
    expect(answer.json).toMatchObject({ status: 422, code: 'webhookUnreachable' });
    expect(answer.json.detail).toContain('it refuses connections');
  });

  it.each([
    'http://127.0.0.2/',
    'http://10.0.0.1/',
    'http://169.254.169.254/latest/meta-data/',
    'http://[::1]/',
    'http://[::ffff:10.0.0.1]/',
    'http://[64:ff9b::a00:1]/',
    'http://167772161/',
    'http://0xa9fea9fe/',
    'http://0251.0376.0251.0376/',
    'http://0.0.0.0/',
  ])('that is not public is refused: %s', async (url) => {
    const answer = await saved(url);
    expect([answer.status, answer.json.code]).toEqual([422, 'webhookUnreachable']);
    expect(answer.json.detail).toContain('its address is not public');
  });

  it('that is changed is asked again, with the headers of a callback', async () => {
    const asked: Record<string, unknown>[] = [];
    const { client } = await open();
    const { id } = (await client.post('/webhooks', { url: receiver.url, authorization: 'Bearer t0ken' })).json;
    const gone = await answering(500);
    expect((await client.patch(`/webhooks/${id}`, { url: gone })).status).toBe(422);
    expect((await client.get(`/webhooks/${id}`)).json.url).toBe(receiver.url);
    const server = createServer((request, response) => {
      asked.push(request.headers);
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(() => new Promise((resolve) => server.close(resolve)));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    expect((await client.patch(`/webhooks/${id}`, { url })).json.url).toBe(url);
    expect(asked).toMatchObject([{ authorization: 'Bearer t0ken', 'webhook-id': expect.stringMatching(/^check-/) }]);
  });

  it('may speak TLS with a good certificate, and is told what happens', async () => {
    const bodies: string[] = [];
    const server = createHttpsServer(LOCALHOST_TLS, async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      bodies.push(body);
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(() => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    });
    const { port } = server.address() as AddressInfo;
    const { client } = await open();
    const answer = await client.post('/webhooks', { url: `https://localhost:${port}/hook`, callbacks: ['key_manage'] });
    expect(answer.status).toBe(201);
    await client.post('/api-keys', {});
    await until(() => bodies.length > 1, 'the callback over TLS');
    expect(JSON.parse(bodies[1]!).rows[0].system_event.data.action).toBe('create');
    // The certificate speaks of localhost alone.
    const wrong = await client.post('/webhooks', { url: `https://127.0.0.1:${port}/hook` });
    expect(wrong.json.detail).toContain('TLS certificate');
  });
});

it('http:// and private addresses are refused unless the installation allows them', async () => {
  const strict = await startHouse({ simulator: false });
  try {
    const client = (await nativeClients(strict))(rootOf(strict));
    expect((await client.post('/webhooks', { url: receiver.url })).json).toMatchObject({
      code: 'invalidField',
      detail: 'url: must be https:// on this installation',
    });
    const inside = await client.post('/webhooks', { url: receiver.url.replace('http:', 'https:') });
    expect(inside.json.detail).toContain('its address is not public');
  } finally {
    await strict.stop();
  }
});

describe('what happens', () => {
  it('to a message is told from plan to delivered, signed, and the deliveries can be read', async () => {
    const { business, client } = await open();
    const mine = await newReceiver();
    const theirs = await newReceiver();
    const ready = await approved(house, root, business);
    const webhook = (await client.post('/webhooks', { url: mine.url, authorization: 'Bearer t0ken' })).json;
    const other = await open();
    await other.client.post('/webhooks', { url: theirs.url });
    const [to] = mobiles(1);
    await send(house, business, ready, [to!]);
    const { items } = (await client.get('/messages')).json;
    const id = items[0].message_id;
    const all = ['plan', 'target_valid', 'sent', 'delivered'].map((status) => `${status} ${id}`);
    await until(
      () => told(mine).length >= all.length,
      () => `the callbacks, not only ${told(mine)}`,
    );
    expect(told(mine)).toEqual(all);
    expect(told(theirs)).toEqual([]);

    const rows = mine.received.flatMap((each) => each.rows);
    expect(rows[2]).toEqual({
      message_id: id,
      to,
      server: 'sms',
      channel: 'sms',
      itime: expect.any(Number),
      status: {
        message_status: 'sent',
        status_data: {
          msg_time: expect.any(Number),
          message_id: id,
          current_send_channel: 'sms',
          template_key: String(ready.templateId),
          business_id: String(business.businessId),
        },
        billing: { cost: 1, currency: 'credit' },
        error_code: 0,
      },
    });
    for (const { headers, body } of mine.received) {
      expect(headers.authorization).toBe('Bearer t0ken');
      const parts = /^timestamp=(\d+);nonce=([0-9a-f]+);username=([^;]+);signature=([0-9a-f]{64})$/.exec(
        String(headers['x-callback-id']),
      )!;
      const [, timestamp, nonce, username, signature] = parts;
      expect(username).toBe(business.user);
      const proof = createHmac('sha256', webhook.secret).update(`${timestamp}${nonce}${username}`).digest('hex');
      expect(signature).toBe(proof);
      const key = Buffer.from(webhook.secret.slice('whsec_'.length), 'base64');
      const content = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
      const cover = createHmac('sha256', key).update(content).digest('base64');
      expect(headers['webhook-signature']).toBe(`v1,${cover}`);
      expect(JSON.parse(body).total).toBe(JSON.parse(body).rows.length);
    }

    let deliveries = (await client.get(`/webhooks/${webhook.id}/deliveries`)).json.items;
    await until(async () => {
      deliveries = (await client.get(`/webhooks/${webhook.id}/deliveries?state=succeeded`)).json.items;
      return deliveries.length === mine.received.length;
    }, 'every delivery to be recorded');
    expect(deliveries.map((each: { id: number }) => String(each.id)).sort()).toEqual(
      mine.received.map(({ headers }) => headers['webhook-id']).sort(),
    );
    const [newest] = deliveries;
    expect(newest).toMatchObject({
      state: 'succeeded',
      tries: [{ status: 200, error: '', duration_ms: expect.any(Number) }],
      next_try_at: null,
    });
    expect((await client.get(`/webhooks/${webhook.id}/deliveries/${newest.id}`)).json).toEqual(newest);
    expect((await client.get(`/webhooks/${webhook.id}/deliveries/1`)).json.code).toBe('deliveryNotFound');
    const page = (await client.get(`/webhooks/${webhook.id}/deliveries?limit=1`)).json;
    expect(page.items).toEqual([newest]);
    expect(page.next_cursor === null).toBe(deliveries.length === 1);
    const { text } = await house.request('GET', '/metrics');
    expect(text).toMatch(/signet_webhook_deliveries_total\{result="succeeded"\} [1-9]/);
    expect(house.output()).not.toMatch(/t0ken|whsec_/);
  });

  it('that is refused by a receiver stands in its delivery, and waits', async () => {
    const { client } = await open();
    const mine = await newReceiver();
    mine.answer = (response) => response.writeHead(503).end();
    const { id } = (await client.post('/webhooks', { url: mine.url, callbacks: ['key_manage'] })).json;
    await client.post('/api-keys', {});
    await until(async () => (await client.get(`/webhooks/${id}`)).json.failures === 1, 'the first failure');
    expect((await client.get(`/webhooks/${id}`)).json).toMatchObject({ waiting: 1, retry_at: expect.any(String) });
    const [delivery] = (await client.get(`/webhooks/${id}/deliveries?state=waiting`)).json.items;
    expect(delivery).toMatchObject({
      callbacks: ['key_manage'],
      rows: 1,
      tries: [{ status: 503, error: 'it answered 503' }],
      next_try_at: expect.any(String),
      done_at: null,
    });
    // Once its operator has mended and enabled it, what waits comes at once.
    mine.answer = (response) => response.end();
    await client.post(`/webhooks/${id}/disable`);
    await client.post(`/webhooks/${id}/enable`);
    await until(() => told(mine).length === 1, 'what waited');
    expect(mine.received[0]!.headers['webhook-id']).toBe(String(delivery.id));
  });

  it('to the balance is told when it falls below the threshold', async () => {
    const { business, client } = await open();
    const mine = await newReceiver();
    const ready = await approved(house, root, business);
    await client.post('/webhooks', { url: mine.url, callbacks: ['insufficient_balance'] });
    expect((await client.get(`/businesses/${business.user}`)).json.low_balance).toBe(null);
    const set = await client.post(`/businesses/${business.user}/low-balance`, { credits: 999 });
    expect(set.json.low_balance).toBe(999);
    for (const bad of [0, -1, 1.5, '1', undefined]) {
      const answer = await client.post(`/businesses/${business.user}/low-balance`, { credits: bad });
      expect(answer.json.field).toBe('credits');
    }
    await send(house, business, ready, mobiles(1, 50));
    await send(house, business, ready, mobiles(1, 51));
    await send(house, business, ready, mobiles(1, 52));
    await until(() => mine.received.length > 0, 'the notification');
    expect(mine.received.flatMap(({ rows }) => rows)).toEqual([
      {
        server: 'sms',
        itime: expect.any(Number),
        notification: {
          event: 'insufficient_balance',
          notification_data: {
            business_id: String(business.businessId),
            remain_balance: 998,
            balance_threshold: 999,
          },
        },
      },
    ]);
    const off = await client.post(`/businesses/${business.user}/low-balance`, { credits: null });
    expect(off.json.low_balance).toBe(null);
  });
});
