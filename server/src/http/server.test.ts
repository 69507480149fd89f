import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { systemClock } from '../lib/clock.ts';
import { createMetrics } from '../lib/metrics.ts';
import type { HttpDeps } from './deps.ts';
import { createHttpServer } from './server.ts';

test('a request that had begun before the server stops is answered like any other', async () => {
  const deps = {
    clock: systemClock,
    metrics: createMetrics(),
    trustedProxies: [],
    facts: {},
    builtConsole: null,
    stopping: () => false,
    limits: { sendBodyBytes: 1_000 },
  } as unknown as HttpDeps;
  const app = createHttpServer(deps, 'operators');
  await app.listen({ port: 0, host: '127.0.0.1' });
  const begun = once(app.server, 'connection');
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  const answer = text(socket);
  socket.write('GET /healthz HTTP/1.1\r\nHost: signet\r\n');
  // Its head has been read as far as it goes; a connection without any would be closed as idle.
  const [peer] = await begun;
  while (peer.bytesRead === 0) await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  const closed = app.close();
  while (app.server.listening) await new Promise((resolve) => setImmediate(resolve));
  socket.write('\r\n');
  expect(await answer).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*connection: close\r\n/i);
  await closed;
});
