import { CATEGORIES, type Category } from '../domain/category.ts';
import { type LoopLoad, ownLoad } from '../lib/loop-load.ts';
import type { Desk } from '../services/desk.ts';
import { QueueWatch } from '../workers/queue-watch.ts';
import { TaskBook } from '../workers/task-book.ts';
import type { WebhookSender } from '../workers/webhook-sender.ts';
import type { ChannelArea } from './channels.ts';
import type { Ground } from './ground.ts';
import type { Self } from './self.ts';

/**
 * The books of what the house does at its own pace; the caller starts them.
 * @param alone whether there are no other processes: what runs in the books was left by one that has ended
 */
export const buildBook = ({ clock, log, metrics }: Ground, desk: Desk, self: Self, alone: boolean): TaskBook => {
  const { id, predecessor } = self;
  const over = alone ? { worker: null } : predecessor === null ? null : { worker: predecessor };
  return new TaskBook({ desk, clock, log, metrics, worker: id, over });
};

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
    self: deps.self,
    loads: [ownLoad('main'), deps.writerLoad],
    memory: () => process.memoryUsage.rss(),
  });
}
