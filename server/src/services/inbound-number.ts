import { INBOUND_NUMBER, INBOUND_NUMBER_RULE, type InboundNumber, readInboundNumber } from '../domain/inbound.ts';
import { must } from '../domain/refusals.ts';
import type { Reader } from '../store/store.ts';
import { addEvent } from './event.ts';
import { type ActorRef, single } from './verb.ts';

/** Says whose a number is that messages come in on. */
export const addInboundNumber = single(
  async (
    tx,
    ctx,
    input: { actor: ActorRef; number: string; channelId: number | null; businessId: number },
  ): Promise<InboundNumber> => {
    const { actor, channelId, businessId } = input;
    must(actor.admin, { code: 'adminOnly' });
    must(INBOUND_NUMBER.test(input.number), { code: 'invalidField', field: 'number', rule: INBOUND_NUMBER_RULE });
    must((await tx.businesses.byId(businessId)) !== null, { code: 'businessNotFound' });
    must(channelId === null || (await tx.channels.byId(channelId)) !== null, { code: 'channelNotFound' });
    const number = { ...readInboundNumber(input.number), channelId };
    must(!(await tx.inboundNumbers.taken(number)), { code: 'inboundNumberTaken' });
    const added = { ...number, businessId, createdAt: ctx.now() };
    const id = await tx.inboundNumbers.insert(added);
    await addEvent(tx, ctx, businessId, { kind: 'inbound-number.changed', inboundNumberId: id, change: 'created' });
    return { id, ...added };
  },
);

/** From now on messages to it are nobody's, or whoever's a shorter number or a keyword makes them. */
export const deleteInboundNumber = single(async (tx, ctx, { actor, id }: { actor: ActorRef; id: number }) => {
  must(actor.admin, { code: 'adminOnly' });
  const number = await tx.inboundNumbers.byId(id);
  must(number !== null, { code: 'inboundNumberNotFound' });
  await tx.inboundNumbers.delete(id);
  const { businessId } = number;
  await addEvent(tx, ctx, businessId, { kind: 'inbound-number.changed', inboundNumberId: id, change: 'deleted' });
  return null;
});

/** Numbers in the order of their ids, after a cursor; null: of every business. */
export const listInboundNumbers = (
  reader: Reader,
  input: { businessId: number | null; cursor: number; limit: number },
): Promise<InboundNumber[]> => reader.inboundNumbers.list(input.businessId, input.cursor, input.limit);
