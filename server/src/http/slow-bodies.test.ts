import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ManualClock } from '../lib/manual-clock.ts';
import { endSlowBodies, expectFile } from './slow-bodies.ts';

let clock: ManualClock;
let server: Server;
let sockets: Socket[];

beforeEach(async () => {
  clock = new ManualClock();
  sockets = [];
  server = createServer((request, response) => {
    if (request.url === '/file') expectFile(request);
    request.resume().on('end', () => response.end('taken'));
  });
  endSlowBodies(server, clock);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  server.close();
});

/** A connection that has sent the beginning of a request; `heard` is what was answered so far. */
async function begun(
  path: string,
  sent = 'ab',
): Promise<{ socket: Socket; heard: () => string; ended: Promise<void> }> {
  const arrived = new Promise<void>((resolve) => server.once('request', () => resolve()));
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  sockets.push(socket);
  let heard = '';
  socket.on('data', (piece) => {
    heard += piece;
  });
  const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.on('error', () => {});
  socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n${sent}`);
  await arrived;
  return { socket, heard: () => heard, ended };
}

const answered = async (heard: () => string): Promise<void> => {
  while (!heard().includes('taken')) await new Promise((resolve) => setImmediate(resolve));
};

describe('a body that does not come', () => {
  test('ends its request after a minute', async () => {
    const slow = await begun('/');
    clock.advance(64_999);
    expect(slow.heard()).toBe('');
    clock.advance(5_000);
    await slow.ended;
    expect(slow.heard()).toMatch(/^HTTP\/1\.1 408 /);
  });

  test('may be a file, which has longer', async () => {
    const file = await begun('/file');
    clock.advance(600_000);
    file.socket.write('cd');
    await answered(file.heard);
  });

  test('leaves a connection alone that only waits for its next request', async () => {
    const idle = await begun('/', 'abcd');
    await answered(idle.heard);
    clock.advance(600_000);
    idle.socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\na');
    while (idle.heard().split('taken').length < 3) await new Promise((resolve) => setImmediate(resolve));
  });
});
