import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, startHouse } from '../house.ts';
import {
  type Account,
  APPROVED,
  idIn,
  newAccount,
  OK,
  PENDING,
  REJECTED,
  reviewSign,
  rootOf,
  SIGNS,
  said,
  signedBy,
} from './dialect.ts';

const NOT_THERE = '400 sign config not exist';

let house: House;
let account: Account;
beforeAll(async () => {
  house = await startHouse();
  account = await newAccount(house);
});
afterAll(() => house.stop());

/** Ids of nothing, however many digits they have. */
const NOBODYS = ['0', '999999999', '007', '9007199254740993', '1'.repeat(400)];
const NO_IDS = ['x', '1x', '-1', '1.0', '1e3', '%20', '+1', '0x1', '１', 'null', '1,2', `${'9'.repeat(200)}a`];

describe('creating a signature', () => {
  it('answers with its id and waits for review', async () => {
    const before = Math.floor(Date.now() / 1000);
    const id = idIn(await account.post(SIGNS, { sign_name: '星河' }), 'sign_id');
    const sign = await account.one(SIGNS, id);
    expect(sign).toEqual({
      sign_id: id,
      sign_name: '星河',
      status: PENDING,
      related_template_count: 0,
      audit_remark: '',
      created_time: expect.any(Number),
      updated_time: sign.created_time,
    });
    expect(Number.isInteger(sign.created_time)).toBe(true);
    expect(sign.created_time as number).toBeGreaterThanOrEqual(before);
    expect(sign.created_time as number).toBeLessThanOrEqual(Date.now() / 1000);
  });

  it.each([undefined, null, '', '  ', '\u3000'])('needs a name: %j', async (sign_name) => {
    expect(said(await account.post(SIGNS, { sign_name }))).toBe('400 sign_name is required');
  });

  it.each([1, 1.5, true, false, [], ['xx'], {}, { a: 1 }])('takes only a text for a name: %j', async (sign_name) => {
    expect(said(await account.post(SIGNS, { sign_name }))).toBe('400 sign_name must be a string');
  });

  it('counts 2 to 60 code points after trimming', async () => {
    const length = '400 sign_name must have 2 to 60 characters';
    for (const character of ['a', '星', '😀']) {
      idIn(await account.post(SIGNS, { sign_name: character.repeat(2) }), 'sign_id');
      idIn(await account.post(SIGNS, { sign_name: `  ${character.repeat(60)}\n` }), 'sign_id');
      expect(said(await account.post(SIGNS, { sign_name: character }))).toBe(length);
      expect(said(await account.post(SIGNS, { sign_name: ` ${character} ` }))).toBe(length);
      expect(said(await account.post(SIGNS, { sign_name: character.repeat(61) }))).toBe(length);
    }
  });

  it('keeps the trimmed name', async () => {
    const id = idIn(await account.post(SIGNS, { sign_name: ' \u3000Two words\t' }), 'sign_id');
    expect(await account.one(SIGNS, id)).toMatchObject({ sign_name: 'Two words' });
  });

  it.each(['【', '】', '[', ']'])('refuses %s, and names it', async (bracket) => {
    for (const sign_name of [`${bracket}ab`, `a${bracket}b`, `ab${bracket}`]) {
      expect(said(await account.post(SIGNS, { sign_name }))).toBe(`400 sign_name must not contain "${bracket}"`);
    }
  });

  it('refuses a name that another one of the account has, exactly', async () => {
    const taken = '400 sign_name already exist';
    const first = await account.sign(null, 'Café');
    for (const sign_name of ['Café', ' Café ']) expect(said(await account.post(SIGNS, { sign_name }))).toBe(taken);
    for (const sign_name of ['café', 'Cafe\u0301', 'Cafe']) {
      idIn(await account.post(SIGNS, { sign_name }), 'sign_id');
    }
    idIn(await (await newAccount(house)).post(SIGNS, { sign_name: 'Café' }), 'sign_id');
    await account.delete(`${SIGNS}/${first}`);
    idIn(await account.post(SIGNS, { sign_name: 'Café' }), 'sign_id');
  });

  it('makes one of many that come at once with one name', async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => account.post(SIGNS, { sign_name: 'All at once' })),
    );
    const good = answers.filter(({ status }) => status === 200);
    expect(good.length).toBe(1);
    expect(new Set(answers.filter((each) => each !== good[0]).map(said))).toEqual(
      new Set(['400 sign_name already exist']),
    );
  });

  it('ignores fields it does not know', async () => {
    const fields = { sign_id: '1', status: 2, source: 'x', pics: 5, related_template_count: 9 };
    const id = idIn(await account.post(SIGNS, { sign_name: 'extra', ...fields }), 'sign_id');
    expect(await account.one(SIGNS, id)).toMatchObject({ status: PENDING, related_template_count: 0 });
  });
});

