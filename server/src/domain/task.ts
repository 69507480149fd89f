import type { Category } from './category.ts';

/**
 * Work that the house does at its own pace, whoever asked for what it serves. The position is the stored code: append,
 * never reorder.
 */
export const CHORES = [
  'plan-starts',
  'sweeps',
  'expiry',
  'uncertain',
  'inbound',
  'parked',
  'aging',
  'numbers',
  'ledger',
  'figures',
  'room',
] as const;
export type ChoreName = (typeof CHORES)[number];

export const choreCode = (name: ChoreName): number => CHORES.indexOf(name);

export function choreOfCode(code: number): ChoreName {
  const name = CHORES[code];
  if (name === undefined) throw new Error(`no chore has code ${code}`);
  return name;
}

/** What a task may be. */
export const TASK_KINDS = [
  'plan-start',
  'sweep',
  'retry',
  'uncertain',
  'delivery',
  'chore',
  'draft',
  'intake',
] as const;
export type TaskKind = (typeof TASK_KINDS)[number];

/** How a task stands. The position is the stored code: append, never reorder. */
export const TASK_STATES = ['scheduled', 'reserved', 'running', 'succeeded', 'failed', 'revoked'] as const;
export type TaskState = (typeof TASK_STATES)[number];

export const taskCode = (state: TaskState): number => TASK_STATES.indexOf(state);

export function taskStateOfCode(code: number): TaskState {
  const state = TASK_STATES[code];
  if (state === undefined) throw new Error(`no task state has code ${code}`);
  return state;
}

/** `retry`: do again what has ended; `requeue`: do at once what waits for its time; `revoke`: do it not at all. */
export const TASK_ACTIONS = ['retry', 'requeue', 'revoke'] as const;
export type TaskAction = (typeof TASK_ACTIONS)[number];

/** As an answer says that it can be done. */
export const CAN_BE: Record<TaskAction, string> = { retry: 'retried', requeue: 'requeued', revoke: 'revoked' };

/** A piece of work, whatever row of the store it is. */
export interface Task {
  id: TaskId;
  /** What it is about, in a word: a chore's name, a lane, `start` or `end` of a sweep. */
  name: string;
  state: TaskState;
  /** Null: it is the house's own. */
  businessId: number | null;
  args: Readonly<Record<string, number | string | boolean | null>>;
  /** Milliseconds since 1970. */
  createdAt: number;
  /** When it is to be done; null: now, or it has been. */
  dueAt: number | null;
  startedAt: number | null;
  endedAt: number | null;
  runtimeMs: number | null;
  tries: number;
  /** What it has got through, of how much; null: it is not known. */
  progress: { done: number; of: number | null } | null;
  error: string;
  /** The process that does it, or did; null: any may. */
  worker: string | null;
  actions: readonly TaskAction[];
}

/** Which row a task is: a time-ordered id, and the index of a message where it is one's. */
export interface TaskId {
  kind: TaskKind;
  key: number;
  index: number;
}

/** `retry-123-4`: as people and the API name a task. */
export const taskIdText = ({ kind, key, index }: TaskId): string =>
  kind === 'retry' || kind === 'uncertain' ? `${kind}-${key}-${index}` : `${kind}-${key}`;

/** The task a text names; null when it can be none. */
export function parseTaskId(text: string): TaskId | null {
  const match = /^([a-z]+(?:-[a-z]+)?)-([1-9][0-9]{0,15})(?:-([0-9]{1,8}))?$/.exec(text);
  if (match === null) return null;
  const kind = TASK_KINDS.find((each) => each === match[1]);
  const key = Number(match[2]);
  const ofMessage = kind === 'retry' || kind === 'uncertain';
  if (kind === undefined || !Number.isSafeInteger(key) || ofMessage !== (match[3] !== undefined)) return null;
  return { kind, key, index: Number(match[3] ?? 0) };
}

/** Tasks in the order in which they came, the newest first: whatever they are, their ids carry the time. */
export function newerFirst(a: TaskId, b: TaskId): number {
  return b.key - a.key || b.index - a.index || TASK_KINDS.indexOf(b.kind) - TASK_KINDS.indexOf(a.kind);
}

const WAITS: readonly TaskState[] = ['scheduled', 'reserved'];
const ENDED: readonly TaskState[] = ['succeeded', 'failed', 'revoked'];

/** What may be done to a task as it stands. `starts`, of a sweep: it is one that starts a plan. */
export function actionsOf(kind: TaskKind, state: TaskState, { starts = false, repeats = true } = {}): TaskAction[] {
  switch (kind) {
    case 'plan-start':
      return ['revoke'];
    case 'sweep':
      return starts ? ['revoke'] : [];
    case 'retry':
      return ['requeue', 'revoke'];
    case 'uncertain':
      return repeats ? ['requeue', 'revoke'] : ['requeue'];
    case 'delivery':
      if (WAITS.includes(state)) return ['requeue', 'revoke'];
      return state === 'failed' || state === 'revoked' ? ['retry'] : [];
    case 'draft':
      return ['revoke'];
    // It ends with the request that brings it.
    case 'intake':
      return [];
    case 'chore':
      return ENDED.includes(state) ? ['retry'] : ['revoke'];
  }
}

/** What a try of a delivery says that was never made, since somebody revoked it. */
export const REVOKED = 'revoked';

/** The queues of a house whose channels have these ids, by name. */
export function queueNames(channelIds: readonly number[]): string[] {
  return [
    ...channelIds.flatMap((id) => LANES.map((lane) => dispatchQueue(id, lane))),
    ...LANES.map(retryQueue),
    WEBHOOK_QUEUE,
    ...CHORES.map(choreQueue),
  ];
}

const LANES: readonly Category[] = ['verification', 'notification', 'marketing'];

/** Messages of a lane on their way to a channel. */
export const dispatchQueue = (channelId: number, lane: Category): string => `dispatch.${channelId}.${lane}`;
/** Messages of a lane that wait to be sent again. */
export const retryQueue = (lane: Category): string => `retries.${lane}`;
export const WEBHOOK_QUEUE = 'webhooks';
export const choreQueue = (name: ChoreName): string => `chore.${name}`;

/** What kind of queue a name is; null when it can be none. */
export function queueKindOf(name: string): 'dispatch' | 'retries' | 'webhooks' | 'chore' | null {
  if (/^dispatch\.[0-9]{1,15}\.(?:verification|notification|marketing)$/.test(name)) return 'dispatch';
  if (LANES.some((lane) => name === retryQueue(lane))) return 'retries';
  if (name === WEBHOOK_QUEUE) return 'webhooks';
  return CHORES.some((chore) => name === choreQueue(chore)) ? 'chore' : null;
}

/** A process of the platform, as it says of itself. */
export interface WorkerFacts {
  /** Of the process, for as long as it lives. */
  id: string;
  role: string;
  host: string;
  pid: number;
  version: string;
  startedAt: number;
  /** When it was last heard of. */
  seenAt: number;
  /** Share of the last seconds in which each thread had something to do, 0 to 1. */
  loads: readonly { thread: string; share: number }[];
  /** Null: it is not known. */
  memoryBytes: number | null;
  /** What it does now. */
  current: readonly { name: ChoreName; since: number; taskId: number | null }[];
}

/** One queue, as it is and has been moving. */
export interface QueueFacts {
  name: string;
  /** What waits. */
  depth: number;
  /** What has left it since the process began, and what of it failed. */
  done: number;
  failed: number;
  /** Of the last minute. */
  donePerSecond: number;
  failedPerSecond: number;
  /** Null: it does not stand still. */
  paused: { since: number; by: string; reason: string } | null;
}
