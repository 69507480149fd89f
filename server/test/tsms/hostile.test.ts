import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type House, startHouse } from '../house.ts';
import { type Account, newAccount, rootOf, said, templateOf } from './dialect.ts';

const MIB = 1024 * 1024;

/** A route that takes a body, with a body it would take. */
interface Target {
  method: string;
  path: string;
  valid: Record<string, unknown>;
  limitBytes: number;
}

let house: House;
let account: Account;
let root: Account;
let targets: Target[];
let before: string;

/** Everything a request could have changed, as the account sees it. */
async function everything(): Promise<string> {
  const seen = [];
  for (const path of ['/v1/signature', '/v1/template', '/api/v1/balance', '/api/v1/plans', '/api/v1/statement']) {
    seen.push((await account.get(path)).text);
  }
  return seen.join('\n');
}

beforeAll(async () => {
  house = await startHouse();
  account = await newAccount(house, 1_000);
  root = rootOf(house);
  const { sign_id, temp_id } = await account.ready();
  const target = (method: string, path: string, valid: Record<string, unknown>, limitBytes = MIB) => ({
    method,
    path,
    valid,
    limitBytes,
  });
  // Each would change something, were the rest of its body not as it is.
  targets = [
    target('POST', '/v1/signature', { signature: 's', source: 's' }),
    target('PUT', '/v1/signature', { sign_id, signature: 's', source: 's' }),
    target('DELETE', '/v1/signature', { sign_id }),
    target('POST', '/v1/template', templateOf(sign_id)),
    target('PUT', '/v1/template', templateOf(sign_id, { temp_id })),
    target('DELETE', '/v1/template', { sign_id, temp_id }),
    target('POST', '/v1/message', { sign_id, temp_id, mobiles: ['13800138000'] }, 16 * MIB),
    target('POST', '/v2/signreview', { sign_id, audit_status: 'rejected' }),
    target('POST', '/v2/tempreview', { temp_id, audit_status: 'rejected' }),
    target('POST', '/v2/charge', { user: account.user, charge: 1 }),
  ];
  before = await everything();
});
afterAll(() => house.stop());
afterEach(async () => {
  expect(await everything()).toBe(before);
  expect(house.output()).not.toMatch(/"level":(50|60)/);
});

const send = (target: Target, raw: string | Buffer) =>
  (target.path.startsWith('/v2') ? root : account).call(target.method, target.path, { raw });

/** The valid body with this much more text inside its braces. */
const withMore = ({ valid }: Target, more: string): string => `${JSON.stringify(valid).slice(0, -1)},${more}}`;

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

