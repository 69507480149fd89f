import { CATEGORIES, type Category } from '../domain/category.ts';
import { type FrequencyPolicy, shortWindows } from '../domain/frequency.ts';
import { sleep, systemClock } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import type { FrequencyLimits } from '../limits/limits.ts';
import { MemoryFrequencyLimits } from '../limits/memory.ts';
import { RedisFrequencyLimits } from '../limits/redis.ts';
import { StoreFrequencyLimits } from '../limits/store.ts';
import { FallbackLimits } from '../limits/with-fallback.ts';
import type { RedisPlace } from '../redis/link.ts';
import { idOfInstallation } from '../services/installation.ts';
import type { Store } from '../store/store.ts';

/** How long the start waits for Redis, so that what comes first is counted there. */
const REDIS_WAIT_MS = 1_000;

/** Where frequency limits are counted. */
export interface LimitsChoice {
  frequency: FrequencyPolicy;
  /** Null: in this process, or in the store where others write to it too. */
  redis: RedisPlace | null;
  /** While Redis is lost: counted in the store, or what is limited is refused. */
  redisLost: 'store' | 'closed';
  /** Whether other processes write to the store. */
  shared: boolean;
}

/** Opens the frequency limits beside the store that they belong to. */
export async function openLimits(
  store: Store,
  choice: LimitsChoice,
  log: Logger,
): Promise<{ limits: FrequencyLimits; close(): Promise<void> }> {
  const policy = shortWindows(choice.frequency);
  if (choice.redis !== null) return openRedis(store, choice.redis, choice.redisLost, policy, log);
  if (choice.shared) return { limits: new StoreFrequencyLimits(policy), close: async () => {} };
  const limits = new MemoryFrequencyLimits(policy, {
    onForgotten: () => log.warn('more messages than frequency limits have room for: the oldest no longer count'),
  });
  await restore(store, limits);
  return { limits, close: async () => {} };
}

async function openRedis(
  store: Store,
  place: RedisPlace,
  lost: LimitsChoice['redisLost'],
  policy: FrequencyPolicy,
  log: Logger,
): Promise<{ limits: FrequencyLimits; close(): Promise<void> }> {
  // Loaded only where it is used: most houses start without it.
  const { RedisLink } = await import('../redis/link.ts');
  const installation = await store.transact(idOfInstallation);
  const link = new RedisLink(place, `signet.${installation}.limits`, { clock: systemClock, log });
  const up = new Promise<void>((resolve) => link.onUp(resolve));
  await link.start();
  await Promise.race([up, sleep(systemClock, REDIS_WAIT_MS)]);
  const second = lost === 'store' ? new StoreFrequencyLimits(policy) : null;
  const limits = new FallbackLimits(new RedisFrequencyLimits(link, installation, policy), second, policy, {
    trouble: () => link.trouble,
    onChange: (where) => log.warn(WORDS[where ?? 'nowhere']),
  });
  return { limits, close: () => link.stop() };
}

const WORDS = {
  first: 'frequency limits are counted in Redis',
  second: 'frequency limits are counted in the store, from nothing, while Redis is away',
  both: 'Redis is back: frequency limits are counted there and in the store, until both know the same',
  nowhere: 'Redis is away: messages that frequency limits hold for are refused until it is back',
} as const;

/** Counts what earlier processes sent. */
async function restore(store: Store, limits: MemoryFrequencyLimits): Promise<void> {
  const now = systemClock.now();
  const since = Object.fromEntries(
    CATEGORIES.map((category) => [category, limits.reachMs[category] === 0 ? null : now - limits.reachMs[category]]),
  ) as Record<Category, number | null>;
  await store.read((reader) =>
    // A clock that has gone back since leaves messages of times to come.
    reader.messages.countedSince(since, (businessId, category, recipient, at) =>
      limits.restore(businessId, category, recipient, Math.min(at, now)),
    ),
  );
}
