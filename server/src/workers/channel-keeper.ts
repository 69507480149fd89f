import type {
  Answered,
  ChannelInbound,
  ChannelListener,
  ChannelReading,
  ChannelReport,
  ChannelStatus,
  OutChannel,
} from '../channels/channel.ts';
import type { Category } from '../domain/category.ts';
import { type Channel, type KindAndSettings, SIMULATOR_CHANNEL_ID, settingsOf } from '../domain/channel.ts';
import type { ChannelStanding } from '../domain/route-explanation.ts';
import type { SmppSettings } from '../domain/smpp-settings.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import type { Service } from '../lib/start-stop.ts';
import type { DispatchTask } from '../queue/queue.ts';
import { type Desk, logFailure } from '../services/desk.ts';
import type { Grant, GrantSource } from '../services/grants.ts';
import type { FailedMessage } from '../services/outcome.ts';
import type { Claimant } from '../services/ownership.ts';
import { packAccepted } from '../services/packed.ts';
import type { OpenedMessages } from '../store/store.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { InboundIntake } from './inbound-intake.ts';
import { LinkWatch } from './link-watch.ts';
import type { ChannelSource, OpenLine } from './outbox-relay.ts';
import type { ReceiptIntake } from './receipt-intake.ts';

/** How long a channel that is taken away or changed may wait for open answers. */
const DRAIN_MS = 5_000;

/** Lanes whose messages may be sent without waiting for their turn; in the others, businesses share by weight. */
const GRANTED_LANES: readonly Category[] = ['verification', 'notification'];

/** An SMSC in this house, for as long as there is no carrier. */
export interface Simulator {
  settings: SmppSettings;
  port: number;
  /** Resolves when what it has taken is reported: its reports end with it. */
  reported(): Promise<void>;
  stop(): Promise<void>;
}

/** Which channels this process may run, where several processes share them. */
export interface ChannelOwnership {
  /** In whose name it claims messages for a channel; null when the channel is not its own. */
  claimantOf(channelId: number): Claimant | null;
  /** Whether it may write to a carrier at this very moment. */
  mayWrite(channelId: number): boolean;
}

/** What the keeper needs made. */
export interface ChannelFactory {
  /** The connector of its kind. `mayWrite`: asked before each write; null: it always may. */
  channel(
    id: number,
    settings: KindAndSettings,
    listener: ChannelListener,
    mayWrite: (() => boolean) | null,
  ): OutChannel;
  /** @param claimant in whose name messages are claimed; null where only one process sends */
  dispatcher(channel: OutChannel, settings: KindAndSettings, claimant: Claimant | null): Dispatcher;
  /** Starts the built-in simulator. */
  simulator(): Promise<Simulator>;
}

interface Running {
  channel: OutChannel;
  dispatcher: Dispatcher;
  /** The settings it runs with, to see whether they changed. */
  settings: string;
  /** The epoch of its lease; 0 where there are none. */
  epoch: number;
}

/**
 * Runs the channels as the store has them, and the built-in simulator while there has never been one. The lowest
 * enabled channel takes what no route fits.
 */
