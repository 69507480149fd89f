import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, startHouse } from '../house.ts';
import {
  Account,
  Handsets,
  newAccount,
  numbers,
  reviewSignature,
  reviewTemplate,
  said,
  templateOf,
} from './dialect.ts';

let house: House;
let account: Account;
let ready: { sign_id: number; temp_id: number };
const handsets = new Handsets();
beforeAll(async () => {
  house = await startHouse({ simulator: handsets.simulator });
  account = await newAccount(house, 1_000_000);
  ready = await account.ready();
});
afterAll(() => house.stop());

describe('POST /v1/message', () => {
  it('answers with a lowercase RFC 9562 UUID and nothing else', async () => {
    const answer = await account.send({ ...ready, mobiles: ['13800138000'] });
    expect(answer.text).toMatch(
      /^\{"uuid":"[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"\}$/,
    );
    expect(answer.status).toBe(200);
  });

  it('sends 【signature】 and the text', async () => {
    const [number] = numbers(1, 10) as [string];
    const { uuid } = (await account.send({ ...ready, mobiles: [number] })).json;
    await account.finished(uuid);
    expect(handsets.textsTo(number)).toEqual(['【签名】您好，欢迎。']);
  });

  it('costs one credit a segment, taken before the answer arrives', async () => {
    const owner = await newAccount(house, 100);
    const short = await owner.ready();
    const { uuid } = (await owner.send({ ...short, mobiles: numbers(1, 20) })).json;
    expect(await owner.available()).toBe(99);
    await owner.finished(uuid);
    expect(await owner.balance()).toEqual({ available: 99, reserved: 0 });

    // 134 UCS-2 characters with the signature fill two segments of 67, one more makes three.
    const long = { ...short, temp_id: await owner.template(short.sign_id, '长'.repeat(130)) };
    await owner.send({ ...long, mobiles: numbers(3, 20) });
    expect(await owner.available()).toBe(99 - 6);
    const longer = { ...short, temp_id: await owner.template(short.sign_id, '长'.repeat(131)) };
    await owner.send({ ...longer, mobiles: numbers(1, 30) });
    expect(await owner.available()).toBe(99 - 6 - 3);
  });

  it('sends and charges a number given twice once', async () => {
    const owner = await newAccount(house, 100);
    const sender = await owner.ready();
    const [number] = numbers(1, 40) as [string];
    const mobiles = [number, `+86${number}`, Number(number), number];
    const { uuid } = (await owner.send({ ...sender, mobiles })).json;
    expect(await owner.available()).toBe(99);
    expect(await owner.finished(uuid)).toMatchObject({ total: 1 });
    expect(handsets.textsTo(number)).toHaveLength(1);
  });

  it('does not send to the blacklisted, nor marketing to those who have opted out, and charges nothing for them', async () => {
    const owner = await newAccount(house, 100);
    const { sign_id } = await owner.ready();
    const [out, black, other] = numbers(3, 60) as [string, string, string];
    const listed = async (path: string, number: string) => {
      expect((await owner.post(`/api/v1/${path}`, { recipients: [number] })).json).toEqual({ changed: 1 });
    };
    await listed('opt-outs', out);
    await listed('blacklist', black);
    const sent = async (type: number) => {
      const { temp_id } = (await owner.post('/v1/template', templateOf(sign_id, { type }))).json;
      await reviewTemplate(house, temp_id, 'passed');
      const { uuid } = (await owner.send({ sign_id, temp_id, mobiles: [out, black, other] })).json;
      const { total, counts, items } = await owner.finished(uuid);
      const states = Object.fromEntries(
        items.map((item: { mobile: string; state: string }) => [item.mobile, item.state]),
      );
      return { total, counts, states };
    };
    expect(await sent(3)).toEqual({
      total: 3,
      counts: { delivered: 1, failed: 2 },
      states: { [`+86${out}`]: 'failed', [`+86${black}`]: 'failed', [`+86${other}`]: 'delivered' },
    });
    expect(await owner.balance()).toEqual({ available: 99, reserved: 0 });
    expect((await sent(2)).counts).toEqual({ delivered: 2, failed: 1 });
    expect(await owner.balance()).toEqual({ available: 97, reserved: 0 });
  });

  it('takes strings and integers, bare and in E.164', async () => {
    const mobiles = ['13800138050', 13800138051, '+8613800138052', '+447400123456', '+12133734253'];
    const { uuid } = (await account.send({ ...ready, mobiles })).json;
    const { items } = await account.finished(uuid);
    expect(items.map((item: { mobile: string }) => item.mobile)).toEqual([
      '+8613800138050',
      '+8613800138051',
      '+8613800138052',
      '+447400123456',
      '+12133734253',
    ]);
  });

  it("reads bare numbers as numbers of the account's own country", async () => {
    const created = await house.asRoot('POST', '/api/v1/businesses', {
      name: 'british',
      password: 'a-long-password',
      credits: 10,
      default_country: 'GB',
    });
    expect(created.status).toBe(201);
    const british = new Account(house, { user: 'british', password: 'a-long-password' });
    const sender = await british.ready();
    const { uuid } = (await british.send({ ...sender, mobiles: ['07400123456'] })).json;
    expect((await british.finished(uuid)).items).toMatchObject([{ mobile: '+447400123456' }]);
    expect(said(await british.send({ ...sender, mobiles: ['13800138000'] }))).toBe('ER:0033');
  });

  it('takes ids as strings of digits', async () => {
    const { sign_id, temp_id } = ready;
    const body = { sign_id: String(sign_id), temp_id: String(temp_id), mobiles: numbers(1, 60) };
    expect((await account.send(body)).status).toBe(200);
  });
});

