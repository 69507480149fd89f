import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { haveRedis, TestRedis } from '../../test/redis.ts';
import { ManualClock } from '../lib/manual-clock.ts';
import { MemoryFailures } from './failures.ts';
import { RedisFailures } from './redis-failures.ts';

const MINUTE = { key: 'acme from here', windowMs: 60_000 };
const HOUR = { key: 'here', windowMs: 3_600_000 };
const away = { run: () => Promise.reject(new Error('nobody is there')) };

test('failures count in a window that begins with the first', async () => {
  const clock = new ManualClock();
  const failures = new MemoryFailures(clock);
  const none = { count: 0, leftMs: 0 };
  expect(await failures.read([MINUTE, HOUR])).toEqual([none, none]);
  expect(await failures.add([MINUTE, HOUR])).toEqual([
    { count: 1, leftMs: 60_000 },
    { count: 1, leftMs: 3_600_000 },
  ]);
  clock.advance(59_999);
  expect(await failures.add([MINUTE])).toEqual([{ count: 2, leftMs: 1 }]);
  clock.advance(1);
  expect(await failures.read([MINUTE, HOUR])).toEqual([none, { count: 1, leftMs: 3_540_000 }]);
  expect(await failures.add([MINUTE])).toEqual([{ count: 1, leftMs: 60_000 }]);
});

test('without Redis, a process knows its own', async () => {
  const failures = new RedisFailures(away, 'x', new MemoryFailures(new ManualClock()));
  expect(await failures.add([MINUTE])).toEqual([{ count: 1, leftMs: 60_000 }]);
  expect(await failures.read([MINUTE])).toEqual([{ count: 1, leftMs: 60_000 }]);
});

describe.runIf(await haveRedis())('with Redis', () => {
  const redis = new TestRedis();
  let open: (installation?: string) => RedisFailures;
  beforeAll(async () => {
    const link = await redis.link();
    open = (installation = redis.installation) =>
      new RedisFailures(link, installation, new MemoryFailures(new ManualClock()));
  });
  afterAll(() => redis.end());

  test('failures are those of all processes, and of no other installation', async () => {
    const [one, two, other] = [open(), open(), open(`${redis.installation}-other`)];
    const counts = await Promise.all(
      Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? one : two).add([MINUTE, HOUR])),
    );
    // Each is counted once, whoever comes first.
    expect(counts.map(([minute]) => minute!.count).sort((a, b) => a - b)).toEqual(counts.map((_, i) => i + 1));
    for (const failures of [one, two]) {
      const [minute, hour] = await failures.read([MINUTE, HOUR]);
      expect([minute!.count, hour!.count]).toEqual([20, 20]);
      expect(minute!.leftMs).toBeGreaterThan(0);
      expect(minute!.leftMs).toBeLessThanOrEqual(60_000);
    }
    expect((await other.read([MINUTE]))[0]!.count).toBe(0);
  });

  test('a window ends by itself', async () => {
    const failures = open();
    const short = { key: 'short', windowMs: 1 };
    await failures.add([short]);
    await expect.poll(async () => (await open().read([short]))[0]!.count).toBe(0);
  });
});
