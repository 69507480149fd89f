import { CATEGORIES, categoryCode, categoryOfCode } from '../../domain/category.ts';
import { DIALECTS, type Plan, type PlanState, planCode, planStateOfCode } from '../../domain/plan.ts';
import type { OpenPlan, PlanPlace, PlanReader, PlanWriter } from '../store.ts';
import type { Cell, Database, Row } from './database.ts';
import { PlanCounts } from './plan-counts.ts';
import type { PlanOwners } from './plan-owners.ts';
import {
  CANCELLED as CANCELLED_LIST,
  DRAFTS,
  openList,
  PENDING,
  PLACED,
  type Placed,
  placePlans,
  replacePlans,
} from './plan-places.ts';

/** Requests to send: neither staged nor drafts. */
export const REQUESTS = `state NOT IN (${planCode('staged')}, ${planCode('draft')})`;

/** As which template the text of a test is kept: ids begin at 1. */
const NO_TEMPLATE = 0;

const STAGED = planCode('staged');
const ANY_STATE = { from: 'plan p', conditions: `p.${REQUESTS}` };
/** Plans of one business; MariaDB would go through them from the first one on, whatever id they are asked for from. */
export const PLANS_OF_ONE = 'plan p FORCE INDEX (plan_of_business)';

/** Plans in a state: but for those that are done they are few, and have their places. */
function inState(state: PlanState): { from: string; conditions: string } {
  const inLists = (...lists: number[]) => ({
    from: 'plan_place o STRAIGHT_JOIN plan p ON p.id = o.plan_id',
    conditions: `o.list IN (${lists.join(', ')}) AND p.state = ${planCode(state)}`,
  });
  switch (state) {
    case 'pending':
    case 'running':
    case 'paused':
      return inLists(...CATEGORIES.map(openList));
    case 'cancelled':
      return inLists(CANCELLED_LIST);
    case 'draft':
      return inLists(DRAFTS);
    case 'done':
      return { from: 'plan p', conditions: `p.state = ${DONE}` };
    case 'staged':
      // Seen nowhere.
      return { from: 'plan p', conditions: 'false' };
  }
}

const RUNNING = planCode('running');
const PAUSED = planCode('paused');
const DONE = planCode('done');
const CANCELLED = planCode('cancelled');

