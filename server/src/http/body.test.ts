import { request as httpRequest } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { anyContentType, BodyRoom, type RawBody, takeRawBodies } from './body.ts';

const LIMIT = 1_000;

/** Tells how much of it is taken. */
class WatchedRoom extends BodyRoom {
  taken = 0;

  override take(bytes: number): boolean {
    const taken = super.take(bytes);
    if (taken) this.taken += bytes;
    return taken;
  }

  override giveBack(bytes: number): void {
    super.giveBack(bytes);
    this.taken -= bytes;
  }
}

let app: FastifyInstance;
let port: number;
let sockets: Socket[];
let room: WatchedRoom;

/** Answers with the body as it came, or the word for why it did not. */
beforeEach(async () => {
  sockets = [];
  app = Fastify();
  room = new WatchedRoom(1_500);
  takeRawBodies(app, LIMIT, room);
  const methods = ['POST', 'PUT', 'DELETE', 'GET'];
  app.route({
    method: methods,
    url: '/',
    onRequest: anyContentType,
    handler: async (request) => ({ body: String(request.body as RawBody | undefined) }),
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  port = (app.server.address() as AddressInfo).port;
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await app.close();
});

const bodyOf = async (method: 'GET' | 'POST' | 'PUT' | 'DELETE', payload?: string, type?: string): Promise<string> => {
  const headers = type === undefined ? {} : { 'content-type': type };
  const octets = payload === undefined ? {} : { payload: Buffer.from(payload) };
  return (await app.inject({ method, url: '/', headers, ...octets })).json().body;
};

function open(): Socket {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  return socket;
}

const answerOn = (socket: Socket): Promise<string> =>
  new Promise((resolve) => socket.once('data', (data) => resolve(data.toString())));

describe('a body', () => {
  it.each([
    undefined,
    'application/json',
    'text/plain',
    'application/x-www-form-urlencoded',
    'nonsense',
    ';;;',
    '',
    'a/b; =',
  ])('comes whole under content type %j', async (type) => {
    for (const method of ['POST', 'PUT', 'DELETE'] as const)
      expect(await bodyOf(method, '{"a":1}', type)).toBe('{"a":1}');
  });

  it('is empty when there is none, and nothing where a method has none', async () => {
    expect(await bodyOf('POST')).toBe('');
    expect(await bodyOf('DELETE')).toBe('');
    expect(await bodyOf('GET')).toBe('undefined');
  });

  it('comes together from any pieces', async () => {
    const octets = Buffer.from('签名'.repeat(50));
    const socket = open();
    socket.setNoDelay();
    socket.write(`DELETE / HTTP/1.1\r\nHost: x\r\nContent-Length: ${octets.length}\r\n\r\n`);
    for (const octet of octets) {
      socket.write(Buffer.of(octet));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await answerOn(socket)).toContain('"签名签名');
  });
});

describe('a body over the limit', () => {
  it('is said to be so, up to the octet', async () => {
    expect(await bodyOf('POST', 'x'.repeat(LIMIT))).toBe('x'.repeat(LIMIT));
    expect(await bodyOf('POST', 'x'.repeat(LIMIT + 1))).toBe('tooLarge');
  });

  it('in chunks too, while it still comes', async () => {
    const answer = await new Promise<string>((resolve, reject) => {
      const request = httpRequest({ port, host: '127.0.0.1', method: 'POST' }, (response) => {
        response.on('data', (data) => resolve(String(data)));
      });
      request.on('error', reject);
      for (let i = 0; i < 50; i++) request.write('x'.repeat(100));
      request.end();
    });
    expect(answer).toBe('{"body":"tooLarge"}');
  });

  it('leaves the connection to the next request', async () => {
    const socket = open();
    socket.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n`);
    expect(await answerOn(socket)).toContain('{"body":"tooLarge"}');
    socket.write('x'.repeat(5_000));
    socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nnext');
    expect(await answerOn(socket)).toContain('{"body":"next"}');
  });
});

describe('many bodies at once', () => {
  /** Sends a body of `LIMIT` octets but for the last; its beginning goes with the head, so that it comes in pieces. */
  async function begin(): Promise<Socket> {
    const socket = open();
    const arrived = new Promise((resolve) => app.server.once('request', resolve));
    socket.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${LIMIT}\r\n\r\nx`);
    await arrived;
    socket.write('x'.repeat(LIMIT - 2));
    return socket;
  }

  async function until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  it('find room for so much', async () => {
    const first = await begin();
    await until(() => room.taken === LIMIT - 1);
    const second = await begin();
    expect(await answerOn(second)).toContain('{"body":"noRoom"}');
    first.write('x');
    expect(await answerOn(first)).toContain(`"${'x'.repeat(LIMIT)}"`);
    expect(room.taken).toBe(0);
  });

  it('give it back when their client goes away', async () => {
    const socket = await begin();
    await until(() => room.taken === LIMIT - 1);
    socket.destroy();
    await until(() => room.taken === 0);
  });
});