describe('the shape of a send', () => {
  async function refused(body: Record<string, unknown>): Promise<string> {
    const before = await account.available();
    const answer = said(await account.send({ ...ready, mobiles: ['13800138000'], ...body }));
    expect(await account.available()).toEqual(before);
    return answer;
  }

  it.each([undefined, null, '', 'x', true, [], {}, 1.5, 2 ** 53])('refuses %j as an id', async (id) => {
    expect(await refused({ sign_id: id })).toBe('ER:0004');
    expect(await refused({ temp_id: id })).toBe('ER:0004');
  });

  it.each([undefined, null, [], '', '13800138000', 13800138000, true, {}, { 0: '13800138000' }])(
    'refuses mobiles %j',
    async (mobiles) => {
      expect(await refused({ mobiles })).toBe('ER:0004');
    },
  );

  it.each([null, true, false, 1.5, [], ['13800138000'], {}])('refuses %j among the mobiles', async (mobile) => {
    expect(await refused({ mobiles: ['13800138000', mobile] })).toBe('ER:0004');
    expect(await refused({ mobiles: [mobile] })).toBe('ER:0004');
  });

  it.each([[[]], ['x'], [1], [true], [{ a: [] }], [{ a: {} }], [{ a: 2 ** 53 }]])(
    'refuses params %j',
    async (params) => {
      expect(await refused({ params })).toBe('ER:0004');
    },
  );

  it('takes params that are null, empty or not needed', async () => {
    for (const params of [null, {}, { nobody: 'asked' }]) {
      const answer = await account.send({ ...ready, mobiles: numbers(1, 70), params });
      expect(answer.status).toBe(200);
    }
  });

  it.each([
    [[]],
    ['x'],
    [{}],
    [['13800138000']],
    [[null]],
    [[{}]],
    [[{ mobile: null }]],
    [[{ mobile: true }]],
    [[{ mobile: '13800138000', params: [] }]],
    [[{ mobile: '13800138000', params: { a: {} } }]],
  ])('refuses recipients %j', async (recipients) => {
    expect(await refused({ recipients, mobiles: undefined })).toBe('ER:0004');
  });

  it('refuses mobiles and recipients together', async () => {
    expect(await refused({ recipients: [{ mobile: '13800138000' }] })).toBe('ER:0004');
  });
});

