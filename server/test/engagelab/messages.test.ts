import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, startHouse, until } from '../house.ts';
import {
  type Account,
  Handsets,
  newAccount,
  numbers,
  reviewSign,
  reviewTemplate,
  SIGNS,
  said,
  signedBy,
  TEMPLATES,
  templateOf,
} from './dialect.ts';

const PATH = '/v1/messages';
const BRITISH = '+447400123456';

let house: House;
let account: Account;
const handsets = new Handsets();
beforeAll(async () => {
  house = await startHouse({ simulator: handsets.simulator });
  account = await newAccount(house, 10_000);
});
afterAll(() => house.stop());

let nextNumber = 0;
/** Numbers nobody has written to. */
const fresh = (count = 1): string[] => {
  nextNumber += count;
  return numbers(count, nextNumber - count);
};

const now = () => Math.floor(Date.now() / 1000);
const balance = async (of: Account): Promise<{ available: number; reserved: number }> =>
  (await of.get('/v1/balance')).json;
const planOf = async (planId: string) => (await account.get(`/v1/plans/${planId}`)).json;

describe('a message', () => {
  it('to one number is answered with its id, and reaches the handset', async () => {
    const id = await account.template();
    const [to] = fresh();
    const answer = await account.sent({ to: [to], template: { id } });
    expect(answer).toEqual({
      plan_id: expect.stringMatching(/^[1-9][0-9]{5,15}$/),
      total_count: 1,
      accepted_count: 1,
      message_id: expect.stringMatching(/^[1-9][0-9]+$/),
    });
    expect(await handsets.received(to!.slice(1))).toEqual(['您好，欢迎。']);
    await until(async () => (await planOf(answer.plan_id)).counts.delivered === 1, 'the report');
    expect((await account.get(`${PATH}/${answer.message_id}`)).json).toMatchObject({
      message_id: answer.message_id,
      plan_id: answer.plan_id,
      to,
      state: 'delivered',
    });
  });

  it('to several numbers has no message_id, one to a number twice neither', async () => {
    const template = { id: await account.template() };
    const to = fresh(3);
    expect(await account.sent({ to, template })).toEqual({
      plan_id: expect.any(String),
      total_count: 3,
      accepted_count: 3,
    });
    const [twice] = fresh();
    expect(await account.sent({ to: [twice, twice], template })).toEqual({
      plan_id: expect.any(String),
      total_count: 2,
      accepted_count: 1,
    });
  });

  it('never has a code in its answer', async () => {
    const template = { id: await account.template() };
    for (const more of [{}, { schedule_time: now() + 600 }]) {
      expect(await account.sent({ to: fresh(), template, ...more })).not.toHaveProperty('code');
    }
  });

  it('takes the id as text or number, and unknown fields', async () => {
    const id = await account.template();
    for (const template of [{ id }, { id: Number(id) }, { id, name: 5, params: null }, { id, params: {} }]) {
      await account.sent({ to: fresh(), template, from: 'x', request_id: 1 });
    }
  });
});

