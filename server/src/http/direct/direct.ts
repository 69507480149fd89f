import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '../../lib/clock.ts';
import type { DirectRoute } from '../direct-route.ts';
import type { RequestMeters } from '../request-metrics.ts';
import { type ConnectionMeans, DirectConnection } from './connection.ts';

const LOOK_EVERY_MS = 5_000;

/**
 * Lets ordinary requests reach routes without Node's HTTP server and Fastify, which take twice as long over a small request
 * as the whole rest of the house. All connections begin here, and go to Node with the first request that is not ordinary.
 * @returns ends what is idle, and the others when they have been answered; later connections are Node's
 */
export function takeDirectly(
  server: Server,
  routes: readonly DirectRoute[],
  { clock, meters, stopping }: { clock: Clock; meters: RequestMeters; stopping: () => boolean },
): () => void {
  const connections = new Set<DirectConnection>();
  const nodes = server.listeners('connection') as ((socket: Socket) => void)[];
  const means: ConnectionMeans = {
    routes: new Map(
      routes.map((route) => [`${route.method} ${route.url}`, { route, meter: meters.of(route.method, route.url) }]),
    ),
    clock,
    keepAliveMs: server.keepAliveTimeout,
    stopping,
    handOver: (socket) => nodes.forEach((listener) => void listener.call(server, socket)),
    over: (connection) => void connections.delete(connection),
  };
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => void connections.add(new DirectConnection(socket, means)));
  const look = () => {
    for (const connection of connections) connection.look(clock.monotonic());
    timer = clock.setTimer(look, LOOK_EVERY_MS);
  };
  let timer = clock.setTimer(look, LOOK_EVERY_MS);
  return () => {
    timer.cancel();
    server.removeAllListeners('connection');
    for (const listener of nodes) server.on('connection', listener);
    for (const connection of connections) connection.close();
  };
}
