import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, startHouse, type TestBusiness, until } from '../house.ts';
import { type Client, nativeClients, rootOf } from './client.ts';
import { type Approved, approved } from './seed.ts';

let house: House;
let clientOf: (login: { user: string; password: string }) => Client;
let root: Client;
let acme: TestBusiness;
let other: TestBusiness;
let own: Client;

beforeAll(async () => {
  house = await startHouse();
  clientOf = await nativeClients(house);
  root = clientOf(rootOf(house));
  acme = await house.createBusiness({ credits: 1_000 });
  other = await house.createBusiness({ credits: 1_000 });
  own = clientOf(acme);
  await until(async () => (await root.get('/channels')).json.items[0]?.state.link === 'bound', 'the bind');
});
afterAll(() => house?.stop());

/** A handset writes; resolves when the carrier has been told that it is safe. */
async function write(text: string, to = '1069001', from = '8613800138055'): Promise<void> {
  expect(await house.simulator.deliver({ from, to, text })).toBe(0);
}

describe('numbers', () => {
  it('are given by the administrator, once, and seen by their business', async () => {
    const given = { number: '1069001', business_id: acme.businessId };
    const added = await root.post('/inbound-numbers', given);
    expect(added).toMatchObject({ status: 201, json: { ...given, channel_id: null } });
    expect(await root.post('/inbound-numbers', given)).toMatchObject({
      status: 409,
      json: { code: 'inboundNumberTaken' },
    });
    expect((await own.get('/inbound-numbers')).json.items).toEqual([added.json]);
    expect((await clientOf(other).get('/inbound-numbers')).json.items).toEqual([]);
    expect(await own.post('/inbound-numbers', given)).toMatchObject({ status: 403, json: { code: 'adminOnly' } });
    const wrong = await root.post('/inbound-numbers', { ...given, number: '10 69' });
    expect(wrong).toMatchObject({ status: 400, json: { field: 'number' } });
    expect(await root.delete('/inbound-numbers/99')).toMatchObject({
      status: 404,
      json: { code: 'inboundNumberNotFound' },
    });
    const begins = await root.post('/inbound-numbers', { ...given, number: '+44*', channel_id: 1 });
    expect(begins.json).toMatchObject({ number: '44*', channel_id: 1 });
    expect((await root.delete(`/inbound-numbers/${begins.json.id}`)).status).toBe(204);
  });
});

describe('messages', () => {
  it('are listed for their business and the administrator, by whatever is asked for', async () => {
    const since = new Date().toISOString();
    await write('hello 😀');
    await write('for nobody', '1069009');
    const mine = await own.get('/inbound');
    expect(mine.json.items).toMatchObject([
      {
        business_id: acme.businessId,
        simulated: false,
        from: '+8613800138055',
        to: '1069001',
        text: 'hello 😀',
        parts: 1,
        missing: 0,
        kind: 'plain',
        reply_plan_id: null,
      },
    ]);
    const { id } = mine.json.items[0];
    expect((await own.get(`/inbound/${id}`)).json).toEqual(mine.json.items[0]);
    expect(await clientOf(other).get(`/inbound/${id}`)).toMatchObject({
      status: 404,
      json: { code: 'inboundNotFound' },
    });
    expect((await clientOf(other).get('/inbound')).json.items).toEqual([]);
    const texts = async (query: string) =>
      (await root.get(`/inbound?${query}`)).json.items.map(({ text }: { text: string }) => text);
    expect(await texts('unmatched=yes')).toEqual(['for nobody']);
    expect(await texts(`business_id=${acme.businessId}`)).toEqual(['hello 😀']);
    expect(await texts('from=%2B8613800138055&to=1069009')).toEqual(['for nobody']);
    expect(await texts(`since=${since}&limit=1`)).toEqual(['for nobody']);
    expect(await texts(`until=${since}`)).toEqual([]);
    expect(await texts('kind=opt-out')).toEqual([]);
    const page = await root.get('/inbound?limit=1');
    expect(await texts(`limit=1&cursor=${page.json.next_cursor}`)).toEqual(['hello 😀']);
    expect(await own.get('/inbound?unmatched=yes')).toMatchObject({ status: 403, json: { code: 'adminOnly' } });
    expect(await own.get('/inbound?since=yesterday')).toMatchObject({ status: 400, json: { field: 'since' } });
  });

  it("that are nobody's are given to a business by the administrator", async () => {
    const [{ id }] = (await root.get('/inbound?unmatched=yes')).json.items;
    const give = (client: Client, body: object) => client.post(`/inbound/${id}/assign`, body);
    expect(await give(own, { business_id: acme.businessId })).toMatchObject({
      status: 403,
      json: { code: 'adminOnly' },
    });
    expect(await give(root, { business_id: 4_711 })).toMatchObject({ status: 404, json: { code: 'businessNotFound' } });
    expect(await give(root, {})).toMatchObject({ status: 400, json: { field: 'business_id' } });
    expect(await root.post('/inbound/99/assign', { business_id: other.businessId })).toMatchObject({ status: 404 });
    const given = await give(root, { business_id: other.businessId });
    expect(given).toMatchObject({ status: 200, json: { id, business_id: other.businessId, kind: 'plain' } });
    expect(await give(root, { business_id: other.businessId })).toMatchObject({
      status: 409,
      json: { code: 'inboundAssigned' },
    });
    expect((await clientOf(other).get('/inbound')).json.items).toMatchObject([{ id, text: 'for nobody' }]);
    expect((await root.get('/inbound?unmatched=yes')).json.items).toEqual([]);
    const [entry] = (await root.get('/audit?object=inbound')).json.items;
    expect(entry).toMatchObject({ action: 'inbound.assign', object_id: String(id) });
  });

  it('are events, and counted', async () => {
    const events = (await own.get('/events?kind=inbound.received')).json.items;
    expect(events).toMatchObject([{ as: 'plain' }]);
    const metrics = (await house.request('GET', '/metrics')).text;
    expect(metrics).toMatch(/^signet_inbound_total\{result="stored"\} 2$/m);
    expect(metrics).toMatch(/^signet_inbound_total\{result="unmatched"\} 1$/m);
    expect(metrics).not.toContain('13800138055');
    expect(house.output()).not.toContain('13800138055');
  });
});