export function planTable(db: Database, owners: PlanOwners): PlanReader & PlanWriter {
  const counts = new PlanCounts(db);
  return {
    async byId(id) {
      const row = await db.get('SELECT * FROM plan WHERE id = ?', id);
      return row === undefined ? null : toPlan(row);
    },
    async requests(after, limit) {
      const sql = `SELECT id, business_id, created_at, done_at FROM plan WHERE id > ? AND ${REQUESTS} ORDER BY id LIMIT ?`;
      return Array.from(await db.lists(sql, after, limit), ([id, businessId, createdAt, doneAt]) => ({
        id: id as number,
        businessId: businessId as number,
        createdAt: createdAt as number,
        doneAt: doneAt as number | null,
      }));
    },
    async list({ businessId, state, before, limit }) {
      const { from: all, conditions } = state === null ? ANY_STATE : inState(state);
      const from = all === 'plan p' && businessId !== null ? PLANS_OF_ONE : all;
      const values = [before ?? Number.MAX_SAFE_INTEGER];
      const whose = businessId === null ? '' : 'AND p.business_id = ?';
      if (businessId !== null) values.push(businessId);
      const sql = `SELECT p.* FROM ${from} WHERE ${conditions} AND p.id < ? ${whose} ORDER BY p.id DESC LIMIT ?`;
      return (await db.all(sql, ...values, limit)).map(toPlan);
    },
    running(category, after, limit) {
      const ready = `p.state = ${RUNNING} AND p.sendable > 0 AND p.test_channel_id IS NULL`;
      return openPlans(db, ready, openList(category), after, Number.MAX_SAFE_INTEGER, limit);
    },
    async runningOf(businessId, category, after, limit) {
      const plans: OpenPlan[] = [];
      const rows = await db.lists(
        `SELECT category, state, test_channel_id, ${OPEN_PLAN} FROM ${PLANS_OF_ONE} WHERE p.business_id = ? AND p.id > ?
         ORDER BY p.id LIMIT ?`,
        businessId,
        after,
        limit,
      );
      let last = after;
      for (const [own, state, tested, ...plan] of rows) {
        const found = openPlan(plan);
        last = found.id;
        const ready = state === RUNNING && found.sendable > 0 && tested === null;
        if (own === categoryCode(category) && ready) plans.push(found);
      }
      return { plans, next: rows.length === limit ? last : null };
    },
    expired(category, after, until, limit) {
      return openPlans(db, `p.state IN (${RUNNING}, ${PAUSED})`, openList(category), after, until, limit);
    },
    async anyOpenNaming(named) {
      const [column, id] =
        'templateId' in named ? ['template_id', named.templateId] : ['signature_id', named.signatureId];
      const row = await db.get(
        `SELECT 1 FROM plan_place o STRAIGHT_JOIN plan p ON p.id = o.plan_id
         WHERE o.list IN (1, 2, 3) AND p.state <> ${STAGED} AND p.${column} = ? LIMIT 1`,
        id,
      );
      return row !== undefined;
    },
    async staged() {
      const rows = await db.lists(
        `SELECT p.id FROM plan_place o STRAIGHT_JOIN plan p ON p.id = o.plan_id
         WHERE o.list IN (1, 2, 3) AND p.state = ${STAGED}`,
      );
      return rows.map(([id]) => id as number);
    },
    async nextStart() {
      const row = await db.get(`SELECT min(at) AS at FROM plan_place WHERE list = ${PENDING}`);
      return row!.at as number | null;
    },
    async due(at, limit) {
      const rows = await db.all(
        `SELECT p.* FROM plan_place o STRAIGHT_JOIN plan p ON p.id = o.plan_id
         WHERE o.list = ${PENDING} AND o.at <= ? ORDER BY o.at, o.plan_id LIMIT ?`,
        at,
        limit,
      );
      return rows.map(toPlan);
    },
    async testsOf(businessId, channelId, after) {
      const [row] = await db.lists(
        'SELECT count(*) FROM plan WHERE business_id = ? AND id > ? AND test_channel_id = ?',
        businessId,
        after,
        channelId,
      );
      return row![0] as number;
    },
    counts: (id) => counts.of(id),
    async insert(plans) {
      if (plans.length === 0) return;
      for (const { id, businessId } of plans) owners.remember(id, businessId);
      await db.run(
        `INSERT INTO plan (id, uuid, business_id, dialect, name, category, template_id, signature_id, content_id, state,
           total, accepted, invalid, stopped, sendable, messages_left, segments, test_channel_id, custom_args, created_at,
           start_at, expires_at) VALUES ?`,
        plans.map((plan) => [
          plan.id,
          plan.uuid,
          plan.businessId,
          DIALECTS.indexOf(plan.dialect),
          plan.name,
          categoryCode(plan.category),
          plan.templateId ?? NO_TEMPLATE,
          plan.signatureId,
          plan.contentId,
          planCode(plan.state),
          plan.total,
          plan.accepted,
          plan.invalid,
          plan.stopped,
          plan.sendable,
          plan.left,
          plan.segments,
          plan.testChannelId,
          plan.customArgs,
          plan.createdAt,
          plan.startAt,
          plan.expiresAt,
        ]),
      );
      await placePlans(db, plans.map(placedOf));
    },
    async accept(id, { state, total, accepted, invalid, stopped, sendable }) {
      await edit(db, id, {
        state: planCode(state),
        total,
        accepted,
        messages_left: accepted,
        invalid,
        stopped,
        sendable,
      });
    },
    async change(id, { state, startAt, startedAt, expiresAt, sendable, countedAt }) {
      await edit(db, id, {
        ...(state !== undefined && { state: planCode(state) }),
        ...(startAt !== undefined && { start_at: startAt }),
        ...(startedAt !== undefined && { started_at: startedAt }),
        ...(expiresAt !== undefined && { expires_at: expiresAt }),
        ...(sendable !== undefined && { sendable }),
        ...(countedAt !== undefined && { counted_at: countedAt }),
      });
    },
    answered: (counts, at) => answered(db, counts, at),
    async deleteStaged(id) {
      const plan = await db.get(`SELECT ${PLACED} FROM plan WHERE id = ? AND state = ${STAGED}`, id);
      if (plan === undefined) return false;
      await db.run('DELETE FROM message WHERE plan_id = ?', id);
      await db.run('DELETE FROM draft_rejected WHERE plan_id = ?', id);
      await db.run('DELETE FROM plan WHERE id = ?', id);
      await replacePlans(db, [[plan as Placed, null]]);
      return true;
    },
  };
}

/** Writes some columns of a plan, and puts it where it is looked for then. */
async function edit(db: Database, id: number, columns: Record<string, number>): Promise<void> {
  const names = Object.keys(columns);
  const before = (await db.get(`SELECT ${PLACED} FROM plan WHERE id = ?`, id)) as Placed | undefined;
  if (before === undefined || names.length === 0) return;
  const sets = names.map((name) => `${name} = ?`).join(', ');
  await db.run(`UPDATE plan SET ${sets} WHERE id = ?`, ...Object.values(columns), id);
  await replacePlans(db, [[before, { ...before, ...columns }]]);
}

