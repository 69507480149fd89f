import type { Rests } from '../domain/quiet-hours.ts';
import { WEBHOOK_QUEUE } from '../domain/task.ts';
import { SafePoster } from '../lib/safe-fetch.ts';
import type { Lifecycle } from '../lib/start-stop.ts';
import type { Queue } from '../queue/queue.ts';
import type { Desk } from '../services/desk.ts';
import type { Post } from '../services/webhook-request.ts';
import { Caretaker } from '../workers/caretaker.ts';
import { ExpiryWatch } from '../workers/expiry-watch.ts';
import { FigureKeeper } from '../workers/figure-keeper.ts';
import { type ChannelSource, OutboxRelay } from '../workers/outbox-relay.ts';
import { PlanRunner } from '../workers/plan-runner.ts';
import type { TaskBook } from '../workers/task-book.ts';
import { WebhookSender } from '../workers/webhook-sender.ts';
import type { Ground } from './ground.ts';

/** Among several processes, a plan whose messages have not all been written after so long is given up by whoever wrote it. */
const STAGED_AFTER_MS = 6 * 3_600_000;

/** What has to be done somewhere, whoever asked for it. */
export interface WorkArea {
  relay: OutboxRelay;
  planRunner: PlanRunner;
  caretaker: Caretaker;
  expiry: ExpiryWatch;
  figures: FigureKeeper;
  webhooks: WebhookSender;
}

/** Builds the loops; the caller starts them. */
export function buildWork(
  { config, clock, log, metrics }: Ground,
  deps: { desk: Desk; queue: Queue; channels: ChannelSource; quiet: Rests | null; post: Post; book: TaskBook },
): WorkArea {
  const { desk, queue, channels, quiet, post, book } = deps;
  const isPaused = (name: string) => book.isPaused(name);
  const orphans = metrics.counter(
    'signet_orphan_reports_total',
    'Delivery reports that spoke of nothing known, 10 minutes after they came.',
  );
  return {
    relay: new OutboxRelay(desk, queue, channels, clock, log, quiet, isPaused),
    planRunner: new PlanRunner(desk, clock, log, book),
    caretaker: new Caretaker({
      desk,
      clock,
      log,
      stagedAfterMs: config.store === null ? 0 : STAGED_AFTER_MS,
      unreportedAfterMs: config.unreportedAfterMs,
      onOrphans: (count) => orphans.add(count),
      book,
      tasksKeptMs: config.tasksKeptMs,
    }),
    expiry: new ExpiryWatch(desk, clock, log, book),
    figures: new FigureKeeper(desk, clock, log, book),
    webhooks: new WebhookSender({ desk, post, clock, log, metrics, paused: () => isPaused(WEBHOOK_QUEUE) }),
  };
}

/** Starts what speaks to addresses that strangers chose. */
export async function startPoster({ config }: Ground, lifecycle: Lifecycle): Promise<Post> {
  const poster = new SafePoster({ allowNetworks: config.webhookNetworks, allowHttp: config.webhookHttp });
  await lifecycle.start({ start: async () => {}, stop: () => poster.close() });
  return (url, request) => poster.post(url, request);
}
