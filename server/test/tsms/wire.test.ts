import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, startHouse } from '../house.ts';
import { type Account, newAccount, rootOf } from './dialect.ts';

/** A documented call, as it stands in src/http/tsms/wire. */
interface Example {
  title: string;
  request: { method: string; path: string; as: 'account' | 'root'; contentType: string; body?: unknown };
  /** `body` is a shape: "int" and "string" stand for any value of their kind, the one item of a list for all items. */
  response: { status: number; text?: string; body?: unknown };
}

const DIRECTORY = new URL('../../src/http/tsms/wire/', import.meta.url);

const read = (name: string) => JSON.parse(readFileSync(new URL(`${name}.json`, DIRECTORY), 'utf8'));

/** The examples in an order in which each finds what it needs. */
const STORY = [
  'charge',
  'signature-create',
  'signature-list',
  'signature-review',
  'signature-edit',
  'signature-review',
  'template-create-type-as-string',
  'template-create',
  'template-list',
  'template-review',
  'template-edit',
  'template-review',
  'message-send',
  'template-delete',
  'signature-create',
  'signature-delete',
];

let house: House;
let account: Account;
beforeAll(async () => {
  house = await startHouse();
  account = await newAccount(house);
});
afterAll(() => house.stop());

describe('the documented examples', () => {
  it('all have their place in the story', () => {
    const files = readdirSync(DIRECTORY).map((file) => file.replace('.json', ''));
    expect(files.sort()).toEqual([...new Set([...STORY, 'errors'])].sort());
  });

  it('go as documented, one after the other', async () => {
    const known: Record<string, unknown> = { $user: account.user };
    for (const name of STORY) {
      const { title, request, response }: Example = read(name);
      const caller = request.as === 'root' ? rootOf(house) : account;
      const raw = request.body === undefined ? {} : { raw: JSON.stringify(filled(request.body, known)) };
      const headers = { 'content-type': request.contentType };
      // What a send names is free again once it is done.
      await idle();
      const answer = await caller.call(request.method, request.path, { headers, ...raw });
      expect([title, answer.status]).toEqual([title, response.status]);
      if (response.text !== undefined) {
        expect(answer.text).toBe(response.text);
        continue;
      }
      expect(answer.json).toEqual(matcher(filled(response.body, known)));
      for (const id of ['sign_id', 'temp_id']) if (id in answer.json) known[`$${id}`] = answer.json[id];
    }
  });
});

async function idle(): Promise<void> {
  const plans = await account.get('/api/v1/plans');
  for (const { uuid } of plans.json.items) await account.finished(uuid);
}

/** Names beginning with $ replaced by what earlier answers told. */
function filled(value: unknown, known: Record<string, unknown>): unknown {
  if (typeof value === 'string') return known[value] ?? value;
  if (Array.isArray(value)) return value.map((each) => filled(each, known));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, filled(each, known)]));
}

/** What a shape stands for; objects have exactly its keys. */
function matcher(shape: unknown): unknown {
  if (shape === 'int') return expect.toSatisfy(Number.isSafeInteger, 'an integer');
  if (shape === 'string') return expect.any(String);
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
