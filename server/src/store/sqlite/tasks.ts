import { CATEGORIES, type Category, categoryCode, categoryOfCode } from '../../domain/category.ts';
import { planCode } from '../../domain/plan.ts';
import { choreCode, choreOfCode, taskCode, taskStateOfCode } from '../../domain/task.ts';
import { deliveryCode } from '../../domain/webhook.ts';
import { idAt } from '../../lib/ids.ts';
import type { ChoreRun, PausedQueue, QueueFigure, TaskReader, TaskWriter, WaitingRetry } from '../store.ts';
import type { Database } from './database.ts';
import { toUncertain } from './sending.ts';
import { toDelivery } from './webhooks.ts';

type Row = NonNullable<ReturnType<Database['get']>>;

const RETRIES = `SELECT r.plan_id, r.idx, p.business_id, r.category, r.due_at, m.attempts, m.channel_id, m.error
  FROM retry r CROSS JOIN message m ON m.plan_id = r.plan_id AND m.idx = r.idx CROSS JOIN plan p ON p.id = r.plan_id`;
const UNCERTAIN = 'SELECT u.*, p.business_id FROM uncertain u CROSS JOIN plan p ON p.id = u.plan_id';
const HOUR_MS = 3_600_000;

export function taskTable(db: Database): TaskReader & TaskWriter {
  const count = (from: string, atMost: number): number =>
    db.get(`SELECT count(*) AS count FROM (SELECT 1 FROM ${from} LIMIT ?)`, atMost)!.count as number;
  return {
    async run(id) {
      const row = db.get('SELECT * FROM chore_run WHERE id = ?', id);
      return row === undefined ? null : toRun(row);
    },
    async runs(before, states, limit) {
      // State by state, each in its index; there are six at the most.
      const lists = (states ?? [null]).map((state) =>
        db.all(
          `SELECT * FROM chore_run WHERE id < ? ${state === null ? '' : `AND state = ${taskCode(state)}`} ORDER BY id DESC LIMIT ?`,
          before,
          limit,
        ),
      );
      return lists
        .flat()
        .map(toRun)
        .sort((a, b) => b.id - a.id)
        .slice(0, limit);
    },
    async retries({ key, index }, limit) {
      return db
        .all(
          `${RETRIES} WHERE r.plan_id <= ?1 AND (r.plan_id < ?1 OR r.idx < ?2) ORDER BY r.plan_id DESC, r.idx DESC LIMIT ?3`,
          key,
          index,
          limit,
        )
        .map(toRetry);
    },
    async retry(planId, index) {
      const row = db.get(`${RETRIES} WHERE r.plan_id = ? AND r.idx = ?`, planId, index);
      return row === undefined ? null : toRetry(row);
    },
    async uncertain({ key, index }, limit) {
      return db
        .all(
          `${UNCERTAIN} WHERE u.plan_id <= ?1 AND (u.plan_id < ?1 OR u.idx < ?2) ORDER BY u.plan_id DESC, u.idx DESC LIMIT ?3`,
          key,
          index,
          limit,
        )
        .map((row) => ({ ...toUncertain(row), businessId: row.business_id as number }));
    },
    async uncertainOf(planId, index) {
      const row = db.get(`${UNCERTAIN} WHERE u.plan_id = ? AND u.idx = ?`, planId, index);
      return row === undefined ? null : { ...toUncertain(row), businessId: row.business_id as number };
    },
    async sweeps(before, limit) {
      return db
        .all('SELECT plan_id FROM sweep WHERE plan_id < ? ORDER BY plan_id DESC LIMIT ?', before, limit)
        .map((row) => row.plan_id as number);
    },
    async deliveries(states, before, limit) {
      const newest = (which: string, webhookId: number | null) =>
        db.all(
          `SELECT d.*, w.business_id FROM webhook_delivery d LEFT JOIN webhook w ON w.id = d.webhook_id
           WHERE d.id < ? ${which} ${webhookId === null ? '' : 'AND d.webhook_id = ?'} ORDER BY d.id DESC LIMIT ?`,
          before,
          ...(webhookId === null ? [] : [webhookId]),
          limit,
        );
      const rows: Row[] = [];
      if (states === null) rows.push(...newest('', null));
      for (const state of states ?? []) {
        const which = `AND d.state = ${deliveryCode(state)}`;
        // What was delivered is most of all there is; the others have indexes by webhook.
        if (state === 'succeeded') rows.push(...newest(which, null));
        else for (const { id } of db.all('SELECT id FROM webhook')) rows.push(...newest(which, id as number));
      }
      return rows
        .map((row) => ({ ...toDelivery(row), businessId: row.business_id as number | null }))
        .sort((a, b) => b.id - a.id)
        .slice(0, limit);
    },
    async depths(atMost) {
      const retries = (lane: Category) => count(`retry WHERE category = ${categoryCode(lane)}`, atMost);
      return {
        retries: Object.fromEntries(CATEGORIES.map((lane) => [lane, retries(lane)])) as Record<Category, number>,
        uncertain: count('uncertain', atMost),
        webhooks: db.get('SELECT coalesce(sum(waiting), 0) AS count FROM webhook WHERE disabled = 0')!.count as number,
        planStarts: count(`plan INDEXED BY plan_pending WHERE state = ${planCode('pending')}`, atMost),
        sweeps: count('sweep', atMost),
      };
    },
    async paused() {
      return db.all('SELECT * FROM paused_queue ORDER BY queue').map((row) => ({
        queue: row.queue as string,
        since: row.since as number,
        by: row.paused_by as string,
        reason: row.reason as string,
      }));
    },
    async figures(queue, spanMs, since, limit) {
      return db
        .all(
          'SELECT * FROM queue_figure WHERE queue = ? AND span_ms = ? AND from_at >= ? ORDER BY from_at LIMIT ?',
          queue,
          spanMs,
          since,
          limit,
        )
        .map(toFigure);
    },
    async putRun(run) {
      db.run(
        `INSERT OR REPLACE INTO chore_run (id, name, state, asked_by, created_at, started_at, ended_at, runs, run_ms, items, error, worker)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
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
      );
    },
    async abandon(worker, error, at) {
      return db.changes(
        `UPDATE chore_run SET state = ?, error = ?, ended_at = ? WHERE state = ? AND (?5 IS NULL OR worker = ?5)`,
        taskCode('failed'),
        error,
        at,
        taskCode('running'),
        worker,
      );
    },
    async pause({ queue, since, by, reason }: PausedQueue) {
      db.run(
        'INSERT OR REPLACE INTO paused_queue (queue, since, paused_by, reason) VALUES (?, ?, ?, ?)',
        queue,
        since,
        by,
        reason,
      );
    },
    async resume(queue) {
      db.run('DELETE FROM paused_queue WHERE queue = ?', queue);
    },
    async addFigures(figures) {
      for (const figure of figures) {
        db.run(
          `INSERT INTO queue_figure (queue, span_ms, from_at, most, last, done, failed) VALUES (?, ?, ?, ?, ?, ?, ?)
           ON CONFLICT (queue, span_ms, from_at) DO UPDATE SET most = max(most, excluded.most), last = excluded.last,
             done = done + excluded.done, failed = failed + excluded.failed`,
          figure.queue,
          figure.spanMs,
          figure.from,
          figure.most,
          figure.last,
          figure.done,
          figure.failed,
        );
      }
    },
    async forget({ runs, minutes, hours }, limit) {
      const ended = ['succeeded', 'failed', 'revoked'] as const;
      let gone = 0;
      for (const state of ended) {
        gone += db.changes(
          `DELETE FROM chore_run WHERE id IN (SELECT id FROM chore_run WHERE state = ${taskCode(state)} AND id < ? ORDER BY id LIMIT ?)`,
          idAt(runs),
          limit,
        );
      }
      gone += db.changes(
        `DELETE FROM queue_figure WHERE (queue, span_ms, from_at) IN
           (SELECT queue, span_ms, from_at FROM queue_figure WHERE from_at < iif(span_ms < ${HOUR_MS}, ?, ?) LIMIT ?)`,
        minutes,
        hours,
        limit,
      );
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
