import { afterAll, beforeAll, expect, it } from 'vitest';
import { type House, startHouse, type TestBusiness } from '../house.ts';
import { type Client, type Login, nativeClients, rootOf } from './client.ts';
import { newSignature, newTemplate } from './seed.ts';

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

it('a signature waits in the queue, is decided, and its owner sees it', async () => {
  const id = await newSignature(house, business, 'Acme 快递');
  const waiting = (await root.get('/review-queue')).json.signatures;
  expect(waiting).toContainEqual(
    expect.objectContaining({
      id,
      user: business.user,
      signature: 'Acme 快递',
      source: 'trade register',
      review: 'pending',
    }),
  );

  const { checks } = waiting.find((item: { id: number }) => item.id === id);
  expect(checks).toEqual([{ name: 'evidence', good: false, found: '0' }]);

  const rejected = await root.post(`/signatures/${id}/review`, { state: 'rejected', reason: 'no proof' });
  expect(rejected.json).toMatchObject({ id, review: 'rejected', reject_reason: 'no proof' });
  expect((await own.get(`/signatures/${id}`)).json).toEqual(rejected.json);
  expect((await root.get('/review-queue')).json.signatures).toEqual([]);

  await root.post(`/signatures/${id}/review`, { state: 'approved' });
  expect((await own.get('/signatures')).json.items).toMatchObject([{ id, review: 'approved' }]);
});

it('a template waits in the queue, is decided, and its owner sees it', async () => {
  const [{ id: signatureId }] = (await own.get('/signatures')).json.items;
  const id = await newTemplate(house, business, signatureId, { template: 'Code {code}', type: 1 });
  expect((await root.get('/review-queue')).json).toMatchObject({
    signatures: [],
    templates: [
      { id, user: business.user, template: 'Code {code}', category: 'verification', signature_id: signatureId },
    ],
    next_cursor: null,
  });
  const decided = await root.post(`/templates/${id}/review`, { state: 'approved', reason: 'fine' });
  expect(decided.json).toMatchObject({ id, review: 'approved', placement: 'prefix' });
  expect((await own.get(`/templates/${id}`)).json).toEqual(decided.json);
  expect((await own.get('/templates')).json.items).toEqual([decided.json]);
});

it('a reviewer is told what to look at first, by any way in', async () => {
  const other = await house.createBusiness();
  const its = as(other);
  const signatureId = await newSignature(house, other, 'Acme 快递');
  await root.post(`/signatures/${signatureId}/review`, { state: 'approved' });
  const made = await its.post('/templates', {
    name: 'sale',
    template: `Half price at https://example.com ${'x'.repeat(200)}`,
    category: 'marketing',
    signature_id: signatureId,
  });
  const { json: signature } = await its.patch(`/signatures/${signatureId}`, { signature: 'Acme', source: 'register' });
  const { signatures, templates } = (await root.get('/review-queue')).json;
  expect(signatures.find((item: { id: number }) => item.id === signature.id).checks).toEqual([
    { name: 'evidence', good: false, found: '0' },
    { name: 'textChanged', good: false, found: 'Acme 快递' },
  ]);
  const { checks } = templates.find((item: { id: number }) => item.id === made.json.id);
  expect(checks.filter(({ good }: { good: boolean }) => !good)).toEqual([
    { name: 'length', good: false, found: '4' },
    { name: 'link', good: false, found: 'https://example.com' },
    { name: 'description', good: false, found: '' },
    { name: 'optOut', good: false, found: '' },
  ]);
  for (const kind of ['signatures', 'templates']) {
    const id = kind === 'signatures' ? signature.id : made.json.id;
    expect((await root.post(`/${kind}/${id}/review`, { state: 'approved' })).status).toBe(200);
  }
});

it("others' look as if they did not exist; the administrator sees all", async () => {
  const [{ id: signatureId }] = (await own.get('/signatures')).json.items;
  const [{ id: templateId }] = (await own.get('/templates')).json.items;
  expect((await stranger.get(`/signatures/${signatureId}`)).json).toEqual(
    (await stranger.get('/signatures/999999')).json,
  );
  expect((await stranger.get(`/templates/${templateId}`)).status).toBe(404);
  expect((await stranger.get('/signatures')).json.items).toEqual([]);
  expect((await root.get(`/signatures/${signatureId}`)).status).toBe(200);
  expect((await root.get('/signatures')).json.items).toEqual([]);
  expect((await root.get(`/signatures?business_id=${business.businessId}`)).json.items).toHaveLength(1);
  expect((await root.get(`/templates?business_id=${business.businessId}`)).json.items).toHaveLength(1);
});

it('refuses decisions that are none, and decisions on nothing', async () => {
  const [{ id }] = (await own.get('/signatures')).json.items;
  expect((await root.post(`/signatures/${id}/review`, { state: 'pending' })).json.field).toBe('state');
  expect((await root.post(`/signatures/${id}/review`, {})).json.field).toBe('state');
  expect(
    (await root.post(`/signatures/${id}/review`, { state: 'rejected', reason: 'x'.repeat(2_001) })).json.field,
  ).toBe('reason');
  expect((await root.post('/signatures/999999/review', { state: 'approved' })).json.code).toBe('signatureNotFound');
  expect((await root.post('/templates/999999/review', { state: 'approved' })).json.code).toBe('templateNotFound');
});

it('lists and queue go page by page, each item once', async () => {
  const busy = await house.createBusiness();
  const ids: number[] = [];
  for (const text of ['One', 'Two', 'Three']) ids.push(await newSignature(house, busy, text));

  const first = (await as(busy).get('/signatures?limit=2')).json;
  const second = (await as(busy).get(`/signatures?limit=2&cursor=${first.next_cursor}`)).json;
  const listed = [...first.items, ...second.items].map((item) => item.id);
  expect(listed).toEqual(ids.toReversed());
  expect(second.next_cursor).toBeNull();

  const queued: number[] = [];
  let path = '/review-queue?limit=2';
  for (;;) {
    const { signatures, next_cursor } = (await root.get(path)).json;
    queued.push(...signatures.map((item: { id: number }) => item.id));
    if (next_cursor === null) break;
    path = `/review-queue?limit=2&cursor=${next_cursor}`;
  }
  expect(queued).toEqual(ids);
});
