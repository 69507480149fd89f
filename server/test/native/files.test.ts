import { readdirSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, startHouse, type TestBusiness, until } from '../house.ts';
import { ledgerFaults } from '../journeys/sender.ts';
import { workbook } from '../workbook.ts';
import { type Client, type Login, nativeClients, rootOf } from './client.ts';
import { newSignature, newTemplate } from './seed.ts';

let house: House;
let as: (login: Login) => Client;
let root: Client;
let business: TestBusiness;
let own: Client;
let stranger: Client;
let other: TestBusiness;
/** Template with the variables {name} and {code}; one without any. */
let templateId: number;
let plainId: number;
let signatureId: number;
let next = 0;

const number = (i: number): string => `+86138001${String(30_000 + i).padStart(5, '0')}`;
/** Numbers nobody has used yet. */
const fresh = (count: number): string[] => Array.from({ length: count }, () => number(next++));

beforeAll(async () => {
  house = await startHouse({
    env: { SIGNET_FREQUENCY: '2/600s', SIGNET_MAX_FILE_ROWS: '3000', SIGNET_MAX_FILE_MB: '12' },
  });
  as = await nativeClients(house);
  root = as(rootOf(house));
  business = await house.createBusiness({ credits: 100_000 });
  own = as(business);
  other = await house.createBusiness({ credits: 100 });
  stranger = as(other);
  signatureId = await newSignature(house, business);
  await root.post(`/signatures/${signatureId}/review`, { state: 'approved' });
  templateId = await approvedTemplate('Hello {name}, your code is {code}');
  plainId = await approvedTemplate('Hello');
});
afterAll(() => house?.stop());

async function approvedTemplate(template: string): Promise<number> {
  const id = await newTemplate(house, business, signatureId, { template });
  await root.post(`/templates/${id}/review`, { state: 'approved' });
  return id;
}

const query = (more: Record<string, string> = {}) =>
  `/plans?${new URLSearchParams({ template_id: String(templateId), ...more })}`;
const upload = (file: string | Buffer, more: Record<string, string> = {}, headers = {}) =>
  own.upload(query(more), file, headers);

/** The draft of a file, which must be one. */
async function draftOf(file: string | Buffer, more: Record<string, string> = {}) {
  const answer = await upload(file, more);
  expect(answer.text, answer.text).toContain('"plan_id"');
  expect(answer.status).toBe(201);
  return answer.json;
}

const balance = async () => (await own.get('/balance')).json;
const planOf = async (id: number) => (await own.get(`/plans/${id}`)).json;
const textsOf = async (id: number): Promise<{ to: string; state: string; error: string }[]> =>
  (await own.get(`/plans/${id}/messages?limit=1000`)).json.items;

describe('the price of a file', () => {
  const priced = (file: string, query: Record<string, string> = {}, login: Login = business) =>
    house.request('POST', `/api/v1/plans/price?${new URLSearchParams({ template_id: String(templateId), ...query })}`, {
      ...login,
      raw: file,
      headers: { 'content-type': 'text/csv' },
    });

  it('is what a draft of it costs, and nothing of it is kept', async () => {
    const [first, second] = fresh(2);
    const file = `mobile,name,code\n${first},Ann,1\n${second},Ben,2\n${first},Ann,1\n12,Eve,3\n`;
    const before = (await own.get('/plans?state=draft')).json;
    const { status, json } = await priced(file);
    expect(status).toBe(200);
    expect(json).toMatchObject({ accepted: 2, rejected: 2, segments: 2, credits: 2 });
    expect(Object.values(json.rejected_by_reason).reduce((a, b) => Number(a) + Number(b), 0)).toBe(2);
    expect(json.available).toBe((await own.get('/balance')).json.available);
    expect((await own.get('/plans?state=draft')).json).toEqual(before);
  });

  it('takes values for all, and says no as a draft does', async () => {
    const params = JSON.stringify({ name: 'x'.repeat(300), code: '1' });
    expect((await priced(`${fresh(1)[0]}\n`, { params })).json).toMatchObject({ accepted: 1, segments: 5, credits: 5 });
    expect((await priced(`${fresh(1)[0]}\n`)).json.code).toBe('fileRefused');
    expect((await priced(`${fresh(1)[0]}\n`, {}, other)).json.code).toBe('templateNotFound');
    const json = await own.post('/plans/price?template_id=1', {});
    expect(json.json.code).toBe('invalidField');
  });
});

