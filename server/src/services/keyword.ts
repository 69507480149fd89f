import { type Keyword, MAX_KEYWORDS_PER_BUSINESS } from '../domain/keyword.ts';
import { must } from '../domain/refusals.ts';
import { parseTemplate } from '../domain/template.ts';
import { firstWord, folded, WORD_MAX_LENGTH } from '../domain/words.ts';
import type { Reader, Tx } from '../store/store.ts';
import { addEvent } from './event.ts';
import { type ActorRef, single } from './verb.ts';

/** Gives a business a keyword, with the template that answers it. */
export const addKeyword = single(
  async (
    tx,
    ctx,
    input: { actor: ActorRef; businessId: number; word: string; shared: boolean; templateId: number | null },
  ): Promise<Keyword> => {
    const { actor, businessId, shared, templateId } = input;
    must(actor.admin || actor.businessId === businessId, { code: 'businessNotFound' });
    must(actor.admin || !shared, { code: 'adminOnly' });
    const word = folded(input.word);
    must(word !== '' && word === firstWord(word) && [...word].length <= WORD_MAX_LENGTH, {
      code: 'invalidField',
      field: 'word',
      rule: `one word of 1 to ${WORD_MAX_LENGTH} characters with a letter or digit`,
    });
    must((await tx.businesses.byId(businessId)) !== null, { code: 'businessNotFound' });
    if (templateId !== null) await mustAnswer(tx, businessId, templateId);
    const others = await tx.keywords.ofWord(word);
    const taken = others.some((other) => other.businessId === businessId || (shared && other.shared));
    must(!taken, { code: 'keywordTaken' });
    const limit = MAX_KEYWORDS_PER_BUSINESS;
    must((await tx.keywords.count(businessId)) < limit, { code: 'tooManyKeywords', limit });
    const added = { businessId, word, shared, templateId, createdAt: ctx.now() };
    const id = await tx.keywords.insert(added);
    await addEvent(tx, ctx, businessId, { kind: 'keyword.changed', keywordId: id, change: 'created' });
    return { id, ...added };
  },
);

/** A reply has no values for variables. Whether it is approved is asked when it is sent. */
async function mustAnswer(tx: Tx, businessId: number, templateId: number): Promise<void> {
  const template = await tx.templates.byId(templateId);
  must(template?.businessId === businessId, { code: 'templateNotFound' });
  must(parseTemplate(template.text).names.length === 0, {
    code: 'invalidField',
    field: 'template_id',
    rule: 'a template without variables',
  });
}

/** Takes a keyword away. */
export const deleteKeyword = single(async (tx, ctx, { actor, id }: { actor: ActorRef; id: number }) => {
  const keyword = await tx.keywords.byId(id);
  must(keyword !== null && (actor.admin || keyword.businessId === actor.businessId), { code: 'keywordNotFound' });
  // What the administrator shared out is the administrator's to take back.
  must(actor.admin || !keyword.shared, { code: 'adminOnly' });
  await tx.keywords.delete(id);
  await addEvent(tx, ctx, keyword.businessId, { kind: 'keyword.changed', keywordId: id, change: 'deleted' });
  return null;
});

/** Keywords in the order of their ids, after a cursor; null: of every business. */
export const listKeywords = (
  reader: Reader,
  input: { businessId: number | null; cursor: number; limit: number },
): Promise<Keyword[]> => reader.keywords.list(input.businessId, input.cursor, input.limit);
