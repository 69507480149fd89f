import { categoryCode, categoryOfCode } from '../../domain/category.ts';
import { DIALECTS, type Plan, type PlanState, planCode, planStateOfCode } from '../../domain/plan.ts';
import type { OpenPlan, PlanPlace, PlanReader, PlanWriter } from '../store.ts';
import type { Database, Value } from './database.ts';
import { PlanCounts } from './plan-counts.ts';
import type { PlanOwners } from './plan-owners.ts';
import { alikeRuns, placesOf, RowsStatement } from './rows-statement.ts';

type Row = NonNullable<ReturnType<Database['get']>>;

/** As the index `plan_open` says it: SQLite uses a partial index only where its condition stands in the query. */
export const OPEN = 'state < 4';
/** The same for `plan_ending`; the alias of the plan's table is `p`. */
export const ENDING = 'state = 5 AND p.done_at IS NULL';
/** Requests to send: neither staged nor drafts. */
export const REQUESTS = `state NOT IN (${planCode('staged')}, ${planCode('draft')})`;

const ANY_STATE = { index: '', condition: REQUESTS };

/**
 * Plans in a state, and the index that holds few but those: left to itself, SQLite would go through all plans from the
 * newest, since that needs no sorting.
 */
function inState(state: PlanState): { index: string; condition: string } {
  const condition = `state = ${planCode(state)}`;
  switch (state) {
    case 'pending':
      return { index: 'INDEXED BY plan_pending', condition };
    case 'running':
    case 'paused':
      return { index: 'INDEXED BY plan_open', condition: `${OPEN} AND ${condition}` };
    case 'cancelled':
      return { index: 'INDEXED BY plan_cancelled', condition };
    case 'draft':
      return { index: 'INDEXED BY plan_draft', condition };
    case 'done':
      return { index: '', condition };
    case 'staged':
      // Seen nowhere.
      return { index: '', condition: 'false' };
  }
}

/** As which template the text of a test is kept: ids begin at 1. */
const NO_TEMPLATE = 0;

const STAGED = planCode('staged');
const RUNNING = planCode('running');
const DONE = planCode('done');
const CANCELLED = planCode('cancelled');

