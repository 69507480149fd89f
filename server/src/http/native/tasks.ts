import Type, { type Static } from 'typebox';
import { must } from '../../domain/refusals.ts';
import {
  parseTaskId,
  TASK_ACTIONS,
  TASK_KINDS,
  TASK_STATES,
  type Task,
  type TaskAction,
  type TaskId,
  type TaskState,
  taskIdText,
} from '../../domain/task.ts';
import { isoTime } from '../../lib/clock.ts';
import type { Desk } from '../../services/desk.ts';
import { removeStaged } from '../../services/drafting.ts';
import type { HttpDeps } from '../deps.ts';
import { type Endpoint, endpoint } from './endpoint.ts';
import { Count, closed, Id, IdText, listOf, orNull, pageQuery, Time, word } from './fields.ts';
import { cursorText, limitOf, placeOf } from './list.ts';
import { Moment, momentOf } from './moment.ts';

const Name = Type.String({ pattern: '^[a-z-]{1,40}$', description: 'what it is about, in a word' });
const TaskIdText = Type.String({
  pattern: '^[a-z-]{1,20}-[0-9]{1,16}(?:-[0-9]{1,8})?$',
  description: 'the id of a task, as lists show it',
});

export const TaskBody = closed(
  {
    id: TaskIdText,
    kind: word(TASK_KINDS),
    name: Name,
    state: word(TASK_STATES),
    business_id: orNull(Id),
    args: Type.Object({}, { additionalProperties: true, description: 'what it is done with' }),
    created_at: Time,
    due_at: orNull(
      Type.String({ format: 'date-time', description: 'when it is to be done; null: now, or it has been' }),
    ),
    started_at: orNull(Time),
    ended_at: orNull(Time),
    runtime_ms: orNull(Count),
    tries: Count,
    progress: orNull(
      closed({
        done: Count,
        of: Type.Union([Count, Type.Null()], { description: 'null: how much there is, is not known' }),
      }),
    ),
    error: Type.String({ description: 'what went wrong last' }),
    worker: orNull(Type.String({ description: 'the process that does it, or did' })),
    actions: Type.Array(word(TASK_ACTIONS), { description: 'what can be done to it now' }),
  },
  { title: 'Task' },
);

const timeOrNull = (ms: number | null): string | null => (ms === null ? null : isoTime(ms));

export const taskView = (task: Task): Static<typeof TaskBody> => ({
  id: taskIdText(task.id),
  kind: task.id.kind,
  name: task.name,
  state: task.state,
  business_id: task.businessId,
  args: task.args,
  created_at: isoTime(task.createdAt),
  due_at: timeOrNull(task.dueAt),
  started_at: timeOrNull(task.startedAt),
  ended_at: timeOrNull(task.endedAt),
  runtime_ms: task.runtimeMs,
  tries: task.tries,
  progress: task.progress,
  error: task.error,
  worker: task.worker,
  actions: [...task.actions],
});

const STATES_RULE = `one or more of ${TASK_STATES.join(', ')}, separated by commas`;
const KINDS_RULE = `one or more of ${TASK_KINDS.join(', ')}, separated by commas`;

function wordsOf<W extends string>(
  field: string,
  text: string | undefined,
  words: readonly W[],
  rule: string,
): W[] | null {
  if (text === undefined) return null;
  return text.split(',').map((given) => {
    const found = words.find((each) => each === given);
    must(found !== undefined, { code: 'invalidField', field, rule });
    return found;
  });
}

/** @throws Refused (taskNotFound) for a text that can name none */
function idOf(text: string): TaskId {
  const id = parseTaskId(text);
  must(id !== null, { code: 'taskNotFound' });
  return id;
}

const VERBS = { retry: 'retryTask', requeue: 'requeueTask', revoke: 'revokeTask' } as const;
const SUMMARIES: Record<TaskAction, string> = {
  retry: 'Do again what has ended',
  requeue: 'Do at once what waits for its time',
  revoke: 'Take back what waits, or end what runs at its next step',
};

const actionEndpoint = (desk: Desk, action: TaskAction): Endpoint =>
  endpoint(
    `POST /tasks/:id/${action}`,
    {
      tag: 'tasks',
      admin: true,
      summary: SUMMARIES[action],
      params: closed({ id: TaskIdText }),
      answer: closed({ task: orNull(TaskBody) }, { description: 'the task as it is then; null: it is no more' }),
    },
    async ({ actor, params }) => {
      const id = idOf(params.id);
      const task = await desk.do(VERBS[action], { actor, id });
      if (action === 'revoke' && id.kind === 'draft') await removeStaged(desk, id.key);
      return { task: task === null ? null : taskView(task) };
    },
  );

/** The work of the house. */
export const taskEndpoints = ({ desk, clock }: HttpDeps): Endpoint[] => [
  endpoint(
    'GET /tasks',
    {
      tag: 'tasks',
      admin: true,
      summary: 'Work that waits, is done or has been, newest first',
      query: closed({
        ...pageQuery,
        kind: Type.Optional(Type.String({ pattern: '^[a-z-]{1,20}(?:,[a-z-]{1,20}){0,9}$', description: KINDS_RULE })),
        state: Type.Optional(Type.String({ pattern: '^[a-z]{1,20}(?:,[a-z]{1,20}){0,9}$', description: STATES_RULE })),
        name: Type.Optional(Name),
        business_id: Type.Optional(IdText),
        worker: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'the id of a worker' })),
        search: Type.Optional(
          Type.String({ minLength: 1, maxLength: 200, description: 'a piece of its id, name, arguments or error' }),
        ),
        from: Type.Optional(Moment),
        until: Type.Optional(Moment),
      }),
      answer: listOf(TaskBody),
    },
    async ({ query }) => {
      const place = placeOf(query, 3);
      const { tasks, next } = await desk.ask('listTasks', {
        filter: {
          kinds: wordsOf('kind', query.kind, TASK_KINDS, KINDS_RULE),
          states: wordsOf<TaskState>('state', query.state, TASK_STATES, STATES_RULE),
          name: query.name ?? null,
          businessId: query.business_id === undefined ? null : Number(query.business_id),
          worker: query.worker ?? null,
          search: query.search ?? null,
          since: momentOf('from', query.from),
          until: momentOf('until', query.until),
        },
        before: place === null ? null : { kind: TASK_KINDS[place[2]!] ?? 'chore', key: place[0]!, index: place[1]! },
        limit: limitOf(query),
        now: clock.now(),
      });
      return {
        items: tasks.map(taskView),
        next_cursor: next === null ? null : cursorText(next.key, next.index, TASK_KINDS.indexOf(next.kind)),
      };
    },
  ),
  endpoint(
    'GET /tasks/:id',
    { tag: 'tasks', admin: true, summary: 'One task', params: closed({ id: TaskIdText }), answer: TaskBody },
    async ({ params }) => {
      const task = await desk.ask('findTask', { id: idOf(params.id), now: clock.now() });
      must(task !== null, { code: 'taskNotFound' });
      return taskView(task);
    },
  ),
  ...TASK_ACTIONS.map((action) => actionEndpoint(desk, action)),
];
