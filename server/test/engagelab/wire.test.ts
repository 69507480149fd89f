import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, startHouse, until } from '../house.ts';
import {
  type Account,
  newAccount,
  reviewSign,
  reviewTemplate,
  SIGNS,
  said,
  signedBy,
  TEMPLATES,
  templateOf,
} from './dialect.ts';

/** A documented call, as it stands in src/http/engagelab/wire. */
interface Example {
  title: string;
  request: { method: string; path: string; contentType: string; body?: unknown };
  /** `body` is a shape: "int", "string" … stand for any value of their kind, the one item of a list for all items. */
  response: { status: number; body: unknown };
}

const DIRECTORY = new URL('../../src/http/engagelab/wire/', import.meta.url);

const read = (name: string) => JSON.parse(readFileSync(new URL(`${name}.json`, DIRECTORY), 'utf8'));

/** The examples in an order in which each finds what it needs; reviews are done as soon as something waits for one. */
const STORY = [
  'sign-create',
  'sign-list',
  'sign-get',
  'sign-update',
  'template-create',
  'template-list',
  'template-get',
  'template-update',
  'message-send-many',
  'message-send',
  'message-get',
  'plan-list',
  'plan-get',
  'plan-messages',
  'message-schedule',
  'plan-pause',
  'plan-resume',
  'plan-cancel',
  'balance',
  'template-delete',
  'sign-delete',
];

let house: House;
let account: Account;
beforeAll(async () => {
  house = await startHouse();
  account = await newAccount(house, 100);
});
afterAll(() => house.stop());

describe('the documented examples', () => {
  it('all have their place in the story', () => {
    const files = readdirSync(DIRECTORY).map((file) => file.replace('.json', ''));
    expect(files.sort()).toEqual([...new Set([...STORY, 'errors'])].sort());
  });

  it('go as documented, one after the other', async () => {
    const known: Record<string, unknown> = { $schedule_time: Math.floor(Date.now() / 1000) + 3_600 };
    for (const name of STORY) {
      const { title, request, response }: Example = read(name);
      const path = request.path.replace(/\$\w+/, (word) => known[word] as string);
      const raw = request.body === undefined ? '' : JSON.stringify(filled(request.body, known));
      const headers = { 'content-type': request.contentType };
      const answer = await account.call(
        request.method,
        path,
        request.method === 'GET' ? { headers } : { headers, raw },
      );
      expect([title, answer.status, answer.text]).toEqual([title, response.status, expect.any(String)]);
      expect([title, answer.json]).toEqual([title, matcher(response.body)]);
      for (const id of ['sign_id', 'template_id', 'plan_id', 'message_id']) {
        if (id in answer.json) known[`$${id}`] = answer.json[id];
      }
      if (/^sign-(create|update)$/.test(name)) await reviewSign(house, known.$sign_id as string, 'passed');
      if (/^template-(create|update)$/.test(name)) await reviewTemplate(house, known.$template_id as string, 'passed');
      // What a send names is free again once it is done.
      if (name === 'plan-cancel' || name === 'message-send') await idle();
    }
  });
});

describe('the documented error messages', () => {
  it('are all said, word by word, for the reason they are documented for', async () => {
    const blocked = await startHouse({ simulator: false, env: { SIGNET_ENV: 'production' } });
    try {
      const owner = await newAccount(blocked, 10);
      const [used, pending] = [await owner.sign('passed', 'used'), await owner.sign(null, 'pending')];
      const template = await owner.template(signedBy(used));
      const waiting = await owner.template({}, null);
      await owner.sent({ to: ['+8613800138000'], template: { id: template } });
      const heard = [];
      for (const answer of [
        await owner.get(`${TEMPLATES}/abc`),
        await owner.get(`${TEMPLATES}/999999`),
        await owner.get(`${SIGNS}/abc`),
        await owner.get(`${SIGNS}/999999`),
        await owner.post(SIGNS, { sign_name: 'used' }),
        await owner.put(`${TEMPLATES}/${waiting}`, templateOf()),
        await owner.put(`${SIGNS}/${pending}`, { sign_name: 'other' }),
        await owner.put(`${TEMPLATES}/${template}`, templateOf()),
        await owner.put(`${SIGNS}/${used}`, { sign_name: 'other' }),
        await owner.post(TEMPLATES, templateOf(signedBy(pending))),
      ]) {
        heard.push({ status: answer.status, body: answer.json });
      }
      expect(heard).toEqual(read('errors'));
      expect(said(await owner.delete(`${SIGNS}/${used}`))).toBe(
        '400 there are pending or running plans using current sign, can not update',
      );
    } finally {
      await blocked.stop();
    }
  });
});

async function idle(): Promise<void> {
  await until(async () => {
    const { items } = (await account.get('/v1/plans')).json as { items: { state: string }[] };
    return items.every(({ state }) => state === 'done' || state === 'cancelled');
  }, 'every send to be done');
}

/** Names beginning with $ replaced by what earlier answers told. */
function filled(value: unknown, known: Record<string, unknown>): unknown {
  if (typeof value === 'string') return known[value] ?? value;
  if (Array.isArray(value)) return value.map((each) => filled(each, known));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, filled(each, known)]));
}

const KINDS: Record<string, unknown> = {
  int: expect.toSatisfy(Number.isSafeInteger, 'an integer'),
  'int or null': expect.toSatisfy((value) => value === null || Number.isSafeInteger(value), 'an integer or null'),
  string: expect.any(String),
  object: expect.any(Object),
};

/** What a shape stands for; objects have exactly its keys. */
function matcher(shape: unknown): unknown {
  if (typeof shape === 'string') return KINDS[shape] ?? shape;
  if (Array.isArray(shape)) {
    const item = matcher(shape[0]);
    return expect.toSatisfy((list: unknown) => {
      expect(list).toEqual(Array(Array.isArray(list) ? Math.max(list.length, 1) : 0).fill(item));
      return true;
    }, 'a list of such items');
  }
  if (typeof shape !== 'object' || shape === null) return shape;
  return Object.fromEntries(Object.entries(shape).map(([key, each]) => [key, matcher(each)]));
}
