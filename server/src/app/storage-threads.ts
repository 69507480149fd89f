import { Worker } from 'node:worker_threads';

/** The two threads that storage lives in, before they have been told what they are for. */
export interface StorageThreads {
  writer: Worker;
  reader: Worker;
}

/**
 * Begins both threads. What they load takes as long as what the house itself does, so it is best begun before that is
 * loaded; neither touches anything before it is given its {@link StorageThreadData}.
 */
export function beginStorageThreads(): StorageThreads {
  const begin = () => new Worker(new URL('../storage-thread.js', import.meta.url));
  return { writer: begin(), reader: begin() };
}