describe('keywords', () => {
  it('are answered with a template, by a message that is sent', async () => {
    const sender = await approved(house, root, acme);
    const added = await own.post('/keywords', { word: 'ｉnfo', template_id: sender.templateId });
    expect(added).toMatchObject({ status: 201, json: { word: 'INFO', shared: false, template_id: sender.templateId } });
    await write('Info please');
    const [message] = (await own.get('/inbound?kind=keyword')).json.items;
    expect(message).toMatchObject({ keyword: 'INFO', reply_error: '' });
    const plan = async () => (await own.get(`/plans/${message.reply_plan_id}`)).json;
    await until(async () => (await plan()).counts.delivered === 1, 'the reply to be delivered');
    expect((await own.get(`/plans/${message.reply_plan_id}/messages`)).json.items).toMatchObject([
      { to: '+8613800138055' },
    ]);
    expect((await own.get('/keywords')).json.items).toEqual([added.json]);
    expect(await own.post('/keywords', { word: 'info' })).toMatchObject({
      status: 409,
      json: { code: 'keywordTaken' },
    });
    expect(await own.post('/keywords', { word: 'x', shared: true })).toMatchObject({ status: 403 });
    expect((await own.delete(`/keywords/${added.json.id}`)).status).toBe(204);
    expect(await own.delete(`/keywords/${added.json.id}`)).toMatchObject({
      status: 404,
      json: { code: 'keywordNotFound' },
    });
  });

  it('that are shared are given by the administrator', async () => {
    const { json } = await root.post('/keywords', { business_id: other.businessId, word: 'join', shared: true });
    await write('join', '1069077');
    expect((await clientOf(other).get('/inbound?kind=keyword')).json.items).toMatchObject([
      { text: 'join', keyword: 'JOIN' },
    ]);
    expect((await root.delete(`/keywords/${json.id}`)).status).toBe(204);
  });
});

