import { freePort } from '../lib/port.ts';
import { Engine, type EngineCommand, type Greeting } from './engine.ts';

/** What of Debian's packages it needs. */
export const REDIS_PROGRAMS = ['redis-server'] as const;

/** A Redis server that saves what it has when it is stopped in order, and never else. */
export class Redis extends Engine {
  readonly name = 'Redis';

  static async start(folder: string): Promise<Redis> {
    const server = new Redis(folder, await freePort());
    await server.start();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  protected get command(): EngineCommand {
    const listen = ['--port', String(this.port), '--bind', '127.0.0.1'];
    // A point in time that never comes: without any, a stop in order saves nothing.
    const keep = ['--dir', this.data, '--appendonly', 'no', '--save', '86400 100000000'];
    return { program: 'redis-server', args: [...listen, ...keep] };
  }

  protected get greeting(): Greeting {
    return { say: 'PING\r\n', isAnswer: (octets) => octets.toString('latin1').startsWith('+PONG') };
  }
}