describe('a file', () => {
  it('becomes a draft that shows what would be sent, and sends nothing', async () => {
    const [first, second] = fresh(2);
    const before = await balance();
    const file = `\ufeff手机号;name;code\n${first};Ann;1001\n12345;Bob;1002\n${second};"C;y";1003\n${first};Ann;1004\n${number(999)};;1\n`;
    const draft = await draftOf(file, { name: 'spring', custom_args: '{"ref":7}' });
    expect(draft).toMatchObject({
      state: 'draft',
      dialect: 'native',
      name: 'spring',
      custom_args: { ref: 7 },
      template_id: templateId,
      signature_id: signatureId,
      total: 5,
      accepted: 2,
      rejected: 3,
      rejected_by_reason: { invalid_number: 1, duplicate: 1, missing_value: 1 },
      segments: 2,
      credits: 2,
      available: before.available,
      available_after: before.available - 2,
      start_at: null,
      file: {
        format: 'csv',
        encoding: 'utf-8',
        columns: ['手机号', 'name', 'code'],
        has_header: true,
        number_column: '手机号',
        map: [
          { variable: 'name', column: 'name', value: null },
          { variable: 'code', column: 'code', value: null },
        ],
      },
      preview: [
        { line: 2, to: first, text: '【Acme】Hello Ann, your code is 1001', segments: 1 },
        { line: 4, to: second, text: '【Acme】Hello C;y, your code is 1003', segments: 1 },
      ],
    });
    const { plan_id: id } = draft;
    expect((await own.get(`/plans/${id}/draft`)).json).toEqual(draft);
    expect(await planOf(id)).toMatchObject({ state: 'draft', counts: { accepted: 2 } });
    expect(await balance()).toEqual(before);
    expect((await own.get('/plans?state=draft')).json.items.map((plan: { plan_id: number }) => plan.plan_id)).toContain(
      id,
    );
    expect((await own.get('/plans')).json.items.map((plan: { plan_id: number }) => plan.plan_id)).not.toContain(id);
    expect((await own.get(`/messages?plan_id=${id}`)).json.items).toEqual([]);
    const rejected = await own.get(`/plans/${id}/rejected`);
    expect(rejected.text.split('\r\n')).toEqual([
      'line,reason,手机号,name,code',
      '3,not a mobile number,12345,Bob,1002',
      `5,this number stands on an earlier line too,'${first},Ann,1004`,
      `6,no value for {name},'${number(999)},,1`,
      '',
    ]);
    expect(readdirSync(join(house.dataDir, 'uploads'))).toEqual([]);
  });

  it('is sent when its draft is confirmed, once however often', async () => {
    const numbers = fresh(3);
    const before = await balance();
    const { plan_id: id, credits } = await draftOf(`mobile,name,code\n${numbers.map((to) => `${to},x,1`).join('\n')}`);
    const confirmed = await Promise.all([1, 2, 3].map(() => own.post(`/plans/${id}/confirm`)));
    for (const answer of confirmed) expect(answer).toMatchObject({ status: 200, json: { plan_id: id } });
    await until(async () => (await planOf(id)).counts.delivered === 3, 'all to be delivered');
    expect(await planOf(id)).toMatchObject({ state: 'done', total: 3, accepted: 3, left: 0 });
    expect((await own.post(`/plans/${id}/confirm`)).json).toMatchObject({ state: 'done' });
    expect(await balance()).toEqual({ available: before.available - credits, reserved: 0 });
    expect((await own.get(`/plans/${id}/draft`)).json).toMatchObject({ state: 'done', expires_at: null });
    expect(await own.delete(`/plans/${id}`)).toMatchObject({ status: 409, json: { code: 'planStateWrong' } });
    expect(await ledgerFaults(house)).toEqual([]);
  });

  it('waits for its time', async () => {
    const { plan_id: id } = await draftOf(`mobile\n${fresh(1)[0]}`, { template_id: String(plainId) });
    expect(await own.post(`/plans/${id}/confirm`, { start_at: '2020-01-01T00:00:00Z' })).toMatchObject({
      status: 400,
      json: { field: 'start_at' },
    });
    expect(await own.post(`/plans/${id}/confirm`, { start_at: '2050-01-01T00:00:00' })).toMatchObject({
      status: 400,
      json: { field: 'start_at' },
    });
    expect(await own.post(`/plans/${id}/confirm`, { start_at: '2090-01-01T00:00:00+08:00' })).toMatchObject({
      status: 400,
    });
    const inAnHour = new Date(Date.now() + 3_600_000).toISOString();
    const confirmed = await own.post(`/plans/${id}/confirm`, { start_at: inAnHour });
    expect(confirmed.json).toMatchObject({ state: 'pending', start_at: inAnHour });
    expect((await balance()).reserved).toBe(1);
    expect((await own.post(`/plans/${id}/cancel`)).json).toMatchObject({ state: 'cancelled' });
    await until(async () => (await balance()).reserved === 0, 'the credits to be released');
  });

  it('fails those over their limit when it starts, and sends the others', async () => {
    const numbers = fresh(3);
    const send = async (to: string[]) => {
      const { plan_id } = await draftOf(`mobile\n${to.join('\n')}`, { template_id: String(plainId) });
      await own.post(`/plans/${plan_id}/confirm`);
      await until(async () => (await planOf(plan_id)).state === 'done', 'the plan to be done');
      return plan_id;
    };
    await send([numbers[1]!]);
    await send([numbers[1]!]);
    const id = await send(numbers);
    expect((await textsOf(id)).map(({ state }) => state === 'failed')).toEqual([false, true, false]);
    expect(await ledgerFaults(house)).toEqual([]);
  });

  it('is discarded, and then nothing of it is left', async () => {
    const { plan_id: id } = await draftOf(`mobile\n${fresh(2_500).join('\n')}\nx`, { template_id: String(plainId) });
    expect((await own.delete(`/plans/${id}`)).status).toBe(204);
    for (const path of [`/plans/${id}`, `/plans/${id}/draft`, `/plans/${id}/rejected`]) {
      expect(await own.get(path)).toMatchObject({ status: 404, json: { code: 'planNotFound' } });
    }
    expect(await own.delete(`/plans/${id}`)).toMatchObject({ status: 404 });
    expect(await own.post(`/plans/${id}/confirm`)).toMatchObject({ status: 404 });
  });

  it('that cannot be paid for stays a draft', async () => {
    const poor = await house.createBusiness({ credits: 1 });
    const poorClient = as(poor);
    const sign = await newSignature(house, poor);
    await root.post(`/signatures/${sign}/review`, { state: 'approved' });
    const temp = await newTemplate(house, poor, sign, { template: 'Hi' });
    await root.post(`/templates/${temp}/review`, { state: 'approved' });
    const draft = await poorClient.upload(`/plans?template_id=${temp}`, `mobile\n${fresh(2).join('\n')}`);
    expect(draft.json).toMatchObject({ credits: 2, available: 1, available_after: -1 });
    const id = draft.json.plan_id;
    expect(await poorClient.post(`/plans/${id}/confirm`)).toMatchObject({
      status: 409,
      json: { code: 'balanceTooLow' },
    });
    expect((await poorClient.get(`/plans/${id}/draft`)).json).toMatchObject({ state: 'draft' });
    await root.post(`/businesses/${poor.businessId}/top-up`, { credits: 1 });
    expect(await poorClient.post(`/plans/${id}/confirm`)).toMatchObject({ status: 200 });
  });

  it('is judged by what its template said, and not sent when that has changed', async () => {
    const temp = await approvedTemplate('One');
    const { plan_id: id } = await draftOf(`mobile\n${fresh(1)[0]}`, { template_id: String(temp) });
    const edit = { temp_id: temp, name: 'x', template: 'Two', type: 2, description: 'x', sign_id: signatureId };
    expect((await house.request('PUT', `/v1/template`, { ...business, body: edit })).status).toBe(200);
    expect(await own.post(`/plans/${id}/confirm`)).toMatchObject({
      status: 409,
      json: { code: 'templateNotApproved' },
    });
    await root.post(`/templates/${temp}/review`, { state: 'approved' });
    expect(await own.post(`/plans/${id}/confirm`)).toMatchObject({ status: 409, json: { code: 'draftOutdated' } });
    expect((await own.delete(`/plans/${id}`)).status).toBe(204);
  });

  it('may be a workbook, with columns mapped to the variables', async () => {
    const [first, second] = fresh(2);
    const book = workbook({
      rows: [
        ['客户', '电话', '日期'],
        ['张三', Number(first!.slice(1)), { xml: '<c s="1"><v>46348</v></c>' }],
        ['李四', { xml: `<c><v>${(Number(second!.slice(1)) / 1e12).toFixed(12)}E+12</v></c>` }, 'soon'],
        ['=SUM(A1)', '', ''],
      ],
      formats: [14],
    });
    const draft = await draftOf(book, { map: JSON.stringify({ name: '客户', code: '3' }) });
    expect(draft).toMatchObject({
      accepted: 2,
      rejected_by_reason: { no_number: 1 },
      file: { format: 'xlsx', encoding: null, number_column: '电话' },
      preview: [
        { line: 2, to: first, text: '【Acme】Hello 张三, your code is 2026-11-22' },
        { line: 3, to: second, text: '【Acme】Hello 李四, your code is soon' },
      ],
    });
    expect((await own.get(`/plans/${draft.plan_id}/rejected`)).text).toContain("\r\n4,no number,'=SUM(A1),,\r\n");
  });

  it('takes values for all rows, and a column by its position', async () => {
    const [first] = fresh(1);
    const draft = await draftOf(`${first},Ann`, {
      header: 'no',
      number_column: '1',
      map: '{"name":"2"}',
      params: '{"code":42,"name":"friend"}',
    });
    expect(draft.preview[0].text).toBe('【Acme】Hello Ann, your code is 42');
    expect(draft.file.map[1]).toEqual({ variable: 'code', column: null, value: '42' });
  });

  it('answers the same draft to the same key, and refuses the key for another file', async () => {
    const file = `mobile\n${fresh(1)[0]}`;
    const plain = { template_id: String(plainId) };
    const key = { 'idempotency-key': `key-${next}` };
    const [one, two] = [await upload(file, plain, key), await upload(file, plain, key)];
    expect(two.json).toEqual(one.json);
    expect(await upload(`${file}\n`, plain, key)).toMatchObject({ status: 409, json: { code: 'idempotencyMismatch' } });
    await own.delete(`/plans/${one.json.plan_id}`);
  });
});

