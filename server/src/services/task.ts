import { messageId } from '../domain/message.ts';
import type { Plan } from '../domain/plan.ts';
import { must } from '../domain/refusals.ts';
import {
  actionsOf,
  CAN_BE,
  newerFirst,
  REVOKED,
  TASK_KINDS,
  type Task,
  type TaskAction,
  type TaskId,
  type TaskKind,
  type TaskState,
  taskIdText,
} from '../domain/task.ts';
import type { Delivery } from '../domain/webhook.ts';
import { timeOfId } from '../lib/ids.ts';
import type { ChoreRun, Reader, Sweep, Uncertain, WaitingRetry } from '../store/store.ts';

/** Which tasks are wanted; null: whatever it is. */
export interface TaskFilter {
  kinds: readonly TaskKind[] | null;
  states: readonly TaskState[] | null;
  name: string | null;
  businessId: number | null;
  worker: string | null;
  /** A piece of its id, name, arguments or error, whatever the case. */
  search: string | null;
  /** Made from this time on, and before that one. */
  since: number | null;
  until: number | null;
}

/** Rows one question looks through. */
const LOOKED_THROUGH = 5_000;
/** Rows asked of each table at a time; where few fit, more are needed. */
const ROWS_AT_ONCE = { first: 200, later: 1_000 };

/**
 * Tasks, the newest first. They are rows of many tables, merged by their ids, which carry the time. What one question looks
 * through is bounded: `next` may tell of more where few were found.
 */
export async function listTasks(
  reader: Reader,
  input: { filter: TaskFilter; before: TaskId | null; limit: number; now: number },
): Promise<{ tasks: Task[]; next: TaskId | null }> {
  const { filter, limit, now } = input;
  const kinds = filter.kinds ?? TASK_KINDS;
  const found: Task[] = [];
  /** What is left of tables that have told everything they have. */
  const ends = new Map<TaskKind, Task[]>();
  let place = input.before ?? NEWEST;
  for (let looked = 0, atOnce = ROWS_AT_ONCE.first; ; atOnce = ROWS_AT_ONCE.later) {
    const rows: Task[] = [...ends.values()].flat();
    let horizon: TaskId | null = null;
    for (const kind of kinds) {
      if (ends.has(kind)) continue;
      const page = await SOURCES[kind](reader, placeFor(kind, place), filter.states, atOnce, now);
      rows.push(...page);
      if (page.length < atOnce) ends.set(kind, page);
      else horizon = nearer(horizon, page.at(-1)!.id);
    }
    rows.sort((a, b) => newerFirst(a.id, b.id));
    for (const task of rows) {
      if (horizon !== null && newerFirst(task.id, horizon) > 0) break;
      looked++;
      if (!fits(task, filter)) continue;
      if (found.length === limit) return { tasks: found, next: found.at(-1)!.id };
      found.push(task);
    }
    if (horizon === null || isOver(horizon, filter)) return { tasks: found, next: null };
    place = horizon;
    const left = place;
    for (const [kind, tasks] of ends)
      ends.set(
        kind,
        tasks.filter(({ id }) => newerFirst(id, left) > 0),
      );
    if (looked >= LOOKED_THROUGH) return { tasks: found, next: place };
  }
}

