import type { ChannelStatus } from '../channels/channel.ts';
import { CATEGORIES } from '../domain/category.ts';
import type { Metrics } from '../lib/metrics.ts';
import type { Queue } from '../queue/queue.ts';
import type { Desk } from '../services/desk.ts';
import type { ChannelKeeper } from '../workers/channel-keeper.ts';

/** Numbers of the house's own rooms, for Prometheus. */
export function watchHouse(metrics: Metrics, house: { desk: Desk; queue: Queue; keeper: ChannelKeeper }): void {
  const { desk, queue, keeper } = house;
  metrics.gauge(
    'signet_storage_backlog_rows',
    'Rows handed to the store and not yet committed.',
    () => desk.backlogRows,
  );
  metrics.gauge('signet_queue_messages', 'Messages waiting in the queue for a channel.', () =>
    [...keeper.status().keys()].flatMap((channelId) =>
      CATEGORIES.map((lane) => ({
        labels: { channel: String(channelId), lane },
        value: queue.depth({ channelId, lane }),
      })),
    ),
  );
  const ofChannels = (name: string, help: string, read: (status: ChannelStatus) => number) =>
    metrics.gauge(name, help, () =>
      [...keeper.status()].map(([id, status]) => ({ labels: { channel: String(id) }, value: read(status) })),
    );
  ofChannels('signet_channel_bound', 'Whether the channel is bound.', ({ link }) => (link === 'bound' ? 1 : 0));
  metrics.gauge(
    'signet_channel_usable',
    'Whether messages wait for the channel; 0: others of its routes take them.',
    () =>
      [...keeper.standings()].map(([id, standing]) => ({
        labels: { channel: String(id) },
        value: standing === 'down' ? 0 : 1,
      })),
  );
  ofChannels('signet_channel_in_flight', 'Requests waiting for the carrier.', ({ inFlight }) => inFlight);
  ofChannels(
    'signet_channel_submitted',
    'Parts the carrier has accepted since the channel started.',
    (s) => s.submitted,
  );
  ofChannels('signet_channel_throttled', 'Answers that asked for less speed since the start.', (s) => s.throttled);
}