describe('hostile files', () => {
  const refused = async (file: string | Buffer, why: string | RegExp, more: Record<string, string> = {}) => {
    const answer = await upload(file, { template_id: String(plainId), ...more });
    expect(answer).toMatchObject({ status: 400, json: { code: 'fileRefused' } });
    expect(answer.json.detail).toMatch(why);
  };

  it.each<[what: string, file: () => string | Buffer, why: RegExp]>([
    ['nothing', () => '', /no rows/],
    ['only a header', () => 'mobile,name\n', /header and no rows/],
    ['no numbers', () => 'name,town\nAnn,Rome\n', /no column holds mobile numbers/],
    ['a mark that is never closed', () => 'mobile\n"13800138000\n13800138001\n', /line 2: .*never closed/],
    ['a cell of 10 MB', () => `mobile,name\n13800138000,${'x'.repeat(10_000_000)}\n`, /longer than/],
    ['another encoding', () => Buffer.from('mobile\n\xff\xff', 'latin1'), /neither UTF-8 nor GB18030/],
    ['NUL', () => 'mobile\n\0\n', /NUL/],
    [
      'more rows than may be',
      () => `mobile\n${Array.from({ length: 3_001 }, (_, i) => number(i)).join('\n')}`,
      /more than 3000 rows/,
    ],
    ['an old workbook', () => Buffer.from('d0cf11e0a1b11ae1', 'hex'), /\.xls/],
    ['no workbook', () => Buffer.from('PK\x03\x04 and no more'), /damaged/],
    [
      'a zip bomb',
      () => workbook({ rows: [], parts: { 'xl/worksheets/sheet1.xml': ' '.repeat(200_000_000) } }),
      /unpacks to far more/,
    ],
  ])('%s', async (_what, file, why) => {
    await refused(file(), why);
    expect(readdirSync(join(house.dataDir, 'uploads'))).toEqual([]);
  });

  it('a file over the limit of octets, sent whole before anybody listens', async () => {
    expect(await upload(Buffer.alloc(12_500_000, 'x'))).toMatchObject({ status: 413, json: { code: 'fileTooLarge' } });
  });

  it('a mapping to nothing, a variable without a value, an encoding that is none', async () => {
    await refused('mobile\n13800138000', /no column nobody/, {
      template_id: String(templateId),
      map: '{"name":"nobody"}',
    });
    await refused('mobile\n13800138000', /no column is named name/, { template_id: String(templateId) });
    const wrongs: Record<string, string>[] = [
      { map: '[]' },
      { params: '{"a":{}}' },
      { encoding: 'klingon' },
      { country: 'ZZ' },
      { custom_args: '1' },
    ];
    for (const wrong of wrongs) {
      const answer = await upload('mobile\n13800138000', wrong);
      expect(answer).toMatchObject({ status: 400, json: { code: 'invalidField', field: Object.keys(wrong)[0] } });
    }
    expect(await own.upload('/plans', 'mobile\n')).toMatchObject({ status: 400, json: { field: 'template_id' } });
  });

  it('an upload that breaks off leaves nothing', async () => {
    const drafts = async () => (await own.get('/plans?state=draft&limit=1000')).json.items.length;
    const before = await drafts();
    await new Promise<void>((resolve) => {
      const asking = request({
        host: '127.0.0.1',
        port: house.port,
        method: 'POST',
        path: `/api/v1${query()}`,
        headers: {
          authorization: `Basic ${Buffer.from(`${business.user}:${business.password}`).toString('base64')}`,
          'content-type': 'text/csv',
          'content-length': '1000000',
        },
      });
      asking.on('error', () => resolve());
      asking.write('mobile\n13800138000\n');
      void until(() => readdirSync(join(house.dataDir, 'uploads')).length > 0, 'the upload to begin').then(() =>
        asking.destroy(),
      );
    });
    await until(() => readdirSync(join(house.dataDir, 'uploads')).length === 0, 'the upload to be removed');
    expect(await drafts()).toBe(before);
    expect(house.output()).not.toContain('a request failed');
  });
});

