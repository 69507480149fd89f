import type { Worker } from 'node:worker_threads';
import { type LoopLoad, workerLoad } from '../lib/loop-load.ts';
import { randomOctets } from '../lib/random.ts';
import type { Service } from '../lib/start-stop.ts';
import { SWEEP_STEP } from '../services/sweep.ts';
import { type FromThread, ThreadDesk, type ToThread } from '../services/thread-desk.ts';
import { TurnPace } from '../services/turn-pace.ts';
import type { StorageThreadData } from '../storage-thread.ts';
import { type Ground, sessionPolicyOf } from './ground.ts';
import type { StorageThreads } from './storage-threads.ts';

/** The storage threads, and the desk before them. */
export interface Storage extends Service {
  desk: ThreadDesk;
  writerLoad: LoopLoad;
  /** This process, as others that write to the store know it. */
  process: string;
  /** The same for somebody else who looks: each look is at the time since the last. */
  anotherWriterLoad(): LoopLoad;
}

/** Gives both storage threads their work. @throws what either of them could not begin with */
export async function startStorage(
  { config, paths, clock }: Ground,
  { writer, reader }: StorageThreads,
): Promise<Storage> {
  const process = randomOctets(8).toString('hex');
  const begin = async (worker: Worker, mode: 'write' | 'read'): Promise<void> => {
    const data: StorageThreadData = {
      store: config.store === null ? { path: paths.store } : { url: config.store.url },
      mode,
      process,
      logLevel: config.logLevel,
      settings: {
        repeatAfterMs: config.repeatAfterMs,
        lostRepeats: config.lostRepeats,
        reportsKeptMs: config.reportsKeptMs,
        messagesKeptMs: config.messagesKeptMs,
        eventsKeptMs: config.eventsKeptMs,
        unknownAfterMs: config.unknownAfterMs,
        sessions: sessionPolicyOf(config),
        maxLateMs: config.maxLateMs,
        validityMs: config.validityMs,
        sweepStep: SWEEP_STEP,
      },
      frequency: config.frequency,
      redis: config.redis?.address ?? null,
      redisLost: config.redisLost,
      shared: config.store !== null,
      quietHours: config.quietHours,
    };
    await new Promise<void>((resolve, reject) => {
      const ended = () => reject(new Error('a storage thread ended before it was ready'));
      worker.once('error', reject);
      worker.once('exit', ended);
      worker.once('message', (message: FromThread) => {
        worker.off('error', reject);
        worker.off('exit', ended);
        if (message.kind === 'failed') reject(new Error(message.message));
        else resolve();
      });
      worker.postMessage(data);
    });
  };
  const started = await Promise.allSettled([begin(writer, 'write'), begin(reader, 'read')]);
  const failed = started.find((result) => result.status === 'rejected');
  if (failed !== undefined) {
    for (const worker of [writer, reader]) await worker.terminate();
    throw failed.reason;
  }
  const close = (worker: Worker) =>
    new Promise<void>((resolve) => {
      worker.once('exit', () => resolve());
      worker.postMessage({ kind: 'close' } satisfies ToThread);
    });
  return {
    desk: new ThreadDesk(writer, reader, clock, config.store === null ? null : new TurnPace(clock)),
    writerLoad: workerLoad('storage', writer),
    process,
    anotherWriterLoad: () => workerLoad('storage', writer),
    start: async () => {},
    async stop() {
      await close(reader);
      await close(writer);
    },
  };
}