describe('numbers', () => {
  it.each([
    '',
    ' ',
    '1',
    '12345',
    'abc',
    '1380013800',
    '138001380000',
    '+',
    '+0',
    '+86',
    '１３８００１３８０００',
    '138 0013 8000',
    0,
    -1,
    13,
    1e21,
    2 ** 53,
  ])('refuses %j, and sends nothing to the others', async (mobile) => {
    const owner = await newAccount(house, 10);
    const sender = await owner.ready();
    const [good] = numbers(1, 80) as [string];
    expect(said(await owner.send({ ...sender, mobiles: [good, mobile] }))).toBe('ER:0033');
    expect(said(await owner.send({ ...sender, mobiles: [mobile] }))).toBe('ER:0033');
    expect(said(await owner.send({ ...sender, recipients: [{ mobile }] }))).toBe('ER:0033');
    expect(await owner.balance()).toEqual({ available: 10, reserved: 0 });
    expect((await owner.get('/api/v1/plans')).json.items).toEqual([]);
  });

  it('refuses what cannot be a mobile number', async () => {
    for (const mobile of ['+861012345678', '+442079460000', '01012345678']) {
      expect([mobile, said(await account.send({ ...ready, mobiles: [mobile] }))]).toEqual([mobile, 'ER:0033']);
    }
  });

  it('are at most 10,000 a request', async () => {
    const owner = await newAccount(house, 20_000);
    const sender = await owner.ready();
    const mobiles = Array.from({ length: 10_001 }, (_, i) => String(13900000000 + i));
    expect(said(await owner.send({ ...sender, mobiles }))).toBe('ER:0033');
    expect(said(await owner.send({ ...sender, mobiles: Array(10_001).fill('13800138000') }))).toBe('ER:0033');
    expect(await owner.balance()).toEqual({ available: 20_000, reserved: 0 });
    const answer = await owner.send({ ...sender, mobiles: mobiles.slice(1) });
    expect(answer.status).toBe(200);
    expect(await owner.available()).toBe(10_000);
    const finished = await owner.finished(answer.json.uuid);
    expect(finished).toMatchObject({ total: 10_000, page: 1, page_size: 100 });
    expect(await owner.balance()).toEqual({ available: 10_000, reserved: 0 });
  });
});

describe('the order of refusals', () => {
  it('is shape, numbers, whose signature, whose template, its state, its state, variables, frequency, balance', async () => {
    const other = await newAccount(house);
    const foreign = await other.ready();
    const owner = await newAccount(house, 1);
    const sign_id = await owner.signature();
    const otherSign = await owner.signature();
    const temp_id = await owner.template(sign_id, '码{code}');
    const mobiles = numbers(2, 90);
    const params = { code: '1' };
    const send = async (body: Record<string, unknown>) =>
      said(await owner.send({ sign_id, temp_id, mobiles, ...body }));

    expect(await send({ sign_id: 'x', mobiles: [''] })).toBe('ER:0004');
    expect(await send({ mobiles: ['', {}] })).toBe('ER:0004');
    expect(await send({ mobiles: [''], params: { code: {} } })).toBe('ER:0004');
    expect(await send({ sign_id: foreign.sign_id, mobiles: [''] })).toBe('ER:0033');
    expect(await send({ sign_id: foreign.sign_id, temp_id: foreign.temp_id })).toBe('ER:0023');
    expect(await send({ sign_id: 999_999, temp_id: 999_999 })).toBe('ER:0023');
    await reviewSignature(house, sign_id, 'rejected');
    await reviewSignature(house, otherSign, 'rejected');
    await reviewTemplate(house, temp_id, 'rejected');
    expect(await send({ temp_id: foreign.temp_id })).toBe('ER:0024');
    expect(await send({ temp_id: 999_999 })).toBe('ER:0024');
    expect(await send({ sign_id: otherSign })).toBe('ER:0024');
    expect(await send({})).toBe('ER:0031');
    await reviewSignature(house, sign_id, 'passed');
    expect(await send({})).toBe('ER:0032');
    await reviewTemplate(house, temp_id, 'passed');
    expect(await send({})).toBe('ER:0004');
    expect(await send({ params })).toBe('ER:0035');

    await house.asRoot('POST', '/v2/charge', { user: owner.user, charge: 20 });
    for (let i = 0; i < 20; i++) expect(await send({ mobiles: mobiles.slice(0, 1), params })).toMatch(/^200 /);
    expect(await owner.available()).toBe(1);
    expect(await send({})).toBe('ER:0004');
    expect(await send({ params })).toBe('ER:0036');
    expect(await send({ mobiles: [mobiles[1], '13800138099'], params })).toBe('ER:0035');
    expect(await owner.available()).toBe(1);
  });

  it('a signature or template under review again cannot be sent', async () => {
    const owner = await newAccount(house, 10);
    const { sign_id, temp_id } = await owner.ready();
    const body = { sign_id, temp_id, mobiles: numbers(1, 100) };
    await owner.put('/v1/signature', { sign_id, signature: '新名', source: 's' });
    expect(said(await owner.send(body))).toBe('ER:0031');
    await reviewSignature(house, sign_id, 'passed');
    const fields = { name: 'n', template: '新文', type: 1, description: 'd', sign_id, temp_id };
    await owner.put('/v1/template', fields);
    expect(said(await owner.send(body))).toBe('ER:0032');
    await reviewTemplate(house, temp_id, 'passed');
    const { uuid } = (await owner.send(body)).json;
    await owner.finished(uuid);
    expect(handsets.textsTo(numbers(1, 100)[0]!)).toEqual(['【新名】新文']);
  });
});