describe.each([
  ['/opt-outs', 'opt-out'],
  ['/blacklist', 'blacklist'],
] as const)('%s', (path, list) => {
  const to = '+8613800138042';

  it('takes numbers as they are written, each once', async () => {
    const added = await own.post(path, { recipients: [to, '13800138042', '13800138043'], note: 'asked by phone' });
    expect(added.json).toEqual({ changed: 2 });
    expect((await own.post(path, { recipients: [to] })).json).toEqual({ changed: 0 });
    expect((await own.get(path)).json.items).toMatchObject([
      { to, source: 'business', note: 'asked by phone' },
      { to: '+8613800138043' },
    ]);
    const first = await own.get(`${path}?limit=1`);
    expect((await own.get(`${path}?limit=1&cursor=${first.json.next_cursor}`)).json).toMatchObject({
      items: [{ to: '+8613800138043' }],
      next_cursor: null,
    });
    expect((await own.get(`${path}/${to}`)).json).toMatchObject({ to });
    expect((await own.get('/events?kind=list.changed')).json.items).toMatchObject(
      expect.arrayContaining([expect.objectContaining({ list, change: 'added', count: 2, source: 'business' })]),
    );
  });

  it('is shown whole as CSV', async () => {
    const { text, headers } = await own.get(`${path}.csv`);
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8');
    const [head, first, second] = text.replace(/^\ufeff/, '').split('\r\n');
    expect(head).toBe('to,since,source,note');
    expect(first).toMatch(/^'\+8613800138042,.*,business,asked by phone$/);
    expect(second).toContain('8613800138043');
  });

  it('refuses what is no number, and changes nothing then', async () => {
    const refused = await own.post(path, { recipients: ['13800138050', '12'] });
    expect(refused).toMatchObject({ status: 400, json: { code: 'invalidRecipient' } });
    expect(await own.get(`${path}/13800138050`)).toMatchObject({ status: 404, json: { code: 'recipientNotListed' } });
    expect(await own.post(path, { recipients: [] })).toMatchObject({ status: 400, json: { field: 'recipients' } });
    const long = await own.post(path, { recipients: [to], note: 'x'.repeat(201) });
    expect(long).toMatchObject({ status: 400, json: { field: 'note' } });
  });

  it('is nobody else’s, and the administrator’s to change', async () => {
    expect((await clientOf(other).get(path)).json.items).toEqual([]);
    const asOther = await clientOf(other).post(path, { business_id: acme.businessId, recipients: [to] });
    expect(asOther).toMatchObject({ status: 404, json: { code: 'businessNotFound' } });
    expect((await root.get(`${path}?business_id=${acme.businessId}`)).json.items).toHaveLength(2);
  });

  it('lets numbers go', async () => {
    expect((await own.post(`${path}/remove`, { recipients: ['13800138043', '13800138049'] })).json).toEqual({
      changed: 1,
    });
    expect((await own.delete(`${path}/${to}`)).status).toBe(204);
    expect(await own.delete(`${path}/${to}`)).toMatchObject({ status: 404, json: { code: 'recipientNotListed' } });
    expect((await own.get(path)).json.items).toEqual([]);
  });
});

describe('whoever is on a list', () => {
  const send = (sender: Approved, to: string[]) =>
    own.post('/plans', { template_id: sender.templateId, recipients: to });

  it('of the installation is sent nothing by anybody', async () => {
    const sender = await approved(house, root, acme);
    expect((await root.post('/blacklist', { recipients: ['+8613800138060'] })).json).toEqual({ changed: 1 });
    expect((await root.get('/blacklist')).json.items).toMatchObject([{ source: 'administrator' }]);
    const { json } = await send(sender, ['+8613800138060', '+8613800138061']);
    expect(json).toMatchObject({ total: 2, accepted: 1, stopped: 1 });
    const stopped = (await own.get(`/messages?plan_id=${json.plan_id}&state=failed`)).json.items;
    expect(stopped).toMatchObject([
      { to: '+8613800138060', error: 'the recipient is blacklisted', reserved: 0, settled: 0 },
    ]);
    await root.delete('/blacklist/+8613800138060');
  });

  it("because it wrote STOP at nobody's number, from the business that wrote last", async () => {
    const sender = await approved(house, root, acme, 3);
    const recipient = '+8613800138077';
    const from = recipient.slice(1);
    const send = () => own.post('/plans', { template_id: sender.templateId, recipients: [recipient] });
    const listed = async () =>
      (await own.get('/opt-outs?limit=1000')).json.items.some(({ to }: { to: string }) => to === recipient);
    expect((await send()).status).toBe(201);
    await until(
      async () => ['submitted', 'delivered'].includes((await root.get(`/messages?to=${from}`)).json.items[0]?.state),
      'the carrier to have the message',
    );
    await write('STOP', '1069333', from);
    expect(await listed()).toBe(true);
    expect((await own.get(`/inbound?from=%2B${from}`)).json.items).toMatchObject([{ kind: 'opt-out', to: '1069333' }]);
    await write('START', '1069333', from);
    expect(await listed()).toBe(false);
  });

  it('because it wrote STOP is sent no marketing, and is again once it wrote START', async () => {
    const sender = await approved(house, root, acme, 3);
    await write('Stop!', '1069001', '8613800138070');
    const { json } = await send(sender, ['+8613800138070']);
    expect(json).toMatchObject({ accepted: 0, stopped: 1, state: 'done' });
    expect((await own.get('/opt-outs')).json.items).toMatchObject([{ to: '+8613800138070', source: 'reply' }]);
    await write('start', '1069001', '8613800138070');
    expect((await send(sender, ['+8613800138070'])).json).toMatchObject({ accepted: 1, stopped: 0 });
  });
});

describe('the words of a business', () => {
  it('are the usual ones until it sets its own', async () => {
    const usual = await own.get('/opt-words');
    expect(usual.json).toMatchObject({ business_id: acme.businessId, usual: { opt_out: true, opt_in: true } });
    expect(usual.json.opt_out).toContain('退订');
    expect((await own.post('/opt-words', { opt_out: ['nein'] })).json).toMatchObject({
      opt_out: ['nein'],
      usual: { opt_out: false, opt_in: true },
    });
    expect((await own.post('/opt-words', { opt_in: ['ja'] })).json).toMatchObject({
      opt_out: ['nein'],
      opt_in: ['ja'],
    });
    expect(await own.post('/opt-words', { opt_out: [] })).toMatchObject({ status: 400, json: { field: 'opt_out' } });
    expect((await own.post('/opt-words', { opt_out: null, opt_in: null })).json).toEqual(usual.json);
  });
});
