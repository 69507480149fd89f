import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, startHouse } from '../house.ts';
import { type Account, idIn, newAccount, OK, reviewSignature, reviewTemplate, said, templateOf } from './dialect.ts';

const PATH = '/v1/template';

let house: House;
let account: Account;
let signId: number;
beforeAll(async () => {
  house = await startHouse();
  account = await newAccount(house);
  signId = await account.signature();
});
afterAll(() => house.stop());

const NO_TEXTS: unknown[] = [undefined, null, '', '  ', 1, 1.5, true, [], ['x'], {}];
const NO_IDS: unknown[] = [undefined, null, '', 'x', ' 1', '1.0', true, [], [1], {}, 1.5, 2 ** 53];
/** Types that are there and are none of 1, 2, 3. */
const NO_TYPES: unknown[] = [0, 4, -1, 1.5, 1e300, '0', '4', '01', '1 ', 'verification', true, false, [], [1], {}];

describe('POST /v1/template', () => {
  it('answers with the id and waits for review', async () => {
    const id = idIn(await account.post(PATH, templateOf(signId)), 'temp_id');
    expect(await account.item(PATH, id)).toMatchObject({ audit_status: 'reviewing', reject_reason: '' });
  });

  it.each(['name', 'template', 'description'])('refuses what is no text as %s', async (field) => {
    const before = (await account.items(PATH)).length;
    for (const value of NO_TEXTS) {
      expect([value, said(await account.post(PATH, templateOf(signId, { [field]: value })))]).toEqual([
        value,
        'ER:0021',
      ]);
    }
    expect((await account.items(PATH)).length).toBe(before);
  });

  it.each(NO_IDS)('refuses sign_id %j', async (sign_id) => {
    expect(said(await account.post(PATH, templateOf(signId, { sign_id })))).toBe('ER:0021');
  });

  it.each([undefined, null])('refuses type %j as missing', async (type) => {
    expect(said(await account.post(PATH, templateOf(signId, { type })))).toBe('ER:0021');
  });

  it.each(NO_TYPES)('refuses type %j', async (type) => {
    expect(said(await account.post(PATH, templateOf(signId, { type })))).toBe('ER:0022');
  });

  it.each([1, 2, 3, '1', '2', '3'])('takes type %j', async (type) => {
    const id = idIn(await account.post(PATH, templateOf(signId, { type })), 'temp_id');
    expect(await account.item(PATH, id)).toMatchObject({ type: Number(type) });
  });

  it('counts lengths in code points', async () => {
    for (const [field, length] of [
      ['name', 255],
      ['template', 2_000],
      ['description', 2_000],
    ] as const) {
      for (const character of ['a', '星', '😀']) {
        const fits = templateOf(signId, { [field]: character.repeat(length) });
        idIn(await account.post(PATH, fits), 'temp_id');
        const long = templateOf(signId, { [field]: character.repeat(length + 1) });
        expect(said(await account.post(PATH, long))).toBe('ER:0021');
      }
    }
  });

  it.each([[null], [[]], [[{}]], ['x'], [1], [true]])('refuses %j instead of an object', async (body) => {
    expect(said(await account.post(PATH, body))).toBe('ER:0021');
  });

  it('refuses the signature of another, of nobody and of the past alike', async () => {
    const foreign = await (await newAccount(house)).signature();
    const deleted = await account.signature();
    await account.delete('/v1/signature', { sign_id: deleted });
    for (const sign_id of [foreign, deleted, 999_999, 0, -1]) {
      expect(said(await account.post(PATH, templateOf(sign_id)))).toBe('ER:0023');
    }
  });

  it('refuses a signature that is not passed', async () => {
    for (const verdict of ['rejected', null] as const) {
      expect(said(await account.post(PATH, templateOf(await account.signature(verdict))))).toBe('ER:0031');
    }
  });

  it('looks at fields, then type, then whose the signature is, then its state', async () => {
    expect(said(await account.post(PATH, templateOf(999_999, { name: '', type: 9 })))).toBe('ER:0021');
    expect(said(await account.post(PATH, templateOf(999_999, { type: 9 })))).toBe('ER:0022');
    const foreign = await (await newAccount(house)).signature(null);
    expect(said(await account.post(PATH, templateOf(foreign)))).toBe('ER:0023');
  });
});

