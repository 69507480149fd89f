import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { endWithUs, signal } from '../lib/children.ts';
import { waitUntil } from '../lib/time.ts';

/** A busy machine needs long; an idle one some seconds. */
const START_LIMIT_MS = 180_000;
/** An engine that does not end when it is asked to is killed. */
const PATIENCE_MS = 60_000;
const LOOK_EVERY_MS = 25;

/** What a client says first, and whether what comes back is from a server that serves. */
export interface Greeting {
  say: string;
  isAnswer(octets: Buffer): boolean;
}

/** What is run, and with what in its environment. */
export interface EngineCommand {
  program: string;
  args: readonly string[];
  env?: Record<string, string>;
}

/**
 * A server that others wrote, as a process of our own: its data lie in a folder of its own, and it can be killed and started
 * again on the same port.
 */
export abstract class Engine {
  abstract readonly name: string;
  readonly port: number;
  /** Everything of it lies here. */
  protected readonly folder: string;
  #child: ChildProcess | null = null;

  protected constructor(folder: string, port: number) {
    this.folder = folder;
    this.port = port;
    mkdirSync(this.data, { recursive: true });
  }

  /** Where Signet is told to find it. */
  abstract get url(): string;

  protected abstract get command(): EngineCommand;
  protected abstract get greeting(): Greeting;

  protected get data(): string {
    return join(this.folder, 'data');
  }

  get pid(): number {
    return this.#child!.pid!;
  }

  /** Starts it on what it has; resolves when it serves. @throws Error with the end of what it wrote */
  async start(): Promise<void> {
    const { program, args, env } = this.command;
    const log = join(this.folder, 'log');
    const out = openSync(log, 'a');
    // A group of its own: what it starts by itself is killed with it.
    const child = spawn(program, args, {
      detached: true,
      stdio: ['ignore', out, out],
      env: { ...process.env, ...env },
    });
    closeSync(out);
    this.#child = child;
    endWithUs(child, true);
    let failed: Error | null = null;
    child.once('error', (error) => {
      failed = error;
    });
    const serves = async (): Promise<boolean> => {
      if (failed !== null) throw failed;
      if (hasEnded(child)) throw new Error(`${this.name} ended: ${readFileSync(log, 'utf8').slice(-2_000)}`);
      return greets(this.port, this.greeting);
    };
    await waitUntil(this.name, serves, START_LIMIT_MS, LOOK_EVERY_MS);
  }

  /** Ends it: SIGTERM lets it put its things in order, SIGKILL does not. */
  async end(name: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.pid === undefined || hasEnded(child)) return;
    const ended = once(child, 'exit');
    signal(child, name, true);
    const timer = setTimeout(() => signal(child, 'SIGKILL', true), PATIENCE_MS);
    await ended;
    clearTimeout(timer);
  }

  /** Ends it for good: what it has is wanted no more. */
  stop(): Promise<void> {
    return this.end('SIGKILL');
  }

  /** Loses everything it had, while it does not run. */
  async lose(): Promise<void> {
    rmSync(this.data, { recursive: true, force: true });
    mkdirSync(this.data, { recursive: true });
  }
}

/** Whether this machine can run such programs. */
export function havePrograms(programs: readonly string[]): boolean {
  const folders = (process.env.PATH ?? '').split(':');
  return programs.every((program) => folders.some((folder) => exists(join(folder, program))));
}

function exists(path: string): boolean {
  try {
    closeSync(openSync(path, 'r'));
    return true;
  } catch {
    return false;
  }
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

/** Whether a server answers as one that serves. */
function greets(port: number, { say, isAnswer }: Greeting): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (serves: boolean): void => {
      socket.destroy();
      resolve(serves);
    };
    socket.setTimeout(2_000, () => end(false));
    socket.once('error', () => end(false));
    socket.once('close', () => end(false));
    socket.once('connect', () => socket.write(say, 'latin1'));
    socket.once('data', (piece) => end(isAnswer(piece)));
  });
}
