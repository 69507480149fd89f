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
import { must } from '../domain/refusals.ts';
import { firstWord, readOptWord } from '../domain/words.ts';
import type { InboundFilter, PartGroup, Reader, Tx } from '../store/store.ts';
import { replyTo } from './auto-reply.ts';
import { addEvent } from './event.ts';
import { hotBusiness } from './hot-rows.ts';
import { changeList } from './list.ts';
import { type ActorRef, type Ctx, single, type Verb } from './verb.ts';

/** An SMS from a handset, and what was found out about it before. */
export type Arrived = InboundArrival & {
  /** The business that wrote to its sender last; absent where nobody looked, null where nobody did. */
  lastWriter?: number | null;
};

/** SMS from handsets, in the order they came. */
export interface RecordInbound {
  messages: Arrived[];
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
type Text = Pick<Arrived, 'channelId' | 'from' | 'to' | 'text' | 'at' | 'lastWriter'> & {
  parts: number;
  missing: number;
};

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

  async take(message: Arrived): Promise<void> {
    const { channelId, fingerprint, at, from, to, text, part, lastWriter = null } = message;
    const seen = this.#ctx.recentInbound.find(channelId, fingerprint);
    if (seen !== null && isRepeat(message, seen)) {
      this.counts.repeated++;
      return;
    }
    const now = { channelId, fingerprint, at, takenAt: this.#ctx.now() };
    this.#ctx.onRollback(this.#ctx.recentInbound.note(now));
    await this.#tx.inbound.noteSeen([now]);
    if (part === null) await this.#store({ channelId, from, to, text, at, parts: 1, missing: 0, lastWriter });
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

  async #store({ channelId, from, to, text, at, parts, missing, lastWriter = null }: Text): Promise<void> {
    // What is left of a text with holes may say something else than its sender did.
    const said = missing === 0 ? storable(text) : '';
    const matched = await this.#match(channelId, to, said);
    const answered = matched.business === null && lastWriter !== null ? await this.#answered(lastWriter, said) : null;
    const business = matched.business ?? answered;
    const { keyword } = matched;
    const sender = senderNumber(from, business?.defaultCountry ?? null);
    const words = business === null ? null : await this.#tx.lists.words(business.id);
    const optWord = sender === null ? null : readOptWord(said, words);
    const note = answered === null ? '' : LAST_TO_WRITE;
    if (
      optWord !== null &&
      business !== null &&
      (await opt(this.#tx, this.#ctx, optWord, business.id, sender!, note))
    ) {
      if (optWord === 'opt-out') this.counts.optedOut++;
      else this.counts.optedIn++;
    }
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

  /** The business that wrote last, where the text is a word by which it may be opted out of or into. */
  async #answered(lastWriter: number, said: string): Promise<Business | null> {
    const word = readOptWord(said, await this.#tx.lists.words(lastWriter));
    return word === null ? null : hotBusiness(this.#tx, this.#ctx, lastWriter);
  }
}

/** Does what a word says; whether that changed anything. */
async function opt(
  tx: Tx,
  ctx: Ctx,
  word: 'opt-out' | 'opt-in',
  businessId: number,
  sender: number,
  note: string,
): Promise<boolean> {
  const change = word === 'opt-out' ? 'added' : 'removed';
  const entry = { list: 'opt-out', businessId, recipients: [sender], source: 'reply', note } as const;
  return (await changeList(tx, ctx, change, entry)) > 0;
}

/**
 * Gives a message that is nobody's to a business, as if its number had been the business's: a word that opts out or in does
 * so now. A keyword is not answered: it is too late for that.
 */
export const assignInbound = single(
  async (tx, ctx, input: { actor: ActorRef; id: number; businessId: number }): Promise<InboundMessage> => {
    const { actor, id, businessId } = input;
    must(actor.admin, { code: 'adminOnly' });
    const message = await tx.inbound.byId(id);
    must(message !== null, { code: 'inboundNotFound' });
    must(message.businessId === null, { code: 'inboundAssigned' });
    const business = await hotBusiness(tx, ctx, businessId);
    must(business !== null, { code: 'businessNotFound' });
    const sender = senderNumber(message.from, business.defaultCountry);
    const said = message.missing === 0 ? message.text : '';
    const word = sender === null ? null : readOptWord(said, await tx.lists.words(businessId));
    const kind = word ?? 'plain';
    await tx.inbound.assign(id, businessId, kind);
    if (word !== null) await opt(tx, ctx, word, businessId, sender!, ASSIGNED);
    await addEvent(tx, ctx, businessId, { kind: 'inbound.received', inboundId: id, as: kind });
    return { ...message, businessId, kind };
  },
);

/** Notes of entries of the opt-out list, for people. */
const LAST_TO_WRITE = "written to nobody's number; this business had written last";
const ASSIGNED = "written to nobody's number, and given to this business";
