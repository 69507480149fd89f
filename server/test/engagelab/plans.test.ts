import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, startHouse, until } from '../house.ts';
import {
  type Account,
  newAccount,
  numbers,
  OK,
  reviewSign,
  reviewTemplate,
  rootOf,
  SIGNS,
  said,
  signedBy,
  TEMPLATES,
  templateOf,
} from './dialect.ts';

const NO_PLAN = '4001 plan not exist';
const NO_MESSAGE = '4001 message not exist';

/** A house without a way out: what is sent waits, and its plan keeps what it names in use. */
let house: House;
let account: Account;
beforeAll(async () => {
  house = await startHouse({ simulator: false, env: { SIGNET_ENV: 'production' } });
  account = await newAccount(house, 1_000);
});
afterAll(() => house.stop());

const inAnHour = () => Math.floor(Date.now() / 1000) + 3_600;
const planOf = async (id: string) => (await account.get(`/v1/plans/${id}`)).json;

describe('plans', () => {
  it('are listed newest first, in pages, and by state', async () => {
    const owner = await newAccount(house, 1_000);
    const template = { id: await owner.template() };
    expect((await owner.get('/v1/plans')).text).toBe('{"items":[],"next_cursor":null}');
    const ids: string[] = [];
    for (let i = 0; i < 103; i++) {
      const body = { to: [`+8613900${100_000 + i}`], template, plan_name: `plan ${i}` };
      ids.unshift((await owner.sent(i === 50 ? { ...body, schedule_time: inAnHour() } : body)).plan_id);
    }
    const first = (await owner.get('/v1/plans')).json;
    expect(first.items).toHaveLength(100);
    expect(first.items[0]).toEqual({
      plan_id: ids[0],
      plan_name: 'plan 102',
      state: 'running',
      total_count: 1,
      accepted_count: 1,
      schedule_time: null,
    });
    const second = (await owner.get(`/v1/plans?cursor=${first.next_cursor}`)).json;
    expect(second.next_cursor).toBe(null);
    const listed = [...first.items, ...second.items].map(({ plan_id }: { plan_id: string }) => plan_id);
    expect(listed).toEqual(ids);
    const pending = (await owner.get('/v1/plans?state=pending&cursor=')).json;
    expect(pending.items).toMatchObject([{ plan_name: 'plan 50', schedule_time: expect.any(Number) }]);
    expect((await owner.get('/v1/plans?state=done')).json.items).toEqual([]);
  });

  it.each(['state=staged', 'state=x', 'state=running&state=done', 'cursor=x', 'cursor=!', 'cursor=a&cursor=b'])(
    'are not listed by %s',
    async (query) => {
      expect(said(await account.get(`/v1/plans?${query}`))).toMatch(/^3002 /);
    },
  );

  it('of the other dialect are shown as well', async () => {
    const sign = await account.sign();
    const temp = await account.template(signedBy(sign));
    const body = { sign_id: Number(sign), temp_id: Number(temp), mobiles: numbers(2, 50) };
    expect((await account.call('POST', '/v1/message', { body })).status).toBe(200);
    expect((await account.get('/v1/plans')).json.items[0]).toMatchObject({ plan_name: '-', total_count: 2 });
  });

  it('tell their messages in the order of the request, in pages', async () => {
    const template = { id: await account.template() };
    const to = Array.from({ length: 250 }, (_, i) => `+8613900${200_000 + i}`);
    const { plan_id } = await account.sent({ to, template });
    const seen: { to: string; message_id: string }[] = [];
    let cursor = '';
    do {
      const page = (await account.get(`/v1/plans/${plan_id}/messages?cursor=${cursor}`)).json;
      seen.push(...page.items);
      cursor = page.next_cursor ?? '';
    } while (cursor !== '');
    expect(seen.map((each) => each.to)).toEqual(to);
    expect(seen[0]).toEqual({
      message_id: expect.stringMatching(/^[0-9]+$/),
      plan_id,
      to: to[0],
      state: 'accepted',
      segments: 1,
      cost: 1,
    });
    expect((await account.get(`/v1/messages/${seen[7]!.message_id}`)).json).toEqual({
      ...seen[7],
      timeline: [{ state: 'accepted', at: expect.toSatisfy(Number.isInteger) }],
    });
    expect(said(await account.get(`/v1/plans/${plan_id}/messages?cursor=x`))).toMatch(/^3002 /);
  });

  it('and messages that are unknown or another’s are not there, for root neither', async () => {
    const stranger = await newAccount(house);
    const { plan_id, message_id } = await account.sent({
      to: numbers(1, 60),
      template: { id: await account.template() },
    });
    for (const who of [stranger, rootOf(house)]) {
      for (const id of [plan_id, '0', '1', '007', '9'.repeat(300)]) {
        expect([id, said(await who.get(`/v1/plans/${id}`))]).toEqual([id, NO_PLAN]);
        expect(said(await who.get(`/v1/plans/${id}/messages`))).toBe(NO_PLAN);
        for (const verb of ['pause', 'resume', 'cancel']) {
          expect(said(await who.post(`/v1/plans/${id}/${verb}`))).toBe(NO_PLAN);
        }
      }
      for (const id of [message_id, '0', '1', '9'.repeat(300)]) {
        expect(said(await who.get(`/v1/messages/${id}`))).toBe(NO_MESSAGE);
      }
    }
    expect((await planOf(plan_id)).state).toBe('running');
  });

  it('that are drafts of the native API are not there before they are confirmed', async () => {
    const file = { raw: 'mobile\n+8613800138090\n', headers: { 'content-type': 'text/csv' } };
    const temp = await account.template(signedBy(await account.sign()));
    const draft = await account.call('POST', `/api/v1/plans?template_id=${temp}`, file);
    expect([draft.status, draft.json]).toEqual([201, expect.objectContaining({ state: 'draft' })]);
    const id = String(draft.json.plan_id);
    const message = `${id}00000000`;
    for (const path of [`/v1/plans/${id}`, `/v1/plans/${id}/messages`]) {
      expect(said(await account.get(path))).toBe(NO_PLAN);
    }
    for (const verb of ['pause', 'resume', 'cancel']) {
      expect(said(await account.post(`/v1/plans/${id}/${verb}`))).toBe(NO_PLAN);
    }
    expect(said(await account.get(`/v1/messages/${message}`))).toBe(NO_MESSAGE);

    expect((await account.call('POST', `/api/v1/plans/${id}/confirm`)).status).toBe(200);
    const state = expect.stringMatching(/^(pending|running)$/);
    expect(await planOf(id)).toMatchObject({ plan_id: id, state, accepted_count: 1 });
    expect((await account.get(`/v1/messages/${message}`)).json).toMatchObject({ message_id: message, plan_id: id });
    expect(said(await account.post(`/v1/plans/${id}/cancel`))).toBe(OK);
  });

  it('and messages are looked for by digits only', async () => {
    for (const id of ['x', '-1', '1.0', '%20', '1x', '%zz', `${'9'.repeat(300)}x`]) {
      expect(said(await account.get(`/v1/plans/${id}`))).toBe('3002 invalid planId');
      expect(said(await account.get(`/v1/plans/${id}/messages`))).toBe('3002 invalid planId');
      expect(said(await account.post(`/v1/plans/${id}/cancel`))).toBe('3002 invalid planId');
      expect(said(await account.get(`/v1/messages/${id}`))).toBe('3002 invalid messageId');
    }
  });
});