describe('who may', () => {
  it('another business sees nothing of a draft, and the administrator all', async () => {
    const { plan_id: id } = await draftOf(`mobile\n${fresh(1)[0]}`, { template_id: String(plainId) });
    for (const path of [`/plans/${id}`, `/plans/${id}/draft`, `/plans/${id}/rejected`]) {
      expect(await stranger.get(path)).toMatchObject({ status: 404, json: { code: 'planNotFound' } });
    }
    expect(await stranger.post(`/plans/${id}/confirm`)).toMatchObject({ status: 404 });
    expect(await stranger.delete(`/plans/${id}`)).toMatchObject({ status: 404 });
    expect(await stranger.upload(query(), 'mobile\n13800138000')).toMatchObject({
      status: 404,
      json: { code: 'templateNotFound' },
    });
    expect((await root.get(`/plans/${id}/draft`)).json).toMatchObject({ plan_id: id });
    expect((await own.delete(`/plans/${id}`)).status).toBe(204);
  });

  it('a key needs the permission to send', async () => {
    const { json: key } = await own.post('/api-keys', { permissions: ['read', 'manage'] });
    const reader = as({ user: key.api_key, password: key.api_secret });
    expect(await reader.upload(query(), 'mobile\n13800138000')).toMatchObject({
      status: 403,
      json: { code: 'permissionMissing' },
    });
    expect(await reader.post('/plans/1/confirm')).toMatchObject({ status: 403 });
    expect(await reader.post('/plans', { template_id: plainId, recipients: ['13800138000'] })).toMatchObject({
      status: 403,
    });
  });

  it('and needs no other', async () => {
    const { json: key } = await own.post('/api-keys', { permissions: ['send'] });
    const sending = as({ user: key.api_key, password: key.api_secret });
    const [to] = fresh(1);
    const draft = await sending.upload(query({ template_id: String(plainId) }), `mobile\n${to}\nx`);
    expect(draft.status).toBe(201);
    const { plan_id: id } = draft.json;
    expect((await sending.get(`/plans/${id}/draft`)).json).toEqual(draft.json);
    expect((await sending.get(`/plans/${id}/rejected`)).text).toContain('3,not a mobile number,x');
    expect((await sending.post(`/plans/${id}/confirm`)).status).toBe(200);
    expect((await sending.get(`/plans/${id}`)).status).toBe(403);
  });

  it('have only so many drafts at a time', async () => {
    const full = await house.createBusiness({ credits: 1 });
    const client = as(full);
    const sign = await newSignature(house, full);
    await root.post(`/signatures/${sign}/review`, { state: 'approved' });
    const temp = await newTemplate(house, full, sign, { template: 'Hi' });
    await root.post(`/templates/${temp}/review`, { state: 'approved' });
    const ids: number[] = [];
    for (let i = 0; i < 20; i++)
      ids.push((await client.upload(`/plans?template_id=${temp}`, 'mobile\n13800138000')).json.plan_id);
    const more = () => client.upload(`/plans?template_id=${temp}`, 'mobile\n13800138000');
    expect(await more()).toMatchObject({ status: 409, json: { code: 'tooManyDrafts' } });
    await client.delete(`/plans/${ids[0]}`);
    expect((await more()).status).toBe(201);
  });
});

