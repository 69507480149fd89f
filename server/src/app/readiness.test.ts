import { describe, expect, it } from 'vitest';
import { loadServerConfig } from '../config/config.ts';
import { Refused } from '../domain/refusals.ts';
import { createLogger } from '../lib/log.ts';
import { ManualClock } from '../lib/manual-clock.ts';
import { createMetrics } from '../lib/metrics.ts';
import type { Queue } from '../queue/queue.ts';
import type { Desk } from '../services/desk.ts';
import { dataPaths } from './ground.ts';
import { readinessOf } from './readiness.ts';

const AWAY = { SIGNET_STORE: 'mysql://u:p@db/signet', SIGNET_QUEUE: 'amqp://u:p@mq', SIGNET_REDIS: 'redis://r' };

/** A process and what it reaches. */
function house(reached: { store: () => Promise<unknown>; queue?: boolean; redis?: boolean | null }, env = {}) {
  const clock = new ManualClock();
  const config = loadServerConfig({ SIGNET_DATA: '/nowhere', ...env });
  const ground = {
    config,
    paths: dataPaths(config.dataDir),
    clock,
    log: createLogger('silent'),
    metrics: createMetrics(),
  };
  const state = { stopping: false };
  const ready = readinessOf(ground, {
    desk: { ask: reached.store } as unknown as Desk,
    queue: { reachable: reached.queue ?? true } as Queue,
    redisReachable: () => reached.redis ?? null,
    stopping: () => state.stopping,
  });
  const states = async () => (await ready()).parts.map(({ name, kind, reachable }) => [name, kind, reachable]);
  return { clock, state, ready, states };
}

describe('readiness', () => {
  it('is there with everything, and where there is nothing but a file', async () => {
    const { ready, states } = house({ store: async () => null });
    expect(await ready()).toMatchObject({ ready: true, reason: '' });
    expect(await states()).toEqual([
      ['store', 'sqlite', true],
      ['queue', 'memory', true],
      ['redis', 'none', null],
    ]);
  });

  it('does without queue and Redis, and says so', async () => {
    const { ready, states } = house({ store: async () => null, queue: false, redis: false }, AWAY);
    expect(await ready()).toMatchObject({ ready: true, reason: '' });
    expect(await states()).toEqual([
      ['store', 'mysql', true],
      ['queue', 'rabbitmq', false],
      ['redis', 'redis', false],
    ]);
    const reasons = (await ready()).parts.map(({ reason }) => reason);
    expect(reasons).toEqual(['', expect.stringContaining('wait'), expect.stringContaining('counted in the store')]);
    const closed = house({ store: async () => null, redis: false }, { ...AWAY, SIGNET_REDIS_LOST: 'closed' });
    expect((await closed.ready()).parts[2]!.reason).toContain('refused');
  });

  it('ends with a store that refuses, or that says nothing for long', async () => {
    const away = house({ store: () => Promise.reject(new Refused({ code: 'storeAway', retryAfterS: 5 })) }, AWAY);
    expect(await away.ready()).toMatchObject({ ready: false, reason: 'the store does not answer' });
    const silent = house({ store: () => new Promise(() => {}) }, AWAY);
    const asked = silent.ready();
    silent.clock.advance(2_499);
    expect(await Promise.race([asked, new Promise((resolve) => setImmediate(resolve, 'waiting'))])).toBe('waiting');
    silent.clock.advance(1);
    expect(await asked).toMatchObject({ ready: false, parts: [{ name: 'store', reachable: false }, {}, {}] });
  });

  it('ends with the process', async () => {
    const { ready, state } = house({ store: async () => null });
    state.stopping = true;
    expect(await ready()).toMatchObject({ ready: false, reason: 'the server is stopping' });
  });
});
