import type { Bell, RungSource } from '../bell/bell.ts';
import { PollingBell } from '../bell/polling.ts';
import { RedisNudge } from '../bell/redis-nudge.ts';
import type { Lifecycle } from '../lib/start-stop.ts';
import { readNotices, tellsOfWorkOnly } from '../services/notice-wire.ts';
import type { ThreadDesk } from '../services/thread-desk.ts';
import type { Ground } from './ground.ts';
import type { HouseRedis } from './redis.ts';

/** Lets this process hear what others change, and them hear of it soon when it changes something. */
export async function startBell(
  { clock, log, metrics }: Ground,
  deps: {
    desk: ThreadDesk;
    source: RungSource;
    process: string;
    redis: HouseRedis | null;
    /** Whether this process hands out messages that wait. */
    handsOut: () => boolean;
  },
  lifecycle: Lifecycle,
): Promise<void> {
  const { desk, source, process, redis, handsOut } = deps;
  const nudge = redis === null ? null : new RedisNudge(redis.link, await redis.ears(), redis.installation);
  const bell: Bell = new PollingBell(source, process, nudge, { handsOut, clock, log });
  desk.onTold((notices) => bell.ring(tellsOfWorkOnly(notices) ? 'work' : 'all'));
  metrics.gauge(
    'signet_bell_transaction',
    'The transaction of the installation up to which this process has heard what others changed.',
    () => bell.heardUpTo,
  );
  await lifecycle.start({
    start: () =>
      bell.start({
        heard: (rung) => desk.hear(rung.flatMap(({ body }) => readNotices(body))),
        missed: () => desk.hear([{ kind: 'missed' }]),
      }),
    stop: () => bell.stop(),
  });
}
