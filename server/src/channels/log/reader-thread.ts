import { parentPort, workerData } from 'node:worker_threads';
import type { LogPage, LogQuestion } from '../../domain/exchange.ts';
import { folderOf } from './log-file.ts';
import { readLog } from './read-log.ts';

/** What the thread is asked and what it answers. */
export interface Asked {
  id: number;
  question: LogQuestion;
}
export type Told = { id: number; page: LogPage } | { id: number; error: string };

const { dir } = workerData as { dir: string };
const port = parentPort!;

port.on('message', ({ id, question }: Asked) => {
  try {
    const page = readLog(folderOf(dir, question.channelId), question.filter, question);
    port.postMessage({ id, page } satisfies Told);
  } catch (error) {
    port.postMessage({ id, error: error instanceof Error ? error.message : String(error) } satisfies Told);
  }
});
