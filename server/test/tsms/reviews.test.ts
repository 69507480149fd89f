import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, startHouse } from '../house.ts';
import { type Account, newAccount, OK, rootOf, said } from './dialect.ts';

let house: House;
let account: Account;
let root: Account;
beforeAll(async () => {
  house = await startHouse();
  account = await newAccount(house);
  root = rootOf(house);
});
afterAll(() => house.stop());

/** Both reviews follow the same rules; they differ in names and in how they refuse a word. */
const reviews = [
  {
    path: '/v2/signreview',
    list: '/v1/signature',
    idField: 'sign_id',
    wrongWord: 'ER:0013',
    create: () => account.signature(null),
    remove: (id: number) => account.delete('/v1/signature', { sign_id: id }),
  },
  {
    path: '/v2/tempreview',
    list: '/v1/template',
    idField: 'temp_id',
    wrongWord: 'ER:0025',
    create: async () => account.template(await account.signature(), 'x', null),
    remove: async (id: number) => {
      const sign_id = (await account.item('/v1/template', id))?.sign_id;
      return account.delete('/v1/template', { sign_id, temp_id: id });
    },
  },
] as const;

describe.each(reviews)('POST $path', ({ path, list, idField, wrongWord, create, remove }) => {
  it('answers ok and decides', async () => {
    const id = await create();
    for (const word of ['passed', 'rejected']) {
      const answer = await root.post(path, { [idField]: id, audit_status: word });
      expect([answer.status, answer.text]).toEqual([200, 'ok']);
      expect(answer.headers.get('content-type')).toMatch(/^text\/plain/);
      expect(await account.item(list, id)).toMatchObject({ audit_status: word });
    }
  });

  it('may decide again what is decided', async () => {
    const id = await create();
    for (const word of ['rejected', 'passed', 'passed', 'rejected', 'rejected']) {
      expect(said(await root.post(path, { [idField]: id, audit_status: word }))).toBe(OK);
      expect(await account.item(list, id)).toMatchObject({ audit_status: word });
    }
  });

  it.each(['passed', 'rejected'])('keeps the reason with %s', async (word) => {
    const id = await create();
    for (const [reason, kept] of [
      ['理由', '理由'],
      [null, ''],
      [undefined, ''],
      ['', ''],
      ['r'.repeat(2_000), 'r'.repeat(2_000)],
    ]) {
      const body = { [idField]: id, audit_status: word, reject_reason: reason };
      expect(said(await root.post(path, body))).toBe(OK);
      expect(await account.item(list, id)).toMatchObject({ audit_status: word, reject_reason: kept });
    }
  });

  it.each([[1], [true], [[]], [{}], ['r'.repeat(2_001)]])('refuses the reason %j', async (reason) => {
    const id = await create();
    const body = { [idField]: id, audit_status: 'passed', reject_reason: reason };
    expect(said(await root.post(path, body))).toBe('ER:0004');
    expect(await account.item(list, id)).toMatchObject({ audit_status: 'reviewing' });
  });

  it.each([undefined, null, '', 'x', '1.0', true, [], {}, 1.5, 2 ** 53])('refuses the id %j', async (id) => {
    expect(said(await root.post(path, { [idField]: id, audit_status: 'passed' }))).toBe('ER:0004');
    expect(said(await root.post(path, { [idField]: id, audit_status: 'maybe' }))).toBe('ER:0004');
  });

  it.each([undefined, null, 1, true, [], {}, ['passed']])('refuses the status %j', async (word) => {
    expect(said(await root.post(path, { [idField]: await create(), audit_status: word }))).toBe('ER:0004');
  });

  it.each(['reviewing', 'Passed', 'PASSED', ' passed', 'passed ', 'approved', '', '1'])(
    'refuses the word %j, before it looks for the id',
    async (word) => {
      const id = await create();
      for (const each of [id, 999_999]) {
        expect(said(await root.post(path, { [idField]: each, audit_status: word }))).toBe(wrongWord);
      }
      expect(await account.item(list, id)).toMatchObject({ audit_status: 'reviewing' });
    },
  );

  it('refuses unknown and deleted ones', async () => {
    const deleted = await create();
    expect(said(await remove(deleted))).toBe(OK);
    for (const id of [deleted, 999_999, 0, -1]) {
      expect(said(await root.post(path, { [idField]: id, audit_status: 'passed' }))).toBe('ER:0004');
    }
  });

  it('takes the id as a string of digits', async () => {
    const id = await create();
    expect(said(await root.post(path, { [idField]: String(id), audit_status: 'passed' }))).toBe(OK);
  });

  it('is for root alone', async () => {
    const id = await create();
    expect(said(await account.post(path, { [idField]: id, audit_status: 'passed' }))).toBe('ER:0003');
    expect(await account.item(list, id)).toMatchObject({ audit_status: 'reviewing' });
  });
});
