/**
 * How often one recipient may be written to by one business. Exact counts, kept apart from the messages so that the
 * hot path writes no row for them.
 */
export interface FrequencyLimits {
  /**
   * Counts one message to each recipient, unless one of them would go over its limit: then nothing is counted.
   * @returns false when a recipient is over its limit
   */
  take(businessId: number, recipients: readonly number[], atMs: number): boolean;
  /** Takes back what `take` counted, for a request that was refused or rolled back afterwards. */
  giveBack(businessId: number, recipients: readonly number[], atMs: number): void;
  /** Counts a message sent before this process started. */
  restore(businessId: number, recipient: number, atMs: number): void;
  /** How long counts matter: messages older than this need not be restored. */
  readonly windowMs: number;
}

/** At most `limit` messages in any `windowMs`. */
export interface FrequencyWindow {
  limit: number;
  windowMs: number;
}

export const DEFAULT_FREQUENCY: FrequencyWindow = { limit: 20, windowMs: 600_000 };

/** No limit at all. */
export const UNLIMITED: FrequencyLimits = {
  windowMs: 0,
  take: () => true,
  giveBack() {},
  restore() {},
};
