import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer as createNetServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { LOCALHOST_TLS } from '../../test/tls.ts';
import type { Resolve } from './guarded-connect.ts';
import { SafePoster, type SafePosterOptions } from './safe-fetch.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const http = (answer: RequestListener) => listen(createHttpServer(answer));
/** A server that says what `speak` writes, whatever it is asked. */
const raw = (speak: (socket: Socket) => void) =>
  listen(createNetServer((socket) => socket.once('data', () => speak(socket))));

function poster(options: Partial<SafePosterOptions> = {}): SafePoster {
  const made = new SafePoster({ allowNetworks: ['127.0.0.0/8'], allowHttp: true, ...options });
  closing.push(() => made.close());
  return made;
}

const REQUEST = { headers: { 'x-kind': 'test' }, body: '{"a":1}', timeoutMs: 10_000 };
const failureOf = async (by: SafePoster, url: string, request: Partial<typeof REQUEST> = {}) => {
  const posted = await by.post(url, { ...REQUEST, ...request });
  return 'failure' in posted ? posted.failure : `status ${posted.status}`;
};
const to =
  (...addresses: string[]): Resolve =>
  (_name, done) =>
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );

const CLOSED = /^its address is not public/;

describe('a request', () => {
  it('arrives as it was given, with path and query', async () => {
    const seen: unknown[] = [];
    const port = await http(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      seen.push([request.method, request.url, request.headers.host, request.headers['x-kind'], body]);
      response.writeHead(204).end();
    });
    expect(await failureOf(poster(), `http://127.0.0.1:${port}/hook?a=b%20c`)).toBe('status 204');
    expect(seen).toEqual([['POST', '/hook?a=b%20c', `127.0.0.1:${port}`, 'test', '{"a":1}']]);
  });

  it('uses a connection again', async () => {
    const ports = new Set<number>();
    const port = await http((request, response) => {
      ports.add(request.socket.remotePort!);
      request.resume().on('end', () => response.end('thanks'));
    });
    const by = poster();
    for (let i = 0; i < 10; i++) expect(await failureOf(by, `http://127.0.0.1:${port}/`)).toBe('status 200');
    expect(ports.size).toBeLessThan(10);
  });

  it('follows no redirect', async () => {
    let asked = 0;
    const target = await http((_request, response) => {
      asked++;
      response.end();
    });
    const port = await http((request, response) => {
      request.resume();
      response.writeHead(307, { location: `http://127.0.0.1:${target}/` }).end();
    });
    expect(await failureOf(poster(), `http://127.0.0.1:${port}/`)).toBe('status 307');
    expect(asked).toBe(0);
  });

  it('asks no proxy of the environment', async () => {
    const proxy = await http((_request, response) => response.writeHead(418).end());
    const port = await http((_request, response) => response.end());
    const before = { ...process.env };
    process.env.HTTP_PROXY = process.env.http_proxy = `http://127.0.0.1:${proxy}`;
    try {
      expect(await failureOf(poster(), `http://127.0.0.1:${port}/`)).toBe('status 200');
    } finally {
      process.env = before;
    }
  });

  it.each([
    'ftp://127.0.0.1/',
    'file:///etc/passwd',
    'http://user:password@127.0.0.1/',
    'http://user@127.0.0.1/',
    'nonsense',
  ])('is not sent to %s', async (url) => {
    expect(await failureOf(poster(), url)).toMatch(/may not be used|failed/);
  });

  it('is sent over http:// only where that is allowed', async () => {
    expect(await failureOf(poster({ allowHttp: false }), 'http://127.0.0.1/')).toBe('its address may not be used');
  });

  it('is not sent when it is too large', async () => {
    const port = await http((_request, response) => response.end());
    const body = 'x'.repeat((1 << 20) + 1);
    expect(await failureOf(poster(), `http://127.0.0.1:${port}/`, { body })).toBe('the request is too large');
  });
});

describe('an address that is not public', () => {
  it.each([
    ['as it is', '127.0.0.1'],
    ['in decimal', '2130706433'],
    ['in hex', '0x7f000001'],
    ['in octal', '0177.0.0.1'],
    ['short', '127.1'],
    ['as zero', '0.0.0.0'],
    ['in full-width digits', '１２７.0.0.1'],
    ['mapped into IPv6', '[::ffff:127.0.0.1]'],
    ['in IPv6', '[::1]'],
    ['as a name', 'localhost'],
  ])('is not connected to, written %s', async (_how, host) => {
    let connections = 0;
    const server = createHttpServer((_request, response) => response.end());
    server.on('connection', () => connections++);
    const port = await listen(server);
    expect(await failureOf(poster({ allowNetworks: [] }), `http://${host}:${port}/`)).toMatch(CLOSED);
    expect(connections).toBe(0);
  });

  it('is not connected to when a name means it, and the public ones of several are', async () => {
    const port = await http((_request, response) => response.end());
    const inside = poster({ allowNetworks: [], resolve: to('10.0.0.1', 'fd00::1') });
    expect(await failureOf(inside, `http://inside.example:${port}/`)).toMatch(CLOSED);
    // 127.0.0.1 stands for the public one here.
    const mixed = poster({ resolve: to('::1', '10.0.0.1', '127.0.0.1') });
    expect(await failureOf(mixed, `http://mixed.example:${port}/`)).toBe('status 200');
  });

  it('gains nothing from a name that changes its mind between look-ups', async () => {
    let inside = 0;
    const port = await http((_request, response) => {
      inside++;
      response.end();
    });
    let asked = 0;
    // Public when it is looked at first, the private server from then on.
    const rebinding: Resolve = (name, done) => to(asked++ === 0 ? '192.0.2.1' : '127.0.0.1')(name, done);
    const by = poster({ allowNetworks: ['192.0.2.0/24'], resolve: rebinding });
    await failureOf(by, `http://rebinding.example:${port}/`, { timeoutMs: 300 });
    expect(asked).toBe(1);
    expect(await failureOf(by, `http://rebinding.example:${port}/`)).toMatch(
      /^its address is not public|did not answer/,
    );
    expect(inside).toBe(0);
  });
});

