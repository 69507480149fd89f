import type { ChannelStatus } from '../channels/channel.ts';
import { SIMULATOR_CHANNEL_ID } from '../domain/channel.ts';
import type { ChannelFacts } from '../domain/channel-facts.ts';
import { MARGIN_MS } from '../domain/lease.ts';
import type { ChannelStanding } from '../domain/route-explanation.ts';
import type { Beat } from '../leases/leases.ts';
import type { Clock, Timer } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import type { Service } from '../lib/start-stop.ts';
import { type Desk, logFailure } from '../services/desk.ts';
import type { LaneTask } from './channel-queues.ts';
import type { LeaseHolder } from './lease-holder.ts';
import { LinkWatch } from './link-watch.ts';
import type { ChannelSource } from './outbox-relay.ts';

/** Channels are listed again this often, should a notice not have come. */
const LIST_EVERY_MS = 5_000;

/** What the owner of a channel tells other processes. */
export interface ToldOfChannel {
  status: ChannelStatus;
  facts: ChannelFacts | null;
}

/** The channels of this installation as a process sees them that need not run any: by the store, and by what owners tell. */
export class ClusterChannels implements ChannelSource, Service {
  readonly #desk: Desk;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #takeBackHere: (channelId: number) => LaneTask[];
  readonly #simulatorAllowed: boolean;
  readonly #onChange: () => void;
  readonly #links: LinkWatch;
  #enabled: ReadonlySet<number> = new Set();
  #told = new Map<number, ToldOfChannel>();
  #timer: Timer | null = null;
  #stopped = false;

  constructor(deps: {
    desk: Desk;
    holder: LeaseHolder;
    /** Takes back what a channel that runs in this process has not claimed. */
    takeBack: (channelId: number) => LaneTask[];
    failoverAfterMs: number;
    simulatorAllowed: boolean;
    /** Told when channels have come or gone, or may be used again. */
    onChange: () => void;
    clock: Clock;
    log: Logger;
  }) {
    this.#desk = deps.desk;
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.#takeBackHere = deps.takeBack;
    this.#simulatorAllowed = deps.simulatorAllowed;
    this.#onChange = deps.onChange;
    this.#links = new LinkWatch(deps.clock, deps.failoverAfterMs);
    deps.holder.onView((beat) => this.#heard(beat));
    deps.desk.onNotice(({ kind }) => {
      if (kind === 'channelsChanged' || kind === 'missed') void this.#list();
    });
  }

  async start(): Promise<void> {
    await this.#list();
    this.#listLater();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  defaultChannel(): number | null {
    return this.#enabled.size === 0 ? null : Math.min(...this.#enabled);
  }

  runs(channelId: number): boolean {
    return this.#enabled.has(channelId);
  }

  usable(channelId: number): boolean {
    return this.#enabled.has(channelId) && this.#links.usable(channelId);
  }

  look(): void {
    for (const id of this.#enabled) this.#links.see(id, this.#told.get(id)?.status.link === 'bound');
  }

  takeBack(channelId: number): LaneTask[] {
    return this.#takeBackHere(channelId);
  }

  /** Of channels that some process runs. */
  status(): Map<number, ChannelStatus> {
    return new Map([...this.#told].map(([id, { status }]) => [id, status]));
  }

  standings(): Map<number, ChannelStanding> {
    this.look();
    return new Map(
      [...this.#enabled].map((id) => {
        if (!this.#links.usable(id)) return [id, 'down'];
        return [id, this.#told.get(id)?.status.link === 'bound' ? 'up' : 'broken'];
      }),
    );
  }

  /** Whether the built-in simulator stands in for a carrier. */
  get simulating(): boolean {
    return this.#enabled.has(SIMULATOR_CHANNEL_ID);
  }

  factsOf(channelId: number): ChannelFacts | null {
    return this.#told.get(channelId)?.facts ?? null;
  }

  facts(): Map<number, ChannelFacts> {
    return new Map([...this.#told].flatMap(([id, { facts }]) => (facts === null ? [] : [[id, facts] as const])));
  }

  #heard({ leases }: Beat): void {
    const told = new Map<number, ToldOfChannel>();
    for (const { facts, owner, leftMs } of leases) {
      if (facts === null || owner === null || leftMs < -MARGIN_MS) continue;
      for (const [id, each] of Object.entries(JSON.parse(facts) as Record<string, ToldOfChannel | null>)) {
        if (each !== null) told.set(Number(id), each);
      }
    }
    const newlyUp = [...told].some(
      ([id, { status }]) => status.link === 'bound' && this.#told.get(id)?.status.link !== 'bound',
    );
    this.#told = told;
    this.look();
    if (newlyUp) this.#onChange();
  }

  #listLater(): void {
    if (this.#stopped) return;
    this.#timer = this.#clock.setTimer(() => void this.#list().then(() => this.#listLater()), LIST_EVERY_MS);
  }

  async #list(): Promise<void> {
    try {
      const { channels, everHadOne } = await this.#desk.ask('listChannels', {});
      const enabled = new Set(channels.filter((channel) => channel.enabled).map(({ id }) => id));
      if (!everHadOne && this.#simulatorAllowed) enabled.add(SIMULATOR_CHANNEL_ID);
      for (const id of this.#enabled) if (!enabled.has(id)) this.#links.forget(id);
      const changed = enabled.size !== this.#enabled.size || [...enabled].some((id) => !this.#enabled.has(id));
      this.#enabled = enabled;
      this.look();
      if (changed) this.#onChange();
    } catch (error) {
      logFailure(this.#log, error, 'the channels could not be listed');
    }
  }
}