describe('bodies that are likelier attacks', () => {
  it.each([
    '"__proto__":{}',
    '"__proto__":{"admin":true}',
    '"constructor":{"prototype":{"admin":true}}',
    '"x":{"y":[{"__proto__":1}]}',
    '"x":{"constructor":1}',
    '"\\u005f\\u005fproto__":{}',
    '"\\u0063onstructor":{}',
    '"x":{"__proto__":1},"x":1',
    '"x":"\\u0000"',
    '"\\u0000":1',
    '"x":["a\\u0000b"]',
    '"x":"\\ud800"',
    '"x":"\\udfff"',
    '"x":"\\udc00\\ud800"',
    '"x":"\\ud83d"',
    '"\\ud83d":1',
    `"x":${nested(64)}`,
    `"x":${nested(1_000)}`,
    `"x":${'{"a":'.repeat(64)}1${'}'.repeat(64)}`,
  ])('%s', async (more) => {
    for (const target of targets) {
      expect([target.method, target.path, said(await send(target, withMore(target, more)))]).toEqual([
        target.method,
        target.path,
        'ER:0004',
      ]);
    }
  });

  it('nested a hundred thousand deep', async () => {
    for (const target of targets) {
      expect(said(await send(target, withMore(target, `"x":${nested(100_000)}`)))).toBe('ER:0004');
      expect(said(await send(target, '['.repeat(100_000)))).toBe('ER:0002');
    }
  });

  it('with NUL or a lone surrogate in each text', async () => {
    for (const target of targets) {
      for (const [field, value] of Object.entries(target.valid)) {
        if (typeof value !== 'string') continue;
        for (const bad of ['\\u0000', `${value}\\u0000`, '\\ud800', `${value}\\udc00`]) {
          const raw = JSON.stringify({ ...target.valid, [field]: 0 }).replace(`"${field}":0`, `"${field}":"${bad}"`);
          expect([target.path, field, bad, said(await send(target, raw))]).toEqual([
            target.path,
            field,
            bad,
            'ER:0004',
          ]);
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
      Buffer.from('{"signature":"\xff"}', 'latin1'),
      Buffer.from([0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x3a, 0x31, 0x7d]),
      Buffer.from([0x7b, 0x22, 0xc0, 0x80, 0x22, 0x3a, 0x31, 0x7d]),
      Buffer.from([0x1f, 0x8b, 0x08, 0x00, 0x00]),
      Buffer.from('{"a":"\0"}'),
      Buffer.alloc(10_000),
    ];
    for (const target of targets) {
      for (const body of broken) expect([body, said(await send(target, body))]).toEqual([body, 'ER:0002']);
    }
  });
});

describe('values of every wrong kind in every field', () => {
  const WRONG = [
    'null',
    'true',
    'false',
    '""',
    '"x"',
    '[]',
    '[[]]',
    '[null]',
    '{}',
    '{"a":1}',
    '-1',
    '0',
    '1.5',
    '1e400',
    '-1e400',
    `1${'0'.repeat(400)}`,
    '1e-400',
    '9007199254740992',
    '9007199254740993',
    '18446744073709551616',
    '"9007199254740993"',
    `"${'9'.repeat(400)}"`,
    '"1e3"',
    '"0x1"',
    `"${'x'.repeat(100_000)}"`,
  ];

  /** What is a text like any other to such a field. */
  const fits = (field: string, text: string): boolean =>
    (/^(signature|source|name|template|description)$/.test(field) && /^"(x|1e3|0x1|9007199254740993)"$/.test(text)) ||
    (/^(template|description)$/.test(field) && /^"9{400}"$/.test(text));

  it('are refused in the words of the route', async () => {
    for (const target of targets) {
      for (const field of Object.keys(target.valid)) {
        for (const text of WRONG) {
          if (fits(field, text)) continue;
          const raw = JSON.stringify({ ...target.valid, [field]: '@' }).replace('"@"', () => text);
          const answer = said(await send(target, raw));
          expect([target.method, target.path, raw.slice(0, 200), answer]).toEqual([
            target.method,
            target.path,
            raw.slice(0, 200),
            expect.stringMatching(/^ER:00(04|1[1-3]|2[1-5]|33)$/),
          ]);
        }
      }
    }
  });

  it('whatever else they are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: targets.length - 1 }),
        fc.nat(),
        fc.jsonValue({ maxDepth: 3 }),
        async (which, nth, value) => {
          const target = targets[which]!;
          const fields = Object.keys(target.valid);
          const field = fields[nth % fields.length]!;
          // Only what surely cannot be meant: lists, objects, and numbers no id has.
          fc.pre(typeof value !== 'string' && !(typeof value === 'number' && value > 0));
          fc.pre(!(field === 'mobiles' && Array.isArray(value) && value.every((each) => typeof each === 'string')));
          const answer = await send(target, JSON.stringify({ ...target.valid, [field]: value }));
          expect([400, 403]).toContain(answer.status);
          expect(said(answer)).toMatch(/^ER:00/);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('bodies that are too large', () => {
  it('by their announced length', async () => {
    for (const target of targets) {
      const body = Buffer.from(JSON.stringify(target.valid).padEnd(target.limitBytes + 1));
      expect([target.path, said(await send(target, body))]).toEqual([
        target.path,
        '413 {"error":"ER:0004","message":"prams fail"}',
      ]);
    }
  });

  it('in chunks, without saying so before', async () => {
    for (const target of targets) {
      const login = target.path.startsWith('/v2') ? root : account;
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
        headers: { authorization: `Basic ${Buffer.from(`${login.user}:${login.password}`).toString('base64')}` },
        body,
        duplex: 'half',
      } as RequestInit);
      expect([target.path, answer.status, await answer.text()]).toEqual([
        target.path,
        413,
        '{"error":"ER:0004","message":"prams fail"}',
      ]);
    }
  });

  it('are not even read from those who may not send them', async () => {
    for (const target of targets) {
      const raw = Buffer.alloc(target.limitBytes + 1, 0x20);
      const { method, path } = target;
      expect(said(await house.request(method, path, { raw, user: 'nobody', password: 'x' }))).toBe('ER:0001');
      if (path.startsWith('/v2')) expect(said(await account.call(method, path, { raw }))).toBe('ER:0003');
    }
  });

  it('just not: up to the limit they are read', async () => {
    for (const target of targets) {
      const fields = Object.keys(target.valid);
      const broken = { ...target.valid, [fields.at(-1)!]: {} };
      const raw = JSON.stringify(broken).padEnd(target.limitBytes);
      expect(said(await send(target, raw))).toMatch(/^ER:00(04|2[12])$/);
    }
  });

  it('and leave the connection usable', async () => {
    const authorization = Buffer.from(`${account.user}:${account.password}`).toString('base64');
    const head = `Host: x\r\nAuthorization: Basic ${authorization}\r\n`;
    const length = MIB + 1;
    const socket = connect(house.port, '127.0.0.1');
    let received = '';
    const second = new Promise<void>((resolve, reject) => {
      socket.on('error', reject);
      socket.on('data', (data) => {
        received += data.toString();
        if (received.includes('"items"')) resolve();
      });
    });
    socket.write(`POST /v1/signature HTTP/1.1\r\n${head}Content-Length: ${length}\r\n\r\n`);
    socket.write(Buffer.alloc(length, 0x20));
    socket.write(`GET /v1/signature HTTP/1.1\r\n${head}\r\n`);
    await second;
    socket.destroy();
    expect(received).toMatch(/^HTTP\/1.1 413 /);
    expect(received).toMatch(/HTTP\/1.1 200 OK/);
  });
});

describe('clients that go away', () => {
  it('in the middle of a body', async () => {
    const authorization = Buffer.from(`${account.user}:${account.password}`).toString('base64');
    for (const { method, path, valid } of targets) {
      const text = JSON.stringify(valid);
      await new Promise<void>((resolve) => {
        const socket = connect(house.port, '127.0.0.1', () => {
          socket.write(
            `${method} ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic ${authorization}\r\nContent-Length: ${text.length}\r\n\r\n${text.slice(0, -1)}`,
            () => {
              socket.destroy();
              resolve();
            },
          );
        });
      });
    }
    expect((await account.get('/v1/signature')).status).toBe(200);
  });
});
