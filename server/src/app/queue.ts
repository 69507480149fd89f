import type { Lifecycle } from '../lib/start-stop.ts';
import { MemoryQueue } from '../queue/memory.ts';
import type { Queue } from '../queue/queue.ts';
import type { Desk } from '../services/desk.ts';
import type { Ground } from './ground.ts';

/** Starts the queue that the environment names. A server that is away is waited for by nobody. */
export async function startQueue(ground: Ground, desk: Desk, lifecycle: Lifecycle): Promise<Queue> {
  const { config, clock, log, metrics } = ground;
  if (config.queue === null) return new MemoryQueue();
  // Loaded only where it is used: most houses start without it.
  const { RabbitQueue } = await import('../queue/rabbitmq/rabbitmq.ts');
  const { id } = await desk.do('installationId', {});
  const queue = new RabbitQueue(config.queue.address, id, { clock, log });
  metrics.gauge('signet_queue_reachable', 'Whether tasks can be published to RabbitMQ; 0: messages wait.', () =>
    queue.reachable ? 1 : 0,
  );
  await lifecycle.start(queue);
  return queue;
}