/** One task; null when there is none any more. */
export async function findTask(reader: Reader, input: { id: TaskId; now: number }): Promise<Task | null> {
  const { id, now } = input;
  switch (id.kind) {
    case 'chore': {
      const run = await reader.tasks.run(id.key);
      return run === null ? null : ofRun(run);
    }
    case 'retry': {
      const retry = await reader.tasks.retry(id.key, id.index);
      return retry === null ? null : ofRetry(retry, now);
    }
    case 'uncertain': {
      const row = await reader.tasks.uncertainOf(id.key, id.index);
      return row === null ? null : ofUncertain(row, now);
    }
    case 'delivery': {
      const delivery = await reader.webhooks.delivery(id.key);
      const webhook = delivery === null ? null : await reader.webhooks.byId(delivery.webhookId);
      return delivery === null ? null : ofDelivery({ ...delivery, businessId: webhook?.businessId ?? null }, now);
    }
    case 'sweep':
      return ofSweep(reader, id.key);
    case 'plan-start': {
      const plan = await reader.plans.byId(id.key);
      return plan?.state === 'pending' ? ofStart(plan, now) : null;
    }
    case 'draft': {
      const plan = await reader.plans.byId(id.key);
      return plan?.state === 'draft' ? ofDraft(reader, plan) : null;
    }
    case 'intake': {
      const plan = await reader.plans.byId(id.key);
      return plan?.state === 'staged' ? ofIntake(plan) : null;
    }
  }
}

const NEWEST: TaskId = { kind: TASK_KINDS[0], key: Number.MAX_SAFE_INTEGER, index: 0 };

/** The exclusive place in one table: of two tasks with the same key, that of the later kind comes first. */
function placeFor(kind: TaskKind, { kind: last, key, index }: TaskId): { key: number; index: number } {
  const before = TASK_KINDS.indexOf(kind) < TASK_KINDS.indexOf(last);
  if (kind === 'retry' || kind === 'uncertain') return { key, index: before ? index + 1 : index };
  return { key: before && key < Number.MAX_SAFE_INTEGER ? key + 1 : key, index: 0 };
}

/** Of two places down to which tables have told what they have, the one down to which both have. */
const nearer = (one: TaskId | null, other: TaskId): TaskId =>
  one !== null && newerFirst(one, other) < 0 ? one : other;

/** Whether nothing behind a place can have been made late enough. */
const isOver = (place: TaskId, { since }: TaskFilter): boolean => since !== null && timeOfId(place.key) < since;

function fits(task: Task, { states, name, businessId, worker, search, since, until }: TaskFilter): boolean {
  if (states !== null && !states.includes(task.state)) return false;
  if (name !== null && task.name !== name) return false;
  if (businessId !== null && task.businessId !== businessId) return false;
  if (worker !== null && task.worker !== worker) return false;
  if (since !== null && task.createdAt < since) return false;
  if (until !== null && task.createdAt >= until) return false;
  if (search === null) return true;
  const text = `${taskIdText(task.id)} ${task.name} ${JSON.stringify(task.args)} ${task.error}`;
  return text.toLowerCase().includes(search.toLowerCase());
}

type Source = (
  reader: Reader,
  before: { key: number; index: number },
  states: readonly TaskState[] | null,
  limit: number,
  now: number,
) => Promise<Task[]>;

const SOURCES: { readonly [K in TaskKind]: Source } = {
  async 'plan-start'(reader, { key }, _states, limit, now) {
    const plans = await reader.plans.list({ businessId: null, state: 'pending', before: key, limit });
    return plans.map((plan) => ofStart(plan, now));
  },
  async sweep(reader, { key }, _states, limit) {
    const tasks: Task[] = [];
    for (const planId of await reader.tasks.sweeps(key, limit)) {
      const task = await ofSweep(reader, planId);
      if (task !== null) tasks.push(task);
    }
    return tasks;
  },
  async retry(reader, before, _states, limit, now) {
    return (await reader.tasks.retries(before, limit)).map((row) => ofRetry(row, now));
  },
  async uncertain(reader, before, _states, limit, now) {
    return (await reader.tasks.uncertain(before, limit)).map((row) => ofUncertain(row, now));
  },
  async delivery(reader, { key }, states, limit, now) {
    const wanted = deliveryStatesOf(states);
    if (wanted !== null && wanted.length === 0) return [];
    return (await reader.tasks.deliveries(wanted, key, limit)).map((row) => ofDelivery(row, now));
  },
  async draft(reader, { key }, _states, limit) {
    const plans = await reader.plans.list({ businessId: null, state: 'draft', before: key, limit });
    return Promise.all(plans.map((plan) => ofDraft(reader, plan)));
  },
  async intake(reader, { key }, _states, limit) {
    const ids = (await reader.plans.staged()).filter((id) => id < key).sort((a, b) => b - a);
    const tasks: Task[] = [];
    for (const id of ids.slice(0, limit)) {
      const plan = await reader.plans.byId(id);
      if (plan !== null) tasks.push(ofIntake(plan));
    }
    return tasks;
  },
  async chore(reader, { key }, states, limit) {
    return (await reader.tasks.runs(key, states, limit)).map(ofRun);
  },
};

