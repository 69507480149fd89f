/** What one transaction of another process tells. */
export interface Rung {
  /** Rises with each transaction that tells something. */
  seq: number;
  /** The process whose transaction it was. */
  process: string;
  /** What it tells, as it was written. */
  body: string;
}

/** Hears the bell. */
export interface BellListener {
  /** What others have told since, in the order of their transactions. */
  heard(rung: readonly Rung[]): void;
  /** Something may have been missed: everything is to be looked at again. */
  missed(): void;
}

/**
 * How processes of an installation hear what the transactions of others have changed. What is told is written in the
 * transaction itself, so it is told exactly when the change is; the bell only makes it heard soon.
 */
export interface Bell {
  /** Begins to hear; what was told before is not. */
  start(listener: BellListener): Promise<void>;
  /** A transaction of this process has told something: whom it concerns may look at once. */
  ring(urgency: Urgency): void;
  /** The transaction up to which its listener has been told everything. */
  readonly heardUpTo: number;
  stop(): Promise<void>;
}

/** Where what transactions tell is read. */
export interface RungSource {
  /** The transaction that was committed last. @throws when it cannot be read now */
  latest(): Promise<number>;
  /** What was told after a transaction, in order, at most `limit`. @throws when it cannot be read now */
  after(seq: number, limit: number): Promise<Rung[]>;
  close(): Promise<void>;
}

/**
 * Who should look at once. `work`: whoever hands out messages that wait, for everybody else it is early enough at the next
 * look; under load nearly every transaction tells of such. `all`: everybody.
 */
export type Urgency = 'work' | 'all';

/** Tells other processes that there is something to be read; may be lost at any time. */
export interface Nudge {
  ring(urgency: Urgency): void;
  onRing(listener: (urgency: Urgency) => void): void;
}
