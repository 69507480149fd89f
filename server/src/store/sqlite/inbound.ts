import { type InboundMessage, inboundCode, inboundKindOfCode } from '../../domain/inbound.ts';
import { idAt } from '../../lib/ids.ts';
import type { InboundReader, InboundWriter, PartGroup, WaitingPart } from '../store.ts';
import type { Database } from './database.ts';

type Row = NonNullable<ReturnType<Database['get']>>;

const OF_GROUP = 'channel_id = ? AND sender = ? AND receiver = ? AND reference = ? AND total = ?';
const columnsOf = ({ channelId, from, to, reference, total }: PartGroup) =>
  [channelId, from, to, reference, total] as const;

/** An id is minted a little after the message came in, a long one up to an hour after its first part. */
const SLACK_MS = 2 * 3_600_000;

export function inboundTable(db: Database): InboundReader & InboundWriter {
  return { ...messages(db), ...parts(db), ...memory(db) };
}

function messages(db: Database): Pick<InboundReader & InboundWriter, 'byId' | 'list' | 'insert' | 'assign'> {
  return {
    async byId(id) {
      const row = db.get('SELECT * FROM inbound WHERE id = ?', id);
      return row === undefined ? null : toMessage(row);
    },
    async list({ businessId, unmatched, kind, from, to, since, until, before, limit }) {
      // Ids carry their time, so no index by time is needed. One upper end: SQLite goes by one of two.
      const end = Math.min(before ?? Number.MAX_SAFE_INTEGER, until === null ? Infinity : idAt(until + SLACK_MS));
      const conditions = ['id < ?'];
      const values: (number | string)[] = [end];
      const only = (condition: string, ...value: (number | string)[]) => {
        conditions.push(condition);
        values.push(...value);
      };
      if (unmatched) only('business_id IS NULL');
      if (businessId !== null) only('business_id = ?', businessId);
      if (kind !== null) only('kind = ?', inboundCode(kind));
      if (from !== null) only("sender IN (?, '+' || ?)", from, from);
      if (to !== null) only("receiver IN (?, '+' || ?)", to, to);
      if (since !== null) only('id >= ? AND received_at >= ?', idAt(since), since);
      if (until !== null) only('received_at < ?', until);
      return db
        .all(`SELECT * FROM inbound WHERE ${conditions.join(' AND ')} ORDER BY id DESC LIMIT ?`, ...values, limit)
        .map(toMessage);
    },
    async assign(id, businessId, kind) {
      const sql = 'UPDATE inbound SET business_id = ?, kind = ? WHERE id = ? AND business_id IS NULL';
      db.run(sql, businessId, inboundCode(kind), id);
    },
    async insert(list) {
      for (const message of list) {
        db.run(
          `INSERT INTO inbound (id, channel_id, business_id, sender, receiver, parts, missing, kind, keyword, reply_plan_id,
             reply_error, received_at, text) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
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
        );
      }
    },
  };
}

type Parts = 'addPart' | 'partsOf' | 'removeParts' | 'countParts' | 'partsBefore';

function parts(db: Database): Pick<InboundWriter, Parts> {
  return {
    async addPart(group, { index, text, at }) {
      db.run(
        `INSERT INTO inbound_part (channel_id, sender, receiver, reference, total, idx, text, at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
        ...columnsOf(group),
        index,
        Buffer.from(text, 'utf16le'),
        at,
      );
    },
    async partsOf(group) {
      return db
        .all(`SELECT idx, text, at FROM inbound_part WHERE ${OF_GROUP} ORDER BY id`, ...columnsOf(group))
        .map((row): WaitingPart => {
          const text = Buffer.from(row.text as Uint8Array).toString('utf16le');
          return { index: row.idx as number, text, at: row.at as number };
        });
    },
    async removeParts(group) {
      db.run(`DELETE FROM inbound_part WHERE ${OF_GROUP}`, ...columnsOf(group));
    },
    async countParts() {
      return db.get('SELECT count(*) AS count FROM inbound_part')!.count as number;
    },
    async partsBefore(before, limit) {
      return db
        .all(
          `SELECT channel_id, sender, receiver, reference, total FROM inbound_part
           GROUP BY channel_id, sender, receiver, reference, total HAVING min(at) < ? ORDER BY min(id) LIMIT ?`,
          before,
          limit,
        )
        .map((row) => ({
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
      for (const [channelId, fingerprint, cameAt, takenAt] of db.lists(
        'SELECT channel_id, fingerprint, at, taken_at FROM inbound_seen WHERE at >= ? ORDER BY id',
        at,
      ) as Iterable<number[]>) {
        visit({ channelId: channelId!, fingerprint: fingerprint!, at: cameAt!, takenAt: takenAt! });
      }
    },
    async noteSeen(seen) {
      for (const { channelId, fingerprint, at, takenAt } of seen) {
        db.run(
          'INSERT INTO inbound_seen (channel_id, fingerprint, at, taken_at) VALUES (?, ?, ?, ?)',
          channelId,
          fingerprint,
          at,
          takenAt,
        );
      }
    },
    async countReplies(businessId, keywordId, recipient, since, keywordSince) {
      const row = db.get(
        `SELECT count(*) AS all_of_them, count(*) FILTER (WHERE keyword_id = ? AND at > ?) AS of_keyword
         FROM auto_reply WHERE business_id = ? AND recipient = ? AND at > ?`,
        keywordId,
        keywordSince,
        businessId,
        recipient,
        since,
      )!;
      return { ofBusiness: row.all_of_them as number, ofKeyword: row.of_keyword as number };
    },
    async noteReply(businessId, keywordId, recipient, at) {
      db.run(
        'INSERT INTO auto_reply (business_id, keyword_id, recipient, at) VALUES (?, ?, ?, ?)',
        businessId,
        keywordId,
        recipient,
        at,
      );
    },
    async forget(before, limit) {
      // Both are written in the order of time, so the oldest are those with the lowest ids.
      const dropped = (['inbound_seen', 'auto_reply'] as const).map((table) =>
        db.changes(
          `DELETE FROM ${table} WHERE id IN (SELECT id FROM ${table} ORDER BY id LIMIT ?) AND at < ?`,
          limit,
          before,
        ),
      );
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
