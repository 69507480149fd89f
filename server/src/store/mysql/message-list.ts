import { messageCode, UNANSWERED, USUAL } from '../../domain/message.ts';
import { idAt } from '../../lib/ids.ts';
import type { MessageFilter, MessagePage, MessageRow } from '../store.ts';
import type { Database } from './database.ts';
import { MESSAGE_COLUMNS, toMessage } from './message-row.ts';
import { PLANS_OF_ONE, REQUESTS } from './plans.ts';

/** Messages one question looks through plan by plan where few may fit: about a tenth of a second. */
const LOOKED_AT = 10_000;
/** The same where plans need not be looked at one by one, step by step: where many fit, the first few hundred hold a page. */
const STEPS = [2_000, 28_000] as const;
/** Plans one step looks at, and messages of them, but for one plan that has more. */
const PLANS = 500;
const MESSAGES = 5_000;

/** Newest plan first, indexes falling within a plan: gone through plan by plan, so that nothing is sorted but a step. */
export async function listMessages(db: Database, filter: MessageFilter): Promise<MessagePage> {
  const { recipient, planId, state, businessId } = filter;
  if (planId !== null) return pageOf(filter, await lookThrough(db, filter, [{ id: planId, total: MESSAGES + 1 }]));
  if (recipient !== null) return pageOf(filter, { found: await byNumber(db, { ...filter, recipient }), next: null });
  if (state !== null && !USUAL.includes(state)) return pageOf(filter, { found: await unusual(db, filter), next: null });
  if (businessId === null && !isOpen(filter)) return pageOf(filter, await lookThroughAll(db, filter));
  const looked: Looked = { found: [], next: null };
  for (let upTo = newestOf(filter), count = 0; looked.next === null && looked.found.length <= filter.limit; ) {
    const plans = await newestPlans(db, filter, upTo);
    const more = await lookThrough(db, { ...filter, limit: filter.limit - looked.found.length }, plans, count);
    looked.found.push(...more.found);
    looked.next = more.next;
    count = more.count;
    if (plans.length < PLANS) break;
    upTo = plans.at(-1)!.id - 1;
  }
  return pageOf(filter, looked);
}

interface PlanSize {
  id: number;
  total: number;
}

/** What was found, one more than asked for where there are more; `next`: nothing behind that place was looked at. */
interface Looked {
  found: MessageRow[];
  next: MessagePage['next'];
}

function pageOf({ limit }: MessageFilter, { found, next }: Looked): MessagePage {
  const messages = found.slice(0, limit);
  const last = messages.at(-1);
  if (found.length <= limit || last === undefined) return { messages, next };
  return { messages, next: { planId: last.planId, index: last.index } };
}

const newestOf = ({ before, until }: MessageFilter): number =>
  Math.min(before?.planId ?? Number.MAX_SAFE_INTEGER, until === null ? Number.MAX_SAFE_INTEGER : idAt(until) - 1);

const oldestOf = ({ since }: MessageFilter): number => (since === null ? 0 : idAt(since));

/** Whether only messages are asked for that no carrier has answered. */
const isOpen = ({ state }: MessageFilter): boolean => state !== null && UNANSWERED.includes(state);

/** Plans up to `upTo`, the newest first; all messages that no carrier has answered are of those that are open, or end. */
async function newestPlans(db: Database, filter: MessageFilter, upTo: number): Promise<PlanSize[]> {
  const { businessId } = filter;
  const open = isOpen(filter);
  const all = businessId === null ? 'plan p' : PLANS_OF_ONE;
  const from = open ? 'plan_place o JOIN plan p ON p.id = o.plan_id' : all;
  const places = open ? 'o.list IN (1, 2, 3, 5) AND o.plan_id <= ? AND o.plan_id >= ?' : 'p.id <= ? AND p.id >= ?';
  const whose = businessId === null ? '' : 'AND p.business_id = ?';
  const rows = (await db.lists(
    `SELECT p.id, p.total FROM ${from} WHERE ${places} ${whose} AND p.${REQUESTS} ORDER BY p.id DESC LIMIT ${PLANS}`,
    upTo,
    oldestOf(filter),
    ...(businessId === null ? [] : [businessId]),
  )) as number[][];
  return rows.map(([id, total]) => ({ id: id!, total: total! }));
}

