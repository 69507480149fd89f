import type { Business } from '../domain/business.ts';
import { type Keyword, MAX_REPLIES_AN_HOUR, REPLIES_COUNTED_MS, REPLY_EVERY_MS } from '../domain/keyword.ts';
import type { Tx } from '../store/store.ts';
import { acceptPlan } from './plan.ts';
import type { Ctx } from './verb.ts';

/** What became of a reply: its plan, or the code of the refusal. */
export type Replied = { planId: number; error: '' } | { planId: null; error: string };

/**
 * Answers a keyword with its template: a message like any other, accepted in the transaction that stores what it
 * answers. Null when none is due: the keyword has no template, this sender had its answer a moment ago or too many in the
 * last hour, or the sender is a number that messages come in on, where a machine would answer the answer.
 */
export async function replyTo(
  tx: Tx,
  ctx: Ctx,
  business: Business,
  { id: keywordId, templateId, word }: Keyword,
  recipient: number,
  inboundId: number,
): Promise<Replied | null> {
  if (templateId === null) return null;
  const ours = await tx.inboundNumbers.fitting(String(recipient));
  if (ours.some(({ prefix }) => !prefix)) return null;
  const at = ctx.now();
  const { ofBusiness, ofKeyword } = await tx.inbound.countReplies(
    business.id,
    keywordId,
    recipient,
    at - REPLIES_COUNTED_MS,
    at - REPLY_EVERY_MS,
  );
  if (ofKeyword > 0 || ofBusiness >= MAX_REPLIES_AN_HOUR) return null;
  const [answer] = await acceptPlan.run(tx, ctx, [
    {
      request: {
        businessId: business.id,
        dialect: 'native',
        name: `reply to ${word}`,
        templateId,
        unsetVariables: 'refuse',
        startAt: null,
        customArgs: JSON.stringify({ inbound_id: String(inboundId) }),
      },
      total: 1,
      recipients: [recipient],
      invalid: [],
      parameters: { shared: null },
      idempotency: null,
    },
  ]);
  if (answer === undefined || 'refusal' in answer) return { planId: null, error: answer?.refusal.code ?? '' };
  await tx.inbound.noteReply(business.id, keywordId, recipient, at);
  return { planId: answer.value.planId, error: '' };
}
