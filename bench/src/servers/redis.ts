import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { endProcess } from '../lib/helper.ts';
import { freePort } from '../lib/port.ts';
import { waitUntil } from '../lib/time.ts';

const START_WAIT_MS = 30_000;

/** A Redis server of our own, which writes nothing down. */
export class Redis {
  readonly #server: ChildProcess;
  readonly url: string;

  private constructor(server: ChildProcess, url: string) {
    this.#server = server;
    this.url = url;
  }

  get pid(): number {
    return this.#server.pid!;
  }

  static async start(folder: string): Promise<Redis> {
    const port = await freePort();
    const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder];
    const server = spawn('redis-server', args, { stdio: 'ignore' });
    server.on('error', () => {});
    await waitUntil('Redis to start', () => answers(port), START_WAIT_MS, 50);
    return new Redis(server, `redis://127.0.0.1:${port}`);
  }

  stop(): Promise<void> {
    return endProcess(this.#server);
  }
}

async function answers(port: number): Promise<boolean> {
  const socket = connect({ port, host: '127.0.0.1' });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
