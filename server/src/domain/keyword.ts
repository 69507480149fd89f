/** A word that makes a message a business's, or that it answers. */
export interface Keyword {
  id: number;
  businessId: number;
  /** As it is compared (words.ts). */
  word: string;
  /** Whether it makes messages to numbers that are nobody's the business's. Only the administrator gives such words. */
  shared: boolean;
  /** The template that answers it, without variables; null: nothing does. */
  templateId: number | null;
  createdAt: number;
}

export const MAX_KEYWORDS_PER_BUSINESS = 500;

/** One automatic reply to a sender and keyword in this time, */
export const REPLY_EVERY_MS = 600_000;
/** and so many to a sender from one business in an hour, whatever it writes: two machines would go on for ever. */
export const MAX_REPLIES_AN_HOUR = 6;
export const REPLIES_COUNTED_MS = 3_600_000;