export function planTable(db: Database, owners: PlanOwners): PlanReader & PlanWriter {
  const counts = new PlanCounts(db);
  return {
    async byId(id) {
      const row = db.get('SELECT * FROM plan WHERE id = ?', id);
      return row === undefined ? null : toPlan(row);
    },
    async requests(after, limit) {
      const sql = `SELECT id, business_id, created_at, done_at FROM plan WHERE id > ? AND ${REQUESTS} ORDER BY id LIMIT ?`;
      return Array.from(db.lists(sql, after, limit), ([id, businessId, createdAt, doneAt]) => ({
        id: id as number,
        businessId: businessId as number,
        createdAt: createdAt as number,
        doneAt: doneAt as number | null,
      }));
    },
    async list({ businessId, state, before, limit }) {
      const { index, condition } = state === null ? ANY_STATE : inState(state);
      const whose = businessId === null ? '' : 'AND business_id = ?';
      return db
        .all(
          `SELECT * FROM plan ${index} WHERE ${condition} AND id < ? ${whose} ORDER BY id DESC LIMIT ?`,
          before ?? Number.MAX_SAFE_INTEGER,
          ...(businessId === null ? [] : [businessId]),
          limit,
        )
        .map(toPlan);
    },
    async running(category, after, limit) {
      const ready = 'state = 2 AND sendable > 0 AND test_channel_id IS NULL';
      return openPlans(db, ready, categoryCode(category), after, Number.MAX_SAFE_INTEGER, limit);
    },
    async runningOf(businessId, category, after, limit) {
      const plans: OpenPlan[] = [];
      let seen = 0;
      let last = after;
      for (const [own, state, tested, ...plan] of db.lists(
        `SELECT category, state, test_channel_id, ${OPEN_PLAN} FROM plan WHERE business_id = ? AND id > ?
         ORDER BY id LIMIT ?`,
        businessId,
        after,
        limit,
      )) {
        seen++;
        const found = openPlan(plan);
        last = found.id;
        const ready = state === RUNNING && found.sendable > 0 && tested === null;
        if (own === categoryCode(category) && ready) plans.push(found);
      }
      return { plans, next: seen === limit ? last : null };
    },
    async expired(category, after, until, limit) {
      return openPlans(db, 'state IN (2, 3)', categoryCode(category), after, until, limit);
    },
    async anyOpenNaming(named) {
      const [column, id] =
        'templateId' in named ? ['template_id', named.templateId] : ['signature_id', named.signatureId];
      return db.get(`SELECT 1 FROM plan WHERE ${OPEN} AND state <> 0 AND ${column} = ? LIMIT 1`, id) !== undefined;
    },
    async staged() {
      return db.all(`SELECT id FROM plan WHERE ${OPEN} AND state = ${STAGED}`).map((row) => row.id as number);
    },
    async nextStart() {
      return db.get('SELECT min(start_at) AS at FROM plan WHERE state = 1')!.at as number | null;
    },
    async due(at, limit) {
      return db
        .all('SELECT * FROM plan WHERE state = 1 AND start_at <= ? ORDER BY start_at LIMIT ?', at, limit)
        .map(toPlan);
    },
    async testsOf(businessId, channelId, after) {
      const [count] = db.first(
        'SELECT count(*) FROM plan WHERE business_id = ? AND id > ? AND test_channel_id = ?',
        businessId,
        after,
        channelId,
      )!;
      return count as number;
    },
    counts: (id) => counts.of(id),
    async insert(plans) {
      for (const { id, businessId } of plans) owners.remember(id, businessId);
      for (const alike of alikeRuns(plans, areAlike)) {
        INSERT_ALIKE.run(db, alikeColumns(alike[0]!), alike, ({ id, uuid }, values) => values.push(id, uuid));
      }
    },
    async accept(id, { state, total, accepted, invalid, stopped, sendable }) {
      db.run(
        `UPDATE plan SET state = ?1, total = ?2, accepted = ?3, left = ?3, invalid = ?4, stopped = ?5, sendable = ?6
         WHERE id = ?7`,
        planCode(state),
        total,
        accepted,
        invalid,
        stopped,
        sendable,
        id,
      );
    },
    async change(id, { state, startAt, startedAt, expiresAt, sendable, countedAt }) {
      db.run(
        `UPDATE plan SET state = coalesce(?, state), start_at = coalesce(?, start_at),
           started_at = coalesce(?, started_at), expires_at = coalesce(?, expires_at),
           sendable = coalesce(?, sendable), counted_at = coalesce(?, counted_at) WHERE id = ?`,
        state === undefined ? null : planCode(state),
        startAt ?? null,
        startedAt ?? null,
        expiresAt ?? null,
        sendable ?? null,
        countedAt ?? null,
        id,
      );
    },
    async answered(counts, at) {
      const done: number[] = [];
      const left = leftOf(db, counts);
      for (const { planId, count } of counts) {
        const row = left.get(planId);
        if (row === undefined) continue;
        row.left -= count;
        if (row.left > 0) db.run('UPDATE plan SET left = ? WHERE id = ?', row.left, planId);
        else if (row.state === CANCELLED) db.run('UPDATE plan SET left = 0, done_at = ? WHERE id = ?', at, planId);
        else done.push(planId);
      }
      endPlans(db, done, at);
      return done;
    },
    async deleteStaged(id) {
      const staged = `SELECT id FROM plan WHERE id = ? AND state = ${STAGED}`;
      db.run(`DELETE FROM message WHERE plan_id IN (${staged})`, id);
      db.run(`DELETE FROM draft_rejected WHERE plan_id IN (${staged})`, id);
      return db.changes(`DELETE FROM plan WHERE id IN (${staged})`, id) > 0;
    },
  };
}

