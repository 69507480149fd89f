import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Post } from '../src/services/webhook-request.ts';

/** One row of a callback. */
// biome-ignore lint/suspicious/noExplicitAny: read from the wire
export type Row = any;

/** What a receiver was sent. */
export interface Received {
  headers: IncomingHttpHeaders;
  body: string;
  rows: Row[];
}

const rowsOf = (body: string): Row[] => JSON.parse(body).rows ?? [];

/** One row in few words: what happened to what. */
export function wordsOf(row: Row): string {
  if (row.status !== undefined) return `${row.status.message_status} ${row.message_id}`;
  const { event } = row.notification ?? row.system_event ?? row.response;
  return event;
}

/** Receivers that stand in memory, by their address; each answers as its test wants. */
export class FakeReceivers {
  readonly #answers = new Map<string, (body: string) => number | null>();
  /** What was answered with 2xx, and what was not, in order. */
  readonly taken: (Received & { url: string })[] = [];
  readonly refused: (Received & { url: string })[] = [];

  /** `answer` gives a status; null: the request fails. */
  set(url: string, answer: (body: string) => number | null): void {
    this.#answers.set(url, answer);
  }

  readonly post: Post = async (url, { headers, body }) => {
    const status = this.#answers.get(url)?.(body) ?? null;
    const received = { url, headers, body, rows: rowsOf(body) };
    (status !== null && status < 300 ? this.taken : this.refused).push(received);
    return status === null ? { failure: 'it refuses connections', durationMs: 1 } : { status, durationMs: 1 };
  };

  /** The rows an address has taken, in words. */
  wordsAt(url: string): string[] {
    return this.taken.filter((each) => each.url === url).flatMap(({ rows }) => rows.map(wordsOf));
  }
}

/** A receiver on a port of its own. */
export interface Receiver {
  url: string;
  /** Everything that was answered with 2xx but the checks, in order. */
  readonly received: Received[];
  /** How the next ones are answered; 200 unless a test says otherwise. */
  answer: (response: ServerResponse, received: Received) => void;
  close(): Promise<void>;
}

/** Starts a receiver. The check of a new webhook, `{}`, is always answered with 200. */
export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    if (body === '{}') {
      response.end();
      return;
    }
    const one = { headers: request.headers, body, rows: rowsOf(body) };
    response.on('finish', () => {
      if (response.statusCode < 300) received.push(one);
    });
    receiver.answer(response, one);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    answer: (response) => response.end(),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return receiver;
}
