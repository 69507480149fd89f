import type { Category } from '../../domain/category.ts';
import type { ChoreName, TaskState } from '../../domain/task.ts';
import type { Delivery, DeliveryState } from '../../domain/webhook.ts';
import type { Uncertain } from './sending.ts';

/** Runs of a chore that are told together: those of a minute, or one that took long, failed or was asked for. */
export interface ChoreRun {
  /** Time-ordered. */
  id: number;
  name: ChoreName;
  state: TaskState;
  /** Who asked for it; empty: its time had come. */
  askedBy: string;
  createdAt: number;
  /** Of the first, and the end of the last; null: not yet. */
  startedAt: number | null;
  endedAt: number | null;
  /** How often it ran, how long that took together, and what was got through. */
  runs: number;
  runMs: number;
  items: number;
  error: string;
  worker: string;
}

/** A place among tasks, the newest first. */
export interface TaskPlace {
  key: number;
  index: number;
}

/** A message that waits to be sent again, with what is known of it. */
export interface WaitingRetry {
  planId: number;
  index: number;
  businessId: number;
  category: Category;
  dueAt: number;
  attempts: number;
  channelId: number | null;
  error: string;
}

/** What a queue did within a minute or an hour. */
export interface QueueFigure {
  queue: string;
  /** When the span began, milliseconds since 1970. */
  from: number;
  spanMs: number;
  /** Most that waited, and what waited at the end. */
  most: number;
  last: number;
  done: number;
  failed: number;
}

export interface PausedQueue {
  queue: string;
  since: number;
  by: string;
  reason: string;
}

export interface TaskReader {
  run(id: number): Promise<ChoreRun | null>;
  /** Newest first, before an id; of these states only (null: of any). */
  runs(before: number, states: readonly TaskState[] | null, limit: number): Promise<ChoreRun[]>;
  /** Messages that wait to be sent again, from the newest plan on, before a place. */
  retries(before: TaskPlace, limit: number): Promise<WaitingRetry[]>;
  retry(planId: number, index: number): Promise<WaitingRetry | null>;
  /** Messages without an answer, in the same order. */
  uncertain(before: TaskPlace, limit: number): Promise<(Uncertain & { businessId: number })[]>;
  uncertainOf(planId: number, index: number): Promise<(Uncertain & { businessId: number }) | null>;
  /** Plans with a sweep, newest first, before an id. */
  sweeps(before: number, limit: number): Promise<number[]>;
  /** Deliveries of webhooks, newest first, before an id; in these states only (null: in any). */
  deliveries(
    states: readonly DeliveryState[] | null,
    before: number,
    limit: number,
  ): Promise<(Delivery & { businessId: number | null })[]>;
  /** How much waits, counted up to `atMost` each. */
  depths(atMost: number): Promise<{
    retries: Record<Category, number>;
    uncertain: number;
    webhooks: number;
    planStarts: number;
    sweeps: number;
  }>;
  paused(): Promise<PausedQueue[]>;
  /** Of one queue, from the oldest on. */
  figures(queue: string, spanMs: number, since: number, limit: number): Promise<QueueFigure[]>;
}

export interface TaskWriter {
  /** In place of the row with that id. */
  putRun(run: ChoreRun): Promise<void>;
  /** Ends what processes that are gone were doing; returns how many. */
  abandon(worker: string | null, error: string, at: number): Promise<number>;
  pause(queue: PausedQueue): Promise<void>;
  resume(queue: string): Promise<void>;
  /** Adds to what is known of the span. */
  addFigures(figures: readonly QueueFigure[]): Promise<void>;
  /** Removes at most `limit` runs that ended, and figures, from before these times; returns how many. */
  forget(before: { runs: number; minutes: number; hours: number }, limit: number): Promise<number>;
}
