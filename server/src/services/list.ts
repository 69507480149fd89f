import { ADMIN_NAME } from '../domain/business.ts';
import {
  EVERYBODY,
  LIST_NOTE_MAX_LENGTH,
  type ListEntry,
  type ListSource,
  MAX_LISTED_AT_ONCE,
  type RecipientList,
} from '../domain/listed.ts';
import { must } from '../domain/refusals.ts';
import { folded, MAX_WORDS, type OptWords, WORD_MAX_LENGTH } from '../domain/words.ts';
import type { Reader, Tx } from '../store/store.ts';
import { addEvent } from './event.ts';
import { type ActorRef, type Ctx, single, type Verb } from './verb.ts';

/** Recipients of one list. */
interface ListChange {
  list: RecipientList;
  /** {@link EVERYBODY}: the installation's. */
  businessId: number;
  recipients: readonly number[];
  source: ListSource;
  note: string;
}

/** Puts recipients on a list or takes them off it; those that are there, or are not, stay as they are. Returns how many changed. */
export async function changeList(tx: Tx, ctx: Ctx, change: 'added' | 'removed', given: ListChange): Promise<number> {
  const { list, businessId, recipients, source, note } = given;
  const { recipientLists: lists } = ctx;
  const changed =
    change === 'added'
      ? await tx.lists.add(list, businessId, recipients, { since: ctx.now(), source, note })
      : await tx.lists.remove(list, businessId, recipients);
  if (changed.length === 0) return 0;
  const [does, undoes] = change === 'added' ? (['add', 'remove'] as const) : (['remove', 'add'] as const);
  lists[does](list, businessId, changed);
  ctx.onRollback(() => lists[undoes](list, businessId, changed));
  const one = changed.length === 1 ? { recipient: changed[0]! } : {};
  const owner = businessId === EVERYBODY ? await adminId(tx) : businessId;
  const everybody = businessId === EVERYBODY ? { everybody: true as const } : {};
  await addEvent(tx, ctx, owner, {
    kind: 'list.changed',
    list,
    change,
    count: changed.length,
    source,
    ...one,
    ...everybody,
  });
  return changed.length;
}

const adminId = async (tx: Tx): Promise<number> => (await tx.businesses.byName(ADMIN_NAME))!.id;

/** Adds recipients to a list, or removes them: a business its own, the administrator any. */
export const editList: Verb<
  {
    actor: ActorRef;
    list: RecipientList;
    businessId: number;
    change: 'added' | 'removed';
    recipients: readonly number[];
    note: string;
  },
  { changed: number }
> = {
  ...single(async (tx, ctx, { actor, change, ...given }) => {
    const { list, businessId, recipients, note } = given;
    mustOwn(actor, businessId);
    must(list === 'blacklist' || businessId !== EVERYBODY, { code: 'businessNotFound' });
    must(businessId === EVERYBODY || (await tx.businesses.byId(businessId)) !== null, { code: 'businessNotFound' });
    must(recipients.length <= MAX_LISTED_AT_ONCE, { code: 'tooManyRecipients', limit: MAX_LISTED_AT_ONCE });
    must([...note].length <= LIST_NOTE_MAX_LENGTH, {
      code: 'invalidField',
      field: 'note',
      rule: `at most ${LIST_NOTE_MAX_LENGTH} characters`,
    });
    const source = actor.admin ? 'administrator' : 'business';
    return { changed: await changeList(tx, ctx, change, { list, businessId, recipients, source, note }) };
  }),
  rows: ({ recipients }) => recipients.length,
};

/** Sets the words by which people opt out of a business's marketing, and in again. Null: the usual ones; left out: as before. */
export const setOptWords = single(
  async (tx, ctx, input: { actor: ActorRef; businessId: number; words: Partial<OptWords> }): Promise<OptWords> => {
    const { actor, businessId } = input;
    mustOwn(actor, businessId);
    must((await tx.businesses.byId(businessId)) !== null, { code: 'businessNotFound' });
    const words: OptWords = { optOut: null, optIn: null, ...(await tx.lists.words(businessId)), ...input.words };
    mustBeWords('opt_out', words.optOut, 1);
    mustBeWords('opt_in', words.optIn, 0);
    const both = (words.optIn ?? []).find((word) => words.optOut?.some((other) => folded(other) === folded(word)));
    must(both === undefined, { code: 'invalidField', field: 'opt_in', rule: 'no word that opts out, too' });
    await tx.lists.setWords(businessId, words);
    await addEvent(tx, ctx, businessId, { kind: 'business.changed', change: 'opt-words' });
    return words;
  },
);

function mustBeWords(field: string, words: readonly string[] | null, least: number): void {
  if (words === null) return;
  const fit =
    words.length >= least &&
    words.length <= MAX_WORDS &&
    words.every((word) => folded(word) !== '' && [...word].length <= WORD_MAX_LENGTH);
  const rule = `${least} to ${MAX_WORDS} words of 1 to ${WORD_MAX_LENGTH} characters with a letter or digit; null: the usual ones`;
  must(fit, { code: 'invalidField', field, rule });
}

/** The words of a business; null: the usual ones. */
export const optWords = (reader: Reader, { businessId }: { businessId: number }): Promise<OptWords | null> =>
  reader.lists.words(businessId);

/** A list in the order of its numbers, after one. */
export const listRecipients = (
  reader: Reader,
  input: { list: RecipientList; businessId: number; after: number; limit: number },
): Promise<ListEntry[]> => reader.lists.list(input.list, input.businessId, input.after, input.limit);

/** One recipient of a list, or null when it is not on it. */
export const findListed = (
  reader: Reader,
  input: { list: RecipientList; businessId: number; recipient: number },
): Promise<ListEntry | null> => reader.lists.find(input.list, input.businessId, input.recipient);

function mustOwn(actor: ActorRef, businessId: number): void {
  must(actor.admin || actor.businessId === businessId, { code: 'businessNotFound' });
}
