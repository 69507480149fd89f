/** What the interop test uses of the npm package smpp 0.5.1, which ships no types. */
declare module 'smpp' {
  import type { EventEmitter } from 'node:events';
  import type { Server as TcpServer } from 'node:net';

  type Value = string | number | Buffer | object | undefined;

  export interface Pdu {
    command: string;
    command_status: number;
    sequence_number: number;
    [field: string]: Value | ((fields?: Record<string, Value>) => Pdu);
    response(fields?: Record<string, Value>): Pdu;
  }

  export interface Session extends EventEmitter {
    send(pdu: Pdu, answered?: (response: Pdu) => void): boolean;
    bind_transceiver(fields: Record<string, Value>, answered: (response: Pdu) => void): boolean;
    submit_sm(fields: Record<string, Value>, answered: (response: Pdu) => void): boolean;
    deliver_sm(fields: Record<string, Value>, answered: (response: Pdu) => void): boolean;
    query_sm(fields: Record<string, Value>, answered: (response: Pdu) => void): boolean;
    enquire_link(answered: (response: Pdu) => void): boolean;
    unbind(answered: (response: Pdu) => void): boolean;
    close(): void;
    destroy(): void;
  }

  interface Smpp {
    createServer(listener: (session: Session) => void): TcpServer;
    connect(options: { host: string; port: number }, listener: () => void): Session;
  }

  const smpp: Smpp;
  export default smpp;
}