/** Looks through plans until one message more than asked for is found, or so many have been looked at. */
async function lookThrough(
  db: Database,
  filter: MessageFilter,
  plans: readonly PlanSize[],
  lookedBefore = 0,
): Promise<Looked & { count: number }> {
  const found: MessageRow[] = [];
  let count = lookedBefore;
  for (const step of steps(plans)) {
    const room = filter.limit + 1 - found.length;
    if (step.total > MESSAGES) {
      const { next, ...more } = await lookThroughOne(db, { ...filter, limit: room }, step.ids[0]!, LOOKED_AT - count);
      found.push(...more.found);
      count += more.count;
      if (next !== null) return { found, count, next };
    } else {
      found.push(...(await ofPlans(db, step.ids, filter, room)));
      count += step.total + step.ids.length;
      if (count >= LOOKED_AT) return { found, count, next: { planId: step.ids.at(-1)!, index: 0 } };
    }
    if (found.length > filter.limit) break;
  }
  return { found, count, next: null };
}

/** Neighbouring plans that are looked at together. */
function* steps(plans: readonly PlanSize[]): Iterable<{ ids: number[]; total: number }> {
  let step = { ids: [] as number[], total: 0 };
  for (const { id, total } of plans) {
    if (step.ids.length > 0 && step.total + total > MESSAGES) {
      yield step;
      step = { ids: [], total: 0 };
    }
    step.ids.push(id);
    step.total += total;
  }
  if (step.ids.length > 0) yield step;
}

/** A large plan, `room` messages of it. */
async function lookThroughOne(
  db: Database,
  filter: MessageFilter,
  planId: number,
  room: number,
): Promise<Looked & { count: number }> {
  const [last] = await db.lists('SELECT max(idx) FROM message WHERE plan_id = ?', planId);
  const end = filter.before?.planId === planId ? filter.before.index : ((last![0] as number | null) ?? -1) + 1;
  const from = Math.max(0, end - Math.max(room, MESSAGES));
  const found = await ofPlans(db, [planId], filter, filter.limit, from);
  const whole = from === 0 || found.length === filter.limit;
  return { found, count: end - from, next: whole ? null : { planId, index: from } };
}

/** @param from the lowest index that is looked at */
async function ofPlans(
  db: Database,
  planIds: readonly number[],
  filter: MessageFilter,
  limit: number,
  from = 0,
): Promise<MessageRow[]> {
  const { conditions, values } = conditionsOf(filter);
  const rows = await db.lists(
    `SELECT ${MESSAGE_COLUMNS} FROM message m JOIN plan p ON p.id = m.plan_id
     WHERE m.plan_id IN (?) AND m.idx >= ? AND ${conditions.join(' AND ')} ORDER BY m.plan_id DESC, m.idx DESC LIMIT ?`,
    planIds,
    from,
    ...values,
    limit,
  );
  return rows.map(toMessage);
}

/** Messages in a state that few are in: they stand in a table of their own, which may name some that have left it. */
async function unusual(db: Database, filter: MessageFilter): Promise<MessageRow[]> {
  const { conditions, values } = conditionsOf(filter, 'u');
  const of = filter.businessId === null ? 'PRIMARY' : 'message_unusual_of';
  const whose = filter.businessId === null ? '' : 'u.business_id = ? AND';
  const rows = await db.lists(
    `SELECT ${MESSAGE_COLUMNS} FROM message_unusual u FORCE INDEX (${of})
       STRAIGHT_JOIN message m ON m.plan_id = u.plan_id AND m.idx = u.idx STRAIGHT_JOIN plan p ON p.id = u.plan_id
     WHERE ${whose} u.state = ? AND ${conditions.join(' AND ')} ORDER BY u.plan_id DESC, u.idx DESC LIMIT ?`,
    ...(filter.businessId === null ? [] : [filter.businessId]),
    messageCode(filter.state!),
    ...values,
    filter.limit + 1,
  );
  return rows.map(toMessage);
}

/** Messages of everybody, the newest first; where a state is asked for, so many are looked through. */
async function lookThroughAll(db: Database, filter: MessageFilter): Promise<Looked> {
  const found: MessageRow[] = [];
  let { before } = filter;
  for (const looked of filter.state === null ? [null] : STEPS) {
    const rest = { ...filter, before };
    const { conditions, values } = conditionsOf({ ...rest, state: null, businessId: null });
    const where = conditions.filter((condition) => condition.startsWith('m.')).join(' AND ') || 'true';
    const [last] =
      looked === null
        ? []
        : ((await db.lists(
            `SELECT m.plan_id, m.idx FROM message m FORCE INDEX (PRIMARY) WHERE ${where}
             ORDER BY m.plan_id DESC, m.idx DESC LIMIT 1 OFFSET ?`,
            ...values,
            looked - 1,
          )) as [number, number][]);
    found.push(...(await newestOfAll(db, rest, last ?? null, filter.limit + 1 - found.length)));
    if (last === undefined || found.length > filter.limit) return { found, next: null };
    before = { planId: last[0], index: last[1] };
  }
  return { found, next: before };
}

