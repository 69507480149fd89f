import { type Channel, SIMULATOR_CHANNEL_ID } from '../domain/channel.ts';
import type { Clock, Timer } from '../lib/clock.ts';
import { sleep } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import type { Service } from '../lib/start-stop.ts';
import { type Desk, logFailure } from '../services/desk.ts';
import type { Claimant } from '../services/ownership.ts';
import type { LeftBehind } from '../services/recovery.ts';
import type { ChannelOwnership } from './channel-keeper.ts';
import type { Gained, LeaseHolder, LeaseUser } from './lease-holder.ts';

/** Channels are listed again this often, should a notice not have come. */
const LIST_EVERY_MS = 5_000;
/** Messages decided on in one transaction when a channel is taken over. */
const SETTLE_AT_ONCE = 500;
/** How long it rests when the store would not have it. */
const REST_MS = 500;

/** The lease of everything that sends, where tasks cannot be handed to other processes. */
export const SENDING_LEASE = 'sending';
const PREFIX = 'channel:';
export const leaseOfChannel = (channelId: number): string => `${PREFIX}${channelId}`;

/** Runs the channels that this process owns. */
export interface OwnedChannels {
  /** Resolves when those run that are owned, and no others. */
  refresh(): Promise<void>;
  /** What others are to know of a channel that runs; null: nothing. */
  told(channelId: number): unknown;
  /** Those that run. */
  running(): Iterable<number>;
}

/** The channels of the store, each a lease; taking one over settles what its last owner had under way. */
export class ChannelLeases implements LeaseUser, ChannelOwnership, Service {
  readonly role = 'channel';
  readonly #desk: Desk;
  readonly #holder: LeaseHolder;
  readonly #together: boolean;
  readonly #simulatorAllowed: boolean;
  readonly #leftBehind: LeftBehind;
  readonly #clock: Clock;
  readonly #log: Logger;
  #channels: OwnedChannels | null = null;
  #names: string[] = [];
  readonly #claimants = new Map<string, Claimant>();
  #timer: Timer | null = null;
  #stopped = false;

  /**
   * @param deps.together whether one process has all channels, as it also has to choose what they send
   * @param deps.leftBehind what the flight log of this data directory says had left when its last process ended
   */
  constructor(deps: {
    desk: Desk;
    holder: LeaseHolder;
    together: boolean;
    simulatorAllowed: boolean;
    leftBehind: LeftBehind;
    clock: Clock;
    log: Logger;
  }) {
    this.#desk = deps.desk;
    this.#holder = deps.holder;
    this.#together = deps.together;
    this.#simulatorAllowed = deps.simulatorAllowed;
    this.#leftBehind = deps.leftBehind;
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.#desk.onNotice(({ kind }) => {
      if (kind === 'channelsChanged' || kind === 'missed') void this.#list();
    });
  }

  /** Says who runs what is owned; to be called before the start. */
  runBy(channels: OwnedChannels): void {
    this.#channels = channels;
  }

  async start(): Promise<void> {
    await this.#list();
    this.#listLater();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  names(): readonly string[] {
    return this.#together ? [SENDING_LEASE] : this.#names;
  }

  claimantOf(channelId: number): Claimant | null {
    return this.#claimants.get(this.#leaseOf(channelId)) ?? null;
  }

  mayWrite(channelId: number): boolean {
    return this.#holder.mayAct(this.#leaseOf(channelId));
  }

  async gained(name: string, { epoch, knows }: Gained): Promise<void> {
    const claimant = { lease: name, epoch };
    const left = knows === 'self' ? [] : knows === 'predecessor' ? this.#leftBehind : null;
    await this.#settle(claimant, name === SENDING_LEASE ? null : Number(name.slice(PREFIX.length)), left);
    this.#claimants.set(name, claimant);
    await this.#channels!.refresh();
  }

  async left(name: string): Promise<void> {
    this.#claimants.delete(name);
    await this.#channels!.refresh();
  }

  facts(name: string): string | null {
    const told: Record<string, unknown> = {};
    for (const id of this.#channels!.running()) {
      if (this.#leaseOf(id) === name) told[id] = this.#channels!.told(id);
    }
    return JSON.stringify(told);
  }

  #leaseOf(channelId: number): string {
    return this.#together ? SENDING_LEASE : leaseOfChannel(channelId);
  }

  /** Decides on what was being dispatched: with the last step this owner may claim. */
  async #settle(claimant: Claimant, channelId: number | null, left: LeftBehind): Promise<void> {
    for (let more = true; more; ) {
      if (!this.#holder.mayAct(claimant.lease)) throw new Error('its time was over before it could be used');
      try {
        const settled = await this.#desk.do('recoverDispatching', { left, channelId, claimant, limit: SETTLE_AT_ONCE });
        if (!settled.owner) throw new NotOwner('another process has taken it meanwhile');
        const { uncertain, waiting } = settled;
        if (uncertain + waiting > 0)
          this.#log.warn(
            { lease: claimant.lease, uncertain, waiting },
            'messages were under way when it was taken over',
          );
        ({ more } = settled);
      } catch (error) {
        if (error instanceof NotOwner) throw error;
        await sleep(this.#clock, REST_MS);
      }
    }
  }

  #listLater(): void {
    if (this.#stopped) return;
    this.#timer = this.#clock.setTimer(() => void this.#list().then(() => this.#listLater()), LIST_EVERY_MS);
  }

  async #list(): Promise<void> {
    try {
      const { channels, everHadOne } = await this.#desk.ask('listChannels', {});
      const ids = channels.filter(({ enabled }: Channel) => enabled).map(({ id }) => id);
      if (!everHadOne && this.#simulatorAllowed) ids.push(SIMULATOR_CHANNEL_ID);
      const names = ids.map(leaseOfChannel);
      if (names.join() === this.#names.join()) return;
      this.#names = names;
      this.#holder.lookSoon();
    } catch (error) {
      logFailure(this.#log, error, 'the channels could not be listed');
    }
  }
}

class NotOwner extends Error {}
