import { type InboundMessage, inboundCode, inboundKindOfCode } from '../../domain/inbound.ts';
import { idAt } from '../../lib/ids.ts';
import type { InboundFilter, InboundReader, InboundWriter, PartGroup, WaitingPart } from '../store.ts';
import type { Database, Row } from './database.ts';
import { inPieces } from './places.ts';
import type { Values } from './sql.ts';

const MAX_ROWS = 1_000;

const OF_GROUP = 'channel_id = ? AND sender = ? AND receiver = ? AND reference = ? AND total = ?';
const columnsOf = ({ channelId, from, to, reference, total }: PartGroup) =>
  [channelId, from, to, reference, total] as const;

/** An id is minted a little after the message came in, a long one up to an hour after its first part. */
const SLACK_MS = 2 * 3_600_000;

export function inboundTable(db: Database): InboundReader & InboundWriter {
  return { ...messages(db), ...parts(db), ...memory(db) };
}

const writingsOf = (number: string | null): readonly (string | null)[] =>
  number === null ? [null] : [number, `+${number}`];

/** The index by which messages are gone through, newest first; MariaDB would often take another, and read very many. */
function indexFor({ businessId, unmatched, kind, from, to }: InboundFilter): string {
  if (from !== null) return 'inbound_from';
  if (to !== null) return 'inbound_to';
  const ofOne = businessId !== null || unmatched;
  if (kind !== null) return ofOne ? 'inbound_of_business_kind' : 'inbound_kind';
  return ofOne ? 'inbound_of_business' : 'PRIMARY';
}

/** @param filter whose numbers are written as they stand there */
async function listOf(db: Database, filter: InboundFilter): Promise<InboundMessage[]> {
  const { businessId, unmatched, kind, from, to, since, until, before, limit } = filter;
  const conditions = ['id < ?'];
  const values: Values[] = [before ?? Number.MAX_SAFE_INTEGER];
  const only = (condition: string, ...value: Values[]) => {
    conditions.push(condition);
    values.push(...value);
  };
  if (unmatched) only('business_id IS NULL');
  if (businessId !== null) only('business_id = ?', businessId);
  if (kind !== null) only('kind = ?', inboundCode(kind));
  if (from !== null) only('sender = ?', from);
  if (to !== null) only('receiver = ?', to);
  // Ids carry their time, so no index by time is needed.
  if (since !== null) only('id >= ? AND received_at >= ?', idAt(since), since);
  if (until !== null) only('id < ? AND received_at < ?', idAt(until + SLACK_MS), until);
  const rows = await db.all(
    `SELECT * FROM inbound FORCE INDEX (${indexFor(filter)}) WHERE ${conditions.join(' AND ')} ORDER BY id DESC LIMIT ?`,
    ...values,
    limit,
  );
  return rows.map(toMessage);
}

function messages(db: Database): Pick<InboundReader & InboundWriter, 'byId' | 'list' | 'insert' | 'assign'> {
  return {
    async byId(id) {
      const row = await db.get('SELECT * FROM inbound WHERE id = ?', id);
      return row === undefined ? null : toMessage(row);
    },
    async list(filter) {
      const found: InboundMessage[] = [];
      // As they are written, with a plus and without: each is in an index, in the order that is asked for.
      for (const from of writingsOf(filter.from)) {
        for (const to of writingsOf(filter.to)) found.push(...(await listOf(db, { ...filter, from, to })));
      }
      return found.sort((a, b) => b.id - a.id).slice(0, filter.limit);
    },
    async assign(id, businessId, kind) {
      const sql = 'UPDATE inbound SET business_id = ?, kind = ? WHERE id = ? AND business_id IS NULL';
      await db.run(sql, businessId, inboundCode(kind), id);
    },
    async insert(list) {
      const rows = list.map((message) => [
        message.id,
        message.channelId,
        message.businessId,
        message.from,
        message.to,
        message.parts,
        message.missing,
        inboundCode(message.kind),
        message.keyword,
        message.replyPlanId,
        message.replyError,
        message.receivedAt,
        message.text,
      ]);
      for (const piece of inPieces(rows, MAX_ROWS)) {
        await db.run(
          `INSERT INTO inbound (id, channel_id, business_id, sender, receiver, parts, missing, kind, keyword, reply_plan_id,
             reply_error, received_at, text) VALUES ?`,
          piece,
        );
      }
    },
  };
}

