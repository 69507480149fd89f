import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { type Clock, httpDate } from '../../lib/clock.ts';
import type { Answer } from '../answer.ts';
import type { DirectRoute } from '../direct-route.ts';
import type { Meter } from '../request-metrics.ts';
import { type Head, readHead } from './head.ts';

/** Routes by method and path, each with whoever counts its answers. */
export type DirectRoutes = ReadonlyMap<string, { route: DirectRoute; meter: Meter }>;

/** What connections have in common. */
export interface ConnectionMeans {
  routes: DirectRoutes;
  clock: Clock;
  /** How long a connection is kept without a request. */
  keepAliveMs: number;
  /** Whether connections are not to be kept any more. */
  stopping: () => boolean;
  /** Gives a connection to Node's HTTP server, for good. */
  handOver(socket: Socket): void;
  /** It is not read here any more. */
  over(connection: DirectConnection): void;
}

/**
 * A connection whose requests are read and answered here as long as each is ordinary, came whole in one read, and is for a
 * direct route. With the first that is not, the connection goes to Node's HTTP server, and with it what was read.
 */
export class DirectConnection {
  readonly #socket: Socket;
  readonly #address: string;
  readonly #means: ConnectionMeans;
  /** When it was last heard of, or answered. */
  #since: number;
  /** The head of the last request: most clients send the same again and again. */
  #head: Head | null = null;
  #answering = false;
  /** What came before the answer to what came before it. */
  #early: Buffer | null = null;
  #closing = false;

  constructor(socket: Socket, means: ConnectionMeans) {
    this.#socket = socket;
    this.#address = socket.remoteAddress ?? '';
    this.#means = means;
    this.#since = means.clock.monotonic();
    socket.on('data', this.#onData).on('end', this.#onEnd).on('error', this.#onError).on('close', this.#onClose);
  }

  /** Ends what has been idle for too long; who connects and says nothing is left to Node. */
  look(now: number): void {
    if (this.#answering) return;
    if (this.#head === null) this.#handOver(null);
    else if (now - this.#since >= this.#means.keepAliveMs) this.#socket.destroy();
  }

  /** Takes no more requests; one under way is answered. */
  close(): void {
    this.#closing = true;
    if (!this.#answering) this.#socket.destroySoon();
  }

  readonly #onData = (octets: Buffer): void => {
    if (this.#answering) {
      this.#early = octets;
      this.#socket.pause();
      return;
    }
    // Whoever does not listen is left to Node, which reads nothing more until they do.
    const head = this.#socket.writableNeedDrain ? null : this.#headOf(octets);
    const found = head === null ? undefined : this.#means.routes.get(`${head.method} ${head.url}`);
    if (head === null || found === undefined || head.octets.length + head.bodyOctets !== octets.length) {
      this.#handOver(octets);
      return;
    }
    this.#head = head;
    this.#answering = true;
    const { route, meter } = found;
    const begun = this.#means.clock.monotonic();
    const body = octets.subarray(head.octets.length);
    route.answer({ address: this.#address, headers: head.headers, body }).then((answer) => {
      this.#write(answer);
      meter.answered(answer.status, this.#since - begun);
    });
  };

  #headOf(octets: Buffer): Head | null {
    const last = this.#head;
    if (last !== null && octets.length > last.octets.length) {
      const { length } = last.octets;
      if (last.octets.compare(octets, 0, length, 0, length) === 0) return last;
    }
    return readHead(octets);
  }

  #write({ status, body, headers = {} }: Answer): void {
    const { clock, keepAliveMs } = this.#means;
    this.#answering = false;
    this.#since = clock.monotonic();
    if (this.#socket.destroyed) return;
    // A request that came before this answer is still taken.
    if (this.#means.stopping() && this.#early === null) this.#closing = true;
    const json = JSON.stringify(body);
    const octets = Buffer.byteLength(json);
    let fields = '';
    for (const name in headers) fields += `${name}: ${headers[name]}\r\n`;
    const keep = this.#closing ? 'close' : `keep-alive\r\nKeep-Alive: timeout=${Math.floor(keepAliveMs / 1_000)}`;
    this.#socket.write(
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${fields}content-type: application/json; charset=utf-8\r\ncontent-length: ${octets}\r\nDate: ${httpDate(clock.now())}\r\nConnection: ${keep}\r\n\r\n${json}`,
      // As many octets as characters: ASCII, which needs no encoding.
      octets === json.length ? 'latin1' : 'utf8',
    );
    if (this.#closing) this.#socket.destroySoon();
    else if (this.#early !== null) this.#handOver(this.#early);
  }

  /** @param octets what has been read and not been answered */
  #handOver(octets: Buffer | null): void {
    const socket = this.#socket;
    socket.pause();
    socket.off('data', this.#onData).off('end', this.#onEnd).off('error', this.#onError).off('close', this.#onClose);
    this.#means.over(this);
    if (octets !== null) socket.unshift(octets);
    this.#means.handOver(socket);
    socket.resume();
  }

  /** The client says nothing more, and may still listen. */
  readonly #onEnd = (): void => this.close();

  readonly #onError = (): void => void this.#socket.destroy();

  readonly #onClose = (): void => this.#means.over(this);
}