function deliveryStatesOf(states: readonly TaskState[] | null): Delivery['state'][] | null {
  if (states === null) return null;
  const wanted = new Set<Delivery['state']>();
  for (const state of states) {
    if (state === 'scheduled' || state === 'reserved') wanted.add('waiting');
    else if (state === 'succeeded') wanted.add('succeeded');
    else if (state !== 'running') wanted.add('dead');
  }
  return [...wanted];
}

const waits = (dueAt: number, now: number): TaskState => (dueAt > now ? 'scheduled' : 'reserved');

function ofStart(plan: Plan, now: number): Task {
  const state = waits(plan.startAt ?? now, now);
  return {
    id: { kind: 'plan-start', key: plan.id, index: 0 },
    name: plan.category,
    state,
    businessId: plan.businessId,
    args: { plan_id: plan.id, name: plan.name, messages: plan.accepted },
    createdAt: plan.createdAt,
    dueAt: plan.startAt,
    startedAt: null,
    endedAt: null,
    runtimeMs: null,
    tries: 0,
    progress: null,
    error: '',
    worker: null,
    actions: actionsOf('plan-start', state),
  };
}

/** What only a plan's own row tells, of one that nobody has confirmed yet. */
const ofUnconfirmed = (kind: 'draft' | 'intake', plan: Plan) => ({
  id: { kind, key: plan.id, index: 0 },
  name: plan.category,
  businessId: plan.businessId,
  createdAt: plan.createdAt,
  startedAt: null,
  endedAt: null,
  runtimeMs: null,
  progress: null,
  error: '',
  worker: null,
});

/** A plan made from a file that waits to be confirmed; at the end of its day it is discarded. */
async function ofDraft(reader: Reader, plan: Plan): Promise<Task> {
  const draft = await reader.drafts.byPlan(plan.id);
  return {
    ...ofUnconfirmed('draft', plan),
    state: 'scheduled',
    args: { plan_id: plan.id, name: plan.name, messages: plan.accepted, credits: draft?.credits ?? 0 },
    dueAt: draft?.expiresAt ?? null,
    tries: 0,
    actions: actionsOf('draft', 'scheduled'),
  };
}

/** A file or a large request that is being written, in steps; or what is left of one, until it is removed. */
const ofIntake = (plan: Plan): Task => ({
  ...ofUnconfirmed('intake', plan),
  state: 'running',
  args: { plan_id: plan.id, name: plan.name },
  dueAt: null,
  startedAt: plan.createdAt,
  tries: 1,
  actions: actionsOf('intake', 'running'),
});

async function ofSweep(reader: Reader, planId: number): Promise<Task | null> {
  const sweep: Sweep | null = await reader.sweeps.byPlan(planId);
  const plan = await reader.plans.byId(planId);
  if (sweep === null || plan === null) return null;
  const starts = sweep.end === null;
  // A sweep that starts a plan stands still while the plan is paused.
  const state = starts && plan.state !== 'running' ? 'scheduled' : 'running';
  return {
    id: { kind: 'sweep', key: planId, index: 0 },
    name: starts ? 'start' : 'end',
    state,
    businessId: plan.businessId,
    args: { plan_id: planId, name: plan.name, into: sweep.end?.state ?? null },
    createdAt: plan.createdAt,
    dueAt: null,
    startedAt: plan.startedAt,
    endedAt: null,
    runtimeMs: null,
    tries: 1,
    progress: { done: sweep.next, of: plan.accepted },
    error: sweep.end?.error ?? '',
    worker: null,
    actions: actionsOf('sweep', state, { starts }),
  };
}

