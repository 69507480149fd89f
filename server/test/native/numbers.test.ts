import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, startHouse, type TestBusiness } from '../house.ts';
import { type Browser, browsers } from './browser.ts';
import { type Client, nativeClients, resolved, rootOf } from './client.ts';
import { approved, send } from './seed.ts';

const NUMBERS = ['+8613800138001', '+8613800138002'];
const WHOLE = /\+?86138001380\d\d/;

let house: House;
let root: Client;
let acme: TestBusiness;
let asAcme: Client;
let newBrowser: () => Browser;

beforeAll(async () => {
  house = await startHouse();
  newBrowser = await browsers(house);
  const clients = await nativeClients(house);
  root = clients(rootOf(house));
  acme = await house.createBusiness({ credits: 100 });
  asAcme = clients(acme);
  await send(house, acme, await approved(house, root, acme), NUMBERS);
  await asAcme.post('/opt-outs', { recipients: NUMBERS.slice(0, 1), note: 'asked us' });
});
afterAll(() => house?.stop());

let names = 0;
async function signedIn(role: string, staff = false): Promise<Browser> {
  const name = `looks-${++names}`;
  const made = (await (staff ? root : asAcme).post('/members', { name, role })).json;
  const browser = newBrowser();
  await browser.signIn(name, made.password);
  await browser.ask('POST', '/session/password', { current: made.password, next: 'a password of my own' });
  return browser;
}

/** Lists with people's numbers, as text. */
const PATHS = ['/messages', '/opt-outs', '/opt-outs.csv', '/events', `/opt-outs/${NUMBERS[0]!.slice(1)}`];

