import type { Socket } from 'node:net';
import { Framer } from './framer.ts';
import type { Clock } from './lib/clock.ts';
import { PduWriter } from './pdu/encode.ts';

/** Octets waiting to leave at which a link counts as congested. */
const CONGESTED_OCTETS = 256 * 1024;

/** How long a closing link may take to get its last octets out. */
const LINGER_MS = 1000;

/** Whom a link tells what happens on its socket. */
export interface LinkOwner {
  /** One PDU lies at buffer[start, end). */
  frame(buffer: Buffer, start: number, end: number): void;
  /** All PDUs of one socket read have been handed over. */
  readDone(): void;
  /** The peer does not read what it is sent. */
  congested(): void;
  /** The peer reads again after a congestion. */
  drained(): void;
  /** The connection is gone; told once, and not after end() or destroy(). */
  lost(error: Error | undefined): void;
  /** Asked right before each socket write; once it says no, nothing is written and the connection is cut. */
  mayWrite?: (() => boolean) | undefined;
}

/** Nothing more might be written on the connection. */
export class WriteForbidden extends Error {}

/**
 * A socket as a session sees it: PDUs in, octets out, one socket write for everything written during one read. While
 * the peer does not read what it is sent, nothing is read from it either, so that a flood of requests cannot pile up
 * responses here.
 */
export class Link {
  readonly writer = new PduWriter();
  readonly #socket: Socket;
  readonly #framer: Framer;
  readonly #owner: LinkOwner;
  readonly #clock: Clock;
  readonly #mayWrite: (() => boolean) | undefined;
  #reading = false;
  #congestedSince: number | undefined;
  #paused = false;
  #muted = false;
  #gone = false;
  #error: Error | undefined;

  constructor(socket: Socket, maxPduOctets: number, clock: Clock, owner: LinkOwner) {
    this.#socket = socket;
    this.#framer = new Framer(maxPduOctets);
    this.#clock = clock;
    this.#owner = owner;
    this.#mayWrite = owner.mayWrite;
    socket.setNoDelay(true);
    const sink = (buffer: Buffer, start: number, end: number) => {
      if (!this.#gone) owner.frame(buffer, start, end);
    };
    socket.on('data', (chunk: Buffer) => {
      if (this.#gone) return;
      this.#reading = true;
      try {
        this.#framer.push(chunk, sink);
        owner.readDone();
      } finally {
        this.#reading = false;
      }
      this.flush();
    });
    socket.on('drain', () => this.#drained());
    socket.on('error', (error) => {
      this.#error = error;
    });
    socket.on('end', () => this.#lost());
    socket.on('close', () => this.#lost());
  }

  /** The command_length that broke the stream, once one did. */
  get brokenLength(): number | undefined {
    return this.#framer.brokenLength;
  }

  /** Whether the peer takes what it is sent. */
  get writable(): boolean {
    return this.#congestedSince === undefined && !this.#gone;
  }

  /** Since when the peer has not read what it is sent; undefined while it does. */
  get congestedSince(): number | undefined {
    return this.#congestedSince;
  }

  /** Whether reading has stopped, by the owner's wish or because of congestion. */
  get paused(): boolean {
    return this.#paused || this.#congestedSince !== undefined;
  }

  /** Sends what the writer holds, at once or, during a read, at its end. */
  flush(): void {
    if (this.#reading || this.#gone || this.writer.pending === 0) return;
    if (this.#mayWrite !== undefined && !this.#muted && !this.#mayWrite()) this.#forbid();
    if (this.#muted) {
      this.writer.take();
      this.writer.recycle();
      return;
    }
    this.#socket.write(this.writer.take());
    const waiting = this.#socket.writableLength;
    // A write that the kernel took at once leaves nothing waiting: the writer's slab is free again.
    if (waiting === 0) this.writer.recycle();
    else if (waiting > CONGESTED_OCTETS && this.#congestedSince === undefined) {
      this.#congestedSince = this.#clock.now();
      this.#socket.pause();
      this.#owner.congested();
    }
  }

  /** Stops or resumes reading; what was read already is still handed over. */
  setPaused(paused: boolean): void {
    this.#paused = paused;
    if (this.#gone || this.#congestedSince !== undefined) return;
    if (paused) this.#socket.pause();
    else this.#socket.resume();
  }

  /** From now on nothing is sent any more; what is written goes nowhere, and the connection stays. */
  mute(): void {
    this.flush();
    this.#muted = true;
  }

  /** Sends what is written and closes; a peer that does not read gets a moment, then the connection is cut. */
  end(): void {
    if (this.#gone) return;
    this.#reading = false;
    this.flush();
    this.#gone = true;
    const cut = this.#clock.setTimer(() => this.#socket.destroy(), LINGER_MS);
    this.#socket.once('close', () => cut.cancel());
    // What still comes in must be read away, or the closing would turn into a reset that destroys our last octets.
    this.#socket.resume();
    this.#socket.end();
  }

  /** Cuts the connection. */
  destroy(): void {
    this.#gone = true;
    this.#socket.destroy();
  }

  /** Cuts the connection, and with it what waits here for a peer that does not read; `lost` is told as of any connection. */
  #forbid(): void {
    this.#muted = true;
    this.#error = new WriteForbidden('nothing may be written any more');
    this.#socket.destroy();
  }

  #drained(): void {
    if (this.#congestedSince === undefined || this.#gone) return;
    this.#congestedSince = undefined;
    this.writer.recycle();
    if (!this.#paused) this.#socket.resume();
    this.#owner.drained();
  }

  #lost(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#socket.destroy();
    this.#owner.lost(this.#error);
  }
}
