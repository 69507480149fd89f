import { messageCode, UNANSWERED, USUAL } from '../../domain/message.ts';
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

/** As the index `message_unusual` says it: SQLite uses it only where the query has the same words. */
const UNUSUAL = 'm.state > 4 AND m.state <> 13';

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

/** What a question is about: the filter, and (null: all there are) the oldest message it may look at. */
type Span = MessageFilter & { last?: MessagePlace | null };

/** One row more than is asked for tells that there are more. */
function select(db: Database, from: string, span: Span, ...values: Value[]): MessageRow[] {
  const { conditions, values: more } = conditionsOf(span);
  return db
    .all(
      `SELECT ${MESSAGE_COLUMNS} FROM ${from} AND ${conditions.join(' AND ')} ORDER BY ${orderOf(from)} LIMIT ?`,
      ...values,
      ...more,
      span.limit + 1,
    )
    .map(toMessage);
}

/** By the keys of the outermost table, so that nothing is sorted. */
function orderOf(from: string): string {
  if (from.startsWith('message m')) return 'm.plan_id DESC, m.idx DESC';
  return from.startsWith('sorted_number n') ? 'n.plan_id DESC, n.idx DESC' : 'p.id DESC, m.idx DESC';
}

function pageOf({ limit }: MessageFilter, found: readonly MessageRow[]): MessagePage {
  const messages = found.slice(0, limit);
  const last = messages.at(-1);
  return { messages, next: found.length > limit && last !== undefined ? placeOf(last) : null };
}

const placeOf = ({ planId, index }: MessageRow): MessagePlace => ({ planId, index });

function conditionsOf(span: Span): { conditions: string[]; values: number[] } {
  const conditions = [`p.${REQUESTS}`];
  const values: number[] = [];
  const where = (condition: string, ...more: number[]) => {
    conditions.push(condition);
    values.push(...more);
  };
  if (span.businessId !== null) where('p.business_id = ?', span.businessId);
  if (span.planId !== null) where('p.id = ?', span.planId);
  if (span.state !== null) where(`m.state = ${messageCode(span.state)}`);
  if (span.recipient !== null) where('m.recipient = ?', span.recipient);
  const [oldest, newest] = [oldestOf(span), newestOf(span)];
  // Both sides say it for their own key.
  if (oldest > 0) where('p.id >= ? AND m.plan_id >= ?', oldest, oldest);
  if (newest < Number.MAX_SAFE_INTEGER) where('p.id <= ? AND m.plan_id <= ?', newest, newest);
  const ends = endsOf(span);
  where(ends.condition, ...ends.values);
  return { conditions, values };
}

/**
 * The plans at both ends. Ids of plans carry the time, and are made when their messages are accepted. Each end is one number:
 * of two conditions on a key SQLite goes by one, and looks at every row which only the other keeps out.
 */
const oldestOf = ({ since, last }: Span): number => Math.max(since === null ? 0 : idAt(since), last?.planId ?? 0);

const newestOf = ({ until, before }: Span): number =>
  Math.min(before?.planId ?? Number.MAX_SAFE_INTEGER, until === null ? Number.MAX_SAFE_INTEGER : idAt(until) - 1);

/** Which messages of the plans at both ends. */
function endsOf({ before, last }: Span): { condition: string; values: number[] } {
  const conditions = ['true'];
  const values: number[] = [];
  if (before !== null) {
    conditions.push('(m.plan_id < ? OR m.idx < ?)');
    values.push(before.planId, before.index);
  }
  if (last) {
    conditions.push('(m.plan_id > ? OR m.idx >= ?)');
    values.push(last.planId, last.index);
  }
  return { condition: conditions.join(' AND '), values };
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
    found.push(...select(db, PLANS_FIRST, { ...rest, last }));
    if (found.length > filter.limit) return pageOf(filter, found);
    before = last;
  }
  return { messages: found, next: before };
}

/** The last message that may be looked at; null: all there are may be. */
function lastLookedAt(db: Database, filter: MessageFilter, looked: number): MessagePlace | null {
  if (filter.businessId === null) return placeBehind(db, 'message m WHERE true', filter, looked);
  const { conditions, values } = conditionsOf({ ...filter, state: null });
  const row = db.first(
    `SELECT m.plan_id, m.idx FROM ${PLANS_FIRST} AND ${conditions.join(' AND ')}
     ORDER BY p.id DESC, m.idx DESC LIMIT 1 OFFSET ?`,
    ...values,
    looked - 1,
  );
  return row === undefined ? null : { planId: row[0] as number, index: row[1] as number };
}

/** The same in the table of messages, without a look at plans. */
function placeBehind(db: Database, from: string, filter: MessageFilter, looked: number): MessagePlace | null {
  const ends = endsOf(filter);
  const row = db.first(
    `SELECT m.plan_id, m.idx FROM ${from} AND m.plan_id BETWEEN ? AND ? AND ${ends.condition}
     ORDER BY m.plan_id DESC, m.idx DESC LIMIT 1 OFFSET ?`,
    oldestOf(filter),
    newestOf(filter),
    ...ends.values,
    looked - 1,
  );
  return row === undefined ? null : { planId: row[0] as number, index: row[1] as number };
}

/** Messages of a business in a state that few are in, among those of everybody. */
function amongUnusual(db: Database, filter: Of<'state'>): MessagePage {
  const from = `message m WHERE ${UNUSUAL} AND m.state = ${messageCode(filter.state)}`;
  const last = placeBehind(db, from, filter, UNUSUAL_LOOKED_AT);
  const page = pageOf(filter, select(db, UNUSUAL_FIRST, { ...filter, last }));
  return { messages: page.messages, next: page.next ?? last };
}

/** Messages that no carrier has answered: all of them are of plans that are open, or end. */
function amongOpenPlans(db: Database, filter: Of<'state'>): MessagePage {
  const { businessId, before, limit } = filter;
  // The + keeps SQLite from going through all plans the business ever had.
  const whose = businessId === null ? '' : 'AND +p.business_id = ?';
  const values: number[] = businessId === null ? [] : [businessId];
  const plans = [`plan_open WHERE p.${OPEN} AND p.state <> 0`, `plan_ending WHERE p.${ENDING}`]
    .flatMap((open) => [...db.lists(`SELECT p.id, p.total FROM plan p INDEXED BY ${open} ${whose}`, ...values)])
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
  const [oldest, newest] = [oldestOf(filter), newestOf(filter)];
  const look = (from: string, after: number, to: number, ...values: number[]) => {
    if (newest <= after || to < oldest || found.length > filter.limit) return;
    const last = { planId: after + 1, index: 0 };
    found.push(...select(db, from, { ...filter, last, limit: filter.limit - found.length }, ...values));
  };
  const sealedTo = sealed[0]?.[2] ?? 0;
  look(PLANS_FIRST, sealedTo, Number.MAX_SAFE_INTEGER);
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
