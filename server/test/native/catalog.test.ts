import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type House, startHouse, type TestBusiness } from '../house.ts';
import { type Client, type Login, nativeClients, rootOf } from './client.ts';

let house: House;
let as: (login: Login) => Client;
let root: Client;
let business: TestBusiness;
let own: Client;
let stranger: Client;

beforeAll(async () => {
  house = await startHouse({ simulator: false });
  as = await nativeClients(house);
  root = as(rootOf(house));
  business = await house.createBusiness();
  own = as(business);
  stranger = as(await house.createBusiness());
});
afterAll(() => house?.stop());

const approve = (kind: 'signatures' | 'templates', id: number) =>
  root.post(`/${kind}/${id}/review`, { state: 'approved' });

let texts = 0;
const signature = () => ({
  signature: `Acme ${++texts}`,
  source: 'trade register',
  pics: ['https://example.com/a.png'],
});

async function approvedSignature(): Promise<number> {
  const { json } = await own.post('/signatures', signature());
  await approve('signatures', json.id);
  return json.id;
}

describe('signatures', () => {
  test('are made, wait for their review, are changed and taken away', async () => {
    const said = signature();
    const made = await own.post('/signatures', said);
    expect(made.status).toBe(201);
    expect(made.json).toMatchObject({ ...said, business_id: business.businessId, review: 'pending', version: 1 });
    const path = `/signatures/${made.json.id}`;
    expect((await own.patch(path, { source: 'other' })).json.code).toBe('signatureInReview');
    await approve('signatures', made.json.id);
    const changed = await own.patch(path, { source: 'other' });
    expect(changed.json).toMatchObject({ signature: said.signature, source: 'other', review: 'pending', version: 2 });
    expect(changed.json.pics).toEqual(said.pics);
    expect((await own.delete(path)).status).toBe(204);
    expect((await own.get(path)).json.code).toBe('signatureNotFound');
  });

  test('have a text of their own in their business', async () => {
    const said = signature();
    await own.post('/signatures', said);
    expect((await own.post('/signatures', said)).json.code).toBe('signatureTextTaken');
    expect((await stranger.post('/signatures', said)).status).toBe(201);
  });

  test.each([
    ['signature', { signature: '', source: 'x' }],
    ['signature', { signature: 'a'.repeat(61), source: 'x' }],
    ['signature', { signature: 'a【b', source: 'x' }],
    ['source', { signature: 'ok', source: 'x'.repeat(256) }],
    ['pics', { signature: 'ok', source: 'x', pics: Array(11).fill('p') }],
    ['text', { text: 'ok', source: 'x' }],
  ])('refuse a wrong %s', async (field, body) => {
    expect((await own.post('/signatures', body)).json).toMatchObject({ code: 'invalidField', field });
  });

  test('are nobody else’s', async () => {
    const id = await approvedSignature();
    expect((await stranger.patch(`/signatures/${id}`, { source: 'mine' })).json.code).toBe('signatureNotFound');
    expect((await stranger.delete(`/signatures/${id}`)).json.code).toBe('signatureNotFound');
  });

  test('stay while a template names them', async () => {
    const id = await approvedSignature();
    await own.post('/templates', { name: 'x', template: 'x', category: 'notification', signature_id: id });
    expect((await own.delete(`/signatures/${id}`)).json.code).toBe('signatureNamedByTemplate');
  });
});

