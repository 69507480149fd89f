import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, startHouse } from '../house.ts';
import { type Account, idIn, newAccount, OK, reviewSignature, rootOf, said, templateOf } from './dialect.ts';

const PATH = '/v1/signature';
const VALID = { signature: '星河', source: '官网', pics: ['https://example.com/a.png'] };

let house: House;
let account: Account;
beforeAll(async () => {
  house = await startHouse();
  account = await newAccount(house);
});
afterAll(() => house.stop());

/** Values no required text field takes. */
const NO_TEXTS: unknown[] = [undefined, null, '', '  ', 1, 1.5, true, false, [], ['x'], {}, { a: 1 }];
/** Values that are no id of anything. */
const NO_IDS: unknown[] = [undefined, null, '', 'x', ' 1', '1.0', true, [], [1], {}, 1.5, 2 ** 53, '9007199254740993'];

describe('POST /v1/signature', () => {
  it('answers with the id, a JSON integer, and waits for review', async () => {
    const id = idIn(await account.post(PATH, VALID), 'sign_id');
    expect(await account.item(PATH, id)).toMatchObject({ audit_status: 'reviewing', reject_reason: '' });
  });

  it.each(NO_TEXTS)('refuses %j as signature or source', async (value) => {
    const before = (await account.items(PATH)).length;
    expect(said(await account.post(PATH, { ...VALID, signature: value }))).toBe('ER:0004');
    expect(said(await account.post(PATH, { ...VALID, source: value }))).toBe('ER:0004');
    expect((await account.items(PATH)).length).toBe(before);
  });

  it('never refuses a repeated text', async () => {
    const first = idIn(await account.post(PATH, VALID), 'sign_id');
    const second = idIn(await account.post(PATH, VALID), 'sign_id');
    expect(second).toBeGreaterThan(first);
  });

  it('takes pics or none', async () => {
    for (const pics of [undefined, null, [], [''], ['a'.repeat(2_000)], Array(10).fill('x')]) {
      idIn(await account.post(PATH, { ...VALID, pics }), 'sign_id');
    }
  });

  it.each([
    [''],
    ['x'],
    [1],
    [true],
    [{}],
    [[1]],
    [[null]],
    [['x', {}]],
    [[['x']]],
    [['a'.repeat(2_001)]],
    [Array(11).fill('x')],
  ])('refuses pics %j', async (pics) => {
    expect(said(await account.post(PATH, { ...VALID, pics }))).toBe('ER:0004');
  });

  it('counts lengths in code points', async () => {
    for (const character of ['a', '星', '😀']) {
      idIn(await account.post(PATH, { signature: character.repeat(60), source: character.repeat(255) }), 'sign_id');
      const long = { signature: character.repeat(61), source: 'x' };
      expect(said(await account.post(PATH, long))).toBe('ER:0004');
      expect(said(await account.post(PATH, { signature: 'x', source: character.repeat(256) }))).toBe('ER:0004');
    }
    idIn(await account.post(PATH, { signature: 'x', source: 'y' }), 'sign_id');
  });

  it.each(['【', '】', '[', ']'])('refuses %s in the text, which gets its brackets from us', async (bracket) => {
    for (const signature of [bracket, `a${bracket}`, `${bracket}a`, `a${bracket}a`]) {
      expect(said(await account.post(PATH, { ...VALID, signature }))).toBe('ER:0004');
    }
  });

  it('ignores fields it does not know', async () => {
    const id = idIn(await account.post(PATH, { ...VALID, id: 1, audit_status: 'passed', user: 'root' }), 'sign_id');
    expect(await account.item(PATH, id)).toMatchObject({ audit_status: 'reviewing' });
  });
});

