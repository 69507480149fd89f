import type { Answered, ChannelListener, ChannelReport, ChannelStatus, OutChannel } from '../channels/channel.ts';
import type { Category } from '../domain/category.ts';
import { type Channel, SIMULATOR_CHANNEL_ID, type SmppSettings } from '../domain/channel.ts';
import type { Logger } from '../lib/log.ts';
import type { Service } from '../lib/start-stop.ts';
import type { Desk } from '../services/desk.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { RouteSource } from './outbox-relay.ts';
import type { ReceiptIntake } from './receipt-intake.ts';

/** How long a channel that is taken away or changed may wait for open answers. */
const DRAIN_MS = 5_000;

/** An SMSC in this house, for as long as there is no carrier. */
export interface Simulator {
  settings: SmppSettings;
  port: number;
  /** Resolves when what it has taken is reported: its reports end with it. */
  reported(): Promise<void>;
  stop(): Promise<void>;
}

/** What the keeper needs made. */
export interface ChannelFactory {
  channel(id: number, settings: SmppSettings, listener: ChannelListener): OutChannel;
  dispatcher(channel: OutChannel, settings: SmppSettings): Dispatcher;
  /** Starts the built-in simulator. */
  simulator(): Promise<Simulator>;
}

interface Running {
  channel: OutChannel;
  dispatcher: Dispatcher;
  /** The settings it runs with, to see whether they changed. */
  settings: string;
}

/**
 * Runs the channels as the store has them, and the built-in simulator while there has never been one. The lowest
 * enabled channel is the default route.
 */
export class ChannelKeeper implements Service, ChannelListener, RouteSource {
  readonly #desk: Desk;
  readonly #factory: ChannelFactory;
  readonly #receipts: ReceiptIntake;
  readonly #log: Logger;
  readonly #simulatorAllowed: boolean;
  readonly #onRouteChange: () => void;
  readonly #running = new Map<number, Running>();
  #simulator: Simulator | null = null;
  #simulatorStandsIn = true;
  #work: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(deps: {
    desk: Desk;
    factory: ChannelFactory;
    receipts: ReceiptIntake;
    log: Logger;
    simulatorAllowed: boolean;
    /** Told when another channel may have become the default route. */
    onRouteChange: () => void;
  }) {
    this.#desk = deps.desk;
    this.#factory = deps.factory;
    this.#receipts = deps.receipts;
    this.#log = deps.log;
    this.#simulatorAllowed = deps.simulatorAllowed;
    this.#onRouteChange = deps.onRouteChange;
    this.#desk.onNotice((notice) => {
      if (notice.kind !== 'channelsChanged') return;
      // There is one now, or there has been.
      this.#simulatorStandsIn = false;
      this.#refreshSoon();
    });
  }

  /** The port of the built-in simulator while it stands in for a carrier. */
  get simulatorPort(): number | null {
    return this.#simulatorStandsIn ? (this.#simulator?.port ?? null) : null;
  }

  async start(): Promise<void> {
    this.#refreshSoon();
  }

  /** Resolves when the channels that were to run do. */
  async settled(): Promise<void> {
    await this.#work;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#work;
    await Promise.all([...this.#running.keys()].map((id) => this.#take(id)));
    await this.#receipts.idle();
    await this.#simulator?.stop();
    this.#simulator = null;
  }

  /** The default route: the lowest enabled channel, whatever the lane. */
  channelFor(_lane: Category): number | null {
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

  status(): Map<number, ChannelStatus> {
    return new Map([...this.#running].map(([id, { channel }]) => [id, channel.status()]));
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

  room(channelId: number): void {
    this.#running.get(channelId)?.dispatcher.pump();
  }

  #refreshSoon(): void {
    this.#work = this.#work
      .then(() => (this.#stopped ? undefined : this.#refresh()))
      .catch((error: unknown) => this.#log.error({ err: error }, 'the channels could not be brought up to date'));
  }

  async #refresh(): Promise<void> {
    const { channels, everHadOne } = await this.#desk.ask('listChannels', {});
    const wanted = new Map<number, SmppSettings>(
      channels.filter((channel: Channel) => channel.enabled).map(({ id, smpp }) => [id, smpp]),
    );
    if (!everHadOne && this.#simulatorAllowed) {
      this.#simulator ??= await this.#factory.simulator();
      wanted.set(SIMULATOR_CHANNEL_ID, this.#simulator.settings);
    }
    for (const [id, { settings }] of this.#running) {
      const now = wanted.get(id);
      if (now !== undefined && JSON.stringify(now) !== settings) await this.#take(id);
    }
    for (const [id, settings] of wanted) {
      if (this.#running.has(id)) continue;
      const channel = this.#factory.channel(id, settings, this);
      const dispatcher = this.#factory.dispatcher(channel, settings);
      this.#running.set(id, { channel, dispatcher, settings: JSON.stringify(settings) });
      channel.start();
    }
    // Those that take over are there already.
    for (const id of this.#running.keys()) if (!wanted.has(id)) await this.#take(id);
    if (everHadOne && this.#simulator !== null) {
      await this.#simulator.stop();
      this.#simulator = null;
    }
    this.#onRouteChange();
  }

  async #take(id: number): Promise<void> {
    const running = this.#running.get(id);
    if (running === undefined) return;
    running.dispatcher.pause();
    if (id === SIMULATOR_CHANNEL_ID) await this.#simulator?.reported();
    await running.channel.stop(DRAIN_MS);
    await running.dispatcher.stop();
    this.#running.delete(id);
  }
}
