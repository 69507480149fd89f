/** A process as it tells others of itself. */
export interface NodeFacts {
  /** Made up anew at each start: 16 hexadecimal digits. */
  id: string;
  /** Separated by commas. */
  roles: string;
  host: string;
  pid: number;
  version: string;
  /** Wall time, for people. */
  startedAt: number;
  /** Of its busiest thread, 0 to 1. */
  busy: number;
}

/** A node that tells of itself. */
export interface TellingNode extends NodeFacts {
  /** What it does, for {@link Leases.facts}; null: as it told before. */
  facts: string | null;
}

/** A node as others see it. */
export interface SeenNode extends NodeFacts {
  /** How long ago it told of itself, in milliseconds. */
  seenMs: number;
}

/** A lease that is to be renewed, and what its owner tells others; null: nothing. */
export interface HeldLease {
  name: string;
  epoch: number;
  facts: string | null;
}

/** A lease as it stands. */
export interface SeenLease {
  name: string;
  owner: string | null;
  epoch: number;
  /** How long it lasts from now on, in milliseconds; below 0: for how long it has been over. */
  leftMs: number;
  facts: string | null;
}

/** What a beat found. */
export interface Beat {
  /** Of the leases that were to be renewed, the names of those that were: the others belong to somebody else. */
  renewed: ReadonlySet<string>;
  leases: readonly SeenLease[];
  /** Those that were seen in the last minutes. */
  nodes: readonly SeenNode[];
}

/** A lease that was just taken. */
export interface Taken {
  epoch: number;
  /** Whose it was last, and whether that owner had settled what those before it had left; null: nobody has had it. */
  before: { owner: string | null; epoch: number; settled: boolean } | null;
}

/**
 * Who does what, among the processes of one installation: they agree by rows of the store, each change a transaction of its
 * own that waits for no other work. The rules are those of `domain/lease.ts`, by the store's clock. Every method rejects
 * when the store is away; nobody knows then whether it did its work, and a caller counts as its own only what it was told.
 */
export interface Leases {
  /** Tells that a node is alive, renews what it holds, and looks how everything stands. */
  beat(node: TellingNode, held: readonly HeldLease[]): Promise<Beat>;
  /**
   * Takes a lease that may be taken; null when it may not.
   * @param idle nodes that are known not to act on what they had
   */
  take(name: string, node: string, idle: readonly string[]): Promise<Taken | null>;
  /** Lets others take a lease at once. Harmless when it is not the node's any more. */
  giveUp(name: string, node: string, epoch: number): Promise<void>;
  /** What nodes that were seen in the last minutes told of what they do, by their ids. */
  facts(): Promise<ReadonlyMap<string, string>>;
  /** A node ends: it is forgotten at once. */
  leave(node: string): Promise<void>;
  close(): Promise<void>;
}
