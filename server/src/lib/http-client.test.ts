import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { freePort, until } from '../../test/house.ts';
import { AddressGuard, OWN_NETWORKS } from './address-guard.ts';
import { HttpClient, type HttpRequest } from './http-client.ts';

const REQUEST: HttpRequest = { method: 'POST', path: '/send?x=1', headers: { 'x-one': '1' }, body: 'hello' };
const HEAD = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n';

describe('the HTTP client', () => {
  const servers: Server[] = [];
  const clients: HttpClient[] = [];
  const sockets = new Set<Socket>();
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.close();
    for (const socket of sockets) socket.destroy();
    sockets.clear();
    for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
  });

  /** A server of octets: what a connection sends is handed over as text, as it comes. */
  const serve = async (onText: (text: string, socket: Socket) => void): Promise<number> => {
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('data', (octets) => onText(octets.toString('latin1'), socket));
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as { port: number }).port;
  };
  const clientOf = (port: number, timeoutMs = 60_000, guard = new AddressGuard(OWN_NETWORKS)): HttpClient => {
    const client = new HttpClient({ origin: `http://127.0.0.1:${port}`, guard, connections: 1, timeoutMs });
    clients.push(client);
    return client;
  };

  test('sends what it is given over connections that are kept', async () => {
    const seen: string[] = [];
    const port = await serve((text, socket) => {
      seen.push(text);
      socket.write(`${HEAD}Retry-After: 3\r\n\r\nhello`);
    });
    const client = clientOf(port);
    expect(await client.reach()).toBe(null);
    expect(await client.send(REQUEST)).toMatchObject({
      kind: 'answered',
      status: 200,
      headers: { 'retry-after': '3' },
      body: Buffer.from('hello'),
      cut: null,
    });
    await client.send({ ...REQUEST, method: 'GET', body: null });
    expect(seen[0]).toMatch(/^POST \/send\?x=1 HTTP\/1\.1\r\n/);
    expect(seen[0]).toContain('\r\nx-one: 1\r\n');
    expect(seen[0]).toMatch(/\r\n\r\nhello$/);
    expect(seen[1]).toMatch(/^GET /);
    // One of them only asked whether there is a connection to be had.
    expect(sockets.size).toBe(2);
  });

  test('what never had a connection was not sent', async () => {
    const client = clientOf(await freePort());
    expect(await client.reach()).toBe('it refuses connections');
    expect(await client.send(REQUEST)).toEqual({ kind: 'notSent', reason: 'it refuses connections' });
  });

  test('speaks to its own networks, and never to those of links and clouds', async () => {
    const client = new HttpClient({
      origin: 'http://169.254.169.254',
      guard: new AddressGuard(OWN_NETWORKS),
      connections: 1,
      timeoutMs: 60_000,
    });
    clients.push(client);
    expect(await client.send(REQUEST)).toMatchObject({ kind: 'notSent', reason: expect.stringMatching('not public') });
    const port = await serve(() => {});
    const stranger = clientOf(port, 60_000, new AddressGuard([]));
    expect(await stranger.send(REQUEST)).toMatchObject({ kind: 'notSent' });
    expect(sockets.size).toBe(0);
  });

  test.each([
    ['hangs up', (socket: Socket) => socket.destroy()],
    ['resets', (socket: Socket) => socket.resetAndDestroy()],
    ['speaks nonsense', (socket: Socket) => socket.end('SSH-2.0-nonsense\r\n\r\n')],
    ['stops within the head', (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\nContent-')],
    ['has a head without end', (socket: Socket) => socket.write(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(40_000)}`)],
  ])('a server that %s has given no answer', async (_what, answer) => {
    const port = await serve((_text, socket) => answer(socket));
    expect(await clientOf(port).send(REQUEST)).toMatchObject({ kind: 'noAnswer' });
  });

  test('a server that is silent has given no answer when the time is over', async () => {
    const port = await serve(() => {});
    const exchange = await clientOf(port, 200).send(REQUEST);
    expect(exchange).toEqual({ kind: 'noAnswer', reason: 'it did not answer within 0.2 s' });
  });

  test('a word on the way is no answer', async () => {
    const port = await serve((_text, socket) => void socket.write('HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n'));
    expect(await clientOf(port, 300).send(REQUEST)).toMatchObject({ kind: 'noAnswer' });
  });

  test.each([
    ['breaks off', (socket: Socket) => socket.end(`${HEAD}\r\nhel`), 'it broke the connection off'],
    ['never ends', (socket: Socket) => void socket.write(`${HEAD}\r\nhel`), 'it did not answer within 0.5 s'],
  ])('an answer whose body %s has a status and no body', async (_what, answer, cut) => {
    const port = await serve((_text, socket) => answer(socket));
    expect(await clientOf(port, 500).send(REQUEST)).toMatchObject({ kind: 'answered', status: 200, body: null, cut });
  });

  test('an answer that is too long is not read', async () => {
    const port = await serve((_text, socket) => {
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
      const more = () => {
        if (socket.destroyed) return;
        socket.write(`4000\r\n${'x'.repeat(0x4000)}\r\n`, () => setImmediate(more));
      };
      more();
    });
    const exchange = await clientOf(port).send(REQUEST);
    expect(exchange).toMatchObject({ kind: 'answered', status: 200, body: null, cut: 'its answer is too long' });
  });

  test('follows no redirect', async () => {
    const port = await serve((_text, socket) =>
      socket.write('HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n'),
    );
    expect(await clientOf(port).send(REQUEST)).toMatchObject({ kind: 'answered', status: 302 });
  });

  test('closing breaks off what is under way, and says what had left', async () => {
    let asked = 0;
    const port = await serve(() => void asked++);
    const client = clientOf(port);
    const sent = client.send(REQUEST);
    await until(() => asked === 1, 'the request');
    await client.close();
    expect(await sent).toMatchObject({ kind: 'noAnswer', reason: 'the server is stopping' });
  });
});
