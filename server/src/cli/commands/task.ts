import type { Register } from '../context.ts';
import { facts, table } from '../output.ts';

interface TaskFacts {
  id: string;
  kind: string;
  name: string;
  state: string;
  business_id: number | null;
  args: Record<string, unknown>;
  created_at: string;
  due_at: string | null;
  started_at: string | null;
  ended_at: string | null;
  runtime_ms: number | null;
  tries: number;
  progress: { done: number; of: number | null } | null;
  error: string;
  worker: string | null;
  actions: string[];
}

interface QueueLine {
  name: string;
  depth: number;
  done: number;
  failed: number;
  done_per_second: number;
  paused: { since: string; by: string; reason: string } | null;
}

interface WorkerLine {
  id: string;
  role: string;
  host: string;
  pid: number;
  version: string;
  started_at: string;
  seen_at: string;
  loads: { thread: string; share: number }[];
  memory_bytes: number | null;
  current: { name: string; since: string }[];
}

interface Filter {
  kind?: string;
  state?: string;
  name?: string;
  search?: string;
  from?: string;
  until?: string;
  limit?: string;
}

/** `signet task …`: the platform's own work, its queues and processes. */
export const registerTask: Register = (parent, act) => {
  const task = parent.command('task').description("the platform's own work: what waits, runs and has been done");

  task
    .command('list')
    .description('tasks, newest first')
    .option('--kind <list>', 'only these kinds: plan-start, sweep, retry, uncertain, delivery, chore, draft, intake')
    .option('--state <list>', 'only in these states: scheduled, reserved, running, succeeded, failed, revoked')
    .option('--name <name>', 'only of this name')
    .option('--search <text>', 'only with this in id, name, arguments or error')
    .option('--from <time>', 'made from then on')
    .option('--until <time>', 'made before then')
    .option('--limit <count>', 'so many at the most', '50')
    .action(
      act(async (context, options: Filter) => {
        const query = new URLSearchParams(Object.entries(options) as [string, string][]);
        const { items } = await (await context.client()).native<{ items: TaskFacts[] }>('GET', `/tasks?${query}`);
        context.out.result({ items }, () =>
          table(
            ['id', 'name', 'state', 'created', 'due', 'ms', 'tries', 'error'],
            items.map((t) => [t.id, t.name, t.state, t.created_at, t.due_at, t.runtime_ms, t.tries, t.error]),
          ),
        );
      }),
    );

  task
    .command('show <id>')
    .description('one task')
    .action(
      act(async (context, id: string) => {
        const found = await (await context.client()).native<TaskFacts>('GET', `/tasks/${encodeURIComponent(id)}`);
        context.out.result(found, () => shown(found));
      }),
    );

  for (const [action, meaning, done] of [
    ['retry', 'do again what has ended', 'is done again'],
    ['requeue', 'do at once what waits for its time', 'is done at once'],
    ['revoke', 'take back what waits, or end what runs at its next step', 'is revoked'],
  ] as const) {
    task
      .command(`${action} <id>`)
      .description(meaning)
      .action(
        act(async (context, id: string) => {
          const client = await context.client();
          const path = `/tasks/${encodeURIComponent(id)}/${action}`;
          const result = await client.native<{ task: TaskFacts | null }>('POST', path, {});
          context.out.result(result, () => `task ${id} ${done}`);
        }),
      );
  }

  task
    .command('queues')
    .description('what waits, how fast it moves, and what stands still')
    .action(
      act(async (context) => {
        const { items } = await (await context.client()).native<{ items: QueueLine[] }>('GET', '/queues');
        context.out.result({ items }, () =>
          table(
            ['queue', 'waiting', 'done', 'a second', 'failed', 'paused'],
            items.map((q) => [q.name, q.depth, q.done, q.done_per_second, q.failed, q.paused && pauseText(q.paused)]),
          ),
        );
      }),
    );

  task
    .command('pause <queue>')
    .description('let nothing more leave a queue, also after a restart')
    .option('--reason <text>', 'why, for others')
    .action(
      act(async (context, queue: string, options: { reason?: string }) => {
        const client = await context.client();
        const result = await client.native('POST', `/queues/${encodeURIComponent(queue)}/pause`, options);
        context.out.result(result, () => `queue ${queue} stands still`);
      }),
    );

  task
    .command('resume <queue>')
    .description('let a queue go on')
    .action(
      act(async (context, queue: string) => {
        await (await context.client()).native('POST', `/queues/${encodeURIComponent(queue)}/resume`, {});
        context.out.result({ name: queue, paused: null }, () => `queue ${queue} goes on`);
      }),
    );

  task
    .command('workers')
    .description('processes of the platform, and what each does now')
    .action(
      act(async (context) => {
        const { items } = await (await context.client()).native<{ items: WorkerLine[] }>('GET', '/workers');
        context.out.result({ items }, () =>
          table(
            ['worker', 'role', 'version', 'since', 'heard of', 'load', 'MB', 'does'],
            items.map((w) => [
              w.id,
              w.role,
              w.version,
              w.started_at,
              w.seen_at,
              w.loads.map(({ thread, share }) => `${thread} ${Math.round(share * 100)} %`).join(', '),
              w.memory_bytes === null ? '' : Math.round(w.memory_bytes / 1_000_000),
              w.current.map(({ name }) => name).join(', '),
            ]),
          ),
        );
      }),
    );
};

const pauseText = ({ since, by, reason }: NonNullable<QueueLine['paused']>): string =>
  `since ${since} by ${by}${reason === '' ? '' : `: ${reason}`}`;

const shown = ({ args, progress, actions, ...task }: TaskFacts): string =>
  facts({
    ...task,
    args: JSON.stringify(args),
    progress: progress && `${progress.done}${progress.of === null ? '' : ` of ${progress.of}`}`,
    can_be: actions.join(', '),
  });