describe('a plan', () => {
  it('is paused, resumed and cancelled, which releases what was not sent', async () => {
    const owner = await newAccount(house, 10);
    const template = { id: await owner.template() };
    const state = async () => (await owner.get(`/v1/plans/${plan_id}`)).json.state;
    const verb = async (word: string) => said(await owner.post(`/v1/plans/${plan_id}/${word}`));
    const { plan_id } = await owner.sent({ to: numbers(4, 70), template });
    expect(await verb('resume')).toBe('3003 plan is running');
    expect([await verb('pause'), await state()]).toEqual([OK, 'paused']);
    expect(await verb('pause')).toBe('3003 plan is paused');
    expect([await verb('resume'), await state()]).toEqual([OK, 'running']);
    expect((await owner.get('/v1/balance')).json).toEqual({ available: 6, reserved: 4 });
    expect([await verb('cancel'), await state()]).toEqual([OK, 'cancelled']);
    await until(async () => (await owner.get('/v1/balance')).json.reserved === 0, 'the credits to be released');
    expect((await owner.get('/v1/balance')).json).toEqual({ available: 10, reserved: 0 });
    expect((await owner.get(`/v1/plans/${plan_id}`)).json.counts).toEqual({ cancelled: 4 });
    for (const word of ['pause', 'resume', 'cancel']) expect(await verb(word)).toBe('3003 plan is cancelled');
  });

  it('that waits for its time goes back to waiting when it is resumed', async () => {
    const schedule_time = inAnHour();
    const template = { id: await account.template() };
    const { plan_id } = await account.sent({ to: numbers(1, 80), template, schedule_time });
    await account.post(`/v1/plans/${plan_id}/pause`);
    expect(await planOf(plan_id)).toMatchObject({ state: 'paused', schedule_time });
    await account.post(`/v1/plans/${plan_id}/resume`);
    expect(await planOf(plan_id)).toMatchObject({ state: 'pending', schedule_time });
    await account.post(`/v1/plans/${plan_id}/cancel`);
  });
});

