import { categoryOfCode } from '../../domain/category.ts';
import { messageStateOfCode } from '../../domain/message.ts';
import { idAt } from '../../lib/ids.ts';
import type { MessageReader, SubmittedMessage } from '../store.ts';
import type { Database } from './database.ts';
import type { PackedRun } from './message-writer.ts';

/** Messages one question looks at, at most. */
const LOOKED_AT = 50_000;
const SLACK_MS = 86_400_000;

/** @see MessageReader.carrierIds */
export async function carrierIdsOf(db: Database, planId: number, index: number): Promise<string[]> {
  const [row] = await db.lists(
    'SELECT submitted_at, final_at FROM message WHERE plan_id = ? AND idx = ?',
    planId,
    index,
  );
  if (row === undefined) return [];
  const [submittedAt, finalAt] = row as [number, number];
  // One that ended while a carrier had some parts of it was never submitted.
  return new KeptIds(db).of(planId, index, submittedAt === 0 ? finalAt : submittedAt);
}

/** Moments whose batches are held. */
const HELD = 16;

/** Looks into the rows of batches; those of the last moments that were asked for are held. */
class KeptIds {
  readonly #db: Database;
  readonly #held = new Map<number, Map<number, PackedRun[]>>();

  constructor(db: Database) {
    this.#db = db;
  }

  async of(planId: number, index: number, at: number): Promise<string[]> {
    if (at === 0) return [];
    const runs = this.#held.get(at) ?? (await this.#load(at));
    for (const [, from, parts, ...ids] of runs.get(planId) ?? []) {
      const first = (index - from) * parts;
      if (first >= 0 && first < ids.length) return ids.slice(first, first + parts);
    }
    return [];
  }

  async #load(at: number): Promise<Map<number, PackedRun[]>> {
    const runs = new Map<number, PackedRun[]>();
    for (const [packed] of await this.#db.lists('SELECT runs FROM submission WHERE at = ?', at)) {
      for (const run of JSON.parse(packed as string) as PackedRun[]) {
        const others = runs.get(run[0]);
        if (others === undefined) runs.set(run[0], [run]);
        else others.push(run);
      }
    }
    if (this.#held.size === HELD) this.#held.delete(this.#held.keys().next().value!);
    this.#held.set(at, runs);
    return runs;
  }
}

/** @see MessageReader.submitted */
export function submittedReader(db: Database): MessageReader['submitted'] {
  return async ({ channelId, from, to, after, limit }) => {
    // Nothing is sent before its plan is made.
    const last = idAt(to + SLACK_MS);
    const end = await placeAfter(db, after, last);
    const rows = (await db.lists(
      `SELECT m.plan_id, m.idx, m.recipient, m.segments, p.category, m.state, m.submitted_at
       FROM message m JOIN plan p ON p.id = m.plan_id
       WHERE m.plan_id >= ? AND m.plan_id <= ? AND (m.plan_id > ? OR m.idx > ?) AND (m.plan_id < ? OR m.idx <= ?)
         AND m.channel_id = ? AND m.submitted_at >= ? AND m.submitted_at < ?
       ORDER BY m.plan_id, m.idx LIMIT ?`,
      after.planId,
      end.planId,
      after.planId,
      after.index,
      end.planId,
      end.index,
      channelId,
      from,
      to,
      limit,
    )) as [number, number, number, number, number, number, number][];
    const ids = new KeptIds(db);
    const messages: SubmittedMessage[] = [];
    for (const [planId, index, recipient, segments, category, state, submittedAt] of rows) {
      messages.push({
        planId,
        index,
        recipient,
        segments,
        category: categoryOfCode(category),
        state: messageStateOfCode(state),
        submittedAt,
        carrierIds: await ids.of(planId, index, submittedAt),
      });
    }
    const place = messages.length === limit ? messages.at(-1)! : null;
    if (place !== null) return { messages, next: { planId: place.planId, index: place.index } };
    return { messages, next: end.planId === last ? null : end };
  };
}

/** The place some messages further, however few of them are wanted; the end of the plans before `last` where that is nearer. */
async function placeAfter(
  db: Database,
  after: { planId: number; index: number },
  last: number,
): Promise<{ planId: number; index: number }> {
  const [row] = await db.lists(
    `SELECT plan_id, idx FROM message WHERE plan_id >= ? AND plan_id < ? AND (plan_id > ? OR idx > ?)
     ORDER BY plan_id, idx LIMIT 1 OFFSET ?`,
    after.planId,
    last,
    after.planId,
    after.index,
    LOOKED_AT - 1,
  );
  return row === undefined ? { planId: last, index: -1 } : { planId: row[0] as number, index: row[1] as number };
}
