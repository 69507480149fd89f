import { EXACT, type IdForm, type IdFormat } from '../domain/carrier-id.ts';
import { OWN_RECEIPTS, receiptRulesOf } from '../domain/channel.ts';
import type { Reader, Tx } from '../store/store.ts';
import type { Ctx } from './verb.ts';

/** Reports in a row that speak of nothing before what was found out about a channel's ids is doubted. */
const DOUBTED_AFTER = 20;

/** What reports that come on a channel may speak of, and how they name it. */
export interface ReceiptGroup {
  channelId: number;
  /** The channels whose messages its reports may speak of: itself first, then those of the same carrier account. */
  channelIds: readonly number[];
  format: IdFormat;
  /** How its reports write ids; null while that is not known. */
  form: IdForm | null;
  /** Whether a report on one part of a text stands for all of them. */
  oneForAll: boolean;
  /** Reports in a row that spoke of nothing. */
  misses: number;
  /** Any answer to what was sent before a report has come, or never will, so long after it. */
  answeredWithinMs: number;
}

/** What reports on a channel may speak of. */
export async function receiptGroup(tx: Tx, ctx: Ctx, channelId: number): Promise<ReceiptGroup> {
  const known = ctx.hot.receiptGroups.get(channelId);
  if (known !== undefined) return known;
  const channels = (await tx.channels.list()).map((channel) => ({ id: channel.id, ...receiptRulesOf(channel) }));
  const own = channels.find(({ id }) => id === channelId) ?? OWN_RECEIPTS;
  const others = channels.filter(({ id, group }) => own.group !== '' && id !== channelId && group === own.group);
  const { format } = own;
  const group: ReceiptGroup = {
    channelId,
    channelIds: [channelId, ...others.map(({ id }) => id)],
    format,
    form: format === 'same' ? EXACT : await formOf(tx, channelId, format),
    oneForAll: own.oneForAll,
    misses: 0,
    answeredWithinMs: Math.max(own.answeredWithinMs, ...others.map((channel) => channel.answeredWithinMs)),
  };
  ctx.hot.receiptGroups.set(channelId, group);
  return group;
}

/** Installation fact: what was found out about how a channel's reports write ids. */
const factOf = (channelId: number): string => `id-form.${channelId}`;

/** What was found out about a channel's ids, as far as its setting allows it; null when nothing was. */
export async function formOf(reader: Reader, channelId: number, format: IdFormat): Promise<IdForm | null> {
  const kept = await reader.installation.get(factOf(channelId));
  if (kept === null) return null;
  const form = JSON.parse(kept) as IdForm;
  const allowed = format === 'auto' || form.base === (format === 'hex_to_decimal' ? 'hex' : 'decimal');
  return allowed ? form : null;
}

/** Remembers how a channel's reports write ids. */
export async function learnForm(tx: Tx, ctx: Ctx, group: ReceiptGroup, form: IdForm): Promise<void> {
  group.form = form;
  group.misses = 0;
  await tx.installation.set(factOf(group.channelId), JSON.stringify(form));
  ctx.log.info({ channel: group.channelId, form }, 'the reports of a channel show how they write ids');
}

/**
 * Whether all ways to write the id of a report that speaks of nothing are to be tried: while none is known, and now and
 * then when there are many such reports in a row. They may be early, too: so what was found out stays until another way
 * is found.
 */
export function isInDoubt(group: ReceiptGroup): boolean {
  if (group.format === 'same') return false;
  if (group.form === null) return true;
  if (++group.misses < DOUBTED_AFTER) return false;
  group.misses = 0;
  return true;
}
