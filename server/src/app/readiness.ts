import type { HousePart, Readiness } from '../http/deps.ts';
import { type Clock, sleep } from '../lib/clock.ts';
import type { Queue } from '../queue/queue.ts';
import type { Desk } from '../services/desk.ts';
import type { Ground } from './ground.ts';

/** A store that takes longer to answer is away for whoever asks: probes give up after three seconds. */
const STORE_ANSWERS_WITHIN_MS = 2_500;

/**
 * Whether this process can do its work, and what it reaches. It cannot without its store; without RabbitMQ or Redis it still
 * accepts, so whoever sends requests here should go on.
 */
export function readinessOf(
  { config, paths, clock }: Ground,
  house: {
    desk: Desk;
    queue: Queue;
    /** Whether Redis answers; null: there is none. */
    redisReachable: () => boolean | null;
    stopping: () => boolean;
  },
): () => Promise<Readiness> {
  return async () => {
    const stopping = house.stopping();
    const answers = !stopping && (await storeAnswers(house.desk, clock));
    const { store, queue, redis } = config;
    const parts: HousePart[] = [
      {
        name: 'store',
        kind: store === null ? 'sqlite' : 'mysql',
        address: store?.shown ?? paths.store,
        reachable: answers,
        reason: answers ? '' : 'the store does not answer',
      },
      {
        name: 'queue',
        kind: queue === null ? 'memory' : 'rabbitmq',
        address: queue?.shown ?? '',
        reachable: house.queue.reachable,
        reason: house.queue.reachable ? '' : 'the server cannot be reached; messages are accepted and wait',
      },
      {
        name: 'redis',
        kind: redis === null ? 'none' : 'redis',
        address: redis?.shown ?? '',
        reachable: house.redisReachable(),
        reason: house.redisReachable() === false ? WITHOUT_REDIS[config.redisLost] : '',
      },
    ];
    if (stopping) return { ready: false, reason: 'the server is stopping', parts };
    return { ready: answers, reason: parts[0]!.reason, parts };
  };
}

const WITHOUT_REDIS = {
  store: 'the server does not answer; frequency limits are counted in the store',
  closed: 'the server does not answer; messages that frequency limits hold for are refused',
} as const;

/** Asks in the writing thread, so it tells whether commits get through. */
async function storeAnswers(desk: Desk, clock: Clock): Promise<boolean> {
  const asked = desk.ask('nextRetry', { category: 'verification' }).then(
    () => true,
    () => false,
  );
  return Promise.race([asked, sleep(clock, STORE_ANSWERS_WITHIN_MS).then(() => false)]);
}