describe('numbers', () => {
  it('are calling code and number, with + or without; one given twice is sent and charged once', async () => {
    const template = { id: await account.template() };
    const [to] = fresh();
    const before = await balance(account);
    const { plan_id, ...counts } = await account.sent({ to: [to, to!.slice(1), to], template });
    expect(counts).toEqual({ total_count: 3, accepted_count: 1 });
    await until(async () => (await planOf(plan_id)).state === 'done', 'the send to be done');
    expect(handsets.textsTo(to!.slice(1))).toHaveLength(1);
    expect((await balance(account)).available).toBe(before.available - 1);
  });

  it('that are none lower what is accepted, show in the plan, and cost nothing', async () => {
    const template = { id: await account.template() };
    const [to] = fresh();
    const wrong = ['13800138000', '', '+86138', 'hello', '+86 13800138000', `+${'9'.repeat(70)}`];
    const before = await balance(account);
    const { plan_id, ...counts } = await account.sent({ to: [wrong[0], to, ...wrong.slice(1)], template });
    expect(counts).toEqual({ total_count: 7, accepted_count: 1 });
    await until(async () => (await planOf(plan_id)).state === 'done', 'the send to be done');
    expect((await planOf(plan_id)).counts).toMatchObject({ invalid: 6 });
    const { items } = (await account.get(`/v1/plans/${plan_id}/messages`)).json;
    expect(items.map((each: { to: string }) => each.to)).toEqual([to, ...wrong.map((text) => text.slice(0, 64))]);
    for (const item of items.slice(1)) expect(item).toMatchObject({ state: 'invalid', cost: 0 });
    expect(await balance(account)).toEqual({ available: before.available - 1, reserved: before.reserved });
    const invalid = (await account.get(`${PATH}/${items[1].message_id}`)).json;
    expect(invalid).toMatchObject({ state: 'invalid', timeline: [{ state: 'invalid', at: expect.any(Number) }] });
  });

  it('that are blacklisted are failed, cost nothing, and leave the call as it is, also when none is left', async () => {
    const template = { id: await account.template() };
    const [black, other] = fresh(2);
    expect((await account.call('POST', '/api/v1/blacklist', { body: { recipients: [black] } })).json).toEqual({
      changed: 1,
    });
    const before = await balance(account);
    const { plan_id, ...counts } = await account.sent({ to: [black, other], template });
    expect(counts).toEqual({ total_count: 2, accepted_count: 1 });
    await until(async () => (await planOf(plan_id)).state === 'done', 'the send to be done');
    const { items } = (await account.get(`/v1/plans/${plan_id}/messages`)).json;
    expect(items[1]).toMatchObject({ to: black, state: 'failed', cost: 0 });
    const alone = await account.sent({ to: [black], template });
    expect(alone).toMatchObject({ total_count: 1, accepted_count: 0, message_id: expect.any(String) });
    expect(await planOf(alone.plan_id)).toMatchObject({ state: 'done', counts: { failed: 1 } });
    expect(await balance(account)).toEqual({ available: before.available - 1, reserved: before.reserved });
  });

  it('of which none is valid refuse the call', async () => {
    const template = { id: await account.template() };
    for (const to of [[''], ['13800138000'], ['hello', '+1', '00']]) {
      expect(said(await account.send({ to, template }))).toBe('3002 to has no valid number');
    }
  });

  it('are 10,000 at most', async () => {
    const template = { id: await account.template() };
    const rich = await newAccount(house, 10_000);
    const id = await rich.template();
    const many = Array.from({ length: 10_000 }, (_, i) => `+86139${String(10_000_000 + i)}`);
    expect(said(await account.send({ to: [...many, many[0]], template }))).toBe(
      '3002 to must have at most 10000 numbers',
    );
    expect(await rich.sent({ to: many, template: { id } })).toMatchObject({
      total_count: 10_000,
      accepted_count: 10_000,
    });
  });
});

describe('values', () => {
  it('are put in place, written as JSON writes them', async () => {
    const id = await account.template({ template_content: '{a}|{{b}}|{ c }|{d}|{e}' });
    const [to] = fresh();
    await account.sent({ to: [to], template: { id, params: { a: 'x', b: 12.5, c: true, d: 1e-7, e: 0, f: 'no' } } });
    expect(await handsets.received(to!.slice(1))).toEqual(['x|12.5|true|1e-7|0']);
  });

  it('that are missing leave the variable as it is written', async () => {
    const id = await account.template({ template_content: '{a}{{b}}{ c }' });
    for (const params of [undefined, null, {}, { a: null, b: null }]) {
      const [to] = fresh();
      await account.sent({ to: [to], template: { id, params } });
      expect(await handsets.received(to!.slice(1))).toEqual(['{a}{{b}}{ c }']);
    }
  });

  it('may be each recipient’s own, over those for all', async () => {
    const id = await account.template({ template_content: '{name} {code}' });
    const [ann, bob, cid, dan] = fresh(4) as [string, string, string, string];
    await account.sent({
      to: [
        { to: ann, params: { name: 'Ann', code: 1 } },
        bob,
        { to: cid, params: { name: null, code: 'c' } },
        { to: dan },
        { to: ann, params: { name: 'Other' } },
      ],
      template: { id, params: { name: 'all' } },
    });
    const texts = [];
    for (const to of [ann, bob, cid, dan]) texts.push(...(await handsets.received(to.slice(1))));
    expect(texts).toEqual(['Ann 1', 'all {code}', 'all c', 'all {code}']);
  });
});

