import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type House, startHouse } from '../house.ts';
import { type Account, newAccount, SIGNS, said, signedBy, TEMPLATES, templateOf } from './dialect.ts';

const MIB = 1024 * 1024;

/** A route that takes a body, with a body it would take, and the code of a wrong parameter there. */
interface Target {
  method: string;
  path: string;
  valid: Record<string, unknown>;
  limitBytes: number;
  code: 400 | 3002;
}

let house: House;
let account: Account;
let targets: Target[];
let before: string;

/** Everything a request could have changed, as the account sees it. */
async function everything(): Promise<string> {
  const seen = [];
  for (const path of [SIGNS, TEMPLATES, '/v1/plans', '/v1/balance', '/api/v1/statement', '/api/v1/signatures']) {
    seen.push((await account.get(path)).text);
  }
  return seen.join('\n');
}

beforeAll(async () => {
  house = await startHouse();
  account = await newAccount(house, 1_000);
  const sign = await account.sign();
  const template = await account.template(signedBy(sign));
  // Each would change something, were the rest of its body not as it is.
  targets = [
    { method: 'POST', path: SIGNS, valid: { sign_name: 'new' }, limitBytes: MIB, code: 400 },
    { method: 'PUT', path: `${SIGNS}/${sign}`, valid: { sign_name: 'new' }, limitBytes: MIB, code: 400 },
    { method: 'POST', path: TEMPLATES, valid: templateOf(signedBy(sign)), limitBytes: MIB, code: 400 },
    { method: 'PUT', path: `${TEMPLATES}/${template}`, valid: templateOf(signedBy(sign)), limitBytes: MIB, code: 400 },
    {
      method: 'POST',
      path: '/v1/messages',
      valid: {
        to: ['+8613800138000'],
        template: { id: template },
        plan_name: 'plan',
        schedule_time: Math.floor(Date.now() / 1000) + 86_400,
        custom_args: { a: 'text' },
      },
      limitBytes: 16 * MIB,
      code: 3002,
    },
  ];
  before = await everything();
});
afterAll(() => house.stop());
afterEach(async () => {
  expect(await everything()).toBe(before);
  expect(house.output()).not.toMatch(/"level":(50|60)/);
});

const send = (target: Target, raw: string | Buffer) => account.call(target.method, target.path, { raw });

/** The valid body with this much more text inside its braces. */
const withMore = ({ valid }: Target, more: string): string => `${JSON.stringify(valid).slice(0, -1)},${more}}`;

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

const HOSTILE =
  'request body must not have NUL, half a surrogate pair, a key "__proto__" or "constructor", or more than 64 levels';
const NO_OBJECT = 'request body must be a JSON object';

describe('bodies that are likelier attacks', () => {
  it.each([
    '"__proto__":{}',
    '"__proto__":{"admin":true}',
    '"constructor":{"prototype":{"admin":true}}',
    '"x":{"y":[{"__proto__":1}]}',
    '"\\u005f\\u005fproto__":{}',
    '"x":{"__proto__":1},"x":1',
    '"x":"\\u0000"',
    '"\\u0000":1',
    '"x":["a\\u0000b"]',
    '"x":"\\ud800"',
    '"x":"\\udc00\\ud800"',
    '"\\ud83d":1',
    `"x":${nested(64)}`,
    `"x":${nested(100_000)}`,
    `"x":${'{"a":'.repeat(64)}1${'}'.repeat(64)}`,
    '"custom_args":{"__proto__":{"a":1}}',
    '"template":{"id":"1","params":{"constructor":1}}',
  ])('%.60s', async (more) => {
    for (const target of targets) {
      const heard = said(await send(target, withMore(target, more)));
      expect([target.path, heard]).toEqual([target.path, `${target.code} ${HOSTILE}`]);
    }
  });

  it('with NUL or a lone surrogate in each text', async () => {
    for (const target of targets) {
      for (const [field, value] of Object.entries(target.valid)) {
        if (typeof value !== 'string') continue;
        for (const bad of ['\\u0000', `${value}\\u0000`, '\\ud800', `${value}\\udc00`]) {
          const raw = JSON.stringify({ ...target.valid, [field]: 0 }).replace(`"${field}":0`, `"${field}":"${bad}"`);
          expect([field, bad, said(await send(target, raw))]).toEqual([field, bad, `${target.code} ${HOSTILE}`]);
        }
      }
    }
  });

  it('that are not UTF-8, or no text at all', async () => {
    const broken: Buffer[] = [
      Buffer.from([0]),
      Buffer.from([0xff]),
      Buffer.from([0xef, 0xbb, 0xbf, 0x7b, 0x7d]),
      Buffer.from('{}', 'utf16le'),
      Buffer.from('{"sign_name":"\xff\xff"}', 'latin1'),
      Buffer.from([0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x3a, 0x31, 0x7d]),
      Buffer.from([0x1f, 0x8b, 0x08, 0x00, 0x00]),
      Buffer.from('['.repeat(100_000)),
      Buffer.alloc(10_000),
    ];
    for (const target of targets) {
      for (const body of broken) {
        expect(said(await send(target, body))).toBe(`${target.code === 400 ? 400 : 3001} ${NO_OBJECT}`);
      }
    }
  });
});

