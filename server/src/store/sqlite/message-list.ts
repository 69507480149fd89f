import { type MessageState, messageCode, UNANSWERED } from '../../domain/message.ts';
import { idAt } from '../../lib/ids.ts';
import type { MessageFilter, MessagePage, MessagePlace, MessageRow } from '../store.ts';
import type { Database, Value } from './database.ts';
import { MESSAGE_COLUMNS, toMessage } from './message-row.ts';
import { ENDING, OPEN, REQUESTS } from './plans.ts';

/** Messages one question looks through, step by step, where no index finds those that fit: about a tenth of a second. */
const STEPS = [2_000, 28_000] as const;
/** The same where plans need not be looked at. */
const STEPS_ALONE = [2_000, 98_000] as const;
/** Entries of the index of unusual states that one question looks through. */
const UNUSUAL_LOOKED_AT = 30_000;
/** Messages of open plans that one question looks through. */
const OPEN_LOOKED_AT = 200_000;
/** Open plans whose messages are looked at together. */
const PLANS_AT_ONCE = 200;

/** States that messages wait in, or that most end in; the others have the index `message_unusual`. */
const USUAL: readonly MessageState[] = [...UNANSWERED, 'submitted', 'delivered'];
/** As that index says it: SQLite uses it only where the query has the same words. */
const UNUSUAL = `m.state NOT IN (${USUAL.map(messageCode)
  .sort((a, b) => a - b)
  .join(', ')})`;

type Of<K extends 'recipient' | 'state'> = MessageFilter & { [P in K]: NonNullable<MessageFilter[P]> };

/** As `messages.list`. */
export function listMessages(db: Database, filter: MessageFilter): MessagePage {
  if (filter.planId !== null) return pageOf(filter, select(db, PLANS_FIRST, filter));
  if (filter.recipient !== null) return pageOf(filter, byNumber(db, filter as Of<'recipient'>));
  if (filter.state === null) return pageOf(filter, select(db, PLANS_FIRST, filter));
  return byState(db, filter as Of<'state'>);
}

function byState(db: Database, filter: Of<'state'>): MessagePage {
  const { state } = filter;
  if (UNANSWERED.includes(state)) return amongOpenPlans(db, filter);
  if (USUAL.includes(state)) return lookThrough(db, filter);
  if (filter.businessId === null) return pageOf(filter, select(db, UNUSUAL_FIRST, filter));
  // A business with few messages has them looked through; one with many is found among all that ended so.
  const near = lookThrough(db, filter);
  return near.next === null || near.messages.length === filter.limit ? near : amongUnusual(db, filter);
}

// CROSS JOIN fixes the order of the loops: plans from the newest, then their messages, nothing sorted.
const PLANS_FIRST = 'plan p CROSS JOIN message m ON m.plan_id = p.id WHERE true';
const UNUSUAL_FIRST = `message m CROSS JOIN plan p ON p.id = m.plan_id WHERE ${UNUSUAL}`;

/** One row more than is asked for tells that there are more. */
function select(db: Database, from: string, filter: MessageFilter, ...values: Value[]): MessageRow[] {
  const { conditions, values: more } = conditionsOf(filter);
  const order = from.startsWith('message m') ? 'm.plan_id DESC, m.idx DESC' : 'p.id DESC, m.idx DESC';
  return db
    .all(
      `SELECT ${MESSAGE_COLUMNS} FROM ${from} AND ${conditions.join(' AND ')} ORDER BY ${order} LIMIT ?`,
      ...values,
      ...more,
      filter.limit + 1,
    )
    .map(toMessage);
}

function pageOf({ limit }: MessageFilter, found: readonly MessageRow[]): MessagePage {
  const messages = found.slice(0, limit);
  const last = messages.at(-1);
  return { messages, next: found.length > limit && last !== undefined ? placeOf(last) : null };
}

const placeOf = ({ planId, index }: MessageRow): MessagePlace => ({ planId, index });

