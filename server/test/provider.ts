import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** A request a provider was sent, read whole. */
export interface ProviderRequest {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
  // biome-ignore lint/suspicious/noExplicitAny: read from the wire
  json: any;
}

/** A provider of SMS with an HTTP API, on a port of its own, that answers as its test wants. */
export interface TestProvider {
  readonly url: string;
  readonly port: number;
  /** Everything that was asked, in order. */
  readonly requests: ProviderRequest[];
  /** Connections made to it so far. */
  readonly connections: () => number;
  answer: (request: ProviderRequest, response: ServerResponse, socket: Socket) => void;
  close(): Promise<void>;
}

/** Answers with JSON. */
export const say = (response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}) =>
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));

/** @param port a free one unless given */
export async function startProvider(port = 0): Promise<TestProvider> {
  const requests: ProviderRequest[] = [];
  let connections = 0;
  const server = createServer(async (request, response) => {
    let body = '';
    try {
      for await (const chunk of request) body += chunk;
    } catch {
      return; // It went away before it had said everything.
    }
    let json: unknown;
    try {
      json = JSON.parse(body);
    } catch {
      json = undefined;
    }
    const one = { method: request.method!, url: request.url!, headers: request.headers, body, json };
    requests.push(one);
    provider.answer(one, response, request.socket);
  });
  server.on('connection', () => {
    connections++;
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const bound = (server.address() as AddressInfo).port;
  const provider: TestProvider = {
    url: `http://127.0.0.1:${bound}`,
    port: bound,
    requests,
    connections: () => connections,
    answer: (_request, response) => say(response, 200, { id: `p-${requests.length}` }),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return provider;
}
