import { inboundRow, type MessagePiece, messageRow, noticeRow, type Piece } from '../domain/callback.ts';
import { isSimulated } from '../domain/channel.ts';
import { messageId } from '../domain/message.ts';
import type { Plan } from '../domain/plan.ts';
import type { MessageRow, Reader } from '../store/store.ts';

/** The body of a callback request. It is made when it is sent, and is the same each time. */
export async function bodyOf(reader: Reader, businessId: number, pieces: readonly Piece[]): Promise<string> {
  const plans = new Map<number, Plan | null>();
  const rows: unknown[] = [];
  for (const piece of pieces) {
    if ('data' in piece) {
      rows.push(noticeRow(piece));
      continue;
    }
    if ('inboundId' in piece) {
      const message = await reader.inbound.byId(piece.inboundId);
      if (message !== null) rows.push(inboundRow(piece, message));
      continue;
    }
    for (const [planId, from, to] of piece.runs) {
      if (!plans.has(planId)) plans.set(planId, await reader.plans.byId(planId));
      const plan = plans.get(planId)!;
      if (plan === null) continue;
      const messages = await reader.messages.ofPlan(planId, from - 1, to - from + 1);
      for (const message of messages) rows.push(rowOf(piece, businessId, plan, message));
    }
  }
  return JSON.stringify({ total: rows.length, rows });
}

function rowOf(piece: MessagePiece, businessId: number, plan: Plan, message: MessageRow): Record<string, unknown> {
  return messageRow(piece, {
    messageId: messageId(message.planId, message.index),
    to: message.state === 'invalid' ? message.error : `+${message.recipient}`,
    templateId: plan.templateId,
    businessId,
    customArgs: plan.customArgs,
    simulated: isSimulated(message.channelId),
    cost: message.settled,
  });
}