describe('numbers', () => {
  it('are whole for name and secret, which are for programs', async () => {
    for (const path of PATHS) expect((await asAcme.get(path)).text).toMatch(WHOLE);
  });

  it.each(PATHS)('in %s are masked for sessions', async (path) => {
    for (const browser of [await signedIn('owner'), await signedIn('viewer')]) {
      const answer = await browser.ask('GET', path);
      expect(answer.status).toBe(200);
      expect(answer.text).not.toMatch(WHOLE);
      expect(answer.text).toMatch(path === '/events' ? /"recipient":"\+8613\*\*\*01"/ : /\+8613\*\*\*01/);
    }
  });

  it('are not in the places of lists either', async () => {
    await asAcme.post('/opt-outs', { recipients: NUMBERS });
    const viewer = await signedIn('viewer');
    const first = (await viewer.ask('GET', '/opt-outs?limit=1')).json;
    const place = Buffer.from(first.next_cursor, 'base64url');
    expect(place.toString('latin1')).not.toContain(NUMBERS[0]!.slice(1));
    expect(place.includes(Buffer.from(BigInt(NUMBERS[0]!.slice(1)).toString(16).padStart(16, '0'), 'hex'))).toBe(false);
    const rest = (await viewer.ask('GET', `/opt-outs?limit=1&cursor=${first.next_cursor}`)).json;
    expect([...first.items, ...rest.items].map(({ to }: { to: string }) => to)).toEqual(['+8613***01', '+8613***02']);
    expect(rest.next_cursor).toBe(null);
    const forged = Buffer.from(NUMBERS[0]!.slice(1)).toString('base64url');
    expect((await viewer.ask('GET', `/opt-outs?cursor=${forged}`)).json).toMatchObject({
      code: 'invalidField',
      field: 'cursor',
    });
    await asAcme.delete(`/opt-outs/${NUMBERS[1]!.slice(1)}`);
  });

  it('are found by who looks for one, and still masked', async () => {
    const viewer = await signedIn('viewer');
    const { items } = (await viewer.ask('GET', `/messages?to=${NUMBERS[1]!.slice(1)}`)).json;
    expect(items.map(({ to }: { to: string }) => to)).toEqual(['+8613***02']);
  });

  it('are shown to who may reveal them and asks to, and that is logged first', async () => {
    const owner = await signedIn('owner');
    const reveal = { 'x-reveal-numbers': 'yes' };
    const path = `/messages?to=${NUMBERS[1]!.slice(1)}`;
    expect((await owner.ask('GET', path, undefined, reveal)).json.items[0].to).toBe(NUMBERS[1]);
    expect((await owner.ask('GET', '/opt-outs.csv', undefined, reveal)).text).toMatch(WHOLE);
    expect((await owner.ask('GET', '/templates', undefined, reveal)).status).toBe(200);
    const logged = (await asAcme.get('/audit?action=numbers.reveal')).json.items;
    expect(logged.map(({ after }: { after: { request: string } }) => after.request)).toEqual([
      'GET /api/v1/opt-outs.csv',
      `GET /api/v1${path}`,
    ]);
    expect(logged[0]).toMatchObject({ by: { kind: 'member', name: `looks-${names}` }, business_id: acme.businessId });
  });

  it('stay masked for who may not reveal them, and nothing is logged', async () => {
    const before = (await asAcme.get('/audit?action=numbers.reveal')).json.items.length;
    const marketer = await signedIn('marketer');
    const answer = await marketer.ask('GET', '/messages', undefined, { 'x-reveal-numbers': 'yes' });
    expect([answer.status, answer.json.code]).toEqual([403, 'permissionMissing']);
    expect((await asAcme.get('/audit?action=numbers.reveal')).json.items).toHaveLength(before);
  });

  it('of a file that cannot be masked are for who may reveal, and fetching it is logged', async () => {
    const { template_id } = (await asAcme.get('/plans')).json.items[0];
    const file = await asAcme.upload(`/plans?template_id=${template_id}`, `mobile\n${NUMBERS[0]}\n99\n`);
    const path = `/plans/${file.json.plan_id}/rejected`;
    expect((await (await signedIn('marketer')).ask('GET', path)).json.code).toBe('permissionMissing');
    const before = (await asAcme.get('/audit?action=numbers.reveal')).json.items.length;
    expect((await (await signedIn('owner')).ask('GET', path)).status).toBe(200);
    expect((await asAcme.get('/audit?action=numbers.reveal')).json.items).toHaveLength(before + 1);
    const draft = await (await signedIn('owner')).ask('GET', `/plans/${file.json.plan_id}/draft`);
    expect(draft.json.preview[0].to).toBe('+8613***01');
  });

  it('that the audit log shows are masked as well', async () => {
    const owner = await signedIn('owner');
    const { items } = (await owner.ask('GET', '/audit?object=list')).json;
    expect(items.at(-1).after).toMatchObject({ recipients: ['+8613***01'], note: 'asked us' });
    expect((await asAcme.get('/audit?object=list')).text).toMatch(WHOLE);
  });

  it('are marked in every answer that has some', async () => {
    const { json: document } = await house.request('GET', '/api/v1/openapi.json');
    const answers = Object.values<Record<string, { responses: object }>>(document.paths)
      .flatMap((item) => Object.values(item))
      .map(({ responses }) => resolved(document, responses));
    const unmarked = new Set<string>();
    const look = (schema: unknown, names: string[]): void => {
      if (typeof schema !== 'object' || schema === null) return;
      const { properties, ...rest } = schema as { properties?: Record<string, Field> };
      for (const [name, field] of Object.entries(properties ?? {})) {
        const marked = JSON.stringify(field).includes('x-numbers');
        if (/^(?:to|from|recipients?|raw)$/.test(name) && !marked && field.format !== 'date-time') {
          unmarked.add(`${[...names, name].at(-1)} beside ${Object.keys(properties!).sort().join(' ')}`);
        }
        look(field, [...names, name]);
      }
      for (const inner of Object.values(rest)) look(inner, names);
    };
    for (const answer of answers) look(answer, []);
    expect([...unmarked].sort()).toEqual([...UNMARKED].sort());
  });
});

interface Field {
  format?: string;
}

/** What is called so and is no person's number, or repeats the question. */
const UNMARKED: string[] = [
  // Where a provider's reports and replies have them, in the settings of a channel.
  'from beside country from id items text to',
  'recipient beside country error id items recipient states status',
  'to beside country from id items text to',
  // Messages of a plan, counted.
  'from beside from plan_id to',
  'to beside from plan_id to',
  // The question, repeated.
  'to beside at category country credits row scope to why',
  'to beside business_id category channel_id channels country route_id routes simulator sticky to why',
  // A number of ours.
  'to beside business_id channel_id from id keyword kind missing parts received_at reply_error reply_plan_id simulated text to',
];
