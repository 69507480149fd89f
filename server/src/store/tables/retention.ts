/** What is kept for a time only, and room for what is to come. */
export interface RetentionTable {
  /** Makes room for what comes in the next days; where rows lie anywhere, nothing has to be done. */
  makeRoom(at: number): Promise<void>;
  /**
   * Forgets plans with smaller ids that have ended, with their messages and all that belongs to those, and whatever helps to
   * find them: a step of about `limit` rows, or of a whole day. Returns how much; 0: nothing is left to be forgotten.
   */
  forgetPlans(before: number, limit: number): Promise<number>;
  /** The same for events with smaller ids. */
  forgetEvents(before: number, limit: number): Promise<number>;
}
