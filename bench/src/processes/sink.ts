import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';
import { serveHelper } from '../lib/helper.ts';
import { monotonicMs } from '../lib/time.ts';

/** What the sink has been told since it was last cleared. */
export interface Told {
  reports: number;
  /** Different messages among them. */
  distinct: number;
  /** HTTP requests they came in. */
  requests: number;
  lastAt: number;
}

/** Body of a batch: the ids of messages with what became of each. */
export interface ReportBatch {
  reports: [id: string, state: string][];
}

const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';
const HEAD_END = Buffer.from('\r\n\r\n');
const LENGTH = /^content-length: *(\d+)/im;
const ONE = /^GET \/report\?id=([^& ]+)/;

let ids: string[] = [];
let requests = 0;
let lastAt = 0;

/** Reads one request from the front; returns how many octets it took, 0 when it is not whole yet. */
function readRequest(octets: Buffer): number {
  const headEnd = octets.indexOf(HEAD_END);
  if (headEnd < 0) return 0;
  const head = octets.toString('latin1', 0, headEnd);
  const bodyAt = headEnd + HEAD_END.length;
  const one = ONE.exec(head);
  if (one !== null) {
    ids.push(one[1]!);
    return bodyAt;
  }
  const end = bodyAt + Number(LENGTH.exec(head)?.[1] ?? 0);
  if (octets.length < end) return 0;
  const batch = JSON.parse(octets.toString('utf8', bodyAt, end)) as ReportBatch;
  for (const [id] of batch.reports) ids.push(id);
  return end;
}

/** A server as small as a sink can be, so that taking reports costs either peer next to nothing. */
function serve(socket: Socket): void {
  let rest: Buffer = Buffer.alloc(0);
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let taken = 0;
    for (let length = readRequest(rest); length > 0; length = readRequest(rest)) {
      taken++;
      rest = rest.subarray(length);
    }
    if (taken === 0) return;
    requests += taken;
    lastAt = monotonicMs();
    socket.write(ANSWER.repeat(taken));
  });
}

const methods = {
  start: (): Promise<number> =>
    new Promise((resolve) => {
      const server = createServer(serve);
      server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
    }),
  reports: (): number => ids.length,
  told: (): Told => ({ reports: ids.length, distinct: new Set(ids).size, requests, lastAt }),
  clear(): void {
    ids = [];
    requests = 0;
  },
};

/** What this process can be asked. */
export type SinkHelper = typeof methods;

serveHelper(methods);