describe('templates', () => {
  test('are made, wait for their review, are changed and taken away', async () => {
    const id = await approvedSignature();
    const said = { name: 'code', template: 'Your code is {code}', category: 'verification', signature_id: id };
    const made = await own.post('/templates', { ...said, description: 'sign-in', country_codes: ['CN', 'GB'] });
    expect(made.status).toBe(201);
    expect(made.json).toMatchObject({ ...said, placement: 'prefix', country_codes: ['CN', 'GB'], review: 'pending' });
    const path = `/templates/${made.json.id}`;
    expect((await own.patch(path, { name: 'other' })).json.code).toBe('templateInReview');
    await approve('templates', made.json.id);
    const changed = await own.patch(path, { template: 'Code {code}', placement: 'suffix' });
    expect(changed.json).toMatchObject({ ...said, template: 'Code {code}', placement: 'suffix', version: 2 });
    expect(changed.json).toMatchObject({ description: 'sign-in', review: 'pending', country_codes: ['CN', 'GB'] });
    await approve('templates', made.json.id);
    const bare = await own.patch(path, { signature_id: null });
    expect(bare.json).toMatchObject({ signature_id: null, placement: 'none' });
    expect((await own.delete(path)).status).toBe(204);
    expect((await own.get(path)).json.code).toBe('templateNotFound');
  });

  const said = { name: 'x', template: 'x', category: 'notification' };

  test.each([
    ['template', { template: 'This is a test' }],
    ['template', { template: '【Acme】 hello' }],
    ['template', { template: '' }],
    ['template', { template: 'a'.repeat(2_001) }],
    ['name', { name: '' }],
    ['category', { category: 'other' }],
    ['country_codes.1', { country_codes: ['CN', 'XX'] }],
  ])('refuse a wrong %s', async (field, wrong) => {
    expect((await own.post('/templates', { ...said, ...wrong })).json).toMatchObject({ code: 'invalidField', field });
  });

  test('name an approved signature of their own business', async () => {
    const { json: pending } = await own.post('/signatures', signature());
    const of = (client: Client, id: number) => client.post('/templates', { ...said, signature_id: id });
    expect((await of(own, pending.id)).json.code).toBe('signatureNotApproved');
    expect((await of(stranger, await approvedSignature())).json.code).toBe('signatureNotFound');
  });

  test('are nobody else’s', async () => {
    const { json } = await own.post('/templates', said);
    await approve('templates', json.id);
    expect((await stranger.patch(`/templates/${json.id}`, { name: 'mine' })).json.code).toBe('templateNotFound');
    expect((await stranger.delete(`/templates/${json.id}`)).json.code).toBe('templateNotFound');
  });
});

describe('what a reviewer sees', () => {
  const waiting = async (kind: 'signatures' | 'templates', id: number) =>
    (await root.get('/review-queue')).json[kind].find((each: { id: number }) => each.id === id);

  test('a template that is changed stands beside the version that was approved last', async () => {
    const body = { name: 'order', template: 'Your order {id}', category: 'notification', description: 'orders' };
    const { id } = (await own.post('/templates', body)).json;
    expect((await waiting('templates', id)).approved).toBe(null);
    await approve('templates', id);
    await own.patch(`/templates/${id}`, { template: 'Your order {id} is on its way' });
    const { version, at, ...last } = (await waiting('templates', id)).approved;
    expect(last).toEqual({ ...body, signature_id: null, placement: 'none' });
    expect(version).toBe(1);
    expect(Date.parse(at)).toBeGreaterThan(0);
    await root.post(`/templates/${id}/review`, { state: 'rejected', reason: 'no' });
    await own.patch(`/templates/${id}`, { template: 'Order {id} is on its way' });
    expect((await waiting('templates', id)).approved).toMatchObject({ version: 1, template: 'Your order {id}' });
  });

  test('a signature likewise', async () => {
    const said = signature();
    const { id } = (await own.post('/signatures', said)).json;
    await approve('signatures', id);
    await own.patch(`/signatures/${id}`, { source: 'other', pics: [] });
    expect(await waiting('signatures', id)).toMatchObject({ source: 'other', pics: [], approved: said });
  });
});

describe('pictures', () => {
  const PNG = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  );
  const octets = { 'content-type': 'application/octet-stream' };

  test('are kept, and shown to their business and to reviewers', async () => {
    const kept = await own.upload('/pictures', PNG, octets);
    expect(kept.status).toBe(201);
    const path = `/pictures/${kept.json.picture_id}`;
    expect(kept.json.url).toBe(`/api/v1${path}`);
    for (const client of [own, root]) {
      const { json } = await client.get(path);
      expect(json).toMatchObject({ business_id: business.businessId, type: 'image/png' });
      expect(Buffer.from(json.data, 'base64').equals(PNG)).toBe(true);
    }
    expect((await stranger.get(path)).json.code).toBe('pictureNotFound');
  });

  test.each([
    ['text', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'no PNG'],
    ['nothing', Buffer.alloc(0), 'no PNG'],
    ['too much', Buffer.concat([PNG, Buffer.alloc(2_000_000)]), 'more than 2 MB'],
  ])('are refused when they are %s', async (_what, data, why) => {
    const { status, json } = await own.upload('/pictures', data, octets);
    expect([status, json.code]).toEqual([400, 'fileRefused']);
    expect(json.detail).toContain(why);
  });
});
