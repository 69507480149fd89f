import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ManualClock } from '../../lib/manual-clock.ts';
import { createMetrics, type Metrics } from '../../lib/metrics.ts';
import type { DirectRequest } from '../direct-route.ts';
import { RequestMeters } from '../request-metrics.ts';
import { takeDirectly } from './direct.ts';

const HEAD = 'POST /send HTTP/1.1\r\nHost: here\r\nContent-Length: 5\r\n\r\n';
const REQUEST = `${HEAD}hello`;

let server: Server;
let metrics: Metrics;
let clock: ManualClock;
let endDirect: () => void;
let sockets: Socket[];
/** Requests that came directly. */
let direct: DirectRequest[];
/** Answers the direct route waits with; null: it answers at once. */
let held: (() => void)[] | null;
let stopping: boolean;

beforeEach(async () => {
  sockets = [];
  direct = [];
  held = null;
  stopping = false;
  metrics = createMetrics();
  clock = new ManualClock();
  server = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request) body += String(piece);
    response.end(`node ${request.method} ${request.url} ${body};`);
  });
  const route = {
    method: 'POST',
    url: '/send',
    async answer(request: DirectRequest) {
      direct.push(request);
      if (held !== null) await new Promise<void>((resolve) => held!.push(resolve));
      const got = String(request.body) === 'much' ? 'x'.repeat(8_000_000) : `${request.body}é`;
      return { status: 202, headers: { 'retry-after': '7' }, body: { got } };
    },
  };
  endDirect = takeDirectly(server, [route], { clock, meters: new RequestMeters(metrics), stopping: () => stopping });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(async () => {
  endDirect();
  for (const socket of sockets) socket.destroy();
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

/** A connection that keeps all it hears. */
function client() {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  sockets.push(socket);
  let heard = '';
  let told = () => {};
  socket.setEncoding('utf8').on('data', (text: string) => {
    heard += text;
    told();
  });
  return {
    socket,
    send: (text: string) => void socket.write(text),
    /** All that was heard, once it has this text so many times. */
    async hears(text: string, times = 1): Promise<string> {
      while (heard.split(text).length <= times) {
        await new Promise<void>((resolve) => {
          told = resolve;
        });
      }
      return heard;
    },
  };
}

const ANSWER = '{"got":"helloé"}';

describe('an ordinary request', () => {
  it('is answered directly, one after the other over a connection', async () => {
    const { send, hears } = client();
    for (let i = 1; i <= 3; i++) {
      send(REQUEST);
      await hears(ANSWER, i);
    }
    send(REQUEST.replace('Content-Length: 5', 'Content-Length: 3').replace('hello', 'hoi'));
    await hears('{"got":"hoié"}');
    expect(direct.map(({ body }) => String(body))).toEqual(['hello', 'hello', 'hello', 'hoi']);
    expect(direct[0]!.address).toBe('127.0.0.1');
  });

  it('is answered with all that HTTP asks for', async () => {
    const { send, hears } = client();
    send(REQUEST);
    expect((await hears(ANSWER)).replace(/Date: .* GMT/, 'Date: now').split('\r\n')).toEqual([
      'HTTP/1.1 202 Accepted',
      'retry-after: 7',
      'content-type: application/json; charset=utf-8',
      'content-length: 17',
      'Date: now',
      'Connection: keep-alive',
      'Keep-Alive: timeout=5',
      '',
      ANSWER,
    ]);
  });

  it('is counted', async () => {
    const { send, hears } = client();
    send(REQUEST);
    await hears(ANSWER);
    const { text } = await metrics.expose();
    expect(text).toContain('signet_http_requests_total{dialect="none",method="POST",route="/send",status="202"} 1');
  });

  it.each(['User-Agent: x/1', 'connection: Keep-Alive', 'Authorization: Basic eDp5', 'Accept: */*'])(
    'may say %s',
    async (field) => {
      const { send, hears } = client();
      send(REQUEST.replace('\r\n\r\n', `\r\n${field}\r\n\r\n`));
      await hears(ANSWER);
    },
  );
});

describe('what is not ordinary goes to Node', () => {
  const withField = (field: string) => REQUEST.replace('\r\n\r\n', `\r\n${field}\r\n\r\n`);

  it.each([
    ['another path', REQUEST.replace('/send', '/other'), 'node POST /other hello;'],
    ['a query', REQUEST.replace('/send', '/send?x=1'), 'node POST /send?x=1 hello;'],
    ['another method', REQUEST.replace('POST', 'PUT'), 'node PUT /send hello;'],
    ['HTTP/1.0', REQUEST.replace('1.1', '1.0'), 'node POST /send hello;'],
    ['a field nobody knows', withField('X-Any: 1'), 'node POST /send hello;'],
    [
      'a body in chunks',
      `${HEAD.replace('Content-Length: 5', 'Transfer-Encoding: chunked')}5\r\nhello\r\n0\r\n\r\n`,
      'node POST /send hello;',
    ],
    ['length and chunks', withField('Transfer-Encoding: chunked'), 'HTTP/1.1 400'],
    ['two lengths', withField('Content-Length: 4'), 'HTTP/1.1 400'],
    ['a length with a sign', REQUEST.replace(': 5', ': +5'), 'HTTP/1.1 400'],
    ['two spaces before a value', REQUEST.replace('Host: ', 'Host:  '), 'node POST /send hello;'],
    ['a space before the colon', REQUEST.replace('Host:', 'Host :'), 'HTTP/1.1 400'],
    ['a folded line', REQUEST.replace('Host: here', 'Host: here\r\n there'), 'HTTP/1.1 400'],
    ['lines that end otherwise', REQUEST.replace('Host: here\r\n', 'Host: here\n'), 'HTTP/1.1 400'],
    ['no host', REQUEST.replace('Host: here\r\n', ''), 'HTTP/1.1 400'],
    ['two hosts', withField('Host: there'), 'node POST /send hello;'],
    ['no length', 'POST /send HTTP/1.1\r\nHost: here\r\n\r\n', 'node POST /send ;'],
    ['a head that is long', withField(`User-Agent: ${'x'.repeat(5_000)}`), 'node POST /send hello;'],
    ['a head that is too long', withField(`User-Agent: ${'x'.repeat(20_000)}`), 'HTTP/1.1 431'],
    ['a value in other characters', withField('User-Agent: \u00e9'), 'node POST /send hello;'],
    ['an end of the connection', withField('Connection: close'), 'node POST /send hello;'],
    ['no HTTP at all', 'hello\r\n\r\n', 'HTTP/1.1 400'],
  ])('%s', async (_, request, answer) => {
    const { send, hears } = client();
    send(request);
    await hears(answer);
    expect(direct).toEqual([]);
  });

  it('a client that waits for 100-continue', async () => {
    const { send, hears } = client();
    send(`${HEAD.replace('\r\n\r\n', '\r\nExpect: 100-continue\r\n\r\n')}`);
    await hears('100 Continue');
    send('hello');
    await hears('node POST /send hello;');
  });

  it.each([1, 30, HEAD.length, HEAD.length + 2])('a request that comes in two pieces, cut at %i', async (at) => {
    const { socket, send, hears } = client();
    socket.setNoDelay(true);
    send(REQUEST.slice(0, at));
    await new Promise((resolve) => setTimeout(resolve, 20));
    send(REQUEST.slice(at));
    // Where the system brings both at once, it is ordinary.
    await hears('hello');
  });

  it('two requests at once, with what follows', async () => {
    const { send, hears } = client();
    send(REQUEST + REQUEST);
    await hears('node POST /send hello;', 2);
    send(REQUEST);
    await hears('node POST /send hello;', 3);
    expect(direct).toEqual([]);
  });

  it('a client that does not listen to the last answer', async () => {
    const { socket, send, hears } = client();
    socket.pause();
    send(`${HEAD.replace('Length: 5', 'Length: 4')}much`);
    await vi.waitFor(() => expect(direct.length).toBe(1), 10_000);
    send(REQUEST);
    await new Promise((resolve) => setTimeout(resolve, 20));
    socket.resume();
    await hears('node POST /send hello;');
    expect(direct.length).toBe(1);
  });

  it('a request before the answer to the last: each is answered once, in their order', async () => {
    held = [];
    const { send, hears } = client();
    send(REQUEST);
    await vi.waitFor(() => expect(direct.length).toBe(1), 10_000);
    send(REQUEST.replace('hello', 'later'));
    send(REQUEST.replace('hello', 'again'));
    await new Promise((resolve) => setTimeout(resolve, 20));
    held[0]!();
    const heard = await hears('node POST /send again;');
    expect(heard.match(/hello|later|again/g)).toEqual(['hello', 'later', 'again']);
    expect(direct.length).toBe(1);
  });
});

describe('the end', () => {
  it('a client that says nothing more is answered', async () => {
    held = [];
    const { socket, hears } = client();
    socket.end(REQUEST);
    await vi.waitFor(() => expect(direct.length).toBe(1), 10_000);
    await new Promise((resolve) => setTimeout(resolve, 20));
    held[0]!();
    await hears(ANSWER);
    await once(socket, 'close');
  });

  it('idle connections are closed, and those under way once they are answered', async () => {
    const idle = client();
    idle.send(REQUEST);
    await idle.hears(ANSWER);
    held = [];
    const busy = client();
    busy.send(REQUEST);
    await vi.waitFor(() => expect(direct.length).toBe(2), 10_000);
    endDirect();
    await once(idle.socket, 'close');
    held[0]!();
    expect(await busy.hears(ANSWER)).toContain('Connection: close');
    await once(busy.socket, 'close');
  });

  it('connections end with their next answer while the house is being stopped', async () => {
    const { socket, send, hears } = client();
    send(REQUEST);
    expect(await hears(ANSWER)).toContain('Connection: keep-alive');
    stopping = true;
    send(REQUEST);
    expect(await hears(ANSWER, 2)).toContain('Connection: close');
    await once(socket, 'close');
  });

  it('later connections are read by Node', async () => {
    endDirect();
    const { send, hears } = client();
    send(REQUEST);
    await hears('node POST /send hello;');
  });

  it('a connection without requests is closed when its time is over, and no earlier', async () => {
    const { socket, send, hears } = client();
    const closed = vi.fn();
    socket.on('close', closed);
    send(REQUEST);
    await hears(ANSWER);
    clock.advance(server.keepAliveTimeout - 1);
    send(REQUEST);
    await hears(ANSWER, 2);
    clock.advance(server.keepAliveTimeout - 1);
    expect(closed).not.toHaveBeenCalled();
    send(REQUEST);
    await hears(ANSWER, 3);
    clock.advance(server.keepAliveTimeout + 10_000);
    await vi.waitFor(() => expect(closed).toHaveBeenCalled(), 10_000);
  });

  it('a connection that says nothing is left to Node', async () => {
    const { socket, send, hears } = client();
    const begun = once(server, 'connection');
    await Promise.all([begun, once(socket, 'connect')]);
    clock.advance(10_000);
    send(REQUEST);
    await hears('node POST /send hello;');
  });

  it('a client that goes away takes its answer with it', async () => {
    held = [];
    const { socket, send } = client();
    send(REQUEST);
    await vi.waitFor(() => expect(direct.length).toBe(1), 10_000);
    socket.destroy();
    await new Promise((resolve) => setTimeout(resolve, 20));
    held[0]!();
    const next = client();
    held = null;
    next.send(REQUEST);
    await next.hears(ANSWER);
  });
});