describe('what a receiver can do wrong', () => {
  it('no answer at all', async () => {
    const port = await raw(() => {});
    expect(await failureOf(poster(), `http://127.0.0.1:${port}/`, { timeoutMs: 200 })).toBe(
      'it did not answer within 0.2 s',
    );
  });

  it('a head that comes one character at a time', async () => {
    const port = await raw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nx-slow: ');
      const timer = setInterval(() => socket.write('a'), 20);
      socket.on('close', () => clearInterval(timer));
    });
    expect(await failureOf(poster(), `http://127.0.0.1:${port}/`, { timeoutMs: 300 })).toBe(
      'it did not answer within 0.3 s',
    );
  });

  it('a body that never ends changes nothing about a good head', async () => {
    let open = 0;
    const port = await raw((socket) => {
      open++;
      socket.on('close', () => open--);
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n');
      const timer = setInterval(() => socket.write('a'), 20);
      socket.on('close', () => clearInterval(timer));
    });
    expect(await failureOf(poster(), `http://127.0.0.1:${port}/`, { timeoutMs: 300 })).toBe('status 200');
    await expect.poll(() => open).toBe(0);
  });

  it('a giant body is not read to its end', async () => {
    let written = 0;
    const chunk = Buffer.alloc(1 << 16);
    const port = await raw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
      const more = () => {
        while (!socket.destroyed) {
          written += chunk.length;
          if (!socket.write(Buffer.concat([Buffer.from('10000\r\n'), chunk, Buffer.from('\r\n')]))) break;
        }
      };
      socket.on('drain', more);
      more();
    });
    expect(await failureOf(poster(), `http://127.0.0.1:${port}/`)).toBe('status 200');
    expect(written).toBeLessThan(64 << 20);
  });

  it('a giant head', async () => {
    const port = await raw((socket) => socket.write(`HTTP/1.1 200 OK\r\nx-giant: ${'a'.repeat(100_000)}\r\n\r\n`));
    expect(await failureOf(poster(), `http://127.0.0.1:${port}/`)).toBe('the head of its answer is too long');
  });

  it('something else than HTTP', async () => {
    const port = await raw((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'));
    expect(await failureOf(poster(), `http://127.0.0.1:${port}/`)).toBe('its answer is not HTTP/1.1');
  });

  it('a connection that is closed or refused', async () => {
    const port = await raw((socket) => socket.destroy());
    expect(await failureOf(poster(), `http://127.0.0.1:${port}/`)).toBe('it broke the connection off');
    await closing.shift()!();
    closing.unshift(async () => {});
    expect(await failureOf(poster(), `http://127.0.0.1:${port}/`)).toBe('it refuses connections');
  });

  it('a name nobody knows', async () => {
    const resolve: Resolve = (_name, done) => done(Object.assign(new Error('no'), { code: 'ENOTFOUND' }), []);
    expect(await failureOf(poster({ resolve }), 'http://nowhere.example/')).toBe('its name is not known');
  });

  it('a certificate nobody vouches for', async () => {
    const port = await listen(createHttpsServer(LOCALHOST_TLS, (_request, response) => response.end()));
    expect(await failureOf(poster({ resolve: to('127.0.0.1') }), `https://localhost:${port}/`)).toBe(
      'its TLS certificate or handshake is not good (DEPTH_ZERO_SELF_SIGNED_CERT)',
    );
  });

  it('no TLS where TLS is expected', async () => {
    const port = await http((_request, response) => response.end());
    expect(await failureOf(poster(), `https://127.0.0.1:${port}/`)).toMatch(/TLS|broke the connection off/);
  });
});

it('a request that is broken off ends', async () => {
  const port = await raw(() => {});
  const stop = new AbortController();
  const posted = poster().post(`http://127.0.0.1:${port}/`, { ...REQUEST, signal: stop.signal });
  stop.abort();
  expect(await posted).toHaveProperty('failure');
});