function conditionsOf(filter: MessageFilter): { conditions: string[]; values: number[] } {
  const conditions = [`p.${REQUESTS}`];
  const values: number[] = [];
  const where = (condition: string, ...more: number[]) => {
    conditions.push(condition);
    values.push(...more);
  };
  if (filter.businessId !== null) where('p.business_id = ?', filter.businessId);
  if (filter.planId !== null) where('p.id = ?', filter.planId);
  if (filter.state !== null) where(`m.state = ${messageCode(filter.state)}`);
  if (filter.recipient !== null) where('m.recipient = ?', filter.recipient);
  // Plans are made when their messages are accepted, and their ids carry the time; both sides say it for their own key.
  if (filter.since !== null) where('p.id >= ? AND m.plan_id >= ?', idAt(filter.since), idAt(filter.since));
  if (filter.until !== null) where('p.id < ? AND m.plan_id < ?', idAt(filter.until), idAt(filter.until));
  if (filter.before !== null) {
    const { planId, index } = filter.before;
    where('p.id <= ? AND m.plan_id <= ? AND (m.plan_id < ? OR m.idx < ?)', planId, planId, planId, index);
  }
  return { conditions, values };
}

/** Messages in a state that many are in, or of a business: the newest are gone through, so many at the most. */
function lookThrough(db: Database, filter: Of<'state'>): MessagePage {
  const found: MessageRow[] = [];
  let { before } = filter;
  // Where many fit, the first few hundred hold a page.
  for (const looked of filter.businessId === null ? STEPS_ALONE : STEPS) {
    const rest = { ...filter, before, limit: filter.limit - found.length };
    const last = lastLookedAt(db, rest, looked);
    if (last === null) return pageOf(filter, [...found, ...select(db, PLANS_FIRST, rest)]);
    const { planId, index } = last;
    found.push(
      ...select(db, `${PLANS_FIRST} AND p.id >= ? AND (m.plan_id > ? OR m.idx >= ?)`, rest, planId, planId, index),
    );
    if (found.length > filter.limit) return pageOf(filter, found);
    before = last;
  }
  return { messages: found, next: before };
}

/** The last message that may be looked at; null: all there are may be. */
function lastLookedAt(db: Database, filter: MessageFilter, looked: number): MessagePlace | null {
  const { conditions, values } = conditionsOf({ ...filter, state: null });
  const from = filter.businessId === null ? 'message m WHERE true' : PLANS_FIRST;
  const alone = filter.businessId === null ? conditionsAlone(filter) : { conditions, values };
  const order = filter.businessId === null ? 'm.plan_id DESC, m.idx DESC' : 'p.id DESC, m.idx DESC';
  const row = db.first(
    `SELECT m.plan_id, m.idx FROM ${from} AND ${alone.conditions.join(' AND ')} ORDER BY ${order} LIMIT 1 OFFSET ?`,
    ...alone.values,
    looked - 1,
  );
  return row === undefined ? null : { planId: row[0] as number, index: row[1] as number };
}

/** Where in the table of messages, without a look at plans. */
function conditionsAlone({ since, until, before }: MessageFilter): { conditions: string[]; values: number[] } {
  return {
    conditions: ['m.plan_id >= ?', 'm.plan_id < ?', 'm.plan_id <= ?', '(m.plan_id < ? OR m.idx < ?)'],
    values: [
      since === null ? 0 : idAt(since),
      until === null ? Number.MAX_SAFE_INTEGER : idAt(until),
      before?.planId ?? Number.MAX_SAFE_INTEGER,
      before?.planId ?? Number.MAX_SAFE_INTEGER,
      before?.index ?? 0,
    ],
  };
}