/** @see PlanWriter.answered */
async function answered(
  db: Database,
  counts: readonly { planId: number; count: number }[],
  at: number,
): Promise<number[]> {
  if (counts.length === 0) return [];
  const answers = new Map<number, number>();
  for (const { planId, count } of counts) answers.set(planId, (answers.get(planId) ?? 0) + count);
  const rows = await db.all(`SELECT ${PLACED}, messages_left FROM plan WHERE id IN (?)`, [...answers.keys()]);
  const [done, cancelled]: [number[], number[]] = [[], []];
  const moved: [Placed, Placed][] = [];
  /** Those of which something is left, by how much was answered. */
  const left = new Map<number, number[]>();
  for (const row of rows as (Placed & { messages_left: number })[]) {
    const id = row.id as number;
    const count = answers.get(id)!;
    if (row.messages_left > count) {
      const same = left.get(count);
      if (same === undefined) left.set(count, [id]);
      else same.push(id);
      continue;
    }
    const state = row.state === CANCELLED ? CANCELLED : DONE;
    (state === DONE ? done : cancelled).push(id);
    moved.push([row, { ...row, state, done_at: at }]);
  }
  for (const [count, ids] of left) {
    await db.run('UPDATE plan SET messages_left = messages_left - ? WHERE id IN (?)', count, ids);
  }
  const end = 'UPDATE plan SET messages_left = 0, state = ?, done_at = ? WHERE id IN (?)';
  if (done.length > 0) await db.run(end, DONE, at, done);
  if (cancelled.length > 0) await db.run(end, CANCELLED, at, cancelled);
  await replacePlans(db, moved);
  // In the order in which they were answered.
  const ended = new Set(done);
  return [...answers.keys()].filter((id) => ended.has(id));
}

const OPEN_PLAN = 'p.id, p.business_id, p.sendable, p.accepted, p.segments, p.expires_at';

/** Plans of a list of open ones that fulfil `condition`, after a place. */
async function openPlans(
  db: Database,
  condition: string,
  list: number,
  after: PlanPlace | null,
  until: number,
  limit: number,
): Promise<OpenPlan[]> {
  const [at, id] = [after?.expiresAt ?? -1, after?.id ?? -1];
  const rows = await db.lists(
    `SELECT ${OPEN_PLAN} FROM plan_place o STRAIGHT_JOIN plan p ON p.id = o.plan_id
     WHERE o.list = ? AND o.at >= ? AND (o.at > ? OR o.plan_id > ?) AND o.at <= ? AND ${condition}
     ORDER BY o.at, o.plan_id LIMIT ?`,
    list,
    at,
    at,
    id,
    until,
    limit,
  );
  return rows.map(openPlan);
}

function openPlan([id, businessId, sendable, accepted, segments, expiresAt]: readonly Cell[]): OpenPlan {
  return {
    id: id as number,
    businessId: businessId as number,
    sendable: sendable as number,
    accepted: accepted as number,
    segments: segments as number | null,
    expiresAt: expiresAt as number,
  };
}

const placedOf = (plan: Pick<Plan, 'id' | 'category' | 'state' | 'expiresAt' | 'startAt'>): Placed => ({
  id: plan.id,
  category: categoryCode(plan.category),
  state: planCode(plan.state),
  expires_at: plan.expiresAt,
  start_at: plan.startAt,
  counted_at: null,
  done_at: null,
});

function toPlan(row: Row): Plan {
  return {
    id: row.id as number,
    uuid: row.uuid as string | null,
    businessId: row.business_id as number,
    dialect: DIALECTS[row.dialect as number]!,
    name: row.name as string,
    category: categoryOfCode(row.category as number),
    templateId: row.template_id === NO_TEMPLATE ? null : (row.template_id as number),
    signatureId: row.signature_id as number | null,
    contentId: row.content_id as number,
    state: planStateOfCode(row.state as number),
    total: row.total as number,
    accepted: row.accepted as number,
    invalid: row.invalid as number,
    stopped: row.stopped as number,
    sendable: row.sendable as number,
    left: row.messages_left as number,
    segments: row.segments as number | null,
    testChannelId: row.test_channel_id as number | null,
    customArgs: row.custom_args as string | null,
    createdAt: row.created_at as number,
    startAt: row.start_at as number | null,
    startedAt: row.started_at as number | null,
    expiresAt: row.expires_at as number,
    doneAt: row.done_at as number | null,
  };
}
