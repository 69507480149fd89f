import { Readable } from 'node:stream';
import Type, { type Static } from 'typebox';
import type { Actor } from '../../domain/credential.ts';
import {
  EVERYBODY,
  LIST_NOTE_MAX_LENGTH,
  LIST_SOURCES,
  MAX_LISTED_AT_ONCE,
  type RecipientList,
} from '../../domain/listed.ts';
import { parseRecipient } from '../../domain/recipient.ts';
import { must, Refused } from '../../domain/refusals.ts';
import { OPT_IN_WORDS, OPT_OUT_WORDS, type OptWords } from '../../domain/words.ts';
import { csvLine } from '../../files/csv-writer.ts';
import { isoTime } from '../../lib/clock.ts';
import { Seal } from '../../lib/seal.ts';
import type { Desk, QueryValue } from '../../services/desk.ts';
import { badCursor } from '../cursor.ts';
import { csvEndpoint, type Endpoint, endpoint } from './endpoint.ts';
import { businessQuery, closed, Id, listOf, PhoneNumber, pageQuery, Time, word } from './fields.ts';
import { limitOf } from './list.ts';
import { businessOf, ownerOf } from './scope.ts';

const Entry = closed(
  {
    to: PhoneNumber,
    since: Time,
    source: word(LIST_SOURCES, 'who put it there: its own reply, the business, or the administrator'),
    note: Type.String(),
  },
  { title: 'ListedRecipient' },
);

const view = (entry: QueryValue<'listRecipients'>[number]): Static<typeof Entry> => ({
  to: `+${entry.recipient}`,
  since: isoTime(entry.since),
  source: entry.source,
  note: entry.note,
});

const Recipients = Type.Array(Type.String({ maxLength: 40 }), {
  minItems: 1,
  maxItems: MAX_LISTED_AT_ONCE,
  description: `1 to ${MAX_LISTED_AT_ONCE} mobile numbers; without + as dialled in the country of the business`,
});
const Added = closed(
  {
    business_id: Type.Optional(Id),
    recipients: Recipients,
    note: Type.Optional(
      Type.String({ maxLength: 2 * LIST_NOTE_MAX_LENGTH, description: `at most ${LIST_NOTE_MAX_LENGTH} characters` }),
    ),
  },
  { title: 'RecipientsToList' },
);
const Removed = closed({ business_id: Type.Optional(Id), recipients: Recipients }, { title: 'RecipientsToTakeOff' });
const Changed = closed(
  { changed: Type.Integer({ minimum: 0, description: 'how many were not there before, or were' }) },
  { title: 'ListChanged' },
);

/** In a path, where + may stand as it is. */
const params = closed({
  to: Type.String({ pattern: '^[+ ]?[1-9][0-9]{0,14}$', description: 'a number in E.164, with or without +' }),
});
const recipientOf = ({ to }: Static<typeof params>): number => Number(to.replace(/^[+ ]/, ''));

interface ListNames {
  list: RecipientList;
  path: '/opt-outs' | '/blacklist';
  what: string;
}

/** Whose list is meant: the business's own, one the administrator names, or (of the blacklist) everybody's. */
async function holderOf(
  desk: Desk,
  actor: Actor,
  { list }: ListNames,
  businessId: string | undefined,
): Promise<{ businessId: number; country: string | null }> {
  if (list === 'blacklist' && actor.admin && businessId === undefined) return { businessId: EVERYBODY, country: null };
  const { id, defaultCountry } = await businessOf(desk, actor, businessId ?? String(actor.businessId));
  return { businessId: id, country: defaultCountry };
}

/** Each number once. @throws Refused (invalidRecipient) */
function readRecipients(texts: readonly string[], country: string | null): number[] {
  const recipients = new Set<number>();
  for (let index = 0; index < texts.length; index++) {
    const recipient = parseRecipient(texts[index]!, country);
    if (recipient === null) throw new Refused({ code: 'invalidRecipient', index });
    recipients.add(recipient);
  }
  return [...recipients];
}

const PAGE = 1_000;

/** @param shown a number as whoever asks may see it */
async function* csvOf(
  desk: Desk,
  list: RecipientList,
  businessId: number,
  shown: (number: string) => string,
): AsyncGenerator<string> {
  // The mark tells spreadsheets that it is UTF-8.
  yield `\ufeff${csvLine(['to', 'since', 'source', 'note'])}`;
  for (let after = 0; ; ) {
    const entries = await desk.ask('listRecipients', { list, businessId, after, limit: PAGE });
    yield entries
      .map((entry) => csvLine([shown(`+${entry.recipient}`), isoTime(entry.since), entry.source, entry.note]))
      .join('');
    if (entries.length < PAGE) return;
    after = entries.at(-1)!.recipient;
  }
}

