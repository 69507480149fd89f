import { connect } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type House, startHouse } from '../house.ts';
import { type Account, newAccount } from './dialect.ts';

let house: House;
let account: Account;
let poor: Account;
let ids: { sign_id: number; temp_id: number };
let poorIds: typeof ids;

beforeAll(async () => {
  house = await startHouse();
  account = await newAccount(house, 1_000);
  poor = await newAccount(house, 0);
  ids = await account.ready();
  poorIds = await poor.ready();
});
afterAll(() => house.stop());

interface Raw {
  who: Pick<Account, 'user' | 'password'>;
  path: string;
  body: string | Buffer;
  key?: string;
}

/** The whole answer to a request, octet by octet; `field` decides which way it takes. */
function answerTo({ who, path, body, key }: Raw, field: string): Promise<string> {
  const octets = Buffer.from(body);
  const head = [
    `POST ${path} HTTP/1.1`,
    'Host: here',
    `Authorization: Basic ${Buffer.from(`${who.user}:${who.password}`).toString('base64')}`,
    ...(key === undefined ? [] : [`Idempotency-Key: ${key}`]),
    field,
    `Content-Length: ${octets.length}`,
  ];
  const socket = connect(Number(new URL(house.url).port), '127.0.0.1');
  socket.write(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), octets]));
  return new Promise((resolve, reject) => {
    let heard = '';
    socket.setEncoding('utf8').on('error', reject);
    socket.on('data', (text: string) => {
      heard += text;
      const [fields, answer] = heard.split('\r\n\r\n');
      const length = /content-length: (\d+)/.exec(fields!);
      if (answer === undefined || Buffer.byteLength(answer) < Number(length?.[1])) return;
      socket.destroy();
      resolve(heard);
    });
  });
}

/** Without what differs from answer to answer, its fields in one order. */
function comparable(answer: string): string[] {
  const [fields, body] = answer.split('\r\n\r\n') as [string, string];
  const [status, ...rest] = fields.split('\r\n');
  const plain = body.replace(/"(uuid|plan_id|message_id)":"[0-9a-f-]+"/g, '"$1":""');
  return [status!, ...rest.filter((line) => !line.startsWith('Date: ')).sort(), plain];
}

const mobile = '13800138000';
const tsms = '/v1/message';
const engagelab = '/v1/messages';

it.each<[string, () => Raw]>([
  ['a message', () => ({ who: account, path: tsms, body: JSON.stringify({ ...ids, mobiles: [mobile] }) })],
  [
    'one with a key',
    () => ({ who: account, path: tsms, body: JSON.stringify({ ...ids, mobiles: [mobile] }), key: 'k' }),
  ],
  [
    'a key with another body',
    () => ({ who: account, path: tsms, body: JSON.stringify({ ...ids, mobiles: ['1'] }), key: 'k' }),
  ],
  ['a key that is too long', () => ({ who: account, path: tsms, body: '{}', key: 'k'.repeat(200) })],
  ['no JSON', () => ({ who: account, path: tsms, body: '{' })],
  ['no UTF-8', () => ({ who: account, path: tsms, body: Buffer.from([0x22, 0xff, 0x22]) })],
  ['no object', () => ({ who: account, path: tsms, body: '[]' })],
  ['a key __proto__', () => ({ who: account, path: tsms, body: `{"__proto__":{},"sign_id":${ids.sign_id}}` })],
  ['too many brackets', () => ({ who: account, path: tsms, body: '['.repeat(100) + ']'.repeat(100) })],
  ['a type that is wrong', () => ({ who: account, path: tsms, body: JSON.stringify({ ...ids, mobiles: {} }) })],
  ['a number that is none', () => ({ who: account, path: tsms, body: JSON.stringify({ ...ids, mobiles: ['1'] }) })],
  [
    'a signature of others',
    () => ({ who: account, path: tsms, body: JSON.stringify({ ...poorIds, mobiles: [mobile] }) }),
  ],
  ['no credits', () => ({ who: poor, path: tsms, body: JSON.stringify({ ...poorIds, mobiles: [mobile] }) })],
  ['a password that is wrong', () => ({ who: { user: account.user, password: 'x' }, path: tsms, body: '{}' })],
  [
    'a message in the other dialect',
    () => ({
      who: account,
      path: engagelab,
      body: JSON.stringify({ to: [`+86${mobile}`], template: { id: String(ids.temp_id) } }),
    }),
  ],
  ['a parameter of it that is wrong', () => ({ who: account, path: engagelab, body: JSON.stringify({ to: ['é'] }) })],
  [
    'one in other characters',
    () => ({ who: account, path: engagelab, body: JSON.stringify({ to: 'é', template: { id: '1', params: 'é' } }) }),
  ],
  ['its password that is wrong', () => ({ who: { user: account.user, password: 'x' }, path: engagelab, body: '{}' })],
])('%s is answered alike, whichever way it comes', async (_, raw) => {
  const directly = await answerTo(raw(), 'Accept: */*');
  const byFastify = await answerTo(raw(), 'X-Not-Ordinary: 1');
  expect(comparable(directly)).toEqual(comparable(byFastify));
});
