import type { LogPage } from '../domain/exchange.ts';
import type { LogHome, MergedQuestion } from '../domain/merged-log.ts';
import { single } from './verb.ts';

/** A question to all other processes about their channel logs. */
export interface LogAsked {
  id: string;
  question: MergedQuestion;
}

/** What one of them has of it. */
export interface LogTold {
  /** Of the question. */
  id: string;
  /** Who tells it, as others know it by its leases. */
  process: string;
  home: LogHome;
  /** Null: it could not be read, or is not kept. */
  page: LogPage | null;
}

/** Asks other processes for lines of their channel logs: they hear of it, and tell them with {@link tellLog}. Nothing is changed. */
export const askLog = single(async (_tx, ctx, asked: LogAsked): Promise<null> => {
  ctx.notify({ kind: 'logAsked', ...asked });
  return null;
});

/** Tells lines that another process asked for. */
export const tellLog = single(async (_tx, ctx, told: LogTold): Promise<null> => {
  ctx.notify({ kind: 'logTold', ...told });
  return null;
});
