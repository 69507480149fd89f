import { SIMULATOR_CHANNEL_ID } from '../domain/channel.ts';
import { must } from '../domain/refusals.ts';
import { type ChoreName, queueKindOf } from '../domain/task.ts';
import type { ChoreRun, PausedQueue, QueueFigure, Reader } from '../store/store.ts';
import { addEvent } from './event.ts';
import { type ActorRef, single } from './verb.ts';

/** Runs of chores as a process notes them; an id of null: the row is new. */
export type RunNote = Omit<ChoreRun, 'id' | 'createdAt'> & { id: number | null };

const DAY_MS = 86_400_000;
/** Figures by the minute and by the hour are kept for so long. */
const FIGURES_KEPT_MS = { minutes: 2 * DAY_MS, hours: 90 * DAY_MS } as const;

/** Writes down what was done; the ids of the rows, in order. */
export const noteRuns = single(async (tx, ctx, input: { runs: readonly RunNote[] }): Promise<number[]> => {
  const ids: number[] = [];
  for (const { id, ...note } of input.runs) {
    const own = id ?? ctx.nextId('task');
    const before = id === null ? null : await tx.tasks.run(id);
    await tx.tasks.putRun({ ...note, id: own, createdAt: before?.createdAt ?? note.startedAt ?? ctx.now() });
    ids.push(own);
  }
  return ids;
});

/** Runs that somebody asked for and nobody has begun, oldest first. */
export async function askedRuns(reader: Reader, input: { limit: number }): Promise<ChoreRun[]> {
  const runs = await reader.tasks.runs(Number.MAX_SAFE_INTEGER, ['reserved'], input.limit);
  return runs.reverse();
}

/** Runs that somebody is at, or was when it ended without a word. */
export const runningRuns = (reader: Reader, input: { limit: number }): Promise<ChoreRun[]> =>
  reader.tasks.runs(Number.MAX_SAFE_INTEGER, ['running'], input.limit);

/** Takes a run that was asked for; null when another has it, or it was revoked. */
export const takeRun = single(
  async (
    tx,
    ctx,
    input: { id: number; worker: string },
  ): Promise<{ id: number; name: ChoreName; askedBy: string } | null> => {
    const run = await tx.tasks.run(input.id);
    if (run?.state !== 'reserved') return null;
    await tx.tasks.putRun({ ...run, state: 'running', startedAt: ctx.now(), worker: input.worker });
    return { id: run.id, name: run.name, askedBy: run.askedBy };
  },
);

/** Ends, in the books, what processes that are gone were doing. `worker`: only that one; null: all. */
export const abandonRuns = single(async (tx, ctx, input: { worker: string | null }): Promise<{ abandoned: number }> => {
  return { abandoned: await tx.tasks.abandon(input.worker, 'the server stopped before it ended', ctx.now()) };
});

/** Forgets runs and figures whose time has passed, `limit` of each at most. */
export const forgetTasks = single(
  async (tx, ctx, input: { keptMs: number; limit: number }): Promise<{ dropped: number }> => {
    const now = ctx.now();
    const { minutes, hours } = FIGURES_KEPT_MS;
    const before = { runs: now - input.keptMs, minutes: now - minutes, hours: now - hours };
    return { dropped: await tx.tasks.forget(before, input.limit) };
  },
);

/** Adds to what queues did. */
export const noteQueues = single(async (tx, _ctx, input: { figures: readonly QueueFigure[] }): Promise<null> => {
  await tx.tasks.addFigures(input.figures);
  return null;
});

/** Lets nothing more leave a queue. Pausing one that stands still already changes nothing. @throws Refused (adminOnly, queueNotFound) */
export const pauseQueue = single(
  async (tx, ctx, input: { actor: ActorRef; queue: string; reason: string }): Promise<PausedQueue> => {
    const { actor, queue, reason } = input;
    must(actor.admin, { code: 'adminOnly' });
    must(await isQueue(tx, queue), { code: 'queueNotFound' });
    const before = (await tx.tasks.paused()).find((each) => each.queue === queue);
    if (before !== undefined) return before;
    const paused = { queue, since: ctx.now(), by: actor.caller?.name ?? 'the administrator', reason };
    await tx.tasks.pause(paused);
    await addEvent(tx, ctx, actor.businessId, { kind: 'queue.changed', queue, change: 'paused' });
    ctx.notify({ kind: 'queuesChanged' });
    return paused;
  },
);

/** Lets a queue go on; one that does changes nothing. @throws as {@link pauseQueue} */
export const resumeQueue = single(async (tx, ctx, input: { actor: ActorRef; queue: string }): Promise<null> => {
  const { actor, queue } = input;
  must(actor.admin, { code: 'adminOnly' });
  // One of a channel that is gone can still be resumed.
  must(queueKindOf(queue) !== null, { code: 'queueNotFound' });
  if (!(await tx.tasks.paused()).some((each) => each.queue === queue)) return null;
  await tx.tasks.resume(queue);
  await addEvent(tx, ctx, actor.businessId, { kind: 'queue.changed', queue, change: 'resumed' });
  ctx.notify({ kind: 'queuesChanged' });
  return null;
});

async function isQueue(reader: Reader, queue: string): Promise<boolean> {
  const kind = queueKindOf(queue);
  if (kind !== 'dispatch') return kind !== null;
  const channelId = Number(queue.split('.')[1]);
  // 0 is the built-in simulator, which is no row.
  return channelId === SIMULATOR_CHANNEL_ID || (await reader.channels.byId(channelId)) !== null;
}

export const pausedQueues = (reader: Reader, _input: Record<string, never>): Promise<PausedQueue[]> =>
  reader.tasks.paused();

/** Counted up to here: what is more is very much. */
const COUNTED_AT_MOST = 100_000;

/** How much waits in the queues that are tables. */
export const queueDepths = (reader: Reader, _input: Record<string, never>) => reader.tasks.depths(COUNTED_AT_MOST);

/** What a queue did, span by span, from the oldest on. */
export const queueHistory = (
  reader: Reader,
  input: { queue: string; spanMs: number; since: number; limit: number },
): Promise<QueueFigure[]> => reader.tasks.figures(input.queue, input.spanMs, input.since, input.limit);
