import type { InboundArrival, InboundKind, InboundMessage, InboundNumber, SeenInbound } from '../../domain/inbound.ts';
import type { Keyword } from '../../domain/keyword.ts';
import type { ListEntry, RecipientList } from '../../domain/listed.ts';
import type { OptWords } from '../../domain/words.ts';

/** Which inbound messages are wanted; null: whatever it is. */
export interface InboundFilter {
  businessId: number | null;
  /** Only those that are nobody's. */
  unmatched: boolean;
  kind: InboundKind | null;
  /** Without +; numbers with it are found, too. */
  from: string | null;
  to: string | null;
  /** Received at or after. */
  since: number | null;
  /** Received before. */
  until: number | null;
  /** Only smaller ids; null: from the newest. */
  before: number | null;
  limit: number;
}

/** The parts of one text that wait for the others. */
export type PartGroup = Pick<InboundArrival, 'channelId' | 'from' | 'to'> & { reference: number; total: number };

export interface WaitingPart {
  index: number;
  /** Unit by unit as it came: may begin or end with half a surrogate pair. */
  text: string;
  at: number;
}

export interface InboundReader {
  byId(id: number): Promise<InboundMessage | null>;
  /** Newest first. */
  list(filter: InboundFilter): Promise<InboundMessage[]>;
  /** SMS that came since a time, in the order in which they were noted: for knowing them again. */
  seenSince(at: number, visit: (seen: SeenInbound) => void): Promise<void>;
}

export interface InboundWriter {
  insert(messages: readonly InboundMessage[]): Promise<void>;
  /** A message that is nobody's becomes a business's. */
  assign(id: number, businessId: number, kind: InboundKind): Promise<void>;
  noteSeen(seen: readonly SeenInbound[]): Promise<void>;
  addPart(group: PartGroup, part: WaitingPart): Promise<void>;
  /** In the order they came. */
  partsOf(group: PartGroup): Promise<WaitingPart[]>;
  removeParts(group: PartGroup): Promise<void>;
  countParts(): Promise<number>;
  /** Texts whose first part came before `before`, the oldest first. */
  partsBefore(before: number, limit: number): Promise<PartGroup[]>;
  /** Of automatic replies to a recipient since a time: how many of the business, and of one keyword. */
  countReplies(
    businessId: number,
    keywordId: number,
    recipient: number,
    since: number,
    keywordSince: number,
  ): Promise<{ ofBusiness: number; ofKeyword: number }>;
  noteReply(businessId: number, keywordId: number, recipient: number, at: number): Promise<void>;
  /** Forgets what was seen, and replies, before a time: at most `limit` of each. Returns the larger of the two numbers. */
  forget(before: number, limit: number): Promise<number>;
}

export interface InboundNumberReader {
  byId(id: number): Promise<InboundNumber | null>;
  /** In the order of their ids, after `cursor`. */
  list(businessId: number | null, cursor: number, limit: number): Promise<InboundNumber[]>;
  /** Those that could stand for these digits, on whatever channel. */
  fitting(digits: string): Promise<InboundNumber[]>;
  /** Whether it is somebody's already, as it is written. */
  taken(number: Pick<InboundNumber, 'number' | 'prefix' | 'channelId'>): Promise<boolean>;
}

export interface InboundNumberWriter {
  insert(number: Omit<InboundNumber, 'id'>): Promise<number>;
  delete(id: number): Promise<void>;
}

export interface KeywordReader {
  byId(id: number): Promise<Keyword | null>;
  /** In the order of their ids, after `cursor`. */
  list(businessId: number | null, cursor: number, limit: number): Promise<Keyword[]>;
  /** All that have this word, folded. */
  ofWord(word: string): Promise<Keyword[]>;
  count(businessId: number): Promise<number>;
}

export interface KeywordWriter {
  insert(keyword: Omit<Keyword, 'id'>): Promise<number>;
  delete(id: number): Promise<void>;
}

/** Recipients that are not written to; `businessId` 0 is the whole installation. */
export interface ListReader {
  find(list: RecipientList, businessId: number, recipient: number): Promise<ListEntry | null>;
  /** In the order of the numbers, after one. */
  list(list: RecipientList, businessId: number, after: number, limit: number): Promise<ListEntry[]>;
  /** All of all lists, for keeping them in memory. */
  all(visit: (list: RecipientList, businessId: number, recipient: number) => void): Promise<void>;
  /** Null: the usual words. */
  words(businessId: number): Promise<OptWords | null>;
}

/** A recipient was put on a list, or taken off it. */
export interface ListChange {
  list: RecipientList;
  businessId: number;
  recipient: number;
  listed: boolean;
}

export interface ListWriter {
  /** Adds those that are not there yet, and returns them. */
  add(
    list: RecipientList,
    businessId: number,
    recipients: readonly number[],
    entry: Omit<ListEntry, 'recipient'>,
  ): Promise<number[]>;
  /** Removes those that are there, and returns them. */
  remove(list: RecipientList, businessId: number, recipients: readonly number[]): Promise<number[]>;
  /**
   * What others have changed since this store last told it, in order; own changes may be among it. `all` tells everything.
   * Null: that is not known any more, all have to be read.
   */
  news(): Promise<readonly ListChange[] | null>;
  setWords(businessId: number, words: OptWords): Promise<void>;
}