describe('values of every wrong kind in every field', () => {
  const WRONG = [
    'true',
    '[]',
    '[[]]',
    '[null]',
    '{}',
    '{"a":[[]]}',
    '-1',
    '0',
    '1.5',
    '1e400',
    '-1e400',
    `1${'0'.repeat(400)}`,
    '1e-400',
    '9007199254740993',
    '18446744073709551616',
    `"${'x'.repeat(100_000)}"`,
    '" "',
  ];

  /** What is a value like any other to such a field. */
  const fits = (field: string, text: string): boolean =>
    (field === 'custom_args' && text.startsWith('{')) ||
    (field === 'plan_name' && text === '" "') ||
    (field === 'add_signature' && text === 'true');

  it('are refused in the words of the dialect', async () => {
    for (const target of targets) {
      for (const field of Object.keys(target.valid)) {
        for (const text of WRONG) {
          if (fits(field, text)) continue;
          const raw = JSON.stringify({ ...target.valid, [field]: '@' }).replace('"@"', () => text);
          const heard = said(await send(target, raw));
          expect([target.path, raw.slice(0, 200), heard]).toEqual([
            target.path,
            raw.slice(0, 200),
            expect.stringMatching(target.code === 400 ? /^400 / : /^(3002|4001) /),
          ]);
        }
      }
    }
  });

  it('whatever else they are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 4 }),
        fc.nat(),
        fc.jsonValue({ maxDepth: 3 }),
        async (which, nth, value) => {
          const target = targets[which]!;
          const fields = Object.keys(target.valid);
          const field = fields[nth % fields.length]!;
          // Only what surely cannot be meant.
          fc.pre(typeof value !== 'string' && value !== null && typeof value !== 'boolean');
          fc.pre(!(field === 'custom_args' || (typeof value === 'number' && value > 0)));
          const answer = await send(target, JSON.stringify({ ...target.valid, [field]: value }));
          expect(said(answer)).toMatch(/^(400|3002|4001) /);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('bodies that are too large', () => {
  const tooLarge = ({ code }: Target) => `${code === 400 ? 413 : 3002} request body is too large`;

  it('by their announced length', async () => {
    for (const target of targets) {
      const answer = await send(target, JSON.stringify(target.valid).padEnd(target.limitBytes + 1));
      expect([answer.status, said(answer)]).toEqual([413, tooLarge(target)]);
    }
  });

  it('in chunks, without saying so before', async () => {
    for (const target of targets) {
      const piece = Buffer.alloc(64 * 1024, 0x20);
      let left = Math.ceil(target.limitBytes / piece.length) + 1;
      const body = new ReadableStream<Uint8Array>({
        pull(controller) {
          if (left-- > 0) controller.enqueue(piece);
          else controller.close();
        },
      });
      const answer = await fetch(house.url + target.path, {
        method: target.method,
        headers: { authorization: `Basic ${Buffer.from(`${account.user}:${account.password}`).toString('base64')}` },
        body,
        duplex: 'half',
      } as RequestInit);
      expect([answer.status, ((await answer.json()) as { code: number }).code]).toEqual([
        413,
        Number(tooLarge(target).split(' ')[0]),
      ]);
    }
  });

  it('are not even read from those who may not send them', async () => {
    for (const { method, path, limitBytes } of targets) {
      const raw = Buffer.alloc(limitBytes + 1, 0x20);
      expect(said(await house.request(method, path, { raw, user: 'nobody', password: 'x' }))).toMatch(/^2001 /);
    }
  });

  it('just not: up to the limit they are read', async () => {
    for (const target of targets) {
      const broken = { ...target.valid, [Object.keys(target.valid)[0]!]: {} };
      const text = JSON.stringify(broken);
      const raw = text + ' '.repeat(target.limitBytes - Buffer.byteLength(text));
      expect(said(await send(target, raw))).toMatch(target.code === 400 ? /^400 .* must be a/ : /^3002 to must be/);
    }
  });
});

it('clients that go away in the middle of a body change nothing', async () => {
  const authorization = Buffer.from(`${account.user}:${account.password}`).toString('base64');
  for (const { method, path, valid } of targets) {
    const text = JSON.stringify(valid);
    const head = `${method} ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic ${authorization}\r\n`;
    await new Promise<void>((resolve) => {
      const socket = connect(house.port, '127.0.0.1', () => {
        socket.write(`${head}Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text.slice(0, -1)}`, () => {
          socket.destroy();
          resolve();
        });
      });
    });
  }
  expect((await account.get(SIGNS)).status).toBe(200);
});