describe('while a plan names them', () => {
  const NO_TEMPLATE = '400 there are pending or running plans using current template, can not update';
  const NO_SIGN = '400 there are pending or running plans using current sign, can not update';

  it.each(['pending', 'running', 'paused', 'of the other dialect'])(
    'a template and its signature are neither changed nor deleted: %s',
    async (kind) => {
      const sign = await account.sign();
      const id = await account.template(signedBy(sign));
      const body = { to: numbers(1, 90), template: { id } };
      if (kind === 'of the other dialect') {
        const tsms = { sign_id: Number(sign), temp_id: Number(id), mobiles: ['13800138000'] };
        expect((await account.call('POST', '/v1/message', { body: tsms })).status).toBe(200);
      } else {
        await account.sent(kind === 'pending' ? { ...body, schedule_time: inAnHour() } : body);
      }
      const { plan_id } = (await account.get('/v1/plans')).json.items[0];
      if (kind === 'paused') await account.post(`/v1/plans/${plan_id}/pause`);

      const before = [await account.one(TEMPLATES, id), await account.one(SIGNS, sign)];
      const unapproved = await account.sign(null);
      const taken = (await account.one(SIGNS, unapproved)).sign_name;
      for (const fields of [{}, signedBy('999999999'), signedBy(unapproved)]) {
        expect(said(await account.put(`${TEMPLATES}/${id}`, templateOf(fields)))).toBe(NO_TEMPLATE);
      }
      for (const sign_name of ['other', taken]) {
        expect(said(await account.put(`${SIGNS}/${sign}`, { sign_name }))).toBe(NO_SIGN);
      }
      expect(said(await account.delete(`${TEMPLATES}/${id}`))).toBe(NO_TEMPLATE);
      // Before the templates that name it.
      expect(said(await account.delete(`${SIGNS}/${sign}`))).toBe(NO_SIGN);
      expect([await account.one(TEMPLATES, id), await account.one(SIGNS, sign)]).toEqual(before);

      await account.post(`/v1/plans/${plan_id}/cancel`);
      expect(said(await account.put(`${SIGNS}/${sign}`, { sign_name: `free ${kind}` }))).toBe(OK);
      await reviewSign(house, sign, 'passed');
      expect(said(await account.put(`${TEMPLATES}/${id}`, templateOf()))).toBe(OK);
      await reviewTemplate(house, id, 'rejected');
      expect(said(await account.delete(`${TEMPLATES}/${id}`))).toBe(OK);
      expect(said(await account.delete(`${SIGNS}/${sign}`))).toBe(OK);
    },
  );
});