export class ChannelKeeper implements Service, ChannelListener, ChannelSource, GrantSource {
  readonly #desk: Desk;
  readonly #factory: ChannelFactory;
  readonly #receipts: ReceiptIntake;
  readonly #inbound: InboundIntake;
  readonly #log: Logger;
  readonly #simulatorAllowed: boolean;
  /** Null: all channels are this process's. */
  readonly #ownership: ChannelOwnership | null;
  readonly #onChange: () => void;
  readonly #openLines: (lane: Category) => readonly OpenLine[];
  readonly #running = new Map<number, Running>();
  readonly #links: LinkWatch;
  #simulator: Simulator | null = null;
  #simulatorStandsIn = true;
  #work: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(deps: {
    desk: Desk;
    factory: ChannelFactory;
    receipts: ReceiptIntake;
    clock: Clock;
    inbound: InboundIntake;
    log: Logger;
    /** How long a link may be down before others take its messages. */
    failoverAfterMs: number;
    simulatorAllowed: boolean;
    ownership: ChannelOwnership | null;
    /** Told when other channels run. */
    onChange: () => void;
    /** Lines whose messages need not wait for their turn. */
    openLines: (lane: Category) => readonly OpenLine[];
  }) {
    this.#desk = deps.desk;
    this.#factory = deps.factory;
    this.#receipts = deps.receipts;
    this.#inbound = deps.inbound;
    this.#log = deps.log;
    this.#links = new LinkWatch(deps.clock, deps.failoverAfterMs);
    this.#simulatorAllowed = deps.simulatorAllowed;
    this.#ownership = deps.ownership;
    this.#onChange = deps.onChange;
    this.#openLines = deps.openLines;
    this.#desk.onNotice((notice) => {
      if (notice.kind === 'plansStopped') this.#stopPlans(new Set(notice.planIds));
      if (notice.kind === 'claimed') this.#claimed(notice.channelId, notice.lane, notice.opened);
      if (notice.kind === 'missed') void this.refresh().catch(() => {});
      if (notice.kind !== 'channelsChanged') return;
      // There is one now, or there has been.
      this.#simulatorStandsIn = false;
      void this.refresh().catch(() => {});
    });
  }

  /** The port of the built-in simulator while it stands in for a carrier. */
  get simulatorPort(): number | null {
    return this.#simulatorStandsIn ? (this.#simulator?.port ?? null) : null;
  }

  async start(): Promise<void> {
    void this.refresh().catch(() => {});
  }

  /**
   * Runs the channels as the store has them, and as they are owned. Rejects when the store could not be asked; those that
   * are not owned do not run any more all the same, and what is known of them is recorded.
   */
  refresh(): Promise<void> {
    const work = this.#work.then(() => (this.#stopped ? undefined : this.#refresh()));
    this.#work = work.catch((error: unknown) =>
      logFailure(this.#log, error, 'the channels could not be brought up to date'),
    );
    return work;
  }

  /** Those that run. */
  running(): Iterable<number> {
    return this.#running.keys();
  }

  /** Resolves when the channels that were to run do. */
  async settled(): Promise<void> {
    await this.#work;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#work;
    await Promise.all([...this.#running.keys()].map((id) => this.#take(id)));
    await Promise.all([this.#receipts.idle(), this.#inbound.idle()]);
    await this.#simulator?.stop();
    this.#simulator = null;
  }

  /** The lowest enabled channel. */
  defaultChannel(): number | null {
    let lowest: number | null = null;
    for (const id of this.#running.keys()) {
      if (id === SIMULATOR_CHANNEL_ID && !this.#simulatorStandsIn) continue;
      if (lowest === null || id < lowest) lowest = id;
    }
    return lowest;
  }

  runs(channelId: number): boolean {
    return this.#running.has(channelId);
  }

  grant(wanted: number): Grant[] {
    const grants: Grant[] = [];
    for (const lane of GRANTED_LANES) {
      for (const [channelId, lines] of linesByChannel(this.#openLines(lane))) {
        const room = this.#running.get(channelId)?.dispatcher.grant(lane, wanted) ?? 0;
        if (room > 0) grants.push({ lane, channelId, room, lines });
      }
    }
    return grants;
  }

  returned(grants: readonly Grant[]): void {
    for (const { lane, channelId, room } of grants) this.#running.get(channelId)?.dispatcher.returned(lane, room);
  }

  /** Messages of a lane that a channel has taken from the queue and not got yet. */
  claiming(channelId: number, lane: Category): number {
    return this.#running.get(channelId)?.dispatcher.claiming(lane) ?? 0;
  }

  /** Messages of a lane that a channel was handed since it was started. */
  handed(channelId: number, lane: Category): number {
    return this.#running.get(channelId)?.dispatcher.handed(lane) ?? 0;
  }

  /** What the channels that run have done so far. */
  readings(): Map<number, ChannelReading> {
    return new Map([...this.#running].map(([id, { channel }]) => [id, channel.reading()]));
  }

  status(): Map<number, ChannelStatus> {
    return new Map([...this.#running].map(([id, { channel }]) => [id, channel.status()]));
  }

  usable(channelId: number): boolean {
    return this.#running.has(channelId) && this.#links.usable(channelId);
  }

  look(): void {
    for (const [id, { channel }] of this.#running) this.#links.see(id, channel.status().link === 'bound');
  }

  takeBack(channelId: number): { lane: Category; task: DispatchTask }[] {
    return this.#running.get(channelId)?.dispatcher.takeBack() ?? [];
  }

  /** Looks which channels may be used: those that may not stand aside for others, whose tasks theirs become. */
  standAside(): void {
    this.look();
    for (const [id, { dispatcher }] of this.#running) dispatcher.mayTake(this.#links.usable(id));
  }

  /** How the channels that run stand now, by id. */
  standings(): Map<number, ChannelStanding> {
    this.look();
    return new Map(
      [...this.#running].map(([id, { channel }]) => {
        if (!this.#links.usable(id)) return [id, 'down'];
        return [id, channel.status().link === 'bound' ? 'up' : 'broken'];
      }),
    );
  }

  /** There may be tasks for the channels. */
  pump(): void {
    for (const { dispatcher } of this.#running.values()) dispatcher.pump();
  }

  answered(channelId: number, batch: Answered[]): void {
    this.#running.get(channelId)?.dispatcher.answered(batch);
  }

  reported(channelId: number, batch: ChannelReport[]): Promise<void> {
    return this.#receipts.take(channelId, batch);
  }

  received(channelId: number, batch: ChannelInbound[]): Promise<void> {
    return this.#inbound.take(channelId, batch);
  }

  room(channelId: number): void {
    this.#running.get(channelId)?.dispatcher.pump();
  }

  #claimed(channelId: number, lane: Category, opened: OpenedMessages): void {
    const dispatcher = this.#running.get(channelId)?.dispatcher;
    if (dispatcher === undefined) this.#unclaim(channelId, opened);
    else void dispatcher.claimed(lane, opened);
  }

  /** Gives back what was claimed for a channel that is gone. */
  #unclaim(channelId: number, { planIds, indexes, recipients }: OpenedMessages): void {
    const failed = Array.from(planIds, (planId, i): FailedMessage => {
      return { planId, index: indexes[i]!, recipient: recipients[i]!, outcome: 'notSent', error: '' };
    });
    this.#desk
      .do('recordOutcomes', { channelId, receipts: false, accepted: packAccepted([]), failed })
      // They wait for the next start, which finds that nothing of them has left.
      .catch((error: unknown) => logFailure(this.#log, error, 'messages of a channel that is gone stay claimed'));
  }

  #stopPlans(planIds: ReadonlySet<number>): void {
    for (const { dispatcher } of this.#running.values()) dispatcher.stopPlans(planIds);
  }

  #owns(id: number): boolean {
    return this.#ownership === null || this.#ownership.claimantOf(id) !== null;
  }

  async #refresh(): Promise<void> {
    for (const id of this.#running.keys()) if (!this.#owns(id)) await this.#take(id);
    const { channels, everHadOne } = await this.#desk.ask('listChannels', {});
    const wanted = new Map<number, KindAndSettings>(
      channels.filter(({ id, enabled }: Channel) => enabled && this.#owns(id)).map((channel) => [channel.id, channel]),
    );
    if (!everHadOne && this.#simulatorAllowed && this.#owns(SIMULATOR_CHANNEL_ID)) {
      this.#simulator ??= await this.#factory.simulator();
      wanted.set(SIMULATOR_CHANNEL_ID, { kind: 'smpp', smpp: this.#simulator.settings });
    }
    for (const [id, { settings, epoch }] of this.#running) {
      const now = wanted.get(id);
      if (now === undefined) continue;
      if (JSON.stringify(settingsOf(now)) !== settings || epoch !== this.#epochOf(id)) await this.#take(id);
    }
    for (const [id, settings] of wanted) {
      if (this.#running.has(id)) continue;
      const ownership = this.#ownership;
      const claimant = ownership?.claimantOf(id) ?? null;
      const mayWrite = ownership && (() => ownership.mayWrite(id));
      const channel = this.#factory.channel(id, settings, this, mayWrite);
      const dispatcher = this.#factory.dispatcher(channel, settings, claimant);
      const epoch = claimant?.epoch ?? 0;
      this.#running.set(id, { channel, dispatcher, settings: JSON.stringify(settingsOf(settings)), epoch });
      channel.start();
    }
    // Those that take over are there already.
    for (const id of this.#running.keys()) if (!wanted.has(id)) await this.#take(id);
    if (this.#simulator !== null && !wanted.has(SIMULATOR_CHANNEL_ID)) {
      await this.#simulator.stop();
      this.#simulator = null;
    }
    this.#onChange();
  }

  #epochOf(id: number): number {
    return this.#ownership?.claimantOf(id)?.epoch ?? 0;
  }

  async #take(id: number): Promise<void> {
    const running = this.#running.get(id);
    if (running === undefined) return;
    running.dispatcher.pause();
    const mayDrain = this.#ownership === null || this.#ownership.mayWrite(id);
    if (id === SIMULATOR_CHANNEL_ID && mayDrain) await this.#simulator?.reported();
    await running.channel.stop(mayDrain ? DRAIN_MS : 0);
    // What the store cannot be told while it is away is told when it is back: nobody else knows it.
    await running.dispatcher.stop(this.#ownership !== null);
    this.#running.delete(id);
    this.#links.forget(id);
  }
}

/** Which lines each channel takes messages of, with its weight in them. */
function linesByChannel(open: readonly OpenLine[]): Map<number, Map<string, number>> {
  const byChannel = new Map<number, Map<string, number>>();
  for (const { key, inUse } of open) {
    for (const { channelId, weight } of inUse) {
      const lines = byChannel.get(channelId);
      if (lines === undefined) byChannel.set(channelId, new Map([[key, weight]]));
      else lines.set(key, weight);
    }
  }
  return byChannel;
}
