import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import type { Timer } from './lib/clock.ts';
import type { BodyInput, PduInput, ResponsePdu } from './pdu/commands.ts';
import { STATUS, statusName } from './pdu/statuses.ts';
import { Session } from './session.ts';
import {
  type BindType,
  type Bound,
  type CloseReason,
  knowOptionalParameters,
  type SessionOptions,
  SMPP_3_4,
} from './session-contract.ts';

/** Where an ESME connects to and what it says of itself (§4.1). */
export interface EsmeOptions extends SessionOptions {
  host: string;
  port: number;
  /** TLS instead of plain TCP: true, or options of node:tls. */
  tls?: boolean | ConnectionOptions;
  /** From open() to the connection; default 10 s. */
  connectTimeoutMs?: number;
  /** Default transceiver. */
  bindType?: BindType;
  system_id: string;
  password?: string;
  system_type?: string;
  /** Default 0x34, SMPP 3.4 (§5.2.4). With 0x33, messages are sent without optional parameters. */
  interface_version?: number;
  addr_ton?: number;
  addr_npi?: number;
  address_range?: string;
}

/** open() came to nothing. */
export class BindError extends Error {
  override readonly name = 'BindError';
  readonly reason: CloseReason;
  /** command_status of the SMSC's refusal; undefined when the bind failed for another reason. */
  readonly status: number | undefined;

  constructor(reason: CloseReason, status: number | undefined) {
    super(`bind failed, ${reason.kind}: ${reason.detail}`);
    this.reason = reason;
    this.status = status;
  }
}

const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;

/**
 * The ESME's end of a session: listeners first, then open(), then batches of submit_sm. One object is one bind; after
 * `closed` a new one is made.
 */
export class EsmeSession<C = unknown> extends Session<C> {
  readonly #options: EsmeOptions;
  #bindSequence = 0;
  #bindStatus: number | undefined;
  #opened = false;

  constructor(options: EsmeOptions) {
    super('esme', options);
    this.#options = options;
  }

  /**
   * Connects and binds. Resolves once bound; rejects with BindError when the connection or the bind fails, `closed`
   * being emitted as well. The socket's own errors never surface elsewhere.
   */
  async open(): Promise<Bound> {
    if (this.#opened || this.state === 'closed') throw new Error('a session is opened once');
    this.#opened = true;
    return new Promise((resolve, reject) => {
      const onBound = (bound: Bound): void => {
        this.off('closed', onClosed);
        resolve(bound);
      };
      const onClosed = (reason: CloseReason): void => {
        this.off('bound', onBound);
        reject(new BindError(reason, this.#bindStatus));
      };
      this.once('bound', onBound);
      this.once('closed', onClosed);
      this.#connect();
    });
  }

  /**
   * Sends up to `free` of the requests, from index `from` on, in one socket write; returns how many were taken. What
   * becomes of each comes back in `results` with the context of the same index. An EncodeError names a request that
   * can never be sent by its `index`: those before it are on their way, those behind it are not taken.
   */
  submitMany(requests: readonly BodyInput<'submit_sm'>[], contexts: readonly C[], from = 0): number {
    return this.sendMessages(0x04, requests, contexts, from);
  }

  #connect(): void {
    const { host, port, tls, connectTimeoutMs = DEFAULT_CONNECT_TIMEOUT_MS } = this.#options;
    const socket: Socket = tls
      ? connectTls({ host, port, ...(isIP(host) ? {} : { servername: host }), ...(tls === true ? {} : tls) })
      : connectTcp({ host, port });
    let timer: Timer | undefined;
    const fail = (detail: string): void => {
      timer?.cancel();
      socket.destroy();
      this.end({ kind: 'connect-failed', detail }, true);
    };
    const onError = (error: Error): void => fail(error.message);
    const onClosed = (): void => {
      timer?.cancel();
      socket.destroy();
    };
    if (connectTimeoutMs > 0) {
      timer = this.clock.setTimer(() => fail(`no connection within ${connectTimeoutMs} ms`), connectTimeoutMs);
    }
    // destroy() may come while the connection is still being made.
    this.once('closed', onClosed);
    socket.on('error', onError);
    socket.once(tls ? 'secureConnect' : 'connect', () => {
      timer?.cancel();
      this.off('closed', onClosed);
      if (this.state === 'closed') return;
      this.attach(socket);
      socket.off('error', onError);
      this.#bind();
    });
  }

  #bind(): void {
    const options = this.#options;
    this.#bindSequence = this.nextSequence();
    const request: PduInput = {
      command: `bind_${options.bindType ?? 'transceiver'}`,
      sequence: this.#bindSequence,
      system_id: options.system_id,
      password: options.password ?? '',
      system_type: options.system_type ?? '',
      interface_version: options.interface_version ?? SMPP_3_4,
      addr_ton: options.addr_ton ?? 0,
      addr_npi: options.addr_npi ?? 0,
      address_range: options.address_range ?? '',
    };
    this.link!.writer.add(request);
    this.link!.flush();
  }

  protected override bindAnswered(sequence: number, status: number, response: ResponsePdu | undefined): boolean {
    if (sequence !== this.#bindSequence) return false;
    this.#bindStatus = status;
    if (status !== STATUS.ESME_ROK) {
      this.end({ kind: 'bind-refused', detail: statusName(status) }, false);
      return true;
    }
    const systemId = response !== undefined && 'system_id' in response ? response.system_id : '';
    const interfaceVersion = response?.tlvs?.sc_interface_version;
    this.becomeBound({
      bindType: this.#options.bindType ?? 'transceiver',
      systemId,
      interfaceVersion,
      optionalParameters: knowOptionalParameters(this.#options.interface_version ?? SMPP_3_4, interfaceVersion),
    });
    return true;
  }

  protected override bindRequested(): void {
    throw new Error('table 2-1 lets no SMSC send a bind');
  }
}
