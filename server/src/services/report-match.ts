import { EXACT, type IdForm, tellsApart, waysToWrite, writtenBy } from '../domain/carrier-id.ts';
import type { Awaiting, Report, Tx } from '../store/store.ts';
import { isInDoubt, learnForm, type ReceiptGroup, receiptGroup } from './receipt-group.ts';
import type { Ctx } from './verb.ts';

/** Reports of one batch whose ids are looked for in every way, at most. */
const MAX_TRIES = 200;

/** What reports speak of. */
export interface Matches {
  /** The open part of each report; null where there is none. */
  parts: (Awaiting | null)[];
  /** Channels of which it was found out just now how their reports write ids. */
  learned: ReceiptGroup[];
}

/** Finds the open part each report speaks of: by the channels of its group, its id and its recipient, the newest first. */
export async function findAwaiting(tx: Tx, ctx: Ctx, reports: readonly Report[]): Promise<Matches> {
  const groups = new Map<number, ReceiptGroup>();
  for (const { channelId } of reports) {
    if (!groups.has(channelId)) groups.set(channelId, await receiptGroup(tx, ctx, channelId));
  }
  const open = new OpenParts();
  const wishes = reports.map((report) => wish(groups.get(report.channelId)!, report));
  await open.load(tx, wishes);
  const matches: Matches = { parts: [], learned: [] };
  const unmatched: number[] = [];
  for (const [i, report] of reports.entries()) {
    const group = groups.get(report.channelId)!;
    const part = open.take(wishes[i]!);
    matches.parts.push(part);
    if (part === null) unmatched.push(i);
    else if (group.misses > 0) group.misses = 0;
    if (part !== null && group.form === null && part.carrierId === report.carrierId && tellsApart(part.carrierId)) {
      await learnForm(tx, ctx, group, EXACT);
    }
  }
  let tries = MAX_TRIES;
  for (const i of unmatched) {
    const report = reports[i]!;
    const group = groups.get(report.channelId)!;
    if (matches.learned.includes(group)) {
      const again = wish(group, report);
      await open.load(tx, [again]);
      matches.parts[i] = open.take(again);
      continue;
    }
    if (ctx.hot.recentReports.has(report.carrierId, report.recipient)) continue;
    const form = isInDoubt(group) && tries-- > 0 ? await tryAllWays(tx, open, matches, i, report, group) : null;
    if (form === null) continue;
    await learnForm(tx, ctx, group, form);
    matches.learned.push(group);
  }
  return matches;
}

/** Looks for a report's id in every way it may have been written in the answer; returns the way that was found. */
async function tryAllWays(
  tx: Tx,
  open: OpenParts,
  { parts }: Matches,
  place: number,
  report: Report,
  { channelIds, format }: ReceiptGroup,
): Promise<IdForm | null> {
  // Without its recipient a report could be taken for another's.
  if (report.recipient === null) return null;
  const ways = [...waysToWrite(report.carrierId, format)];
  const { recipient } = report;
  await open.load(
    tx,
    ways.map(({ id }) => ({ channelIds, ids: [id], recipient })),
  );
  for (const { id, form } of ways) {
    const part = open.take({ channelIds, ids: [id], recipient });
    if (part === null) continue;
    parts[place] = part;
    return form;
  }
  return null;
}

/** Parts that are looked for: of these channels, with one of these ids, to this recipient (null: whoever it is). */
interface Wish {
  channelIds: readonly number[];
  ids: readonly string[];
  recipient: number | null;
}

function wish({ channelIds, form }: ReceiptGroup, { carrierId, recipient }: Report): Wish {
  const ids = form === null || form.base === 'exact' ? [carrierId] : writtenBy(carrierId, form);
  return { channelIds, ids, recipient };
}

/** Open parts of a batch, by channel and id. */
class OpenParts {
  readonly #byKey = new Map<string, Awaiting[]>();

  async load(tx: Tx, wishes: readonly Wish[]): Promise<void> {
    const again = this.#byKey.size > 0;
    const byChannel = new Map<number, { ids: string[]; recipients: (number | null)[] }>();
    for (const { channelIds, ids, recipient } of wishes) {
      for (const channelId of channelIds) {
        let wanted = byChannel.get(channelId);
        if (wanted === undefined) {
          wanted = { ids: [], recipients: [] };
          byChannel.set(channelId, wanted);
        }
        for (const id of ids) {
          if (again && this.#byKey.has(keyOf(channelId, id))) continue;
          wanted.ids.push(id);
          wanted.recipients.push(recipient);
        }
      }
    }
    for (const [channelId, { ids, recipients }] of byChannel) {
      for (const row of await tx.awaiting.find(channelId, ids, recipients)) {
        const key = keyOf(channelId, row.carrierId);
        const rows = this.#byKey.get(key);
        if (rows === undefined) this.#byKey.set(key, [row]);
        else rows.push(row);
      }
    }
  }

  /** Carrier ids are not unique: the newest open part whose recipient fits is meant. */
  take({ channelIds, ids, recipient }: Wish): Awaiting | null {
    let newest: { rows: Awaiting[]; at: number } | null = null;
    for (const channelId of channelIds) {
      for (const id of ids) {
        const rows = this.#byKey.get(keyOf(channelId, id));
        if (rows === undefined) continue;
        const at = rows.findIndex((row) => recipient === null || row.recipient === recipient);
        if (at < 0 || (newest !== null && newest.rows[newest.at]!.since >= rows[at]!.since)) continue;
        newest = { rows, at };
      }
    }
    return newest === null ? null : newest.rows.splice(newest.at, 1)[0]!;
  }
}

const keyOf = (channelId: number, carrierId: string): string => `${channelId} ${carrierId}`;