describe('looking at signatures', () => {
  it('is empty for a new account', async () => {
    expect((await (await newAccount(house)).get(SIGNS)).text).toBe('[]');
  });

  it('lists all the own ones, newest first, as they look alone', async () => {
    const owner = await newAccount(house);
    const ids: string[] = [];
    for (let i = 0; i < 4; i++) ids.unshift(await owner.sign(null, `sign ${i}`));
    await owner.delete(`${SIGNS}/${ids[1]}`);
    const list = await owner.list(SIGNS);
    expect(list.map(({ sign_id }) => sign_id)).toEqual([ids[0], ids[2], ids[3]]);
    for (const sign of list) expect(await owner.one(SIGNS, sign.sign_id as string)).toEqual(sign);
    expect((await owner.get(`${SIGNS}?page=2&page_size=1`)).json).toEqual(list);
  });

  it('shows what reviewers said', async () => {
    const id = await account.sign(null);
    await reviewSign(house, id, 'rejected', 'no proof');
    expect(await account.one(SIGNS, id)).toMatchObject({ status: REJECTED, audit_remark: 'no proof' });
    await reviewSign(house, id, 'passed');
    expect(await account.one(SIGNS, id)).toMatchObject({ status: APPROVED, audit_remark: '' });
  });

  it('counts the live templates that name it', async () => {
    const id = await account.sign();
    const templates = [];
    for (let i = 0; i < 3; i++) templates.push(await account.template(signedBy(id), null));
    expect(await account.one(SIGNS, id)).toMatchObject({ related_template_count: 3 });
    await account.delete(`/v1/template-configs/${templates[0]}`);
    expect(await account.one(SIGNS, id)).toMatchObject({ related_template_count: 2 });
    expect((await account.list(SIGNS)).find(({ sign_id }) => sign_id === id)).toMatchObject({
      related_template_count: 2,
    });
  });
});

describe('one signature', () => {
  it('is looked for by digits only', async () => {
    for (const id of NO_IDS) {
      expect([id, said(await account.get(`${SIGNS}/${id}`))]).toEqual([id, '400 invalid signId']);
      expect(said(await account.put(`${SIGNS}/${id}`, { sign_name: 'xx' }))).toBe('400 invalid signId');
      expect(said(await account.delete(`${SIGNS}/${id}`))).toBe('400 invalid signId');
    }
    expect(said(await account.get(`${SIGNS}/`))).toBe('400 invalid signId');
    expect(said(await account.get(`${SIGNS}/%zz`))).toBe('400 invalid signId');
  });

  it('that is unknown, deleted or another account’s is not there', async () => {
    const other = await newAccount(house);
    const foreign = await other.sign();
    const deleted = await account.sign();
    await account.delete(`${SIGNS}/${deleted}`);
    for (const id of [...NOBODYS, foreign, deleted]) {
      expect([id, said(await account.get(`${SIGNS}/${id}`))]).toEqual([id, NOT_THERE]);
      expect(said(await account.put(`${SIGNS}/${id}`, { sign_name: 'xx' }))).toBe(NOT_THERE);
      expect(said(await account.delete(`${SIGNS}/${id}`))).toBe(NOT_THERE);
    }
    expect(said(await rootOf(house).get(`${SIGNS}/${foreign}`))).toBe(NOT_THERE);
    expect(await other.one(SIGNS, foreign)).toMatchObject({ status: APPROVED });
  });
});

describe('changing a signature', () => {
  it.each(['passed', 'rejected'] as const)('that is %s puts it under review again', async (verdict) => {
    const id = await account.sign(null);
    await reviewSign(house, id, verdict, 'because');
    expect(said(await account.put(`${SIGNS}/${id}`, { sign_name: `new ${verdict}` }))).toBe(OK);
    expect(await account.one(SIGNS, id)).toMatchObject({ status: PENDING, sign_name: `new ${verdict}` });
  });

  it('waits for its reviewer', async () => {
    const id = await account.sign(null, 'under review');
    expect(said(await account.put(`${SIGNS}/${id}`, { sign_name: 'other' }))).toBe(
      '400 can not update pending status sign',
    );
    expect(await account.one(SIGNS, id)).toMatchObject({ sign_name: 'under review' });
  });

  it('may keep its own name, and takes no other’s', async () => {
    const id = await account.sign('passed', 'mine');
    await account.sign(null, 'theirs');
    expect(said(await account.put(`${SIGNS}/${id}`, { sign_name: 'theirs' }))).toBe('400 sign_name already exist');
    expect(await account.one(SIGNS, id)).toMatchObject({ sign_name: 'mine', status: APPROVED });
    expect(said(await account.put(`${SIGNS}/${id}`, { sign_name: ' mine ' }))).toBe(OK);
    expect(await account.one(SIGNS, id)).toMatchObject({ sign_name: 'mine', status: PENDING });
  });

  it('has the rules of creating one', async () => {
    const id = await account.sign();
    for (const [sign_name, message] of [
      [undefined, 'sign_name is required'],
      [5, 'sign_name must be a string'],
      ['x', 'sign_name must have 2 to 60 characters'],
      ['x[y', 'sign_name must not contain "["'],
    ]) {
      expect(said(await account.put(`${SIGNS}/${id}`, { sign_name }))).toBe(`400 ${message}`);
    }
    expect(await account.one(SIGNS, id)).toMatchObject({ status: APPROVED });
  });
});

describe('deleting a signature', () => {
  it.each(['passed', 'rejected', null] as const)('that is %s takes it away', async (verdict) => {
    const id = await account.sign(verdict);
    expect(said(await account.delete(`${SIGNS}/${id}`))).toBe(OK);
    expect(said(await account.get(`${SIGNS}/${id}`))).toBe(NOT_THERE);
  });

  it('is refused while live templates name it', async () => {
    const id = await account.sign();
    const template = await account.template(signedBy(id), null);
    expect(said(await account.delete(`${SIGNS}/${id}`))).toBe('400 sign config is used by templates, can not delete');
    await account.delete(`/v1/template-configs/${template}`);
    expect(said(await account.delete(`${SIGNS}/${id}`))).toBe(OK);
  });
});
