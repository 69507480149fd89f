import { EventEmitter } from 'node:events';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import type { BodyInput, PduOf } from './pdu/commands.ts';
import { STATUS } from './pdu/statuses.ts';
import { Session } from './session.ts';
import { type BindType, knowOptionalParameters, type SessionOptions, SMPP_3_4 } from './session-contract.ts';

/** A bind request, whichever of the three (§4.1). */
export type BindRequest = PduOf<'bind_transmitter' | 'bind_receiver' | 'bind_transceiver'>;

/** Decides on a bind: ESME_ROK, or the status to refuse it with. */
export type Authenticate = (request: BindRequest, remoteAddress: string) => number | Promise<number>;

/** How an SMSC listens. */
export interface SmscOptions extends SessionOptions {
  host?: string;
  /** 0 takes a free one; see SmscServer.port. */
  port?: number;
  /** TLS instead of plain TCP: key, cert and other options of node:tls. */
  tls?: TlsOptions;
  /** Who may bind; without it everybody may. */
  authenticate?: Authenticate;
  /** What the bind response calls this SMSC; default "SMSC". */
  system_id?: string;
  /** The version this SMSC speaks: 0x34 (default) is 3.4, 0x50 is 5.0, 0x33 is 3.3, which has no optional parameters. */
  interface_version?: number;
  /** Connections at once; further ones are closed at once. Default 1,000. */
  maxSessions?: number;
}

/** The SMSC's end of a session; exists from the connection on, and is given out once bound. */
export class SmscSession<C = unknown> extends Session<C> {
  readonly remoteAddress: string;
  readonly #authenticate: Authenticate;
  readonly #systemId: string;
  readonly #version: number;
  #asked = false;

  constructor(socket: Socket, options: SmscOptions) {
    super('smsc', options);
    this.remoteAddress = `${socket.remoteAddress}:${socket.remotePort}`;
    this.#authenticate = options.authenticate ?? (() => STATUS.ESME_ROK);
    this.#systemId = options.system_id ?? 'SMSC';
    this.#version = options.interface_version ?? SMPP_3_4;
    this.attach(socket);
  }

  /** Sends up to `free` of the requests in one socket write; as EsmeSession.submitMany(). */
  deliverMany(requests: readonly BodyInput<'deliver_sm'>[], contexts: readonly C[], from = 0): number {
    return this.sendMessages(0x05, requests, contexts, from);
  }

  protected override bindRequested(request: BindRequest): void {
    if (this.#asked) {
      this.respond(request, STATUS.ESME_RALYBND);
      return;
    }
    this.#asked = true;
    const verdict = this.#authenticate(request, this.remoteAddress);
    if (typeof verdict === 'number') {
      this.#decided(request, verdict);
      return;
    }
    verdict.then(
      (status) => this.#decided(request, status),
      () => this.#decided(request, STATUS.ESME_RSYSERR),
    );
  }

  protected override bindAnswered(): boolean {
    return false;
  }

  #decided(request: BindRequest, status: number): void {
    if (this.state === 'closed') return;
    if (status !== STATUS.ESME_ROK) {
      this.respond(request, status);
      this.end({ kind: 'bind-refused', detail: `system_id ${request.system_id}` }, false);
      return;
    }
    const optionalParameters = knowOptionalParameters(this.#version, request.interface_version);
    const tlvs = optionalParameters ? { sc_interface_version: this.#version } : undefined;
    this.respond(request, STATUS.ESME_ROK, { system_id: this.#systemId, tlvs });
    this.becomeBound({
      bindType: request.command.slice('bind_'.length) as BindType,
      systemId: request.system_id,
      interfaceVersion: request.interface_version,
      optionalParameters,
    });
  }
}

interface SmscEvents<C> {
  /** A session is bound. Listeners are set within the event, before anything more is read. */
  session: [SmscSession<C>];
}

const DEFAULT_MAX_SESSIONS = 1000;

/** An SMSC that listens for ESMEs: authenticates their binds and gives out their sessions. */
export class SmscServer<C = unknown> extends EventEmitter<SmscEvents<C>> {
  readonly #options: SmscOptions;
  readonly #server: Server;
  readonly #sessions = new Set<SmscSession<C>>();
  /** Sockets outlive their sessions while the last octets leave. */
  readonly #sockets = new Set<Socket>();

  constructor(options: SmscOptions = {}) {
    super();
    this.#options = options;
    const accept = (socket: Socket): void => this.#accept(socket);
    this.#server = options.tls === undefined ? createTcpServer(accept) : createTlsServer(options.tls, accept);
    // A handshake that fails concerns nobody but the peer.
    this.#server.on('tlsClientError', (_error, socket: Socket) => socket.destroy());
  }

  /** The sessions that exist, bound or about to be. */
  get sessions(): ReadonlySet<SmscSession<C>> {
    return this.#sessions;
  }

  /** The port it listens on. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Starts to listen; rejects when the port is taken. */
  listen(): Promise<void> {
    const { host = '127.0.0.1', port = 0 } = this.#options;
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, () => {
        this.#server.off('error', reject);
        // Errors of single accepts (no descriptors left) must not end the process.
        this.#server.on('error', () => {});
        resolve();
      });
    });
  }

  /** Stops listening and cuts every session; resolves when the port is free. */
  close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const session of this.#sessions) session.destroy();
    for (const socket of this.#sockets) socket.destroy();
    return closed;
  }

  #accept(socket: Socket): void {
    if (this.#sessions.size >= (this.#options.maxSessions ?? DEFAULT_MAX_SESSIONS)) {
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    const session = new SmscSession<C>(socket, this.#options);
    this.#sessions.add(session);
    session.once('bound', () => this.emit('session', session));
    session.once('closed', () => this.#sessions.delete(session));
  }
}