/** @param last the oldest that is looked at; null: all there are may be */
async function newestOfAll(
  db: Database,
  filter: MessageFilter,
  last: [planId: number, index: number] | null,
  limit: number,
): Promise<MessageRow[]> {
  const { conditions, values } = conditionsOf(filter);
  if (last !== null) {
    conditions.push('m.plan_id >= ? AND (m.plan_id > ? OR m.idx >= ?)');
    values.push(last[0], last[0], last[1]);
  }
  const rows = await db.lists(
    `SELECT ${MESSAGE_COLUMNS} FROM message m FORCE INDEX (PRIMARY) STRAIGHT_JOIN plan p ON p.id = m.plan_id
     WHERE ${conditions.join(' AND ')} ORDER BY m.plan_id DESC, m.idx DESC LIMIT ?`,
    ...values,
    limit,
  );
  return rows.map(toMessage);
}

/** Runs that one question looks into: few first, where many messages may be found. */
const RUNS = { first: 2, most: 40 };

/** Messages to a number: what is in no run yet is gone through, then runs are looked into, some at a time. */
async function byNumber(db: Database, filter: MessageFilter & { recipient: number }): Promise<MessageRow[]> {
  const { recipient } = filter;
  const limit = filter.limit + 1;
  const [oldest, newest] = [oldestOf(filter), newestOf(filter)];
  const runs = (await db.lists('SELECT id, after_plan, to_plan FROM number_run ORDER BY id DESC')) as number[][];
  const sealedTo = runs[0]?.[2] ?? 0;
  const found: MessageRow[] = [];
  const { conditions, values } = conditionsOf({ ...filter, recipient: null });
  if (newest > sealedTo) {
    const rows = await db.lists(
      `SELECT ${MESSAGE_COLUMNS} FROM message m FORCE INDEX (PRIMARY) STRAIGHT_JOIN plan p ON p.id = m.plan_id
       WHERE m.plan_id > ? AND m.plan_id <= ? AND m.recipient = ? AND ${conditions.join(' AND ')}
       ORDER BY m.plan_id DESC, m.idx DESC LIMIT ?`,
      sealedTo,
      newest,
      recipient,
      ...values,
      limit,
    );
    found.push(...rows.map(toMessage));
  }
  const asked = runs.filter(([, after, to]) => to! >= oldest && newest > after!);
  for (let from = 0, count = RUNS.first; from < asked.length && found.length < limit; ) {
    const some = asked.slice(from, from + count);
    const rows = await db.lists(
      `SELECT ${MESSAGE_COLUMNS} FROM sorted_number n STRAIGHT_JOIN message m ON m.plan_id = n.plan_id AND m.idx = n.idx
         STRAIGHT_JOIN plan p ON p.id = m.plan_id
       WHERE n.run_id IN (?) AND n.recipient = ? AND n.plan_id > ? AND n.plan_id <= ? AND ${conditions.join(' AND ')}
       ORDER BY n.plan_id DESC, n.idx DESC LIMIT ?`,
      some.map(([id]) => id!),
      recipient,
      some.at(-1)![1]!,
      some[0]![2]!,
      ...values,
      limit - found.length,
    );
    found.push(...rows.map(toMessage));
    from += count;
    count = Math.min(count * 2, RUNS.most);
  }
  return found;
}

/** @param place whose columns say which message it is */
function conditionsOf(filter: MessageFilter, place: 'm' | 'u' = 'm'): { conditions: string[]; values: number[] } {
  const { businessId, state, recipient, since, until, before } = filter;
  const conditions = [`p.${REQUESTS}`];
  const values: number[] = [];
  const where = (condition: string, ...more: number[]) => {
    conditions.push(condition);
    values.push(...more);
  };
  if (businessId !== null) where('p.business_id = ?', businessId);
  if (state !== null) where('m.state = ?', messageCode(state));
  if (recipient !== null) where('m.recipient = ?', recipient);
  // Plans are made when their messages are accepted, and their ids carry the time.
  if (since !== null) where(`${place}.plan_id >= ?`, idAt(since));
  if (until !== null) where(`${place}.plan_id < ?`, idAt(until));
  if (before !== null) {
    const { planId, index } = before;
    where(`${place}.plan_id <= ? AND (${place}.plan_id < ? OR ${place}.idx < ?)`, planId, planId, index);
  }
  return { conditions, values };
}
