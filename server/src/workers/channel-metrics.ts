import type { MeterReading } from '../channels/bind-meter.ts';
import { HOLDS } from '../domain/bind-hold.ts';
import { CATEGORIES } from '../domain/category.ts';
import type { BindFacts, ChannelFacts } from '../domain/channel-facts.ts';
import { LIMITING_CAUSES } from '../domain/limiting-cause.ts';
import type { Clock } from '../lib/clock.ts';
import type { Labels, Metrics, Sample } from '../lib/metrics.ts';
import type { ChannelWatch, WatchedChannels } from './channel-watch.ts';

/** Upper bounds of response times, in seconds. */
const RESPONSE_BOUNDS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** What channels and their binds do, for Prometheus. Labels are few: channel, bind, and words of short lists. */
export function showChannels(metrics: Metrics, channels: WatchedChannels, watch: ChannelWatch, clock: Clock): void {
  // All of them are asked for at once, so they are made once.
  let made: Map<number, ChannelFacts> | null = null;
  const allFacts = () => {
    if (made === null) {
      clock.afterInput(() => {
        made = null;
      });
      made = watch.facts();
    }
    return made;
  };
  const ofChannels = function* (samples: (facts: ChannelFacts, labels: Labels) => Iterable<Sample>): Iterable<Sample> {
    for (const [id, facts] of allFacts()) yield* samples(facts, { channel: String(id) });
  };
  const ofBinds = (samples: (facts: BindFacts, labels: Labels) => Iterable<Sample>): Iterable<Sample> =>
    ofChannels(({ binds }, { channel = '' }) =>
      binds.flatMap((bind) => [...samples(bind, { channel, bind: String(bind.bind) })]),
    );

  metrics.gauge('signet_channel_limit', 'Which limit holds the channel now: 1 for that one, 0 for the others.', () =>
    ofChannels(({ limit }, labels) =>
      LIMITING_CAUSES.map((cause) => ({ labels: { ...labels, cause }, value: cause === limit.cause ? 1 : 0 })),
    ),
  );
  metrics.gauge('signet_channel_waiting', 'Messages that wait for the channel, in the queue or in the channel.', () =>
    ofChannels(({ waiting }, labels) =>
      CATEGORIES.map((lane) => ({
        labels: { ...labels, lane },
        value: waiting[lane].queue + waiting[lane].channel,
      })),
    ),
  );
  metrics.gauge('signet_channel_rate', 'Parts a second the channel is held to, where it is.', () =>
    ofChannels(({ rate }, labels) => (rate === null ? [] : [{ labels, value: rate.perSecond }])),
  );
  metrics.counters('signet_channel_refusals_total', 'Answers other than yes, by status.', () =>
    ofChannels(({ statuses }, labels) =>
      statuses.map(({ status, count }) => ({ labels: { ...labels, status }, value: count })),
    ),
  );
  metrics.gauge('signet_bind_up', 'Whether the bind is up.', () =>
    ofBinds(({ link }, labels) => [{ labels, value: link === 'bound' ? 1 : 0 }]),
  );
  metrics.counters('signet_bind_reconnects_total', 'Times the bind came up again.', () =>
    ofBinds(({ reconnects }, labels) => [{ labels, value: reconnects }]),
  );
  metrics.gauge('signet_bind_window', 'Requests that may be without an answer now.', () =>
    ofBinds(({ window }, labels) => [{ labels, value: window.now }]),
  );
  metrics.gauge('signet_bind_in_flight', 'Requests without an answer.', () =>
    ofBinds(({ inFlight }, labels) => [{ labels, value: inFlight }]),
  );
  metrics.counters('signet_bind_parts_total', 'Parts by what became of them.', () =>
    ofBinds(({ accepted, refused, throttled, unanswered }, labels) =>
      Object.entries({ accepted, refused, throttled, unanswered }).map(([outcome, value]) => ({
        labels: { ...labels, outcome },
        value,
      })),
    ),
  );

  const ofMeters = function* <T>(samples: (reading: MeterReading, labels: Labels) => Iterable<T>): Iterable<T> {
    for (const [id, { binds }] of channels.readings()) {
      for (const [i, { meter }] of binds.entries())
        yield* samples(meter.read(), { channel: String(id), bind: String(i + 1) });
    }
  };
  metrics.counters('signet_bind_held_seconds_total', 'How long each limit held the bind.', () =>
    ofMeters(({ heldMs }, labels) =>
      HOLDS.map((limit) => ({ labels: { ...labels, limit }, value: heldMs[limit] / 1_000 })),
    ),
  );
  metrics.histograms('signet_bind_response_seconds', 'From a request to its answer.', () =>
    ofMeters(({ times }, labels) => [
      {
        labels,
        buckets: RESPONSE_BOUNDS_S.map((bound) => [bound, times.notAbove(bound * 1_000)] as const),
        sum: times.sumMs / 1_000,
        count: times.total,
      },
    ]),
  );
}