describe('a plan from JSON', () => {
  it('goes to each valid number once, with its own values', async () => {
    const [first, second] = fresh(2);
    const sent = await own.post('/plans', {
      template_id: templateId,
      signature_id: signatureId,
      name: 'two',
      recipients: [first, { to: second!.slice(3), params: { name: 'Bob' } }, 'hello', { to: first }],
      params: { name: 'friend', code: 7 },
      custom_args: { a: [1] },
    });
    expect(sent).toMatchObject({
      status: 201,
      json: { dialect: 'native', name: 'two', total: 4, accepted: 2, invalid: 1, custom_args: { a: [1] } },
    });
    const id = sent.json.plan_id;
    await until(async () => (await planOf(id)).state === 'done', 'the plan to be done');
    expect((await textsOf(id)).map(({ to }) => to).slice(0, 2)).toEqual([first, second]);
  });

  it('is repeated under its key without being sent again', async () => {
    const body = { template_id: plainId, recipients: fresh(1) };
    const send = (recipients: string[]) =>
      house.request('POST', '/api/v1/plans', {
        ...business,
        body: { ...body, recipients },
        headers: { 'idempotency-key': 'json-1' },
      });
    const [one, two] = await Promise.all([send(body.recipients), send(body.recipients)]);
    expect(two.json.plan_id).toBe(one.json.plan_id);
    expect(await send(fresh(1))).toMatchObject({ status: 409, json: { code: 'idempotencyMismatch' } });
  });

  it.each<[what: string, body: () => Record<string, unknown>, field: string]>([
    ['nobody', () => ({ recipients: [] }), 'recipients'],
    ['nobody valid', () => ({ recipients: ['x'] }), 'recipients'],
    ['a time without an offset', () => ({ start_at: '2050-01-01T00:00:00' }), 'start_at'],
    ['a time that is over', () => ({ start_at: '2020-01-01T00:00:00Z' }), 'start_at'],
    ['a time that is none', () => ({ start_at: '2050-13-01T00:00:00Z' }), 'start_at'],
    ['a day that does not exist', () => ({ start_at: '2050-02-30T00:00:00Z' }), 'start_at'],
    ['a misspelt field of a recipient', () => ({ recipients: [{ to: number(0), parms: {} }] }), 'recipients.0.parms'],
    ['much to repeat', () => ({ custom_args: { a: 'x'.repeat(1_100) } }), 'custom_args'],
    ['an unknown field', () => ({ to: [] }), 'to'],
    ['an object for a value', () => ({ params: { a: {} } }), 'params.a'],
  ])('refuses %s', async (_what, more, field) => {
    const answer = await own.post('/plans', { template_id: plainId, recipients: [number(0)], ...more() });
    expect(answer).toMatchObject({ status: 400, json: { code: 'invalidField', field } });
  });

  it('keeps to one way of asking', async () => {
    expect(
      await own.post(`/plans?template_id=${plainId}`, { template_id: plainId, recipients: [number(0)] }),
    ).toMatchObject({
      status: 400,
      json: { code: 'invalidField', field: 'template_id' },
    });
    expect(await own.upload('/plans/1/confirm', 'mobile')).toMatchObject({ status: 415 });
    expect(await own.upload(query(), 'mobile', { 'content-type': 'image/png' })).toMatchObject({
      status: 415,
      json: { detail: expect.stringContaining('text/csv') },
    });
    expect(await own.upload(query(), 'mobile', { 'idempotency-key': 'x'.repeat(200) })).toMatchObject({ status: 400 });
  });
});

describe('a crash', () => {
  it('between upload and confirmation loses no draft, and keeps nothing half written', async () => {
    const numbers = fresh(2_000);
    const { plan_id: id } = await draftOf(`mobile\n${numbers.join('\n')}`, { template_id: String(plainId) });
    const half = upload(`mobile\n${fresh(2_500).join('\n')}`, { template_id: String(plainId) }).catch(() => null);
    await until(() => readdirSync(join(house.dataDir, 'uploads')).length > 0, 'the second upload to begin');
    await house.kill();
    await half;
    await house.start();
    expect(readdirSync(join(house.dataDir, 'uploads'))).toEqual([]);
    expect((await own.get(`/plans/${id}/draft`)).json).toMatchObject({ state: 'draft', accepted: 2_000 });
    expect((await own.post(`/plans/${id}/confirm`)).status).toBe(200);
    await until(async () => (await planOf(id)).counts.delivered === 2_000, 'all to be delivered');
    expect(await ledgerFaults(house)).toEqual([]);
  });
});