/** Messages of a business in a state that few are in, among those of everybody. */
function amongUnusual(db: Database, filter: Of<'state'>): MessagePage {
  const { conditions, values } = conditionsAlone(filter);
  const row = db.first(
    `SELECT m.plan_id, m.idx FROM message m WHERE ${UNUSUAL} AND m.state = ${messageCode(filter.state)}
       AND ${conditions.join(' AND ')} ORDER BY m.plan_id DESC, m.idx DESC LIMIT 1 OFFSET ?`,
    ...values,
    UNUSUAL_LOOKED_AT - 1,
  );
  if (row === undefined) return pageOf(filter, select(db, UNUSUAL_FIRST, filter));
  const last = { planId: row[0] as number, index: row[1] as number };
  const from = `${UNUSUAL_FIRST} AND m.plan_id >= ? AND (m.plan_id > ? OR m.idx >= ?)`;
  const page = pageOf(filter, select(db, from, filter, last.planId, last.planId, last.index));
  return { messages: page.messages, next: page.next ?? last };
}

/** Messages that no carrier has answered: all of them are of plans that are open, or end. */
function amongOpenPlans(db: Database, filter: Of<'state'>): MessagePage {
  const { businessId, before, limit } = filter;
  // The + keeps SQLite from going through all plans the business ever had.
  const whose = businessId === null ? '' : 'AND +p.business_id = ?';
  const values: number[] = businessId === null ? [] : [businessId];
  const plans = [`p.${OPEN} AND p.state <> 0`, `p.${ENDING}`]
    .flatMap((open) => [...db.lists(`SELECT p.id, p.total FROM plan p WHERE ${open} ${whose}`, ...values)])
    .map(([id, total]) => ({ id: id as number, total: total as number }))
    .filter(({ id }) => id <= (before?.planId ?? id))
    .sort((a, b) => b.id - a.id);
  const found: MessageRow[] = [];
  let looked = 0;
  for (let from = 0; from < plans.length && found.length <= limit; ) {
    // A plan that is larger than what may be looked through is looked through alone.
    let to = from;
    for (let size = 0; to < plans.length && to - from < PLANS_AT_ONCE && size < OPEN_LOOKED_AT; to++)
      size += plans[to]!.total;
    const some = plans.slice(from, to);
    found.push(
      ...select(
        db,
        'message m CROSS JOIN plan p ON p.id = m.plan_id WHERE m.plan_id IN (SELECT value FROM json_each(?))',
        { ...filter, limit: limit - found.length },
        JSON.stringify(some.map(({ id }) => id)),
      ),
    );
    looked += some.reduce((sum, { total }) => sum + total, 0);
    from = to;
    if (looked >= OPEN_LOOKED_AT && found.length <= limit && from < plans.length) {
      return { messages: found, next: { planId: some.at(-1)!.id, index: 0 } };
    }
  }
  return pageOf(filter, found);
}

/** Messages to a number: what is in no run yet is gone through, then a look into each run. */
function byNumber(db: Database, filter: Of<'recipient'>): MessageRow[] {
  const found: MessageRow[] = [];
  const runs = db.lists('SELECT id, after_plan, to_plan FROM number_run ORDER BY id DESC');
  const sealed = [...runs] as [number, number, number][];
  const newest = Math.min(
    filter.before?.planId ?? Number.MAX_SAFE_INTEGER,
    filter.until === null ? Number.MAX_SAFE_INTEGER : idAt(filter.until),
  );
  const oldest = filter.since === null ? 0 : idAt(filter.since);
  const look = (from: string, after: number, to: number, ...values: number[]) => {
    if (newest <= after || to < oldest || found.length > filter.limit) return;
    found.push(...select(db, from, { ...filter, limit: filter.limit - found.length }, ...values));
  };
  const sealedTo = sealed[0]?.[2] ?? 0;
  look(`${PLANS_FIRST} AND p.id > ?`, sealedTo, Number.MAX_SAFE_INTEGER, sealedTo);
  for (const [id, after, to] of sealed) {
    look(
      `sorted_number n CROSS JOIN message m ON m.plan_id = n.plan_id AND m.idx = n.idx
       CROSS JOIN plan p ON p.id = n.plan_id WHERE n.run_id = ? AND n.recipient = ?`,
      after,
      to,
      id,
      filter.recipient,
    );
  }
  return found;
}