const endpointsOf = (desk: Desk, names: ListNames, seal: () => Promise<Seal>): Endpoint[] => {
  const { list, path, what } = names;
  const change = async (
    actor: Actor,
    body: Static<typeof Added>,
    done: 'added' | 'removed',
  ): Promise<{ changed: number }> => {
    const holder = await holderOf(
      desk,
      actor,
      names,
      body.business_id === undefined ? undefined : String(body.business_id),
    );
    const recipients = readRecipients(body.recipients, holder.country);
    const { businessId } = holder;
    return desk.do('editList', { actor, list, businessId, change: done, recipients, note: body.note ?? '' });
  };
  return [
    endpoint(
      `GET ${path}`,
      {
        tag: 'lists',
        summary: `Recipients ${what}, in the order of their numbers`,
        query: closed({ ...pageQuery, ...businessQuery }),
        answer: listOf(Entry),
      },
      async ({ actor, query }) => {
        const limit = limitOf(query);
        const { businessId } = await holderOf(desk, actor, names, query.business_id);
        const places = await seal();
        const after = query.cursor === undefined ? 0 : places.open(query.cursor);
        if (after === null) throw badCursor();
        const entries = await desk.ask('listRecipients', { list, businessId, after, limit: limit + 1 });
        const shown = entries.slice(0, limit);
        return {
          items: shown.map(view),
          // A place is a number, which may not be shown to whoever asks.
          next_cursor: entries.length > limit ? places.close(shown.at(-1)!.recipient) : null,
        };
      },
    ),
    csvEndpoint(
      `GET ${path}.csv`,
      { tag: 'lists', summary: 'The same as a file, however long', query: closed(businessQuery) },
      async ({ actor, query, shownNumber }) => {
        const { businessId } = await holderOf(desk, actor, names, query.business_id);
        return Readable.from(csvOf(desk, list, businessId, shownNumber), { objectMode: false });
      },
    ),
    endpoint(
      `POST ${path}`,
      {
        tag: 'lists',
        summary: `Add recipients ${what}; those that are there stay as they are`,
        body: Added,
        answer: Changed,
      },
      ({ actor, body }) => change(actor, body, 'added'),
    ),
    endpoint(
      `POST ${path}/remove`,
      {
        tag: 'lists',
        summary: `Take off recipients ${what}; those that are not there are passed by`,
        body: Removed,
        answer: Changed,
      },
      ({ actor, body }) => change(actor, body, 'removed'),
    ),
    endpoint(
      `GET ${path}/:to`,
      {
        tag: 'lists',
        summary: 'One recipient of the list; 404 when it is not on it',
        params,
        query: closed(businessQuery),
        answer: Entry,
      },
      async ({ actor, params, query }) => {
        const { businessId } = await holderOf(desk, actor, names, query.business_id);
        const entry = await desk.ask('findListed', { list, businessId, recipient: recipientOf(params) });
        must(entry !== null, { code: 'recipientNotListed' });
        return view(entry);
      },
    ),
    endpoint(
      `DELETE ${path}/:to`,
      { tag: 'lists', summary: 'Take one recipient off the list', params, query: closed(businessQuery), answer: null },
      async ({ actor, params, query }) => {
        const { businessId } = await holderOf(desk, actor, names, query.business_id);
        const recipients = [recipientOf(params)];
        const { changed } = await desk.do('editList', {
          actor,
          list,
          businessId,
          change: 'removed',
          recipients,
          note: '',
        });
        must(changed > 0, { code: 'recipientNotListed' });
      },
    ),
  ];
};

const Words = Type.Union([Type.Array(Type.String({ maxLength: 200 })), Type.Null()], {
  description: 'at most 50 words; null: the usual ones',
});
const OptWordsBody = closed(
  {
    business_id: Id,
    opt_out: Type.Array(Type.String()),
    opt_in: Type.Array(Type.String()),
    usual: closed(
      { opt_out: Type.Boolean(), opt_in: Type.Boolean() },
      { description: "whether the lists are the usual ones, and not the business's own" },
    ),
  },
  { title: 'OptWords' },
);

const wordsView = (businessId: number, words: OptWords | null): Static<typeof OptWordsBody> => ({
  business_id: businessId,
  opt_out: [...(words?.optOut ?? OPT_OUT_WORDS)],
  opt_in: [...(words?.optIn ?? OPT_IN_WORDS)],
  usual: { opt_out: (words?.optOut ?? null) === null, opt_in: (words?.optIn ?? null) === null },
});

const NAMES: readonly ListNames[] = [
  { list: 'opt-out', path: '/opt-outs', what: 'who get no marketing from a business' },
  {
    list: 'blacklist',
    path: '/blacklist',
    what: "who get nothing at all; without business_id, the administrator's are the whole installation's",
  },
];

/** Recipients who are not written to, and the words by which they say so (docs/inbound.md). */
export const recipientListEndpoints = (desk: Desk): Endpoint[] => {
  let made: Promise<Seal> | null = null;
  const seal = () => {
    made ??= desk.do('cursorKey', {}).then(({ key }) => new Seal(Buffer.from(key, 'base64url')));
    // What failed is tried again by whoever asks next.
    made.catch(() => {
      made = null;
    });
    return made;
  };
  return [
    ...NAMES.flatMap((names) => endpointsOf(desk, names, seal)),
    endpoint(
      'GET /opt-words',
      {
        tag: 'lists',
        summary: 'Words by which people opt out of marketing, and in again',
        query: closed(businessQuery),
        answer: OptWordsBody,
      },
      async ({ actor, query }) => {
        const businessId = await ownerOf(desk, actor, query);
        return wordsView(businessId, await desk.ask('optWords', { businessId }));
      },
    ),
    endpoint(
      'POST /opt-words',
      {
        tag: 'lists',
        summary: 'Set those words of a business; what is left out stays',
        body: closed(
          { business_id: Type.Optional(Id), opt_out: Type.Optional(Words), opt_in: Type.Optional(Words) },
          { title: 'OptWordsToSet' },
        ),
        answer: OptWordsBody,
      },
      async ({ actor, body }) => {
        const { id: businessId } = await businessOf(desk, actor, String(body.business_id ?? actor.businessId));
        const { opt_out: optOut, opt_in: optIn } = body;
        const words = { ...(optOut !== undefined && { optOut }), ...(optIn !== undefined && { optIn }) };
        return wordsView(businessId, await desk.do('setOptWords', { actor, businessId, words }));
      },
    ),
  ];
};