describe('GET /v1/signature', () => {
  it('shows exactly the documented fields', async () => {
    const owner = await newAccount(house);
    const before = Math.floor(Date.now() / 1000);
    const id = idIn(await owner.post(PATH, VALID), 'sign_id');
    const answer = await owner.get(PATH);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    expect(answer.json).toEqual({
      items: [
        {
          id: String(id),
          signature: VALID.signature,
          source: VALID.source,
          audit_status: 'reviewing',
          reject_reason: '',
          created_at: expect.any(Number),
          updated_at: expect.any(Number),
        },
      ],
      total: 1,
      page: 1,
      page_size: 1,
    });
    const { created_at, updated_at } = answer.json.items[0];
    expect(Number.isInteger(created_at) && created_at >= before && created_at <= Date.now() / 1000).toBe(true);
    expect(updated_at).toBe(created_at);
  });

  it('is empty for a new account', async () => {
    const answer = await (await newAccount(house)).get(PATH);
    expect(answer.text).toBe('{"items":[],"total":0,"page":1,"page_size":0}');
  });

  it('lists newest first, all of them or a part', async () => {
    const owner = await newAccount(house);
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) ids.unshift(String(await owner.signature(null, `s${i}`)));
    const idsOf = (answer: Awaited<ReturnType<Account['get']>>) =>
      answer.json.items.map((each: { id: string }) => each.id);
    const all = await owner.get(PATH);
    expect(idsOf(all)).toEqual(ids);
    expect(all.json).toMatchObject({ total: 5, page: 1, page_size: 5 });
    const second = await owner.get(`${PATH}?page=2&page_size=2`);
    expect(idsOf(second)).toEqual(ids.slice(2, 4));
    expect(second.json).toMatchObject({ total: 5, page: 2, page_size: 2 });
    const last = await owner.get(`${PATH}?page=3&page_size=2`);
    expect(idsOf(last)).toEqual(ids.slice(4));
    const beyond = await owner.get(`${PATH}?page=4&page_size=2`);
    expect(beyond.json).toEqual({ items: [], total: 5, page: 4, page_size: 2 });
    expect((await owner.get(`${PATH}?page_size=3`)).json).toMatchObject({ page: 1, page_size: 3 });
    expect((await owner.get(`${PATH}?page=1`)).json).toMatchObject({ total: 5, page: 1, page_size: 100 });
  });

  it.each(['page=0', 'page=-1', 'page=x', 'page=1.5', 'page_size=0', 'page_size=1001', 'page=1&page=2', 'page=1e99'])(
    'refuses ?%s',
    async (query) => {
      expect(said(await account.get(`${PATH}?${query}`))).toBe('ER:0004');
    },
  );

  it('shows only what is the own and not deleted', async () => {
    const owner = await newAccount(house);
    const kept = await owner.signature();
    const gone = await owner.signature();
    expect(said(await owner.delete(PATH, { sign_id: gone }))).toBe(OK);
    expect((await owner.get(PATH)).json).toMatchObject({ items: [{ id: String(kept) }], total: 1 });
    expect(await (await newAccount(house)).items(PATH)).toEqual([]);
    expect(await rootOf(house).item(PATH, kept)).toBeUndefined();
  });
});

