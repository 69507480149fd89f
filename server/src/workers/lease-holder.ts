import { actsUntil, LEASE_MS, MARGIN_MS, RENEW_EVERY_MS, type Sharing, surplus, wanted } from '../domain/lease.ts';
import type { Beat, Leases, NodeFacts } from '../leases/leases.ts';
import type { Clock, Timer } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import type { LoopLoad } from '../lib/loop-load.ts';
import type { Service } from '../lib/start-stop.ts';

/** What has more than its share is handed on, one at a time, so often, and when the same nodes have shared for as long. */
const HAND_ON_EVERY_MS = 3_000;

/** A lease that has become this node's. */
export interface Gained {
  epoch: number;
  /**
   * Whether it is known what its last owner had under way: `self`: it was this node, and it has recorded all it knew;
   * `predecessor`: the process that used this data directory before; null: nobody here knows.
   */
  knows: 'self' | 'predecessor' | null;
}

/** Who works under the leases of one kind. */
export interface LeaseUser {
  /** Nodes of this role share them. */
  readonly role: string;
  /** Everything that some node is to have now. */
  names(): readonly string[];
  /** A lease is this node's. When it rejects, the lease is given up again. */
  gained(name: string, gained: Gained): Promise<void>;
  /** A lease is to go, or has gone: resolves when nothing acts on it any more, and all that is known of it is recorded. */
  left(name: string): Promise<void>;
  /** What others are to know of it; null: nothing. */
  facts(name: string): string | null;
}

interface Held {
  readonly user: LeaseUser;
  readonly epoch: number;
  /** By the monotonic clock. */
  actsUntil: number;
  state: 'coming' | 'here' | 'leaving';
  /** What is being done about it. */
  work: Promise<void>;
}

/**
 * What this node has of the installation's leases: it renews them, takes its share of what is free, hands on what it has too
 * much of, and lets go of what it could not renew before anybody else may act on it.
 */
export class LeaseHolder implements Service {
  readonly #leases: Leases;
  readonly #node: Omit<NodeFacts, 'busy'>;
  readonly #roles: readonly string[];
  readonly #predecessor: string | null;
  readonly #tell: () => string;
  /** What others know that this node does. */
  #told = '';
  readonly #loads: readonly LoopLoad[];
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #users: LeaseUser[] = [];
  readonly #held = new Map<string, Held>();
  /** Epochs of leases that were left with all that was known recorded. */
  readonly #recorded = new Map<string, number>();
  /** Since when leases have been seen to be free. */
  readonly #freeSince = new Map<string, number>();
  /** Who shares, and since when it is the same nodes; by role. */
  readonly #sharers = new Map<string, { ids: string; since: number }>();
  readonly #listeners: ((beat: Beat) => void)[] = [];
  #view: Beat | null = null;
  #viewAt = 0;
  #timer: Timer | null = null;
  #beating: Promise<void> | null = null;
  #away = false;
  #stopping = false;

  /** @param deps.predecessor the process that had this data directory before, which has ended; null: there was none */
  constructor(deps: {
    leases: Leases;
    node: Omit<NodeFacts, 'busy'>;
    predecessor: string | null;
    /** What this node does, in words for the others. */
    told: () => string;
    loads: readonly LoopLoad[];
    clock: Clock;
    log: Logger;
  }) {
    this.#leases = deps.leases;
    this.#node = deps.node;
    this.#roles = deps.node.roles.split(',');
    this.#predecessor = deps.predecessor;
    this.#tell = deps.told;
    this.#loads = deps.loads;
    this.#clock = deps.clock;
    this.#log = deps.log;
  }

