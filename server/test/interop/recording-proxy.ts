import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Octets that went one way over one connection. */
export interface Chunk {
  connection: number;
  /** From whoever connected, or from whoever listens. */
  from: 'client' | 'server';
  atMs: number;
  octets: Buffer;
}

/** Stands between two parties, passes on what they say, and keeps it. */
export class RecordingProxy {
  readonly chunks: Chunk[] = [];
  readonly #server = createServer((client) => this.#join(client));
  readonly #sockets = new Set<Socket>();
  readonly #target: number;
  #connections = 0;

  private constructor(target: number) {
    this.#target = target;
  }

  /** Listens on a port of its own and passes everything on to `target`, both on this machine. */
  static async start(target: number): Promise<RecordingProxy> {
    const proxy = new RecordingProxy(target);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #join(client: Socket): void {
    const server = connect(this.#target, '127.0.0.1');
    const connection = this.#connections++;
    for (const [from, source, sink] of [
      ['client', client, server],
      ['server', server, client],
    ] as const) {
      this.#sockets.add(source);
      source.setNoDelay(true);
      source.on('data', (octets: Buffer) => {
        this.chunks.push({ connection, from, atMs: Date.now(), octets });
        sink.write(octets);
      });
      source.on('end', () => sink.end());
      source.on('error', () => sink.destroy());
      source.on('close', () => this.#sockets.delete(source));
    }
  }
}
