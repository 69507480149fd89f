import Type, { type Static } from 'typebox';
import { must } from '../../domain/refusals.ts';
import { CHORES, type QueueFacts, queueKindOf, type WorkerFacts } from '../../domain/task.ts';
import { isoTime } from '../../lib/clock.ts';
import type { HttpDeps } from '../deps.ts';
import { type Endpoint, endpoint } from './endpoint.ts';
import { Count, closed, orNull, Time, word } from './fields.ts';
import { Moment, momentOf } from './moment.ts';

const QueueName = Type.String({
  pattern: '^[a-z]{1,20}(?:\\.[a-z0-9-]{1,20}){0,2}$',
  description: 'a queue by its name, as GET /queues shows it',
});
const Rate = Type.Number({ minimum: 0, description: 'a second, over the last minute' });

export const QueueBody = closed(
  {
    name: QueueName,
    kind: word(['dispatch', 'retries', 'webhooks', 'chore']),
    depth: Type.Integer({ minimum: 0, description: 'what waits, as of a few seconds ago; counted up to 100000' }),
    done: Type.Integer({ minimum: 0, description: 'what has left it since those who work it off began' }),
    failed: Count,
    done_per_second: Rate,
    failed_per_second: Rate,
    paused: orNull(closed({ since: Time, by: Type.String(), reason: Type.String() })),
  },
  { title: 'Queue' },
);

export const WorkerBody = closed(
  {
    id: Type.String({ description: 'of the process, for as long as it lives' }),
    role: Type.String(),
    host: Type.String(),
    pid: Type.Integer({ minimum: 1 }),
    version: Type.String(),
    started_at: Time,
    seen_at: Type.String({ format: 'date-time', description: 'when it was last heard of' }),
    loads: Type.Array(
      closed({
        thread: Type.String(),
        share: Type.Number({
          minimum: 0,
          maximum: 1,
          description: 'of the last seconds in which it had something to do',
        }),
      }),
    ),
    memory_bytes: Type.Union([Count, Type.Null()], { description: 'null: another process, which has not told yet' }),
    current: Type.Array(
      closed({
        name: word(CHORES),
        since: Time,
        task_id: Type.Union([Type.String(), Type.Null()], { description: 'null: it has not run for long' }),
      }),
    ),
  },
  { title: 'Worker' },
);

export const queueView = (queue: QueueFacts): Static<typeof QueueBody> => ({
  name: queue.name,
  kind: queueKindOf(queue.name) ?? 'chore',
  depth: queue.depth,
  done: queue.done,
  failed: queue.failed,
  done_per_second: rounded(queue.donePerSecond),
  failed_per_second: rounded(queue.failedPerSecond),
  paused: queue.paused && { ...queue.paused, since: isoTime(queue.paused.since) },
});

export const workerView = (worker: WorkerFacts): Static<typeof WorkerBody> => ({
  id: worker.id,
  role: worker.role,
  host: worker.host,
  pid: worker.pid,
  version: worker.version,
  started_at: isoTime(worker.startedAt),
  seen_at: isoTime(worker.seenAt),
  loads: worker.loads.map(({ thread, share }) => ({ thread, share: Math.min(1, Math.max(0, rounded(share))) })),
  memory_bytes: worker.memoryBytes,
  current: worker.current.map(({ name, since, taskId }) => ({
    name,
    since: isoTime(since),
    task_id: taskId === null ? null : `chore-${taskId}`,
  })),
});

const rounded = (value: number): number => Number(value.toFixed(3));

const SPANS = { minute: 60_000, hour: 3_600_000 } as const;
/** Spans one answer holds: two days of minutes. */
const MAX_SPANS = 2_880;

const FigureBody = closed(
  {
    from: Time,
    most: Type.Integer({ minimum: 0, description: 'most that waited' }),
    last: Count,
    done: Count,
    failed: Count,
  },
  { title: 'QueueFigure' },
);

/** Who works, and what waits. */
export const queueEndpoints = ({ desk, clock, tasks }: HttpDeps): Endpoint[] => [
  endpoint(
    'GET /workers',
    {
      tag: 'tasks',
      admin: true,
      summary: 'Processes of the platform, and what each does now',
      answer: closed({ items: Type.Array(WorkerBody) }),
    },
    async () => ({ items: (await tasks.workers()).map(workerView) }),
  ),
  endpoint(
    'GET /queues',
    {
      tag: 'tasks',
      admin: true,
      summary: 'What waits, how fast it moves, and what stands still',
      answer: closed({ items: Type.Array(QueueBody) }),
    },
    async () => ({ items: (await tasks.queues()).map(queueView) }),
  ),
  endpoint(
    'GET /queues/:name/history',
    {
      tag: 'tasks',
      admin: true,
      summary: 'How long a queue was and what left it, span by span, oldest first',
      params: closed({ name: QueueName }),
      query: closed({ by: Type.Optional(word(['minute', 'hour'])), from: Type.Optional(Moment) }),
      answer: closed({ span_ms: Count, items: Type.Array(FigureBody) }),
    },
    async ({ params, query }) => {
      must(queueKindOf(params.name) !== null, { code: 'queueNotFound' });
      const spanMs = SPANS[query.by ?? 'minute'];
      const since = momentOf('from', query.from) ?? clock.now() - MAX_SPANS * spanMs;
      const figures = await desk.ask('queueHistory', { queue: params.name, spanMs, since, limit: MAX_SPANS });
      return {
        span_ms: spanMs,
        items: figures.map(({ from, most, last, done, failed }) => ({ from: isoTime(from), most, last, done, failed })),
      };
    },
  ),
  endpoint(
    'POST /queues/:name/pause',
    {
      tag: 'tasks',
      admin: true,
      summary: 'Let nothing more leave a queue, also after a restart',
      params: closed({ name: QueueName }),
      body: closed({
        reason: Type.Optional(Type.String({ maxLength: 500, description: 'why, for others; up to 500 characters' })),
      }),
      answer: closed({ name: QueueName, since: Time, by: Type.String(), reason: Type.String() }),
    },
    async ({ actor, params, body }) => {
      const { queue, since, by, reason } = await desk.do('pauseQueue', {
        actor,
        queue: params.name,
        reason: body.reason ?? '',
      });
      return { name: queue, since: isoTime(since), by, reason };
    },
  ),
  endpoint(
    'POST /queues/:name/resume',
    { tag: 'tasks', admin: true, summary: 'Let a queue go on', params: closed({ name: QueueName }), answer: null },
    async ({ actor, params }) => void (await desk.do('resumeQueue', { actor, queue: params.name })),
  ),
];
