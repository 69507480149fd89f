import type { Lifecycle } from '../lib/start-stop.ts';
import type { RedisLink } from '../redis/link.ts';
import type { Desk } from '../services/desk.ts';
import type { Ground } from './ground.ts';

/** The Redis server of the installation, as the main thread uses it. */
export interface HouseRedis {
  /** Names the installation, so that several can share one server. */
  installation: string;
  /** For whatever is asked and told. */
  link: RedisLink;
  /** A connection of its own, for listening: nothing else can be done on it. */
  ears(): Promise<RedisLink>;
}

/** Connects to the server that the environment names; null: it names none. A server that is away is waited for by nobody. */
export async function startRedis(
  { config, clock, log, metrics }: Ground,
  desk: Desk,
  lifecycle: Lifecycle,
): Promise<HouseRedis | null> {
  if (config.redis === null) return null;
  // Loaded only where it is used: most houses start without it.
  const { RedisLink } = await import('../redis/link.ts');
  const { id } = await desk.do('installationId', {});
  const connect = async (name: string) => {
    const link = new RedisLink(config.redis!.address, `signet.${id}.${name}`, { clock, log });
    await lifecycle.start(link);
    return link;
  };
  const link = await connect('main');
  metrics.gauge('signet_redis_reachable', 'Whether Redis answers this process.', () => (link.trouble === null ? 1 : 0));
  return { installation: id, link, ears: () => connect('ears') };
}
