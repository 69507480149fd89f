import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { answerBrokenRequest } from './broken-requests.ts';

let server: Server;
beforeAll(async () => {
  server = createServer((_request, response) => response.end('taken'));
  server.on('clientError', answerBrokenRequest);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

/** Sends octets and reads until the server ends the connection. */
async function answerTo(octets: string): Promise<{ status: number; type: string; body: unknown }> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.write(octets);
  const [head, body] = (await text(socket)).split('\r\n\r\n') as [string, string];
  return {
    status: Number(/^HTTP\/1\.1 (\d+) /.exec(head)![1]),
    type: /content-type: ([^;\r]+)/.exec(head)![1]!,
    body: JSON.parse(body),
  };
}

const overlong = (path: string) => `GET ${path} HTTP/1.1\r\nhost: x\r\nx-long: ${'a'.repeat(40_000)}\r\n\r\n`;

it.each([
  ['/v1/message?uuid=1', { error: 'ER:0004', message: 'prams fail' }],
  ['/v2/charge', { error: 'ER:0004', message: 'prams fail' }],
  ['/v1/messages', { code: 431, message: 'Request Header Fields Too Large' }],
  ['/v1/sign-configs/12', { code: 431, message: 'Request Header Fields Too Large' }],
])('headers that are too large are refused as the dialect of %s would', async (path, body) => {
  expect(await answerTo(overlong(path))).toEqual({ status: 431, type: 'application/json', body });
});

it('and as the native API would everywhere else', async () => {
  const { status, type, body } = await answerTo(overlong('/api/v1/plans'));
  expect({ status, type }).toEqual({ status: 431, type: 'application/problem+json' });
  expect(body).toMatchObject({ status: 431, code: 'requestUnreadable', type: 'urn:signet:problem:requestUnreadable' });
});

it('what is no HTTP is told so', async () => {
  expect(await answerTo('\x16\x03\x01 hello\r\n\r\n')).toMatchObject({ status: 400, type: 'application/problem+json' });
  expect(await answerTo('POST /v1/message HTTP/1.1\r\ncontent-length: x\r\n\r\n')).toEqual({
    status: 400,
    type: 'application/json',
    body: { error: 'ER:0004', message: 'prams fail' },
  });
});