describe('GET /v1/template', () => {
  it('shows exactly the documented fields', async () => {
    const owner = await newAccount(house);
    const sign_id = await owner.signature();
    const fields = { name: '验证码', template: '您的验证码是{code}。', type: 2, description: '登录' };
    const before = Math.floor(Date.now() / 1000);
    const id = idIn(await owner.post(PATH, { ...fields, sign_id }), 'temp_id');
    const answer = await owner.get(PATH);
    expect(answer.json).toEqual({
      items: [
        {
          id: String(id),
          name: fields.name,
          audit_status: 'reviewing',
          reject_reason: '',
          type: 2,
          sign_id: String(sign_id),
          template: fields.template,
          created_at: expect.stringMatching(/^[0-9]+$/),
          updated_at: expect.stringMatching(/^[0-9]+$/),
        },
      ],
      total: 1,
      page: 1,
      page_size: 1,
    });
    const { created_at, updated_at } = answer.json.items[0];
    expect(Number(created_at) >= before && Number(created_at) <= Date.now() / 1000).toBe(true);
    expect(updated_at).toBe(created_at);
  });

  it('is empty for a new account', async () => {
    expect((await (await newAccount(house)).get(PATH)).text).toBe('{"items":[],"total":0,"page":1,"page_size":0}');
  });

  it('lists newest first, all of them or a part, and never those of others or deleted ones', async () => {
    const owner = await newAccount(house);
    const sign_id = await owner.signature();
    const ids: number[] = [];
    for (let i = 0; i < 5; i++) ids.unshift(await owner.template(sign_id, `t${i}`, null));
    const gone = ids.splice(2, 1)[0];
    expect(said(await owner.delete(PATH, { sign_id, temp_id: gone }))).toBe(OK);
    const idsOf = (answer: Awaited<ReturnType<Account['get']>>) =>
      answer.json.items.map((each: { id: string }) => Number(each.id));
    expect(idsOf(await owner.get(PATH))).toEqual(ids);
    const part = await owner.get(`${PATH}?page=2&page_size=3`);
    expect(idsOf(part)).toEqual(ids.slice(3));
    expect(part.json).toMatchObject({ total: 4, page: 2, page_size: 3 });
    expect(await account.item(PATH, ids[0]!)).toBeUndefined();
    expect(said(await owner.get(`${PATH}?page=0`))).toBe('ER:0004');
  });
});

describe('PUT /v1/template', () => {
  it('changes everything of a decided template and puts it under review again', async () => {
    const temp_id = await account.template(signId, 'x', null);
    await reviewTemplate(house, temp_id, 'rejected', '内容不符');
    const before = await account.item(PATH, temp_id);
    const other = await account.signature();
    const fields = { name: '新', template: '新文本{a}', type: 3, description: '新的', sign_id: other, temp_id };
    expect((await account.put(PATH, fields)).text).toBe(`{"temp_id":${temp_id}}`);
    expect(await account.item(PATH, temp_id)).toEqual({
      ...before,
      name: '新',
      template: '新文本{a}',
      type: 3,
      sign_id: String(other),
      audit_status: 'reviewing',
      reject_reason: '内容不符',
      updated_at: expect.any(String),
    });
    await reviewTemplate(house, temp_id, 'passed');
    expect(await account.item(PATH, temp_id)).toMatchObject({ audit_status: 'passed', reject_reason: '' });
  });

  it.each(['name', 'template', 'description'])('refuses what is no text as %s', async (field) => {
    const temp_id = await account.template(signId);
    const before = await account.item(PATH, temp_id);
    for (const value of NO_TEXTS) {
      const answer = await account.put(PATH, templateOf(signId, { temp_id, [field]: value }));
      expect([value, said(answer)]).toEqual([value, 'ER:0021']);
    }
    expect(await account.item(PATH, temp_id)).toEqual(before);
  });

  it.each(NO_IDS)('refuses temp_id and sign_id %j', async (id) => {
    const temp_id = await account.template(signId);
    expect(said(await account.put(PATH, templateOf(signId, { temp_id: id })))).toBe('ER:0021');
    expect(said(await account.put(PATH, templateOf(signId, { temp_id, sign_id: id })))).toBe('ER:0021');
  });

  it.each(NO_TYPES)('refuses type %j', async (type) => {
    expect(said(await account.put(PATH, templateOf(signId, { temp_id: 999_999, type })))).toBe('ER:0022');
  });

  it.each([[null], [[]], ['x'], [1]])('refuses %j instead of an object', async (body) => {
    expect(said(await account.put(PATH, body))).toBe('ER:0021');
  });

  it('takes numbers as strings of digits', async () => {
    const temp_id = await account.template(signId);
    const fields = templateOf(signId, { temp_id: String(temp_id), sign_id: String(signId), type: '2' });
    expect((await account.put(PATH, fields)).text).toBe(`{"temp_id":${temp_id}}`);
  });

  it('looks at fields, type, signature, template, its state, the state of the signature, in this order', async () => {
    const other = await newAccount(house);
    const foreignSign = await other.signature();
    const foreignTemplate = await other.template(foreignSign);
    const reviewing = await account.template(signId, 'x', null);
    const decided = await account.template(signId);
    const pendingSign = await account.signature(null);
    const put = async (fields: Record<string, unknown>) => said(await account.put(PATH, templateOf(signId, fields)));

    expect(await put({ name: '', type: 9, sign_id: foreignSign, temp_id: foreignTemplate })).toBe('ER:0021');
    expect(await put({ temp_id: undefined, type: 9, sign_id: foreignSign })).toBe('ER:0021');
    expect(await put({ type: 9, sign_id: foreignSign, temp_id: foreignTemplate })).toBe('ER:0022');
    expect(await put({ sign_id: foreignSign, temp_id: foreignTemplate })).toBe('ER:0023');
    expect(await put({ sign_id: 999_999, temp_id: foreignTemplate })).toBe('ER:0023');
    for (const temp_id of [foreignTemplate, 999_999, 0, -1]) {
      expect(await put({ sign_id: pendingSign, temp_id })).toBe('ER:0024');
    }
    expect(await put({ sign_id: pendingSign, temp_id: reviewing })).toBe('ER:0025');
    expect(await put({ temp_id: reviewing })).toBe('ER:0025');
    expect(await put({ sign_id: pendingSign, temp_id: decided })).toBe('ER:0031');
    expect(await account.item(PATH, decided)).toMatchObject({ audit_status: 'passed', sign_id: String(signId) });
  });

  it('refuses a template that is gone', async () => {
    const temp_id = await account.template(signId);
    await account.delete(PATH, { sign_id: signId, temp_id });
    expect(said(await account.put(PATH, templateOf(signId, { temp_id })))).toBe('ER:0024');
  });

  it('needs the signature to be passed at the time', async () => {
    const sign_id = await account.signature();
    const temp_id = await account.template(sign_id);
    await reviewSignature(house, sign_id, 'rejected');
    expect(said(await account.put(PATH, templateOf(sign_id, { temp_id })))).toBe('ER:0031');
  });
});