describe('on the air', () => {
  const MAINLAND_TEXT = '【Acme】';
  it.each([
    [1, 'Hi', MAINLAND_TEXT.concat('Hi'), '[Acme]Hi'],
    [2, 'Hi', 'Hi【Acme】', 'Hi[Acme]'],
    [1, '您好', '【Acme】您好', '【Acme】您好'],
  ])('a signature at %d of %j', async (position, template_content, mainland, british) => {
    const owner = await newAccount(house, 10);
    const sign = await owner.sign('passed', 'Acme');
    const id = await owner.template({ template_content, ...signedBy(sign, position) });
    const [to] = fresh();
    const { plan_id } = await owner.sent({ to: [to, BRITISH], template: { id } });
    await until(async () => (await owner.get(`/v1/plans/${plan_id}`)).json.state === 'done', 'the send to be done');
    expect(handsets.textsTo(to!.slice(1))).toEqual([mainland]);
    expect(handsets.textsTo(BRITISH.slice(1)).at(-1)).toBe(british);
  });

  it('costs what is sent: the same text is one segment abroad and three at home', async () => {
    const owner = await newAccount(house, 10);
    const sign = await owner.sign('passed', 'Acme');
    const id = await owner.template({ template_content: `${'x'.repeat(144)}{code}`, ...signedBy(sign) });
    const [to] = fresh();
    const british = '+447400123457';
    const { plan_id } = await owner.sent({ to: [to, british], template: { id, params: { code: '12345678' } } });
    await until(async () => (await owner.get(`/v1/plans/${plan_id}`)).json.state === 'done', 'the send to be done');
    const { items } = (await owner.get(`/v1/plans/${plan_id}/messages`)).json;
    expect(items).toMatchObject([
      { to, segments: 3, cost: 3 },
      { to: british, segments: 1, cost: 1 },
    ]);
    expect(handsets.textsTo(british.slice(1))).toHaveLength(1);
    expect(handsets.textsTo(to!.slice(1))).toHaveLength(3);
    expect(await balance(owner)).toEqual({ available: 6, reserved: 0 });
  });
});

describe('a schedule', () => {
  it('makes a plan that waits, with its credits reserved', async () => {
    const owner = await newAccount(house, 10);
    const id = await owner.template();
    const schedule_time = now() + 181;
    const answer = await owner.sent({
      to: fresh(2),
      template: { id },
      plan_name: '双十一',
      schedule_time,
      custom_args: { campaign: 'x', n: 1 },
    });
    expect(answer).toEqual({
      plan_id: expect.any(String),
      total_count: 2,
      accepted_count: 2,
      schedule_info: { task_id: expect.toSatisfy(Number.isSafeInteger) },
    });
    expect((await owner.get(`/v1/plans/${answer.plan_id}`)).json).toEqual({
      plan_id: answer.plan_id,
      plan_name: '双十一',
      state: 'pending',
      total_count: 2,
      accepted_count: 2,
      counts: { accepted: 2 },
      schedule_time,
    });
    expect(await balance(owner)).toEqual({ available: 8, reserved: 2 });
  });

  it('to one number has no message_id either', async () => {
    const id = await account.template();
    const answer = await account.sent({ to: fresh(), template: { id }, schedule_time: now() + 86_400 });
    expect(Object.keys(answer)).toEqual(['plan_id', 'total_count', 'accepted_count', 'schedule_info']);
  });

  it('lies at least 3 minutes and at most 30 days ahead', async () => {
    const template = { id: await account.template() };
    const rule = '3002 schedule_time: at least 3 minutes and at most 30 days ahead';
    const month = 30 * 86_400;
    for (const at of [now() + 170, now(), 0, -1, now() + month + 60, Date.now() + 600_000, Number.MAX_SAFE_INTEGER]) {
      expect([at, said(await account.send({ to: fresh(), template, schedule_time: at }))]).toEqual([at, rule]);
    }
    for (const at of [now() + 182, now() + month - 5]) {
      await account.sent({ to: fresh(), template, schedule_time: at });
    }
  });
});