describe('PUT /v1/signature', () => {
  it('changes a decided signature and puts it under review again, the last reason staying visible', async () => {
    const id = await account.signature(null);
    await reviewSignature(house, id, 'rejected', '资质不符');
    const before = await account.item(PATH, id);
    const answer = await account.put(PATH, { sign_id: id, signature: '新名', source: '新站' });
    expect(answer.text).toBe(`{"sign_id":${id}}`);
    expect(await account.item(PATH, id)).toEqual({
      ...before,
      signature: '新名',
      source: '新站',
      audit_status: 'reviewing',
      reject_reason: '资质不符',
      updated_at: expect.any(Number),
    });
    await reviewSignature(house, id, 'passed');
    expect(await account.item(PATH, id)).toMatchObject({ audit_status: 'passed', reject_reason: '' });
  });

  it('keeps pics that are absent or null, and takes new ones or none', async () => {
    const id = await account.signature();
    for (const pics of [undefined, null, [], ['x']]) {
      idIn(await account.put(PATH, { sign_id: id, signature: 's', source: 's', pics }), 'sign_id');
      await reviewSignature(house, id, 'passed');
    }
    expect(said(await account.put(PATH, { sign_id: id, signature: 's', source: 's', pics: 'x' }))).toBe('ER:0004');
  });

  it.each(NO_IDS)('refuses sign_id %j', async (sign_id) => {
    expect(said(await account.put(PATH, { ...VALID, sign_id }))).toBe('ER:0004');
  });

  it.each(NO_TEXTS)('refuses %j as signature or source', async (value) => {
    const id = await account.signature();
    const before = await account.item(PATH, id);
    expect(said(await account.put(PATH, { ...VALID, sign_id: id, signature: value }))).toBe('ER:0004');
    expect(said(await account.put(PATH, { ...VALID, sign_id: id, source: value }))).toBe('ER:0004');
    expect(await account.item(PATH, id)).toEqual(before);
  });

  it('refuses brackets and lengths as in creating, before it looks for the signature', async () => {
    for (const signature of ['a[b', '【a】', 'x'.repeat(61)]) {
      expect(said(await account.put(PATH, { ...VALID, sign_id: 999_999, signature }))).toBe('ER:0004');
    }
    expect(said(await account.put(PATH, { ...VALID, sign_id: 999_999, source: 'x'.repeat(256) }))).toBe('ER:0004');
  });

  it('takes sign_id as a string of digits', async () => {
    const id = await account.signature();
    expect((await account.put(PATH, { ...VALID, sign_id: String(id) })).text).toBe(`{"sign_id":${id}}`);
  });

  it('refuses unknown, foreign, deleted and reviewing ones alike', async () => {
    const foreign = await (await newAccount(house)).signature();
    const deleted = await account.signature();
    await account.delete(PATH, { sign_id: deleted });
    const reviewing = await account.signature(null);
    for (const sign_id of [foreign, deleted, reviewing, 999_999, 0, -1, 2 ** 53 - 1]) {
      expect([sign_id, said(await account.put(PATH, { ...VALID, sign_id }))]).toEqual([sign_id, 'ER:0011']);
    }
    expect(await account.item(PATH, reviewing)).toMatchObject({ signature: '签名' });
  });
});

describe('DELETE /v1/signature', () => {
  it.each(['passed', 'rejected', null] as const)('takes a %s one away', async (verdict) => {
    const id = await account.signature(verdict);
    const answer = await account.delete(PATH, { sign_id: id });
    expect([answer.status, answer.text]).toEqual([200, 'ok']);
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain/);
    expect(await account.item(PATH, id)).toBeUndefined();
    expect(said(await account.delete(PATH, { sign_id: id }))).toBe('ER:0012');
  });

  it.each(NO_IDS)('refuses sign_id %j', async (sign_id) => {
    expect(said(await account.delete(PATH, { sign_id }))).toBe('ER:0004');
  });

  it('refuses unknown and foreign ones alike', async () => {
    const other = await newAccount(house);
    const foreign = await other.signature();
    for (const sign_id of [foreign, 999_999, 0, -1, String(foreign)]) {
      expect(said(await account.delete(PATH, { sign_id }))).toBe('ER:0012');
    }
    expect(await other.item(PATH, foreign)).toBeDefined();
  });

  it('refuses one that a live template names', async () => {
    const id = await account.signature();
    const temp_id = await account.template(id, 'x', null);
    expect(said(await account.delete(PATH, { sign_id: id }))).toBe('ER:0012');
    await account.delete('/v1/template', { sign_id: id, temp_id });
    expect(said(await account.delete(PATH, { sign_id: id }))).toBe(OK);
    expect(said(await account.post('/v1/template', templateOf(id)))).toBe('ER:0023');
  });
});
