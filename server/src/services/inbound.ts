import { ADMIN_NAME, type Business } from '../domain/business.ts';
import {
  type InboundArrival,
  type InboundMessage,
  isRepeat,
  joined,
  MAX_WAITING_PARTS,
  ownerOfNumber,
  PARTS_WAIT_MS,
  REPEAT_WITHIN_MS,
  senderNumber,
  storable,
} from '../domain/inbound.ts';
import { type Keyword, REPLIES_COUNTED_MS } from '../domain/keyword.ts';
import { firstWord, readOptWord } from '../domain/words.ts';
import type { InboundFilter, PartGroup, Reader, Tx } from '../store/store.ts';
import { replyTo } from './auto-reply.ts';
import { addEvent } from './event.ts';
import { hotBusiness } from './hot-rows.ts';
import { changeList } from './list.ts';
import { type Ctx, single, type Verb } from './verb.ts';

/** SMS from handsets, in the order they came. */
export interface RecordInbound {
  messages: InboundArrival[];
}

/** What became of them. */
export interface InboundCounts {
  /** Texts that were stored. */
  stored: number;
  /** Those of them that are nobody's. */
  unmatched: number;
  /** Parts that wait for the others. */
  waiting: number;
  /** SMS that were delivered again. */
  repeated: number;
  optedOut: number;
  optedIn: number;
  /** Automatic replies. */
  replied: number;
}

/**
 * Stores SMS from handsets with everything that follows from them: texts joined from their parts, whose they are, opt-outs,
 * automatic replies, events. What a carrier delivers again changes nothing.
 */
export const recordInbound: Verb<RecordInbound, InboundCounts> = {
  priority: 0,
  rows: ({ messages }) => messages.length * 4,
  async run(tx, ctx, inputs) {
    const answers = [];
    for (const { messages } of inputs) {
      const taking = new Taking(tx, ctx);
      for (const message of messages) await taking.take(message);
      await taking.bound();
      answers.push({ value: taking.counts });
    }
    return answers;
  },
};

/** Stores texts whose missing parts have not come in time, as far as they came. */
export const finishInbound = single(async (tx, ctx, { limit }: { limit: number }): Promise<{ finished: number }> => {
  const groups = await tx.inbound.partsBefore(ctx.now() - PARTS_WAIT_MS, limit);
  const taking = new Taking(tx, ctx);
  for (const group of groups) await taking.finish(group);
  return { finished: groups.length };
});

/** Forgets which SMS were taken, and automatic replies, once they decide nothing any more. */
export const forgetInbound = single(
  async (tx, ctx, { limit }: { limit: number }): Promise<{ dropped: number }> => ({
    dropped: await tx.inbound.forget(ctx.now() - Math.max(REPEAT_WITHIN_MS, REPLIES_COUNTED_MS), limit),
  }),
);

/** Inbound messages, newest first. */
export const listInbound = (reader: Reader, input: InboundFilter): Promise<InboundMessage[]> =>
  reader.inbound.list(input);

/** One inbound message, or null when it is not the business's. A null business means any. */
export async function findInbound(
  reader: Reader,
  input: { businessId: number | null; id: number },
): Promise<InboundMessage | null> {
  const message = await reader.inbound.byId(input.id);
  return message !== null && (input.businessId === null || message.businessId === input.businessId) ? message : null;
}

/** A text that came whole, or as much of it as came. */
type Text = Pick<InboundArrival, 'channelId' | 'from' | 'to' | 'text' | 'at'> & { parts: number; missing: number };

class Taking {
  readonly counts: InboundCounts = {
    stored: 0,
    unmatched: 0,
    waiting: 0,
    repeated: 0,
    optedOut: 0,
    optedIn: 0,
    replied: 0,
  };
  readonly #tx: Tx;
  readonly #ctx: Ctx;

  constructor(tx: Tx, ctx: Ctx) {
    this.#tx = tx;
    this.#ctx = ctx;
  }

