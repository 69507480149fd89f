/**
 * What one process of an installation does at a time is a lease: a duty, or a channel. The store's clock says how long a
 * lease lasts for others, the owner's monotonic clock how long for itself; neither is compared with the other.
 */
export interface Lease {
  readonly name: string;
  /** The process that has it; null: nobody. */
  readonly owner: string | null;
  /** Rises each time it is taken. */
  readonly epoch: number;
  /** Until when, in milliseconds of the store's clock. */
  readonly untilMs: number;
}

/** How long a lease lasts from its last renewal. */
export const LEASE_MS = 10_000;
/**
 * How long before its end the owner stops acting on it, and how long after its end others still leave it alone: clocks run
 * at different speeds, and octets that were handed over take a moment to leave.
 */
export const MARGIN_MS = 2_000;
/** How often it is renewed. */
export const RENEW_EVERY_MS = 1_000;

/** Whether somebody may take a lease now. `idle`: processes that are known not to act on it; what they had is free at once. */
export function mayBeTaken(lease: Lease | null, nowMs: number, idle: readonly string[] = []): boolean {
  if (lease === null || lease.owner === null || idle.includes(lease.owner)) return true;
  return nowMs >= lease.untilMs + MARGIN_MS;
}

/** A lease as its new owner has it; `lease`: as it was. */
export const taken = (name: string, lease: Lease | null, owner: string, nowMs: number): Lease => ({
  name,
  owner,
  epoch: (lease?.epoch ?? 0) + 1,
  untilMs: nowMs + LEASE_MS,
});

/** A lease as its owner has renewed it; null when it is not the owner's any more. */
export function renewed(lease: Lease | null, owner: string, epoch: number, nowMs: number): Lease | null {
  if (lease === null || lease.owner !== owner || lease.epoch !== epoch) return null;
  return { name: lease.name, owner, epoch, untilMs: nowMs + LEASE_MS };
}

/** A lease that its owner has given up: the next may take it at once. */
export const givenUp = ({ name, epoch }: Lease, nowMs: number): Lease => ({
  name,
  owner: null,
  epoch,
  untilMs: nowMs,
});

/** Until when an owner may act on a lease, by its monotonic clock. `askedAt`: when it began to ask for it. */
export const actsUntil = (askedAt: number): number => askedAt + LEASE_MS - MARGIN_MS;

/** How the leases of a kind are shared out now. */
export interface Sharing {
  /** Whoever asks. */
  self: string;
  /** All processes that may have them, oneself included. */
  sharers: readonly string[];
  /** Everything that is to be owned by somebody. */
  names: readonly string[];
  /** Who has what; what stands in it and is free, `free` says. */
  ownerOf(name: string): string | null;
  /** For how long a lease has been free by now, in milliseconds; null: it is not. */
  freeForMs(name: string): number | null;
}

/** What nobody took for so long is taken by whoever can, whatever its share is. */
export const LEFT_OVER_AFTER_MS = 3_000;

/** Which free leases a process should try to take: its even share, and what others leave over. */
export function wanted(sharing: Sharing): string[] {
  const { self, names, freeForMs } = sharing;
  let room = shareOf(sharing) - names.filter((name) => sharing.ownerOf(name) === self).length;
  const take: string[] = [];
  for (const name of names) {
    const free = freeForMs(name);
    if (free === null) continue;
    if (room > 0 || free >= LEFT_OVER_AFTER_MS) take.push(name);
    room--;
  }
  return take;
}

/** A lease that a process should hand on, since it has more than its share and another has less; null when all is even. */
export function surplus(sharing: Sharing): string | null {
  const { self, names, sharers } = sharing;
  const countOf = (id: string) => names.filter((name) => sharing.ownerOf(name) === id).length;
  const fewest = Math.min(...sharers.map(countOf));
  const own = names.filter((name) => sharing.ownerOf(name) === self);
  return own.length > shareOf(sharing) && fewest < own.length - 1 ? own.at(-1)! : null;
}

const shareOf = ({ names, sharers }: Sharing): number => Math.ceil(names.length / Math.max(1, sharers.length));
