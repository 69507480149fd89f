import type { Readable, Writable } from 'node:stream';
import type { Clock } from '../lib/clock.ts';

/** Where text goes; a terminal when `isTTY`. */
export type Sink = Writable & { isTTY?: boolean; columns?: number };

/** Everything a command touches beyond files and sockets. */
export interface World {
  env: NodeJS.ProcessEnv;
  stdin: Readable & { isTTY?: boolean };
  stdout: Sink;
  stderr: Sink;
  clock: Clock;
  /** Resolves after `ms`, or at once when the signal is aborted; keeps the process alive meanwhile. */
  wait(ms: number, signal?: AbortSignal): Promise<void>;
  /** Aborts at the first SIGINT or SIGTERM asked for by the command that runs. */
  interruption(): AbortSignal;
}