  async take(message: InboundArrival): Promise<void> {
    const { channelId, fingerprint, at, from, to, text, part } = message;
    const seen = this.#ctx.recentInbound.find(channelId, fingerprint);
    if (seen !== null && isRepeat(message, seen)) {
      this.counts.repeated++;
      return;
    }
    const now = { channelId, fingerprint, at, takenAt: this.#ctx.now() };
    this.#ctx.onRollback(this.#ctx.recentInbound.note(now));
    await this.#tx.inbound.noteSeen([now]);
    if (part === null) await this.#store({ channelId, from, to, text, at, parts: 1, missing: 0 });
    else
      await this.#takePart({ channelId, from, to, reference: part.reference, total: part.total }, part.index, message);
  }

  async #takePart(group: PartGroup, index: number, { text, at }: InboundArrival): Promise<void> {
    const waiting = await this.#tx.inbound.partsOf(group);
    const same = waiting.find((part) => part.index === index);
    if (same?.text === text) {
      this.counts.repeated++;
      return;
    }
    // References repeat after 256 texts. Another text in this place, or one after its time, begins a new one.
    const over = waiting.length > 0 && at - waiting[0]!.at > PARTS_WAIT_MS;
    if (same !== undefined || over) await this.finish(group);
    await this.#tx.inbound.addPart(group, { index, text, at });
    const count = same !== undefined || over ? 1 : waiting.length + 1;
    if (count === group.total) await this.finish(group);
    else this.counts.waiting++;
  }

  /** Makes a text of the parts that are there. */
  async finish(group: PartGroup): Promise<void> {
    const parts = await this.#tx.inbound.partsOf(group);
    await this.#tx.inbound.removeParts(group);
    const { channelId, from, to, total } = group;
    const missing = total - parts.length;
    await this.#store({ channelId, from, to, text: joined(parts), at: parts[0]!.at, parts: total, missing });
  }

  /** Keeps what waits within its bound. */
  async bound(): Promise<void> {
    if (this.counts.waiting === 0) return;
    while ((await this.#tx.inbound.countParts()) > MAX_WAITING_PARTS) {
      const [oldest] = await this.#tx.inbound.partsBefore(Number.MAX_SAFE_INTEGER, 1);
      await this.finish(oldest!);
    }
  }

  async #store({ channelId, from, to, text, at, parts, missing }: Text): Promise<void> {
    // What is left of a text with holes may say something else than its sender did.
    const said = missing === 0 ? storable(text) : '';
    const { business, keyword } = await this.#match(channelId, to, said);
    const sender = senderNumber(from, business?.defaultCountry ?? null);
    const words = business === null ? null : await this.#tx.lists.words(business.id);
    const optWord = sender === null ? null : readOptWord(said, words);
    if (optWord !== null && business !== null) await this.#opt(optWord, business.id, sender!);
    const id = this.#ctx.nextId('inbound');
    const reply =
      business === null || keyword === null || sender === null
        ? null
        : await replyTo(this.#tx, this.#ctx, business, keyword, sender, id);
    if (reply !== null && reply.planId !== null) this.counts.replied++;
    const kind = optWord ?? (keyword === null ? 'plain' : 'keyword');
    const message: InboundMessage = {
      id,
      channelId,
      businessId: business?.id ?? null,
      from: sender === null ? from : `+${sender}`,
      to,
      text: storable(text),
      parts,
      missing,
      kind,
      keyword: keyword?.word ?? '',
      replyPlanId: reply?.planId ?? null,
      replyError: reply?.error ?? '',
      receivedAt: at,
    };
    await this.#tx.inbound.insert([message]);
    this.counts.stored++;
    if (business === null) this.counts.unmatched++;
    const owner = business?.id ?? (await this.#tx.businesses.byName(ADMIN_NAME))!.id;
    await addEvent(this.#tx, this.#ctx, owner, { kind: 'inbound.received', inboundId: id, as: kind });
  }

  /** Whose a message is, by its number, else by a keyword that is shared; and the keyword of that business it begins with. */
  async #match(
    channelId: number,
    to: string,
    said: string,
  ): Promise<{ business: Business | null; keyword: Keyword | null }> {
    const number = ownerOfNumber(await this.#tx.inboundNumbers.fitting(to.replace(/^\+/, '')), to, channelId);
    const word = firstWord(said);
    const keywords = word === '' ? [] : await this.#tx.keywords.ofWord(word);
    const ownerId = number?.businessId ?? keywords.find(({ shared }) => shared)?.businessId ?? null;
    const business = ownerId === null ? null : await hotBusiness(this.#tx, this.#ctx, ownerId);
    const keyword = keywords.find(({ businessId }) => businessId === business?.id) ?? null;
    return { business, keyword };
  }

  async #opt(word: 'opt-out' | 'opt-in', businessId: number, sender: number): Promise<void> {
    const change = word === 'opt-out' ? 'added' : 'removed';
    const entry = { list: 'opt-out', businessId, recipients: [sender], source: 'reply', note: '' } as const;
    if ((await changeList(this.#tx, this.#ctx, change, entry)) === 0) return;
    if (word === 'opt-out') this.counts.optedOut++;
    else this.counts.optedIn++;
  }
}
