import type { Category } from '../../domain/category.ts';

/** What was answered to a request that carried an Idempotency-Key. */
export interface IdempotencyRow {
  businessId: number;
  route: string;
  key: string;
  /** SHA-256 of the body, hex. */
  bodyHash: string;
  /** What was answered, as the service returned it. */
  answer: string;
  at: number;
}

export interface IdempotencyTable {
  find(businessId: number, route: string, key: string): Promise<IdempotencyRow | null>;
  add(row: IdempotencyRow): Promise<void>;
  /** Removes and counts those answered before `before`. */
  dropBefore(before: number): Promise<number>;
}

/**
 * Messages counted by the hour, for frequency windows too long for memory, and their times, where shorter windows are not
 * counted elsewhere. Hours are numbered from 1970. `category`
 * null stands for the messages of all categories. No recipient stands twice in a list.
 */
export interface FrequencyTable {
  /** How many messages each recipient had in the hours `from` to `to`, both included. */
  count(
    businessId: number,
    category: Category | null,
    recipients: readonly number[],
    from: number,
    to: number,
  ): Promise<number[]>;
  /** Counts one message more, or (-1) less, for each recipient in an hour. */
  add(
    businessId: number,
    category: Category | null,
    recipients: readonly number[],
    hour: number,
    by: 1 | -1,
  ): Promise<void>;
  /** Removes and counts at most `limit` rows of days before that of `hour`. */
  dropBefore(hour: number, limit: number): Promise<number>;
  /** When each recipient was counted in the hours `from` to `to`, both included, to the millisecond; rising. */
  times(
    businessId: number,
    category: Category | null,
    recipients: readonly number[],
    from: number,
    to: number,
  ): Promise<(readonly number[])[]>;
  /** Replaces the times that an hour has of some recipients; a list for each. */
  setTimes(
    businessId: number,
    category: Category | null,
    hour: number,
    recipients: readonly number[],
    times: readonly (readonly number[])[],
  ): Promise<void>;
  /** Removes and counts at most `limit` rows of times in hours before `hour`. */
  dropTimesBefore(hour: number, limit: number): Promise<number>;
}