describe('parameters that are wrong', () => {
  const text = 'to[0] must be a string, or an object with one in "to"';
  it.each<[Record<string, unknown>, string]>([
    [{ to: undefined }, 'to is required'],
    [{ to: null }, 'to is required'],
    [{ to: [] }, 'to is required'],
    [{ to: '+8613800138000' }, 'to must be a list of numbers'],
    [{ to: {} }, 'to must be a list of numbers'],
    [{ to: 5 }, 'to must be a list of numbers'],
    ...[1, 8613800138000, true, null, [], ['+8613800138000'], {}, { to: 5 }, { mobile: '+8613800138000' }].map(
      (entry): [Record<string, unknown>, string] => [{ to: [entry] }, text],
    ),
    [{ to: ['+8613800138000', 5] }, 'to[1] must be a string, or an object with one in "to"'],
    [{ to: [{ to: '+8613800138000', params: [] }] }, 'to[0].params must be an object'],
    [
      { to: [{ to: '+8613800138000', params: { a: {} } }] },
      'to[0].params must have strings, booleans or numbers (integers below 2^53) as values',
    ],
    [{ template: undefined }, 'template is required'],
    [{ template: null }, 'template is required'],
    ...['1', 1, true, []].map((template): [Record<string, unknown>, string] => [
      { template },
      'template must be an object',
    ]),
    ...[{}, { id: null }, { id: '' }].map((template): [Record<string, unknown>, string] => [
      { template },
      'template.id is required',
    ]),
    ...['x', ' 1', '1.0', '-1', -1, 1.5, true, [], {}].map((id): [Record<string, unknown>, string] => [
      { template: { id } },
      'template.id must be digits',
    ]),
    ...['x', 1, true, []].map((params): [Record<string, unknown>, string] => [
      { template: { id: '1', params } },
      'template.params must be an object',
    ]),
    ...[{}, [], ['x'], 2 ** 53].map((a): [Record<string, unknown>, string] => [
      { template: { id: '1', params: { a } } },
      'template.params must have strings, booleans or numbers (integers below 2^53) as values',
    ]),
    ...[1, true, [], {}].map((plan_name): [Record<string, unknown>, string] => [
      { plan_name },
      'plan_name must be a string',
    ]),
    [{ plan_name: '😀'.repeat(256) }, 'plan_name must have at most 255 characters'],
    ...['1', 1.5, true, [], {}, 2 ** 53].map((schedule_time): [Record<string, unknown>, string] => [
      { schedule_time },
      'schedule_time must be an integer, in seconds since 1970',
    ]),
    ...['x', 1, true, []].map((custom_args): [Record<string, unknown>, string] => [
      { custom_args },
      'custom_args must be an object',
    ]),
    [{ custom_args: { a: 'x'.repeat(1_017) } }, 'custom_args must have at most 1024 octets as JSON'],
  ])('%j: %s', async (fields, message) => {
    const body = { to: ['+8613800138000'], template: { id: await account.template() }, ...fields };
    expect(said(await account.send(body))).toBe(`3002 ${message}`);
  });

  it('that are just not: the longest there may be', async () => {
    const template = { id: await account.template(), params: null };
    const custom_args = { a: 'x'.repeat(1_016) };
    for (const fields of [
      { plan_name: '😀'.repeat(255), custom_args },
      { plan_name: null, schedule_time: null },
    ]) {
      await account.sent({ to: fresh(), template, custom_args: null, ...fields });
    }
  });

  it.each([undefined, null, '', '  '])('are not: plan_name %j is "-"', async (plan_name) => {
    const { plan_id } = await account.sent({ to: fresh(), template: { id: await account.template() }, plan_name });
    expect((await planOf(plan_id)).plan_name).toBe('-');
  });
});