type NewPlan = Parameters<PlanWriter['insert']>[0][number];

/** Columns in which plans of one batch are seldom different. */
const ALIKE_COLUMNS = `business_id, dialect, name, category, template_id, signature_id, content_id, state,
  total, accepted, invalid, stopped, sendable, left, segments, test_channel_id, custom_args, created_at, start_at,
  expires_at`;

const alikeColumns = (plan: NewPlan): Value[] => [
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
];

/** Plans that differ in their ids alone. */
const INSERT_ALIKE = new RowsStatement(
  2,
  (rows) => `INSERT INTO plan (${ALIKE_COLUMNS}, id, uuid) SELECT ${placesOf(20)}, * FROM (VALUES ${rows})`,
);

const areAlike = (a: NewPlan, b: NewPlan): boolean =>
  a.businessId === b.businessId &&
  a.templateId === b.templateId &&
  a.contentId === b.contentId &&
  a.signatureId === b.signatureId &&
  a.dialect === b.dialect &&
  a.name === b.name &&
  a.category === b.category &&
  a.state === b.state &&
  a.total === b.total &&
  a.accepted === b.accepted &&
  a.invalid === b.invalid &&
  a.stopped === b.stopped &&
  a.sendable === b.sendable &&
  a.left === b.left &&
  a.segments === b.segments &&
  a.testChannelId === b.testChannelId &&
  a.customArgs === b.customArgs &&
  a.createdAt === b.createdAt &&
  a.startAt === b.startAt &&
  a.expiresAt === b.expiresAt;

const LEFT = new RowsStatement(
  1,
  (ids) =>
    `SELECT json_group_array(id), json_group_array(left), json_group_array(state) FROM plan WHERE id IN (${ids})`,
);

/** How many messages of each plan are not answered yet, and its state's code. */
function leftOf(db: Database, plans: readonly { planId: number }[]): Map<number, { left: number; state: number }> {
  const found = new Map<number, { left: number; state: number }>();
  const planIds = plans.map(({ planId }) => planId);
  for (const columns of LEFT.first(db, planIds) as string[][]) {
    const [ids, lefts, states] = columns.map((column) => JSON.parse(column) as number[]) as [
      number[],
      number[],
      number[],
    ];
    for (let i = 0; i < ids.length; i++) found.set(ids[i]!, { left: lefts[i]!, state: states[i]! });
  }
  return found;
}

const END = new RowsStatement(1, (ids) => `UPDATE plan SET left = 0, state = ?, done_at = ? WHERE id IN (${ids})`);

const endPlans = (db: Database, planIds: readonly number[], at: number): void =>
  END.run(db, [DONE, at], planIds, (planId, values) => values.push(planId));

const OPEN_PLAN = 'id, business_id, sendable, accepted, segments, expires_at';

/** A lane's open plans that fulfil `condition`, after a place. */
function openPlans(
  db: Database,
  condition: string,
  category: number,
  after: PlanPlace | null,
  until: number,
  limit: number,
): OpenPlan[] {
  const rows = db.lists(
    `SELECT ${OPEN_PLAN} FROM plan
     WHERE category = ? AND (expires_at, id) > (?, ?) AND expires_at <= ? AND ${OPEN} AND ${condition}
     ORDER BY expires_at, id LIMIT ?`,
    category,
    after?.expiresAt ?? -1,
    after?.id ?? -1,
    until,
    limit,
  );
  return Array.from(rows, openPlan);
}

function openPlan([id, businessId, sendable, accepted, segments, expiresAt]: Value[]): OpenPlan {
  return {
    id: id as number,
    businessId: businessId as number,
    sendable: sendable as number,
    accepted: accepted as number,
    segments: segments as number | null,
    expiresAt: expiresAt as number,
  };
}

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
    left: row.left as number,
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
