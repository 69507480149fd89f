import { Redis } from 'ioredis';
import { systemClock } from '../src/lib/clock.ts';
import { createLogger } from '../src/lib/log.ts';
import { randomSecret } from '../src/lib/random.ts';
import { RedisLink, type RedisPlace } from '../src/redis/link.ts';
import { have } from './needs.ts';
import { TcpProxy } from './tcp-proxy.ts';
import { LOCALHOST_TLS } from './tls.ts';

/** Where tests find a server: SIGNET_TEST_REDIS, or the usual place. */
export const REDIS_SERVER = process.env.SIGNET_TEST_REDIS || 'redis://127.0.0.1:6379';

/** The same as a place. */
export function redisPlace(): RedisPlace {
  const url = new URL(REDIS_SERVER);
  return {
    host: url.hostname,
    port: Number(url.port || '6379'),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: Number(url.pathname.slice(1) || '0'),
    tls: null,
  };
}

/** Whether there is a Redis server for tests; where there is none they are left out, which is said plainly. */
export async function haveRedis(): Promise<boolean> {
  const name = `a Redis server at ${new URL(REDIS_SERVER).host}`;
  const client = new Redis(REDIS_SERVER, { lazyConnect: true, retryStrategy: () => null });
  let trouble = '';
  client.on('error', (error: Error) => {
    trouble = error.message;
  });
  try {
    await client.connect();
    return have(name, true);
  } catch {
    return have(`${name} (${trouble})`, false);
  } finally {
    client.disconnect();
  }
}

/** Links to a server, and the keys of an installation of its own. */
export class TestRedis {
  /** As names of installations are; each test may make more, whose keys are removed with its own. */
  readonly installation = `test-${randomSecret(64)}`;
  readonly #links: RedisLink[] = [];
  readonly #ways: TcpProxy[] = [];

  /** Another process; resolves when it is connected. */
  async link(place = redisPlace()): Promise<RedisLink> {
    const link = new RedisLink(place, 'signet test', { clock: systemClock, log: createLogger('silent') });
    this.#links.push(link);
    const up = new Promise<void>((resolve) => link.onUp(resolve));
    await link.start();
    await up;
    return link;
  }

  /** One that reaches the server by a way that can be cut, and speaks TLS or not. */
  async linkBehind(tls = false): Promise<{ link: RedisLink; way: TcpProxy }> {
    const place = redisPlace();
    const way = await TcpProxy.to(place, tls);
    this.#ways.push(way);
    const files = tls ? { ca: LOCALHOST_TLS.cert, cert: null, key: null } : null;
    return { link: await this.link({ ...place, host: 'localhost', port: way.port, tls: files }), way };
  }

  async end(): Promise<void> {
    for (const link of this.#links) await link.stop();
    for (const way of this.#ways) await way.end();
    const client = new Redis(REDIS_SERVER);
    for (let cursor = '0', first = true; first || cursor !== '0'; first = false) {
      const [next, keys] = await client.scan(cursor, 'MATCH', `signet:{${this.installation}*`, 'COUNT', 1_000);
      if (keys.length > 0) await client.unlink(...keys);
      cursor = next;
    }
    client.disconnect();
  }
}