describe('what is refused by rule', () => {
  const NOT_THERE = '4001 template config not exist';

  it('a template that is unknown, deleted or another’s', async () => {
    const foreign = await (await newAccount(house)).template();
    const deleted = await account.template();
    await account.delete(`${TEMPLATES}/${deleted}`);
    for (const id of [foreign, deleted, '0', 0, '007', '999999999', '9'.repeat(400), 2 ** 60]) {
      expect([id, said(await account.send({ to: fresh(), template: { id } }))]).toEqual([id, NOT_THERE]);
    }
  });

  it('a template that is not approved', async () => {
    for (const verdict of [null, 'rejected'] as const) {
      const id = await account.template({}, verdict);
      expect(said(await account.send({ to: fresh(), template: { id } }))).toBe(
        '3003 template status is not approved, can not use',
      );
    }
  });

  it('a template whose signature was changed, until that is approved again; then its new name is used', async () => {
    const sign = await account.sign('passed', 'Old name');
    const id = await account.template({ template_content: '好', ...signedBy(sign) });
    await account.put(`${SIGNS}/${sign}`, { sign_name: 'New name' });
    const [to] = fresh();
    const send = () => account.send({ to: [to], template: { id } });
    expect(said(await send())).toBe('3003 sign status is not approved, can not use');
    await reviewSign(house, sign, 'rejected');
    expect(said(await send())).toBe('3003 sign status is not approved, can not use');
    await reviewSign(house, sign, 'passed');
    expect((await send()).status).toBe(200);
    expect(await handsets.received(to!.slice(1))).toEqual(['【New name】好']);
  });

  it('a text of more segments than a message may have', async () => {
    const id = await account.template({ template_content: '{a}' });
    const body = { to: fresh(), template: { id, params: { a: '星'.repeat(67 * 255 + 1) } } };
    expect(said(await account.send(body))).toBe('3002 the text needs 256 segments, a message can have 255');
  });

  it('more than the balance pays for: nothing is sent', async () => {
    const owner = await newAccount(house, 2);
    const template = { id: await owner.template() };
    expect(said(await owner.send({ to: fresh(3), template }))).toBe('3003 insufficient balance: 3 needed, 2 available');
    expect(await balance(owner)).toEqual({ available: 2, reserved: 0 });
    expect((await owner.get('/v1/plans')).json.items).toEqual([]);
    await owner.sent({ to: fresh(2), template });
  });

  it('one number over its limit: the whole call', async () => {
    const template = { id: await account.template() };
    const [busy, quiet] = fresh(2);
    for (let i = 0; i < 20; i++) await account.sent({ to: [busy], template });
    const before = await balance(account);
    expect(said(await account.send({ to: [quiet, busy], template }))).toMatch(/^3004 /);
    expect((await balance(account)).available).toBe(before.available);
    expect(await account.sent({ to: [quiet], template })).toMatchObject({ accepted_count: 1 });
  });

  it('in the order parameters, template, approval, balance', async () => {
    const poor = await newAccount(house);
    const unapproved = await poor.template({}, null);
    expect(said(await poor.send({ to: [''], template: { id: '999999999' } }))).toMatch(/^3002 /);
    expect(said(await poor.send({ to: fresh(), template: { id: '999999999' } }))).toBe(NOT_THERE);
    expect(said(await poor.send({ to: fresh(), template: { id: unapproved } }))).toMatch(/^3003 template status/);
    await reviewTemplate(house, unapproved, 'passed');
    expect(said(await poor.send({ to: fresh(), template: { id: unapproved } }))).toMatch(/^3003 insufficient/);
    expect(said(await poor.send({ to: fresh(), template: { id: unapproved }, schedule_time: 5 }))).toMatch(/^3002 /);
  });
});

