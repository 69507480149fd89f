import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { Framer } from '../src/framer.ts';
import type { Pdu, PduInput } from '../src/pdu/commands.ts';
import { type DecodeError, decodePdu } from '../src/pdu/decode.ts';
import { encodePdu } from '../src/pdu/encode.ts';

/** One end of a connection that does exactly what a test says, and nothing by itself. */
export class Peer {
  readonly socket: Socket;
  readonly #received: (Pdu | DecodeError)[] = [];
  #wake: (() => void) | undefined;
  closed = false;

  constructor(socket: Socket) {
    this.socket = socket;
    const framer = new Framer();
    socket.on('data', (chunk) => {
      framer.push(chunk, (buffer, start, end) =>
        this.#received.push(decodePdu(Buffer.from(buffer.subarray(start, end)))),
      );
      this.#wake?.();
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.closed = true;
      this.#wake?.();
    });
  }

  /** Sends PDUs in one write. */
  send(...pdus: PduInput[]): void {
    this.socket.write(Buffer.concat(pdus.map((pdu) => encodePdu(pdu))));
  }

  /** Sends octets as they are. */
  sendHex(hex: string): void {
    this.socket.write(Buffer.from(hex.replace(/\s/g, ''), 'hex'));
  }

  /** The next PDU, whatever it is; undefined once the connection is closed and all is read. */
  async next(): Promise<Pdu | DecodeError | undefined> {
    while (this.#received.length === 0 && !this.closed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#received.shift();
  }

  /** The next so many PDUs. */
  async take(count: number): Promise<Pdu[]> {
    const pdus: Pdu[] = [];
    while (pdus.length < count) pdus.push((await this.next()) as Pdu);
    return pdus;
  }

  /** Answers the bind that comes first, and returns it. */
  async acceptBind(status = 0): Promise<Pdu> {
    const bind = (await this.next()) as Pdu;
    this.send({ command: `${bind.command}_resp`, sequence: bind.sequence, status, system_id: 'PEER' } as PduInput);
    return bind;
  }
}

/** Listens for one connection after another, and gives them out as peers. */
export class PeerServer {
  readonly #server = createServer((socket) => {
    const peer = new Peer(socket);
    this.#peers.push(peer);
    this.#wake?.();
  });
  readonly #peers: Peer[] = [];
  readonly #given = new Set<Peer>();
  #wake: (() => void) | undefined;

  async listen(): Promise<this> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return this;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** The next connection. */
  async peer(): Promise<Peer> {
    while (this.#peers.length === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const peer = this.#peers.shift()!;
    this.#given.add(peer);
    peer.socket.once('close', () => this.#given.delete(peer));
    return peer;
  }

  async close(): Promise<void> {
    for (const peer of [...this.#peers, ...this.#given]) peer.socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** Waits until a condition holds, looking again after every turn of the event loop. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
