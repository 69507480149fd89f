import type { Bell, Nudge, RungSource } from '../bell/bell.ts';
import { PollingBell } from '../bell/polling.ts';
import { RedisNudge } from '../bell/redis-nudge.ts';
import type { Lifecycle } from '../lib/start-stop.ts';
import { readNotices } from '../services/notice-wire.ts';
import type { ThreadDesk } from '../services/thread-desk.ts';
import type { Ground } from './ground.ts';

/**
 * Lets this process hear what others change, and them hear of it soon when it changes something.
 * @returns whether Redis answers this process; null: there is none
 */
export async function startBell(
  ground: Ground,
  deps: { desk: ThreadDesk; source: RungSource; process: string },
  lifecycle: Lifecycle,
): Promise<() => boolean | null> {
  const { clock, log } = ground;
  const { desk, source, process } = deps;
  const redis = await startNudge(ground, desk, lifecycle);
  const bell: Bell = new PollingBell(source, process, redis?.nudge ?? null, { clock, log });
  desk.onTold(() => bell.ring());
  await lifecycle.start({
    start: () =>
      bell.start({
        heard: (rung) => desk.hear(rung.flatMap(({ body }) => readNotices(body))),
        missed: () => desk.hear([{ kind: 'missed' }]),
      }),
    stop: () => bell.stop(),
  });
  return () => redis?.reachable() ?? null;
}

async function startNudge({ config, clock, log, metrics }: Ground, desk: ThreadDesk, lifecycle: Lifecycle) {
  if (config.redis === null) return null;
  // Loaded only where it is used: most houses start without it.
  const { RedisLink } = await import('../redis/link.ts');
  const { id } = await desk.do('installationId', {});
  const link = (name: string) => new RedisLink(config.redis!.address, `signet.${id}.${name}`, { clock, log });
  const [speak, hear] = [link('bell'), link('ears')];
  await lifecycle.start(speak);
  await lifecycle.start(hear);
  const reachable = () => speak.trouble === null;
  metrics.gauge('signet_redis_reachable', 'Whether Redis answers this process.', () => (reachable() ? 1 : 0));
  const nudge: Nudge = new RedisNudge(speak, hear, id);
  return { nudge, reachable };
}
