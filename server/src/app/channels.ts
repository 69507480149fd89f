import { FlightLog } from '../channels/flight-log.ts';
import { ChannelLogs } from '../channels/log/channel-logs.ts';
import { ThreadLogReader } from '../channels/log/thread-reader.ts';
import { CATEGORIES, type Category } from '../domain/category.ts';
import { asksForReports } from '../domain/channel.ts';
import type { Rests } from '../domain/quiet-hours.ts';
import type { LoopLoad } from '../lib/loop-load.ts';
import type { Lifecycle } from '../lib/start-stop.ts';
import type { Queue } from '../queue/queue.ts';
import type { Desk } from '../services/desk.ts';
import type { LeftBehind } from '../services/recovery.ts';
import { ChannelKeeper, type ChannelOwnership } from '../workers/channel-keeper.ts';
import { ChannelWatch } from '../workers/channel-watch.ts';
import { Dispatcher } from '../workers/dispatcher.ts';
import { InboundIntake } from '../workers/inbound-intake.ts';
import type { OpenLine } from '../workers/outbox-relay.ts';
import { ReceiptIntake } from '../workers/receipt-intake.ts';
import { RouteMeter } from '../workers/route-meter.ts';
import { connectorOf } from './connectors.ts';
import type { Ground } from './ground.ts';
import { recoverFlights } from './recovery.ts';
import { startBuiltInSimulator } from './simulator.ts';

/** Whoever chooses what channels are handed. */
export interface Chooser {
  /** There may be work, or room for it. */
  nudge(): void;
  /** Lines whose messages need not wait for their turn. */
  openLines(lane: Category): readonly OpenLine[];
}

/** The ways out, and what comes in over them. */
export interface ChannelArea {
  keeper: ChannelKeeper;
  watch: ChannelWatch;
  /** Counts what routes do: to be started before the channels, and stopped after them. */
  routes: RouteMeter;
  logs: ChannelLogs;
  /** Messages of each lane that wait before a channel. */
  waiting(channelId: number): Record<Category, number>;
}

/** Starts what notes and keeps exchanges with carriers; `leftBehind`: what had left when the last process ended. */
export async function startLogs(
  ground: Ground,
  desk: Desk,
  lifecycle: Lifecycle,
): Promise<{ flightLog: FlightLog; channelLogs: ChannelLogs; leftBehind: LeftBehind }> {
  const { config, paths, clock, log } = ground;
  const flightLog = new FlightLog(paths.flight);
  const leftBehind = await recoverFlights(desk, flightLog);
  await lifecycle.start({ start: async () => {}, stop: async () => flightLog.close() });
  const channelLogs = new ChannelLogs(paths.channelLog, config.channelLog, {
    reader: new ThreadLogReader(paths.channelLog, clock),
    clock,
    log,
  });
  await lifecycle.start(channelLogs);
  return { flightLog, channelLogs, leftBehind };
}

/** Builds the channels; the caller starts what is returned. */
export function buildChannels(
  ground: Ground,
  deps: {
    desk: Desk;
    queue: Queue;
    flightLog: FlightLog;
    channelLogs: ChannelLogs;
    quiet: Rests | null;
    chooser: Chooser;
    /** Null: all channels are this process's. */
    ownership: ChannelOwnership | null;
    loads: readonly LoopLoad[];
    /** Whether a channel may be used, in whatever process it runs; null: only this one runs any. */
    usable: ((channelId: number) => boolean) | null;
  },
): ChannelArea {
  const { config, clock, log, metrics } = ground;
  const { desk, queue, flightLog, channelLogs, quiet, chooser, ownership } = deps;
  const usable = deps.usable ?? ((channelId: number) => keeper.usable(channelId));
  const routes = new RouteMeter({ desk, clock, log, metrics, usable });
  const keeper: ChannelKeeper = new ChannelKeeper({
    desk,
    receipts: new ReceiptIntake(desk, clock, log, config.reportsKeptMs > 0),
    clock,
    inbound: new InboundIntake({ desk, clock, log, metrics, lastWithinMs: config.optOutLastMs }),
    log,
    failoverAfterMs: config.failoverAfterMs,
    simulatorAllowed: config.environment !== 'production',
    ownership,
    onChange: () => chooser.nudge(),
    openLines: (lane) => chooser.openLines(lane),
    factory: {
      channel: (id, settings, listener, mayWrite) =>
        connectorOf(id, settings, { listener, flightLog, channelLogs, mayWrite }, ground),
      dispatcher: (channel, settings, claimant) =>
        new Dispatcher(channel, asksForReports(settings), {
          desk,
          queue,
          flightLog,
          clock,
          log,
          claimant,
          quiet,
          routes,
        }),
      simulator: () => startBuiltInSimulator(ground),
    },
  });
  const waiting = (channelId: number) => waitingFor(channelId, queue, keeper);
  const watch = new ChannelWatch({
    channels: keeper,
    queued: waiting,
    loads: deps.loads,
    clock,
  });
  return { keeper, watch, routes, logs: channelLogs, waiting };
}

/** Messages that are ready and wait before a channel. */
function waitingFor(channelId: number, queue: Queue, keeper: ChannelKeeper): Record<Category, number> {
  const count = (lane: Category) => queue.depth({ channelId, lane }) + keeper.claiming(channelId, lane);
  return Object.fromEntries(CATEGORIES.map((lane) => [lane, count(lane)])) as Record<Category, number>;
}