describe('DELETE /v1/template', () => {
  it.each(['passed', 'rejected', null] as const)('takes a %s one away', async (verdict) => {
    const temp_id = await account.template(signId, 'x', verdict);
    const answer = await account.delete(PATH, { sign_id: signId, temp_id });
    expect([answer.status, answer.text]).toEqual([200, 'ok']);
    expect(await account.item(PATH, temp_id)).toBeUndefined();
    expect(said(await account.delete(PATH, { sign_id: signId, temp_id }))).toBe('ER:0024');
  });

  it.each(NO_IDS)('refuses %j as either id', async (id) => {
    const temp_id = await account.template(signId);
    expect(said(await account.delete(PATH, { sign_id: signId, temp_id: id }))).toBe('ER:0004');
    expect(said(await account.delete(PATH, { sign_id: id, temp_id }))).toBe('ER:0004');
    expect(await account.item(PATH, temp_id)).toBeDefined();
  });

  it('refuses a signature that is not the own, then a template that is not of it', async () => {
    const other = await newAccount(house);
    const foreignSign = await other.signature();
    const foreignTemplate = await other.template(foreignSign);
    const temp_id = await account.template(signId);
    const otherSign = await account.signature();
    expect(said(await account.delete(PATH, { sign_id: foreignSign, temp_id }))).toBe('ER:0023');
    expect(said(await account.delete(PATH, { sign_id: foreignSign, temp_id: foreignTemplate }))).toBe('ER:0023');
    expect(said(await account.delete(PATH, { sign_id: 999_999, temp_id: 999_999 }))).toBe('ER:0023');
    expect(said(await account.delete(PATH, { sign_id: signId, temp_id: foreignTemplate }))).toBe('ER:0024');
    expect(said(await account.delete(PATH, { sign_id: signId, temp_id: 999_999 }))).toBe('ER:0024');
    expect(said(await account.delete(PATH, { sign_id: otherSign, temp_id }))).toBe('ER:0024');
    expect(await account.item(PATH, temp_id)).toBeDefined();
    expect(await other.item(PATH, foreignTemplate)).toBeDefined();
    expect(said(await account.delete(PATH, { sign_id: String(signId), temp_id: String(temp_id) }))).toBe(OK);
  });
});
