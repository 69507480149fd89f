import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { haveRedis, TestRedis } from '../../test/redis.ts';
import { NO_FREQUENCY_POLICY } from '../domain/frequency.ts';
import type { RedisLink } from '../redis/link.ts';
import { limitsContract, withoutStore } from './contract.ts';
import type { Counting } from './limits.ts';
import { RedisFrequencyLimits } from './redis.ts';

describe.runIf(await haveRedis())('with a server', () => {
  const redis = new TestRedis();
  let link: RedisLink;
  let opened = 0;
  beforeAll(async () => {
    link = await redis.link();
  });
  afterAll(() => redis.end());

  limitsContract(
    'RedisFrequencyLimits',
    async (policy) => ({
      limits: new RedisFrequencyLimits(link, `${redis.installation}-${++opened}`, policy),
      transact: withoutStore,
    }),
    60,
  );

  describe('frequency counts in Redis', () => {
    const AT = 1_767_225_600_000;
    const two = { ...NO_FREQUENCY_POLICY, all: [{ limit: 2, windowMs: 60_000 }] };
    const of = (recipients: readonly number[]): Counting => ({ businessId: 7, category: 'marketing', recipients });
    const take = (limits: RedisFrequencyLimits, counting: Counting, at: number) =>
      withoutStore((counts) => limits.take(counts, counting, at));
    const open = (name: string, own = link) => new RedisFrequencyLimits(own, `${redis.installation}-${name}`, two);

    test('are shared by all processes, whose clocks may differ a little, and by no other installation', async () => {
      const [a, b, other] = [open('a'), open('a', await redis.link()), open('b')];
      expect(await take(a, of([1]), AT)).toBe(null);
      expect(await take(b, of([1]), AT - 40)).toBe(null);
      expect(await take(a, of([1]), AT + 59_999)).toBe(0);
      expect(await take(b, of([1]), AT + 59_999)).toBe(0);
      expect(await take(other, of([1]), AT + 59_999)).toBe(null);
      expect(await take(b, of([1]), AT + 60_000)).toBe(null);
    });

    test('count a request that takes several runs of the script whole or not at all', async () => {
      const limits = open('large');
      const many = Array.from({ length: 7_000 }, (_, i) => 1_000 + i);
      for (let i = 0; i < 2; i++) expect(await take(limits, of([many[6_500]!]), AT)).toBe(null);
      for (let i = 0; i < 3; i++) expect(await take(limits, of(many), AT)).toBe(6_500);
      for (let i = 0; i < 2; i++) expect(await take(limits, of(many.slice(0, 6_500)), AT)).toBe(null);
      expect(await take(limits, of(many.slice(0, 6_500)), AT)).toBe(0);
    });

    test('never let two processes through together where there is room for one', async () => {
      const processes = await Promise.all([1, 2, 3, 4].map(async () => open('race', await redis.link())));
      for (let recipient = 1; recipient <= 50; recipient++) {
        const answers = await Promise.all(processes.map((limits) => take(limits, of([recipient]), AT)));
        expect(answers.filter((over) => over === null)).toHaveLength(2);
      }
    });

    test('fail soon when the server is gone, and count when it is back', async () => {
      const { link: own, way } = await redis.linkBehind();
      const limits = open('gone', own);
      expect(await take(limits, of([1]), AT)).toBe(null);
      way.cut();
      await expect(take(limits, of([1]), AT)).rejects.toThrow('Redis is away');
      expect(own.trouble).not.toBe(null);
      const up = new Promise<void>((resolve) => own.onUp(resolve));
      way.restore();
      await up;
      expect(await take(limits, of([1]), AT)).toBe(null);
      expect(await take(limits, of([1]), AT)).toBe(0);
    });

    test('fail soon when the server does not answer', async () => {
      const { link: own, way } = await redis.linkBehind();
      const limits = open('silent', own);
      way.hold();
      await expect(take(limits, of([1]), AT)).rejects.toThrow('Redis is away');
      // The next does not even ask.
      await expect(take(limits, of([1]), AT)).rejects.toThrow('Redis is away');
      const up = new Promise<void>((resolve) => own.onUp(resolve));
      way.release();
      await up;
      expect(await take(limits, of([2]), AT)).toBe(null);
    });

    test('go over TLS, to a server whose certificate is known', async () => {
      const { link: own } = await redis.linkBehind(true);
      expect(await take(open('tls', own), of([1]), AT)).toBe(null);
    });
  });
});