describe('Idempotency-Key', () => {
  it('makes one plan, one charge and one answer of a hundred calls at once', async () => {
    const owner = await newAccount(house, 1_000);
    const body = { to: fresh(3), template: { id: await owner.template() } };
    const answers = await Promise.all(Array.from({ length: 100 }, () => owner.send(body, 'a hundred')));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers[0]!.json).toMatchObject({ total_count: 3, accepted_count: 3 });
    expect((await owner.get('/v1/plans')).json.items).toHaveLength(1);
    await until(async () => (await balance(owner)).reserved === 0, 'the send to be charged');
    expect(await balance(owner)).toEqual({ available: 997, reserved: 0 });
  });

  it('answers again what was answered, invalid numbers, message id and schedule included', async () => {
    const owner = await newAccount(house, 1_000);
    const id = await owner.template();
    for (const [key, body] of [
      ['one', { to: fresh(), template: { id } }],
      ['later', { to: [...fresh(), 'x'], template: { id }, schedule_time: now() + 600 }],
    ] as const) {
      const first = await owner.send(body, key);
      expect(first.status).toBe(200);
      const again = await owner.send(body, key);
      expect([again.status, again.text]).toEqual([200, first.text]);
    }
    expect((await owner.get('/v1/plans')).json.items).toHaveLength(2);
  });

  it('is refused with another body, and is another key on another route', async () => {
    const owner = await newAccount(house, 1_000);
    const sign = await owner.sign();
    const id = await owner.template(signedBy(sign));
    await owner.send({ to: fresh(), template: { id } }, 'key');
    const other = await owner.send({ to: fresh(), template: { id } }, 'key');
    expect([other.status, said(other)]).toEqual([422, '3003 Idempotency-Key was used with another body']);
    const tsms = await owner.call('POST', '/v1/message', {
      body: { sign_id: Number(sign), temp_id: Number(id), mobiles: fresh() },
      headers: { 'idempotency-key': 'key' },
    });
    expect([tsms.status, Object.keys(tsms.json)]).toEqual([200, ['uuid']]);
  });

  it('is not remembered by a refusal', async () => {
    const owner = await newAccount(house, 10);
    const id = await owner.template({}, null);
    const body = { to: fresh(), template: { id } };
    expect(said(await owner.send(body, 'k'))).toMatch(/^3003 /);
    await reviewTemplate(house, id, 'passed');
    expect((await owner.send(body, 'k')).status).toBe(200);
  });

  it.each(['', 'x'.repeat(129), 'schlüssel'])('is 1 to 128 printable characters: %j', async (key) => {
    const body = { to: fresh(), template: { id: await account.template() } };
    expect(said(await account.send(body, key))).toBe(
      '3002 Idempotency-Key must be 1 to 128 printable ASCII characters',
    );
  });
});

it('a template made through the other dialect’s routes is sent as well', async () => {
  const sign = await account.sign();
  const created = await account.post('/v1/template', {
    name: 'n',
    template: '好',
    type: 1,
    description: 'd',
    sign_id: Number(sign),
  });
  await reviewTemplate(house, String(created.json.temp_id), 'passed');
  await account.sent({ to: fresh(), template: { id: created.json.temp_id } });
  expect(said(await account.post(TEMPLATES, templateOf({ template_content: 'x'.repeat(2_001) })))).toMatch(/^400 /);
});
