import type { LogPage, LogQuestion } from '../domain/exchange.ts';
import { single } from './verb.ts';

/** Asks another process for lines of its channel log: it hears of it, and tells them with {@link tellLog}. Nothing is changed. */
export const askLog = single(
  async (_tx, ctx, input: { id: string; process: string; question: LogQuestion }): Promise<null> => {
    ctx.notify({ kind: 'logAsked', ...input });
    return null;
  },
);

/** Tells lines that another process asked for. */
export const tellLog = single(async (_tx, ctx, input: { id: string; page: LogPage | null }): Promise<null> => {
  ctx.notify({ kind: 'logTold', ...input });
  return null;
});