  /** Says who works under leases of a kind; to be called before the start. */
  serve(user: LeaseUser): void {
    if (this.#roles.includes(user.role)) this.#users.push(user);
  }

  /** Hears how leases and nodes stand, each time it was asked. */
  onView(listener: (beat: Beat) => void): void {
    this.#listeners.push(listener);
  }

  /** How leases and nodes stood when it was asked last, and for how many milliseconds that has been so; null: never yet. */
  get view(): { beat: Beat; ageMs: number } | null {
    return this.#view && { beat: this.#view, ageMs: this.#clock.monotonic() - this.#viewAt };
  }

  /** The nodes that others have not taken over from, by their ids; null: it has not been seen for a while who is there. */
  get alive(): ReadonlySet<string> | null {
    if (this.#view === null || this.#clock.monotonic() - this.#viewAt >= LEASE_MS) return null;
    return new Set(this.#view.nodes.filter(({ seenMs }) => seenMs < LEASE_MS + MARGIN_MS).map(({ id }) => id));
  }

  /** What each node told of what it does, by their ids. @throws when the store is away */
  toldByNodes(): Promise<ReadonlyMap<string, string>> {
    return this.#leases.facts();
  }

  /** Whether this node may act under a lease at this very moment. */
  mayAct(name: string): boolean {
    const held = this.#held.get(name);
    return held !== undefined && this.#clock.monotonic() < held.actsUntil;
  }

  /** There may be other leases to be had. */
  lookSoon(): void {
    if (this.#timer === null || this.#stopping) return;
    this.#timer.cancel();
    this.#timer = this.#clock.setTimer(() => this.#tick(), 1);
  }

  async start(): Promise<void> {
    this.#tick();
  }

  /** Hands everything on at once. */
  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#timer === null) return;
    await this.#beating;
    for (const [name, held] of this.#held) this.#leave(name, held, true);
    await Promise.all([...this.#held.values()].map(({ work }) => work));
    this.#timer.cancel();
    this.#timer = null;
    await this.#beating;
    await this.#leases.leave(this.#node.id).catch(() => {});
    await this.#leases.close();
  }

  #tick(): void {
    const now = this.#clock.monotonic();
    for (const [name, held] of this.#held) {
      if (held.state === 'leaving' || now < held.actsUntil) continue;
      this.#log.error({ lease: name }, 'a lease could not be renewed in time: nothing is done under it any more');
      this.#leave(name, held, false);
    }
    this.#beating ??= this.#beat()
      .then(
        () => {
          if (this.#away) this.#log.warn('the store can be reached again: leases are renewed');
          this.#away = false;
        },
        (error: unknown) => {
          if (!this.#away) this.#log.warn({ err: error }, 'leases cannot be renewed');
          this.#away = true;
        },
      )
      .finally(() => {
        this.#beating = null;
      });
    this.#timer = this.#clock.setTimer(() => this.#tick(), RENEW_EVERY_MS);
  }

  async #beat(): Promise<void> {
    const askedAt = this.#clock.monotonic();
    const asked = [...this.#held].filter(([, { actsUntil }]) => askedAt < actsUntil);
    const busy = Math.max(0, ...this.#loads.map((load) => load.read()));
    const told = this.#tell();
    const beat = await this.#leases.beat(
      { ...this.#node, busy, facts: told === this.#told ? null : told },
      asked.map(([name, held]) => ({ name, epoch: held.epoch, facts: this.#factsOf(name, held) })),
    );
    this.#told = told;
    for (const [name, held] of asked) {
      // What was let go of meanwhile does not come back by this.
      if (this.#held.get(name) !== held || this.#clock.monotonic() >= held.actsUntil) continue;
      if (beat.renewed.has(name)) {
        held.actsUntil = actsUntil(askedAt);
        continue;
      }
      this.#log.error({ lease: name }, 'a lease has gone to another node');
      held.actsUntil = 0;
      if (held.state !== 'leaving') this.#leave(name, held, false);
    }
    this.#view = beat;
    this.#viewAt = this.#clock.monotonic();
    for (const listener of this.#listeners) listener(beat);
    if (this.#stopping) return;
    for (const user of this.#users) await this.#share(user, beat);
  }

  #factsOf(name: string, { user, state }: Held): string | null {
    return state === 'here' ? user.facts(name) : null;
  }

  /** Takes what is this node's share, and hands on what is more. */
  async #share(user: LeaseUser, beat: Beat): Promise<void> {
    const names = user.names();
    for (const [name, held] of this.#held) {
      if (held.user === user && held.state === 'here' && !names.includes(name)) this.#leave(name, held, true);
    }
    const sharing = this.#sharingOf(user.role, names, beat);
    for (const name of wanted(sharing)) {
      if (this.#stopping) return;
      await this.#take(name, user);
    }
    const last = this.#sharers.get(user.role)!;
    const now = this.#clock.monotonic();
    if (now - last.since < HAND_ON_EVERY_MS) return;
    const name = surplus(sharing);
    const held = name === null ? undefined : this.#held.get(name);
    if (held?.state !== 'here') return;
    last.since = now;
    this.#leave(name!, held, true);
  }

  #sharingOf(role: string, names: readonly string[], beat: Beat): Sharing {
    const now = this.#clock.monotonic();
    const self = this.#node.id;
    const sharers = beat.nodes
      .filter(({ roles, seenMs }) => seenMs < LEASE_MS && roles.split(',').includes(role))
      .map(({ id }) => id)
      .filter((id) => id !== this.#predecessor);
    const ids = sharers.join();
    if (this.#sharers.get(role)?.ids !== ids) this.#sharers.set(role, { ids, since: now });
    const alive = new Set(beat.nodes.filter(({ seenMs }) => seenMs < LEASE_MS).map(({ id }) => id));
    const owners = new Map(
      beat.leases.map(({ name, owner, leftMs }) => {
        const others = owner !== null && owner !== self && owner !== this.#predecessor;
        return [name, others && (leftMs > 0 || alive.has(owner)) ? owner : null];
      }),
    );
    const ownerOf = (name: string) => (this.#held.has(name) ? self : (owners.get(name) ?? null));
    for (const name of names) {
      if (ownerOf(name) !== null) this.#freeSince.delete(name);
      else if (!this.#freeSince.has(name)) this.#freeSince.set(name, now);
    }
    return {
      self,
      sharers,
      names,
      ownerOf,
      freeForMs: (name) => (ownerOf(name) === null ? now - this.#freeSince.get(name)! : null),
    };
  }

  async #take(name: string, user: LeaseUser): Promise<void> {
    const askedAt = this.#clock.monotonic();
    const idle = this.#predecessor === null ? [this.#node.id] : [this.#node.id, this.#predecessor];
    const taken = await this.#leases.take(name, this.#node.id, idle);
    if (taken === null) return;
    this.#freeSince.delete(name);
    const { epoch, before } = taken;
    let knows: Gained['knows'] = null;
    if (before?.owner === this.#node.id && this.#recorded.get(name) === before.epoch) knows = 'self';
    else if (before !== null && before.owner === this.#predecessor && before.settled) knows = 'predecessor';
    const held: Held = { user, epoch, actsUntil: actsUntil(askedAt), state: 'coming', work: Promise.resolve() };
    this.#held.set(name, held);
    this.#log.info({ lease: name, epoch, knows }, 'a lease was taken');
    held.work = user.gained(name, { epoch, knows }).then(
      () => {
        if (held.state === 'coming') held.state = 'here';
      },
      (error: unknown) => {
        this.#log.error({ err: error, lease: name }, 'a lease that was taken could not be used');
        if (held.state === 'coming') this.#leave(name, held, true);
      },
    );
  }

  #leave(name: string, held: Held, handOn: boolean): void {
    if (held.state === 'leaving') return;
    held.state = 'leaving';
    held.work = held.work
      .then(() => held.user.left(name))
      .then(
        () => void this.#recorded.set(name, held.epoch),
        (error: unknown) => this.#log.error({ err: error, lease: name }, 'a lease was left in disorder'),
      )
      .then(async () => {
        if (handOn && this.mayAct(name)) await this.#leases.giveUp(name, this.#node.id, held.epoch).catch(() => {});
        this.#held.delete(name);
        this.lookSoon();
      });
  }
}
