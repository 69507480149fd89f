import { connect, type Socket } from 'node:net';
import { serveHelper } from '../lib/helper.ts';
import { AnswerReader } from '../lib/http-answers.ts';
import { checksumOf, NATIONAL_DIGITS, NumberSource } from '../lib/numbers.ts';
import { quantile } from '../lib/stats.ts';
import { monotonicMs } from '../lib/time.ts';

/** What is sent, and how. */
export interface Load {
  port: number;
  /** One whole HTTP request; {@link PLACEHOLDER} stands where a number goes. */
  request: string;
  requests: number;
  connections: number;
  seed: number;
  /** Requests a second, evenly; null for as fast as the answers come. */
  perSecond: number | null;
}

/** What came of it. */
export interface LoadResult {
  /** When the first request left and the last answer came, by the machine's monotonic clock. */
  firstAt: number;
  lastAt: number;
  numbers: number;
  checksum: number;
  /** Answers by HTTP status. */
  statuses: Record<number, number>;
  /** Milliseconds from a request to its answer; at a steady rate from when it was due. */
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
}

/** Stands in a request where a number goes. */
export const PLACEHOLDER = '0'.repeat(NATIONAL_DIGITS);

interface Connection {
  socket: Socket;
  octets: Buffer;
  reader: AnswerReader;
  /** When the request under way counts as begun. */
  since: number;
}

function slotsOf(request: string): number[] {
  const slots: number[] = [];
  for (let at = request.indexOf(PLACEHOLDER); at >= 0; at = request.indexOf(PLACEHOLDER, at + NATIONAL_DIGITS)) {
    slots.push(at);
  }
  return slots;
}

const methods = {
  async run(load: Load): Promise<LoadResult> {
    const slots = slotsOf(load.request);
    const source = new NumberSource(load.seed);
    const latencies = new Float64Array(load.requests);
    const statuses: Record<number, number> = {};
    let checksum = 0;
    let sent = 0;
    let answered = 0;

    const connections = await Promise.all(
      Array.from({ length: load.connections }, async (): Promise<Connection> => {
        const socket = connect({ port: load.port, host: '127.0.0.1', noDelay: true });
        await new Promise<void>((resolve, reject) => {
          socket.once('connect', resolve);
          socket.once('error', reject);
        });
        return { socket, octets: Buffer.from(load.request, 'latin1'), reader: new AnswerReader(), since: 0 };
      }),
    );

    const send = (connection: Connection, since: number): void => {
      const { octets } = connection;
      for (const slot of slots) {
        const number = source.next();
        checksum += checksumOf(number);
        let left = number;
        for (let at = slot + NATIONAL_DIGITS - 1; at >= slot; at--) {
          const tens = Math.floor(left / 10);
          octets[at] = 48 + left - tens * 10;
          left = tens;
        }
      }
      sent++;
      connection.since = since;
      connection.socket.write(octets);
    };

    const firstAt = monotonicMs();
    const everyMs = load.perSecond === null ? 0 : 1000 / load.perSecond;
    const free: Connection[] = [...connections];
    /** At a steady rate a request that finds no free connection waits, and its wait counts. */
    const sendDue = (): void => {
      const now = monotonicMs();
      while (free.length > 0 && sent < load.requests) {
        const due = firstAt + sent * everyMs;
        if (due > now) return;
        send(free.pop()!, due);
      }
    };

    await new Promise<void>((resolve, reject) => {
      for (const connection of connections) {
        connection.socket.on('error', reject);
        connection.socket.on('close', () => reject(new Error('the server closed a connection')));
        connection.socket.on('data', (chunk) => {
          for (const status of connection.reader.take(chunk)) {
            const now = monotonicMs();
            latencies[answered++] = now - connection.since;
            statuses[status] = (statuses[status] ?? 0) + 1;
            if (load.perSecond !== null) {
              free.push(connection);
              sendDue();
            } else if (sent < load.requests) send(connection, now);
            if (answered === load.requests) resolve();
          }
        });
      }
      if (load.perSecond === null) {
        for (const connection of connections) if (sent < load.requests) send(connection, monotonicMs());
      } else {
        const tick = (): void => {
          sendDue();
          if (sent < load.requests) setTimeout(tick, 1);
        };
        tick();
      }
    });
    const lastAt = monotonicMs();
    for (const { socket } of connections) socket.removeAllListeners('close').destroy();

    latencies.sort();
    return {
      firstAt,
      lastAt,
      numbers: sent * slots.length,
      checksum,
      statuses,
      p50Ms: quantile(latencies, 0.5),
      p99Ms: quantile(latencies, 0.99),
      maxMs: latencies.at(-1)!,
    };
  },
};

/** What this process can be asked. */
export type LoadHelper = typeof methods;

serveHelper(methods);
