import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { type House, startHouse } from '../house.ts';
import { type Client, nativeClients, rootOf } from './client.ts';

const PAGE = fileURLToPath(new URL('../../../docs/channels-http.md', import.meta.url));

let house: House;
let root: Client;
let somebody: Client;

beforeAll(async () => {
  house = await startHouse({ simulator: false, env: { SIGNET_PUBLIC_URL: 'https://sms.example' } });
  const clientOf = await nativeClients(house);
  root = clientOf(rootOf(house));
  somebody = clientOf(await house.createBusiness());
});
afterAll(() => house?.stop());

const http = { url: 'https://provider.example/send', body: { to: '{to}', text: '{text}' } };
const engagelab = { url: 'https://other.example', api_key: 'key', api_secret: 'hush', template: '7' };
const add = (channel: Record<string, unknown>) => root.post('/channels', { enabled: false, ...channel });

describe('an HTTP channel', () => {
  it.each([
    [{ http, smpp: { host: 'h', port: 1, system_id: 'x', password: '' } }, 'http'],
    [{ http: { ...http, url: 'ftp://provider.example' } }, 'http.url'],
    [{ http: { ...http, url: 'https://user:pass@provider.example' } }, 'http.url'],
    [{ http: { ...http, url: 'https://{to}.example/' } }, 'http.url'],
    [{ http: { ...http, url: 'https://provider.example/{phone}' } }, 'http.url'],
    [{ http: { url: http.url } }, 'http.body'],
    [{ http: { ...http, body: { to: '{phone}' } } }, 'http.body'],
    [{ http: { ...http, body: { deep: [[['{secret.absent}']]] } } }, 'http.body'],
    [{ http: { ...http, format: 'form', body: { to: { a: 'b' } } } }, 'http.body'],
    [{ http: { ...http, method: 'GET' } }, 'http.format'],
    [{ http: { ...http, method: 'PATCH' } }, 'http.method'],
    [{ http: { ...http, headers: { 'X Y': '1' } } }, 'http.headers'],
    [{ http: { ...http, headers: { 'X-Y': 'a\r\nb: c' } } }, 'http.headers.X-Y'],
    [{ http: { ...http, headers: { 'X-Y': '{text}' } } }, 'http.headers.X-Y'],
    [{ http: { ...http, headers: { Host: 'other' } } }, 'http.headers.Host'],
    [{ http: { ...http, headers: { Authorization: 'Bearer shown-to-all' } } }, 'http.headers.Authorization'],
    [{ http: { ...http, auth: { kind: 'bearer', secret: 'absent' } } }, 'http.auth.secret'],
    [{ http: { ...http, auth: { kind: 'magic' } } }, 'http.auth.kind'],
    [{ http: { ...http, errors: [{ outcome: 'never' }] } }, 'http.errors.0'],
    [{ http: { ...http, errors: [{ statuses: ['teapot'], outcome: 'never' }] } }, 'http.errors.0.statuses'],
    [{ http: { ...http, errors: [{ statuses: ['4xx'], outcome: 'perhaps' }] } }, 'http.errors.0.outcome'],
    [{ http: { ...http, message_id: 'a..b' } }, 'http.message_id'],
    [{ http: { ...http, networks: ['provider.example'] } }, 'http.networks'],
    [{ http: { ...http, window: 0 } }, 'http.window'],
    [{ http: { ...http, reports: { id: '', status: 's', states: {} } } }, 'http.reports.id'],
    [{ http: { ...http, reports: { id: 'i', status: 's', states: { ok: 'fine' } } } }, 'http.reports.states.ok'],
    [{ http: { ...http, reports: { id: 'i', status: 's', states: {}, country: 'XX' } } }, 'http.reports.country'],
    [{ http: { ...http, signature: { header: 'X', secret: 'absent' } } }, 'http.signature.secret'],
    [{ http: { ...http, callback_path: '/mine' } }, 'http.callback_path'],
    [{ engagelab: { ...engagelab, template: '' } }, 'engagelab.template'],
    [{ engagelab: { ...engagelab, url: 'https://other.example/?a=1' } }, 'engagelab.url'],
    [{ engagelab: { ...engagelab, templates: { x: '1' } } }, 'engagelab.templates.x'],
    [{ engagelab: { ...engagelab, api_secret: '' } }, 'engagelab.api_secret'],
  ])('is refused when it cannot work: %j', async (settings, field) => {
    const answer = await add({ name: 'c', ...settings });
    expect([answer.status, answer.json.field]).toEqual([400, field]);
    expect((await root.get('/channels')).json.items).toEqual([]);
  });

  it('is added with its defaults, and shows names of secrets, never secrets', async () => {
    const created = await add({ name: 'provider', http: { ...http, secrets: { token: 'hush-1', other: 'hush-2' } } });
    expect(created.status).toBe(201);
    expect(created.json).toMatchObject({
      kind: 'http',
      address: 'https://provider.example',
      http: {
        method: 'POST',
        format: 'json',
        auth: { kind: 'none' },
        success: { statuses: ['2xx'], path: '', equals: [] },
        errors: [],
        window: 10,
        rate: null,
        idempotent: false,
        secrets: ['token', 'other'],
        reports: null,
        answer: { status: 200, type: 'text/plain', body: 'ok' },
        callback_path: expect.stringMatching(/^\/callbacks\/channels\/[A-Za-z0-9_-]{32}$/),
      },
      state: { link: 'disabled', window: 10 },
    });
    const { id } = created.json;
    const edit = { auth: { kind: 'bearer', secret: 'token' }, secrets: { token: 'hush-3', other: '' }, window: 3 };
    const edited = await root.patch(`/channels/${id}`, { http: edit });
    expect(edited.json.http).toMatchObject({ ...edit, secrets: ['token'], body: http.body });
    expect(edited.json.http.callback_path).toBe(created.json.http.callback_path);
    const renew = (body: object) => root.post(`/channels/${created.json.id}/callback/renew`, body);
    expect((await renew({ overlap_hours: 721 })).json).toMatchObject({ status: 400, field: 'overlap_hours' });
    expect((await renew({ overlap_hours: 1.5 })).json).toMatchObject({ status: 400, field: 'overlap_hours' });
    const unchanged = (await root.get(`/channels/${created.json.id}`)).json.http;
    expect(unchanged).toMatchObject({ callback_path: created.json.http.callback_path, earlier_callback: null });
    const renewed = (await renew({ overlap_hours: 720 })).json.http;
    expect(renewed.earlier_callback.path).toBe(created.json.http.callback_path);
    expect(renewed.callback_path).not.toBe(created.json.http.callback_path);
    const smpp = { host: 'h', port: 1, system_id: 'x', password: '' };
    const other = (await add({ name: 'no-callbacks', smpp })).json.id;
    expect((await root.post(`/channels/${other}/callback/renew`, {})).json).toMatchObject({ status: 400, field: 'id' });
    expect((await root.post('/channels/999/callback/renew', {})).status).toBe(404);
    expect((await somebody.post(`/channels/${other}/callback/renew`, {})).json.code).toBe('adminOnly');
    // What is named cannot be taken away.
    expect((await root.patch(`/channels/${id}`, { http: { secrets: { token: '' } } })).json.field).toBe(
      'http.auth.secret',
    );
    expect((await root.patch(`/channels/${id}`, { smpp: { window: 5 } })).json.field).toBe('smpp');
    for (const path of ['/channels', `/channels/${id}`, '/events']) {
      expect((await root.get(path)).text).not.toContain('hush');
    }
    expect((await somebody.get('/channels')).json.code).toBe('adminOnly');
  });

  it('shows the request it would make, with its secrets masked', async () => {
    const settings = {
      url: 'https://provider.example/{to_country}/send?v={secret.token}',
      headers: { 'X-Key': '{secret.token}', 'X-To': '{to_digits}' },
      auth: { kind: 'basic', username: 'acme', secret: 'token' },
      secrets: { token: 'hush' },
      format: 'form',
      body: { to: '{to_national}', text: '{text}', notify: '{callback_url}', plain: '{ to } 100%' },
    };
    const { id, http: made } = (await add({ name: 'preview', http: settings })).json;
    const message = { to: '+8613800138000', text: 'a=1&b {to} é', category: 'marketing' };
    const preview = await root.post(`/channels/${id}/preview`, message);
    expect(preview.json).toEqual({
      method: 'POST',
      url: 'https://provider.example/86/send?v=***',
      headers: {
        'user-agent': 'Signet',
        'x-key': '***',
        'x-to': '8613800138000',
        authorization: 'Basic ***',
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: new URLSearchParams({
        to: '13800138000',
        text: 'a=1&b {to} é',
        notify: `https://sms.example${made.callback_path}`,
        plain: '{ to } 100%',
      }).toString(),
    });
    expect((await root.post(`/channels/${id}/preview`, { ...message, to: '123' })).json.field).toBe('to');
    expect((await root.post('/channels/999/preview', message)).status).toBe(404);
    expect((await somebody.post(`/channels/${id}/preview`, message)).json.code).toBe('adminOnly');
    const smpp = { host: '127.0.0.1', port: 2775, system_id: 'x', password: 'x' };
    const other = (await add({ name: 'smpp', smpp })).json;
    expect((await root.post(`/channels/${other.id}/preview`, message)).json.field).toBe('id');
  });
});

describe('an EngageLab channel', () => {
  it('is added, changed and previewed; its secrets stay inside', async () => {
    const secrets = { webhook_secret: 'hush-hook' };
    const created = await add({ name: 'other', engagelab: { ...engagelab, ...secrets, templates: { '5': '50' } } });
    expect(created.json).toMatchObject({
      kind: 'engagelab',
      address: 'https://other.example',
      engagelab: { variable: 'content', idempotent: true, receipts: true, has_webhook_secret: true, window: 20 },
    });
    const { id } = created.json;
    const message = { to: '+8613800138000', text: '【星河】hi' };
    const preview = (await root.post(`/channels/${id}/preview`, message)).json;
    expect(preview).toMatchObject({
      url: 'https://other.example/v1/messages',
      headers: { authorization: 'Basic ***', 'idempotency-key': expect.stringMatching(/^[A-Za-z0-9_-]{8}-0{23}$/) },
    });
    expect(JSON.parse(preview.body)).toMatchObject({
      to: ['+8613800138000'],
      template: { id: '7', params: { content: '【星河】hi' } },
    });
    const mapped = await root.post(`/channels/${id}/preview`, { ...message, template_id: 5, params: { code: '1' } });
    expect(JSON.parse(mapped.json.body).template).toEqual({ id: '50', params: { code: '1' } });
    const edited = await root.patch(`/channels/${id}`, { engagelab: { template: '', idempotent: false, rate: 5 } });
    expect(edited.json.engagelab).toMatchObject({ template: '', idempotent: false, rate: 5, templates: { '5': '50' } });
    expect((await root.post(`/channels/${id}/preview`, message)).json.field).toBe('template_id');
    expect((await root.get(`/channels/${id}`)).text).not.toContain('hush');
  });
});

test('the examples of the documentation work', async () => {
  const page = readFileSync(PAGE, 'utf8');
  const examples = [...page.matchAll(/```json\n(.*?)```/gs)].map((match) => JSON.parse(match[1]!));
  expect(examples.map(({ name }) => name)).toEqual(['acme', 'kannel', 'upstream']);
  for (const example of examples) {
    const { status, json, text } = await add(example);
    expect([status, text]).toEqual([201, expect.any(String)]);
    const preview = await root.post(`/channels/${json.id}/preview`, { to: '+447400123456', text: 'Hello & 你好' });
    expect(preview.status).toBe(200);
    if (example.name === 'kannel') {
      const { searchParams } = new URL(preview.json.url);
      expect(Object.fromEntries(searchParams)).toMatchObject({
        to: '+447400123456',
        text: 'Hello & 你好',
        password: '***',
        'dlr-url': `https://sms.example${json.http.callback_path}?id=${'0'.repeat(23)}&status=%d`,
      });
    }
  }
});