type Parts = 'addPart' | 'partsOf' | 'removeParts' | 'countParts' | 'partsBefore';

function parts(db: Database): Pick<InboundWriter, Parts> {
  return {
    async addPart(group, { index, text, at }) {
      await db.run(
        `INSERT INTO inbound_part (channel_id, sender, receiver, reference, total, idx, text, at) VALUES (?)`,
        [...columnsOf(group), index, Buffer.from(text, 'utf16le'), at],
      );
    },
    async partsOf(group) {
      const rows = await db.lists(
        `SELECT idx, text, at FROM inbound_part WHERE ${OF_GROUP} ORDER BY id`,
        ...columnsOf(group),
      );
      return rows.map(
        ([index, text, at]): WaitingPart => ({
          index: index as number,
          text: Buffer.from(text as Uint8Array).toString('utf16le'),
          at: at as number,
        }),
      );
    },
    async removeParts(group) {
      await db.run(`DELETE FROM inbound_part WHERE ${OF_GROUP}`, ...columnsOf(group));
    },
    async countParts() {
      return (await db.lists('SELECT count(*) FROM inbound_part'))[0]![0] as number;
    },
    async partsBefore(before, limit) {
      const rows = await db.all(
        `SELECT channel_id, sender, receiver, reference, total FROM inbound_part
         GROUP BY channel_id, sender, receiver, reference, total HAVING min(at) < ? ORDER BY min(id) LIMIT ?`,
        before,
        limit,
      );
      return rows.map((row) => ({
        channelId: row.channel_id as number,
        from: row.sender as string,
        to: row.receiver as string,
        reference: row.reference as number,
        total: row.total as number,
      }));
    },
  };
}

type Memory = 'seenSince' | 'noteSeen' | 'countReplies' | 'noteReply' | 'forget';

function memory(db: Database): Pick<InboundReader & InboundWriter, Memory> {
  return {
    async seenSince(at, visit) {
      await db.each(
        'SELECT channel_id, fingerprint, at, taken_at FROM inbound_seen WHERE at >= ? ORDER BY id',
        [at],
        (row) => {
          const [channelId, fingerprint, cameAt, takenAt] = row as number[];
          visit({ channelId: channelId!, fingerprint: fingerprint!, at: cameAt!, takenAt: takenAt! });
        },
      );
    },
    async noteSeen(seen) {
      const rows = seen.map(({ channelId, fingerprint, at, takenAt }) => [channelId, fingerprint, at, takenAt]);
      for (const piece of inPieces(rows, MAX_ROWS)) {
        await db.run('INSERT INTO inbound_seen (channel_id, fingerprint, at, taken_at) VALUES ?', piece);
      }
    },
    async countReplies(businessId, keywordId, recipient, since, keywordSince) {
      const [row] = await db.lists(
        `SELECT count(*), coalesce(sum(keyword_id = ? AND at > ?), 0)
         FROM auto_reply WHERE business_id = ? AND recipient = ? AND at > ?`,
        keywordId,
        keywordSince,
        businessId,
        recipient,
        since,
      );
      return { ofBusiness: row![0] as number, ofKeyword: row![1] as number };
    },
    async noteReply(businessId, keywordId, recipient, at) {
      await db.run('INSERT INTO auto_reply (business_id, keyword_id, recipient, at) VALUES (?)', [
        businessId,
        keywordId,
        recipient,
        at,
      ]);
    },
    async forget(before, limit) {
      // Both are written in the order of time, so the oldest are those with the lowest ids.
      const dropped: number[] = [];
      for (const table of ['inbound_seen', 'auto_reply']) {
        dropped.push(
          await db.changes(
            `DELETE t FROM (SELECT id FROM ${table} ORDER BY id LIMIT ?) oldest STRAIGHT_JOIN ${table} t
             ON t.id = oldest.id WHERE t.at < ?`,
            limit,
            before,
          ),
        );
      }
      return Math.max(...dropped);
    },
  };
}

function toMessage(row: Row): InboundMessage {
  return {
    id: row.id as number,
    channelId: row.channel_id as number,
    businessId: row.business_id as number | null,
    from: row.sender as string,
    to: row.receiver as string,
    text: row.text as string,
    parts: row.parts as number,
    missing: row.missing as number,
    kind: inboundKindOfCode(row.kind as number),
    keyword: row.keyword as string,
    replyPlanId: row.reply_plan_id as number | null,
    replyError: row.reply_error as string,
    receivedAt: row.received_at as number,
  };
}
