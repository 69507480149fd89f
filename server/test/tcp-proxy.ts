import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { LOCALHOST_TLS } from './tls.ts';

/** A way to a server that can be cut, blocked and opened again, as a network is. */
export class TcpProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Links to the server that nobody is at the other end of. */
  readonly #detached = new WeakSet<Socket>();
  /** Octets that came over each connection from whoever made it, in the order they were made. */
  readonly octets: number[] = [];
  #open = true;
  /** Texts that have to be seen, one after the other, before everything is cut. */
  #awaited: string[] = [];
  /** Whether what holds the last of them is still handed on. */
  #handsOn = false;

  private constructor(target: { host: string; port: number }, tls: boolean) {
    const take = (near: Socket) => {
      if (!this.#open) return void near.destroy();
      const far = connect(target.port, target.host);
      for (const socket of [near, far]) {
        this.#sockets.add(socket);
        socket.on('error', () => {});
        socket.on('close', () => {
          this.#sockets.delete(socket);
          near.destroy();
          if (!this.#detached.has(far)) far.destroy();
        });
      }
      const place = this.octets.push(0) - 1;
      near.on('data', (chunk: Buffer) => {
        this.octets[place]! += chunk.length;
        if (this.#cutsAt(chunk)) {
          if (this.#handsOn) this.#cutBehind(chunk, near, far);
          else this.cut();
        } else if (!far.write(chunk)) near.pause();
      });
      far.on('drain', () => near.resume());
      near.on('end', () => far.end());
      far.pipe(near);
    };
    this.#server = tls ? createTlsServer(LOCALHOST_TLS, take) : createServer(take);
  }

  /** @param tls whether it speaks TLS to whoever comes, as `localhost` */
  static async to(target: { host: string; port: number }, tls = false): Promise<TcpProxy> {
    const proxy = new TcpProxy(target, tls);
    proxy.#server.listen(0, 'localhost');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  /** Connections that are open. */
  get links(): number {
    return this.#sockets.size / 2;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Ends every connection; new ones are made. */
  break(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Ends every connection and makes none. */
  cut(): void {
    this.#open = false;
    this.break();
  }

  /** Cuts instead of handing on what holds the last of these texts, once the others have gone by in their order. */
  cutAt(...texts: string[]): void {
    this.#awaited = texts;
    this.#handsOn = false;
  }

  /** The same, but hands it on before: the server does what it is told, and nobody hears its answer. */
  cutBehind(...texts: string[]): void {
    this.#awaited = texts;
    this.#handsOn = true;
  }

  restore(): void {
    this.#open = true;
  }

  /** Lets nothing through, and ends nothing. */
  hold(): void {
    for (const socket of this.#sockets) socket.pause();
  }

  release(): void {
    for (const socket of this.#sockets) socket.resume();
  }

  #cutBehind(chunk: Buffer, near: Socket, far: Socket): void {
    this.#open = false;
    this.#detached.add(far);
    far.unpipe(near);
    far.resume();
    far.write(chunk);
    for (const socket of this.#sockets) if (socket !== far) socket.destroy();
  }

  #cutsAt(chunk: Buffer): boolean {
    if (this.#awaited.length === 0) return false;
    for (let from = 0; this.#awaited.length > 0; ) {
      const at = chunk.indexOf(this.#awaited[0]!, from);
      if (at < 0) return false;
      from = at + this.#awaited.shift()!.length;
    }
    return true;
  }

  async end(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
