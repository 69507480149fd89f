import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, startHouse } from '../house.ts';
import { type Account, newAccount, numbers, OK, rootOf, said, templateOf } from './dialect.ts';

/** A house without a way out: what is sent waits, and its plan keeps what it names in use. */
let house: House;
let account: Account;
let root: Account;
let used: { sign_id: number; temp_id: number };
beforeAll(async () => {
  house = await startHouse({ simulator: false, env: { SIGNET_ENV: 'production' } });
  account = await newAccount(house, 10);
  root = rootOf(house);
  used = await account.ready();
  expect((await account.send({ ...used, mobiles: numbers(1) })).status).toBe(200);
});
afterAll(() => house.stop());

describe('while a plan that runs names them', () => {
  it('the signature is neither edited, deleted nor reviewed', async () => {
    const { sign_id } = used;
    const before = await account.item('/v1/signature', sign_id);
    expect(said(await account.put('/v1/signature', { sign_id, signature: 'x', source: 'x' }))).toBe('ER:0011');
    expect(said(await account.delete('/v1/signature', { sign_id }))).toBe('ER:0012');
    for (const audit_status of ['passed', 'rejected']) {
      expect(said(await root.post('/v2/signreview', { sign_id, audit_status }))).toBe('ER:0013');
    }
    expect(await account.item('/v1/signature', sign_id)).toEqual(before);
  });

  it('the template is neither edited, deleted nor reviewed', async () => {
    const { sign_id, temp_id } = used;
    const before = await account.item('/v1/template', temp_id);
    expect(said(await account.put('/v1/template', templateOf(sign_id, { temp_id })))).toBe('ER:0025');
    expect(said(await account.delete('/v1/template', { sign_id, temp_id }))).toBe('ER:0025');
    for (const audit_status of ['passed', 'rejected']) {
      expect(said(await root.post('/v2/tempreview', { temp_id, audit_status }))).toBe('ER:0025');
    }
    expect(await account.item('/v1/template', temp_id)).toEqual(before);
  });

  it('in use goes before the state of another signature', async () => {
    const pending = await account.signature(null);
    const fields = templateOf(pending, { temp_id: used.temp_id });
    expect(said(await account.put('/v1/template', fields))).toBe('ER:0025');
  });

  it('they can be sent again, and others of the account are free', async () => {
    expect((await account.send({ ...used, mobiles: numbers(1, 1) })).status).toBe(200);
    const sign_id = await account.signature();
    const temp_id = await account.template(sign_id);
    expect(said(await account.delete('/v1/template', { sign_id, temp_id }))).toBe(OK);
    expect(said(await account.delete('/v1/signature', { sign_id }))).toBe(OK);
    const second = await account.template(used.sign_id);
    expect(said(await account.delete('/v1/template', { sign_id: used.sign_id, temp_id: second }))).toBe(OK);
  });

  it('the send is shown as running, its credits reserved', async () => {
    const { json } = await account.send({ ...used, mobiles: numbers(1, 2) });
    const progress = (await account.get(`/v1/message?uuid=${json.uuid}`)).json;
    expect(progress).toMatchObject({ uuid: json.uuid, state: 'running', total: 1 });
    expect(progress.items).toMatchObject([{ mobile: '+8613800130002', segments: 1 }]);
    expect(await account.balance()).toEqual({ available: 7, reserved: 3 });
  });
});

describe('when every message is answered', () => {
  it('they are free again', async () => {
    const open = await startHouse();
    try {
      const owner = await newAccount(open, 10);
      const { sign_id, temp_id } = await owner.ready();
      const { json } = await owner.send({ sign_id, temp_id, mobiles: numbers(2) });
      await owner.finished(json.uuid);
      const edit = { sign_id, signature: 'x', source: 'x' };
      expect(said(await owner.put('/v1/signature', edit))).toMatch(/^200 /);
      expect(said(await owner.delete('/v1/template', { sign_id, temp_id }))).toBe(OK);
      expect(said(await owner.delete('/v1/signature', { sign_id }))).toBe(OK);
      expect((await owner.get(`/v1/message?uuid=${json.uuid}`)).json.total).toBe(2);
    } finally {
      await open.stop();
    }
  });
});