function ofRetry(row: WaitingRetry, now: number): Task {
  const state = waits(row.dueAt, now);
  return {
    id: { kind: 'retry', key: row.planId, index: row.index },
    name: row.category,
    state,
    businessId: row.businessId,
    args: { message_id: messageId(row.planId, row.index), plan_id: row.planId, channel_id: row.channelId },
    createdAt: timeOfId(row.planId),
    dueAt: row.dueAt,
    startedAt: null,
    endedAt: null,
    runtimeMs: null,
    tries: row.attempts,
    progress: null,
    error: row.error,
    worker: null,
    actions: actionsOf('retry', state),
  };
}

function ofUncertain(row: Uncertain & { businessId: number }, now: number): Task {
  const state = waits(row.decideAt, now);
  return {
    id: { kind: 'uncertain', key: row.planId, index: row.index },
    name: row.decision === 'repeat' ? 'repeat' : 'give-up',
    state,
    businessId: row.businessId,
    args: { message_id: messageId(row.planId, row.index), plan_id: row.planId, channel_id: row.channelId },
    createdAt: timeOfId(row.planId),
    dueAt: row.decideAt,
    startedAt: row.since,
    endedAt: null,
    runtimeMs: null,
    tries: 1,
    progress: null,
    error: 'the carrier never answered',
    worker: null,
    actions: actionsOf('uncertain', state, { repeats: row.decision === 'repeat' }),
  };
}

function ofDelivery(row: Delivery & { businessId: number | null }, now: number): Task {
  const last = row.tries.at(-1);
  const state =
    row.state === 'waiting'
      ? waits(row.dueAt, now)
      : row.state === 'succeeded'
        ? 'succeeded'
        : last?.error === REVOKED
          ? 'revoked'
          : 'failed';
  return {
    id: { kind: 'delivery', key: row.id, index: 0 },
    name: 'webhook',
    state,
    businessId: row.businessId,
    args: { webhook_id: row.webhookId, rows: row.rows, status: last?.status ?? null },
    createdAt: timeOfId(row.id),
    dueAt: row.state === 'waiting' ? row.dueAt : null,
    startedAt: last?.at ?? null,
    endedAt: row.doneAt,
    runtimeMs: last?.durationMs ?? null,
    tries: row.tries.filter(({ error }) => error !== REVOKED).length,
    progress: null,
    error: last?.error ?? '',
    worker: null,
    // One of a webhook that is gone is sent nowhere.
    actions: row.businessId === null ? [] : actionsOf('delivery', state),
  };
}

function ofRun(run: ChoreRun): Task {
  return {
    id: { kind: 'chore', key: run.id, index: 0 },
    name: run.name,
    state: run.state,
    businessId: null,
    args: { runs: run.runs, items: run.items, asked_by: run.askedBy === '' ? null : run.askedBy },
    createdAt: run.createdAt,
    dueAt: null,
    startedAt: run.startedAt,
    endedAt: run.endedAt,
    runtimeMs: run.startedAt === null ? null : run.runMs,
    tries: run.runs,
    progress: run.state === 'running' ? { done: run.items, of: null } : null,
    error: run.error,
    worker: run.worker === '' ? null : run.worker,
    actions: actionsOf('chore', run.state),
  };
}

/** The task an action is about. @throws Refused (taskNotFound, taskActionWrong) */
export async function mustAllow(reader: Reader, id: TaskId, action: TaskAction, now: number): Promise<Task> {
  const task = await findTask(reader, { id, now });
  must(task !== null, { code: 'taskNotFound' });
  const { state, actions } = task;
  must(actions.includes(action), { code: 'taskActionWrong', state, actions: actions.map((each) => CAN_BE[each]) });
  return task;
}
