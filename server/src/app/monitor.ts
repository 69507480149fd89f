import { hostname } from 'node:os';
import { CATEGORIES, type Category } from '../domain/category.ts';
import type { WorkerFacts } from '../domain/task.ts';
import { type LoopLoad, ownLoad } from '../lib/loop-load.ts';
import { randomSecret } from '../lib/random.ts';
import type { Desk } from '../services/desk.ts';
import { VERSION } from '../version.ts';
import { QueueWatch } from '../workers/queue-watch.ts';
import { TaskBook } from '../workers/task-book.ts';
import type { WebhookSender } from '../workers/webhook-sender.ts';
import type { ChannelArea } from './channels.ts';
import type { Cluster } from './cluster.ts';
import type { Ground } from './ground.ts';

/** Names this process among all that ever were. */
export interface Self {
  id: string;
  startedAt: number;
}

export const newSelf = ({ clock }: Ground): Self => ({
  id: `${hostname()}-${process.pid}-${randomSecret(24)}`,
  startedAt: clock.now(),
});

/** The books of what the house does at its own pace; the caller starts them. `alone`: there are no other processes. */
export const buildBook = ({ clock, log, metrics }: Ground, desk: Desk, { id }: Self, alone: boolean): TaskBook =>
  new TaskBook({ desk, clock, log, metrics, worker: id, alone });

/** Looks at the queues and at this process; the caller starts it. */
export function buildQueueWatch(
  { clock, log, metrics }: Ground,
  deps: {
    desk: Desk;
    book: TaskBook;
    channels: ChannelArea;
    webhooks: WebhookSender;
    writerLoad: LoopLoad;
    self: Self;
    role: string;
  },
): QueueWatch {
  const { keeper, waiting } = deps.channels;
  return new QueueWatch({
    desk: deps.desk,
    clock,
    log,
    metrics,
    book: deps.book,
    channels: {
      lanes: () =>
        new Map(
          [...keeper.status().keys()].map((id) => {
            const waits = waiting(id);
            const of = (lane: Category) => ({ waiting: waits[lane], handed: keeper.handed(id, lane) });
            return [
              id,
              Object.fromEntries(CATEGORIES.map((lane) => [lane, of(lane)])) as Record<Category, ReturnType<typeof of>>,
            ];
          }),
        ),
    },
    webhooks: () => deps.webhooks.counts,
    self: { ...deps.self, role: deps.role, host: hostname(), pid: process.pid, version: VERSION },
    loads: [ownLoad('main'), deps.writerLoad],
    memory: () => process.memoryUsage.rss(),
  });
}

/** The other processes of an installation, as far as their rows of nodes tell: how busy each is, not what it does. */
export function otherWorkers(cluster: Cluster | null, now: number): WorkerFacts[] {
  const view = cluster?.holder.view;
  if (!view) return [];
  return view.beat.nodes
    .filter(({ host, pid }) => host !== hostname() || pid !== process.pid)
    .map(({ id, roles, host, pid, version, startedAt, seenMs, busy }) => ({
      id,
      role: roles,
      host,
      pid,
      version,
      startedAt,
      seenAt: now - seenMs - view.ageMs,
      loads: [{ thread: 'busiest', share: busy }],
      memoryBytes: null,
      current: [],
    }));
}
