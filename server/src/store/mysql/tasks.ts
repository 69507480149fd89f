import { CATEGORIES, type Category, categoryCode, categoryOfCode } from '../../domain/category.ts';
import { choreCode, choreOfCode, taskCode, taskStateOfCode } from '../../domain/task.ts';
import { deliveryCode } from '../../domain/webhook.ts';
import { idAt } from '../../lib/ids.ts';
import type { ChoreRun, QueueFigure, TaskReader, TaskWriter, WaitingRetry } from '../store.ts';
import type { Database, Row } from './database.ts';
import { toDelivery } from './deliveries.ts';
import { toUncertain } from './sending.ts';

const RETRIES = `SELECT STRAIGHT_JOIN r.plan_id, r.idx, p.business_id, r.category, r.due_at, m.attempts, m.channel_id, m.error
  FROM retry r JOIN plan p ON p.id = r.plan_id JOIN message m ON m.plan_id = r.plan_id AND m.idx = r.idx`;
const UNCERTAIN = 'SELECT STRAIGHT_JOIN u.*, p.business_id FROM uncertain u JOIN plan p ON p.id = u.plan_id';
const HOUR_MS = 3_600_000;
/** Pending plans in `plan_place`. */
const PENDING = 4;

export function taskTable(db: Database): TaskReader & TaskWriter {
  const count = async (from: string, atMost: number): Promise<number> =>
    (await db.get(`SELECT count(*) AS count FROM (SELECT 1 FROM ${from} LIMIT ?) some_rows`, atMost))!.count as number;
  return {
    async run(id) {
      const row = await db.get('SELECT * FROM chore_run WHERE id = ?', id);
      return row === undefined ? null : toRun(row);
    },
    async runs(before, states, limit) {
      // State by state, each in its index; there are six at the most.
      const found: ChoreRun[] = [];
      for (const state of states ?? [null]) {
        const rows = await db.all(
          `SELECT * FROM chore_run WHERE id < ? ${state === null ? '' : `AND state = ${taskCode(state)}`}
           ORDER BY id DESC LIMIT ?`,
          before,
          limit,
        );
        found.push(...rows.map(toRun));
      }
      return found.sort((a, b) => b.id - a.id).slice(0, limit);
    },
    async retries({ key, index }, limit) {
      const rows = await db.all(
        `${RETRIES} WHERE r.plan_id <= ? AND (r.plan_id < ? OR r.idx < ?) ORDER BY r.plan_id DESC, r.idx DESC LIMIT ?`,
        key,
        key,
        index,
        limit,
      );
      return rows.map(toRetry);
    },
    async retry(planId, index) {
      const row = await db.get(`${RETRIES} WHERE r.plan_id = ? AND r.idx = ?`, planId, index);
      return row === undefined ? null : toRetry(row);
    },
    async uncertain({ key, index }, limit) {
      const rows = await db.all(
        `${UNCERTAIN} WHERE u.plan_id <= ? AND (u.plan_id < ? OR u.idx < ?) ORDER BY u.plan_id DESC, u.idx DESC LIMIT ?`,
        key,
        key,
        index,
        limit,
      );
      return rows.map((row) => ({ ...toUncertain(row), businessId: row.business_id as number }));
    },
    async uncertainOf(planId, index) {
      const row = await db.get(`${UNCERTAIN} WHERE u.plan_id = ? AND u.idx = ?`, planId, index);
      return row === undefined ? null : { ...toUncertain(row), businessId: row.business_id as number };
    },
    async sweeps(before, limit) {
      const rows = await db.lists(
        'SELECT plan_id FROM sweep WHERE plan_id < ? ORDER BY plan_id DESC LIMIT ?',
        before,
        limit,
      );
      return rows.map(([planId]) => planId as number);
    },
    async deliveries(states, before, limit) {
      const rows: Row[] = [];
      for (const state of states ?? [null]) {
        rows.push(
          ...(await db.all(
            `SELECT d.*, w.business_id FROM webhook_delivery d LEFT JOIN webhook w ON w.id = d.webhook_id
             WHERE d.id < ? ${state === null ? '' : `AND d.state = ${deliveryCode(state)}`} ORDER BY d.id DESC LIMIT ?`,
            before,
            limit,
          )),
        );
      }
      return rows
        .map((row) => ({ ...toDelivery(row), businessId: row.business_id as number | null }))
        .sort((a, b) => b.id - a.id)
        .slice(0, limit);
    },
    async depths(atMost) {
      const retries: [Category, number][] = [];
      for (const lane of CATEGORIES) {
        retries.push([lane, await count(`retry WHERE category = ${categoryCode(lane)}`, atMost)]);
      }
      const [[webhooks]] = (await db.lists('SELECT coalesce(sum(waiting), 0) FROM webhook WHERE disabled = 0')) as [
        [unknown],
      ];
      return {
        retries: Object.fromEntries(retries) as Record<Category, number>,
        uncertain: await count('uncertain', atMost),
        webhooks: Number(webhooks),
        planStarts: await count(`plan_place WHERE list = ${PENDING}`, atMost),
        sweeps: await count('sweep', atMost),
      };
    },
    async paused() {
      return (await db.all('SELECT * FROM paused_queue ORDER BY queue')).map((row) => ({
        queue: row.queue as string,
        since: row.since as number,
        by: row.paused_by as string,
        reason: row.reason as string,
      }));
    },
    async figures(queue, spanMs, since, limit) {
      const rows = await db.all(
        'SELECT * FROM queue_figure WHERE queue = ? AND span_ms = ? AND from_at >= ? ORDER BY from_at LIMIT ?',
        queue,
        spanMs,
        since,
        limit,
      );
      return rows.map(toFigure);
    },
    async putRun(run) {
      await db.run(
        `REPLACE INTO chore_run (id, name, state, asked_by, created_at, started_at, ended_at, runs, run_ms, items, error,
           worker) VALUES (?)`,
        [
          run.id,
          choreCode(run.name),
          taskCode(run.state),
          run.askedBy,
          run.createdAt,
          run.startedAt,
          run.endedAt,
          run.runs,
          run.runMs,
          run.items,
          run.error,
          run.worker,
        ],
      );
    },
    async abandon(worker, error, at) {
      return db.changes(
        `UPDATE chore_run SET state = ?, error = ?, ended_at = ? WHERE state = ? ${worker === null ? '' : 'AND worker = ?'}`,
        taskCode('failed'),
        error,
        at,
        taskCode('running'),
        ...(worker === null ? [] : [worker]),
      );
    },
    async pause({ queue, since, by, reason }) {
      await db.run('REPLACE INTO paused_queue (queue, since, paused_by, reason) VALUES (?)', [
        queue,
        since,
        by,
        reason,
      ]);
    },
    async resume(queue) {
      await db.run('DELETE FROM paused_queue WHERE queue = ?', queue);
    },
    async addFigures(figures) {
      if (figures.length === 0) return;
      await db.run(
        `INSERT INTO queue_figure (queue, span_ms, from_at, most, last, done, failed) VALUES ?
         ON DUPLICATE KEY UPDATE most = greatest(most, VALUES(most)), last = VALUES(last), done = done + VALUES(done),
           failed = failed + VALUES(failed)`,
        figures.map(({ queue, spanMs, from, most, last, done, failed }) => [
          queue,
          spanMs,
          from,
          most,
          last,
          done,
          failed,
        ]),
      );
    },
    async forget({ runs, minutes, hours }, limit) {
      let gone = 0;
      for (const state of ['succeeded', 'failed', 'revoked'] as const) {
        gone += await db.changes(
          'DELETE FROM chore_run WHERE state = ? AND id < ? ORDER BY id LIMIT ?',
          taskCode(state),
          idAt(runs),
          limit,
        );
      }
      for (const [spanMs] of (await db.lists('SELECT DISTINCT span_ms FROM queue_figure')) as number[][]) {
        gone += await db.changes(
          'DELETE FROM queue_figure WHERE span_ms = ? AND from_at < ? ORDER BY from_at LIMIT ?',
          spanMs!,
          spanMs! < HOUR_MS ? minutes : hours,
          limit,
        );
      }
      return gone;
    },
  };
}

const toRun = (row: Row): ChoreRun => ({
  id: row.id as number,
  name: choreOfCode(row.name as number),
  state: taskStateOfCode(row.state as number),
  askedBy: row.asked_by as string,
  createdAt: row.created_at as number,
  startedAt: row.started_at as number | null,
  endedAt: row.ended_at as number | null,
  runs: row.runs as number,
  runMs: row.run_ms as number,
  items: row.items as number,
  error: row.error as string,
  worker: row.worker as string,
});

const toRetry = (row: Row): WaitingRetry => ({
  planId: row.plan_id as number,
  index: row.idx as number,
  businessId: row.business_id as number,
  category: categoryOfCode(row.category as number),
  dueAt: row.due_at as number,
  attempts: row.attempts as number,
  channelId: row.channel_id as number | null,
  error: (row.error as string | null) ?? '',
});

const toFigure = (row: Row): QueueFigure => ({
  queue: row.queue as string,
  from: row.from_at as number,
  spanMs: row.span_ms as number,
  most: row.most as number,
  last: row.last as number,
  done: row.done as number,
  failed: row.failed as number,
});
