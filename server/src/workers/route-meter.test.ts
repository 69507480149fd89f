import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ADMIN, TestDesk } from '../../test/desk.ts';
import { settle } from '../../test/workers.ts';
import type { RouteFields } from '../domain/route.ts';
import { NO_COUNTS } from '../domain/route-figure.ts';
import { DEFAULT_SMPP_SETTINGS } from '../domain/smpp-settings.ts';
import { createLogger } from '../lib/log.ts';
import { createMetrics, type Metrics } from '../lib/metrics.ts';
import { RouteMeter } from './route-meter.ts';

const CHINESE = 8613800138000;
const BRITISH = 447400123456;

let desk: TestDesk;
let meter: RouteMeter;
let metrics: Metrics;
let down: Set<number>;
let [a, b, c] = [0, 0, 0];

beforeEach(async () => {
  desk = await TestDesk.open();
  const channel = async (name: string) => {
    const smpp = { ...DEFAULT_SMPP_SETTINGS, host: 'smsc.example', port: 2775, systemId: 'us', password: 'secret' };
    return (await desk.do('createChannel', { actor: ADMIN, name, enabled: true, smpp })).id;
  };
  [a, b, c] = [await channel('a'), await channel('b'), await channel('c')];
  down = new Set();
  metrics = createMetrics();
  const log = createLogger('silent');
  meter = new RouteMeter({ desk, clock: desk.clock, log, metrics, usable: (id) => !down.has(id) });
  await meter.start();
});
afterEach(async () => {
  await meter.stop();
  await desk.close();
});

const addRoute = async (name: string, more: Partial<RouteFields> & Pick<RouteFields, 'targets'>) => {
  const nothing = { countries: [], prefixes: [], categories: [], businesses: [], fallback: [], sticky: false };
  const fields = { name, enabled: true, ...nothing, ...more };
  const { id } = await desk.do('createRoute', { actor: ADMIN, fields, position: null });
  await settle();
  return id;
};
const given = (channelId: number, recipients: number[], businessId = 2) =>
  meter.given(channelId, 'notification', {
    recipients: Float64Array.from(recipients),
    businessIds: new Float64Array(recipients.length).fill(businessId),
  });
const written = async () => {
  desk.clock.advance(5_000);
  await settle();
  return (await desk.ask('routeFigures', { at: desk.clock.now(), hours: 24 })).figures;
};

test('without routes everything is the default channel’s', async () => {
  given(a, [CHINESE, BRITISH]);
  given(a, []);
  expect(await written()).toEqual([{ ...NO_COUNTS, routeId: null, channelId: a, given: 2 }]);
});

test('each message counts for its own route, by what decides about it', async () => {
  const own = await addRoute('own', { businesses: [1], targets: [{ channelId: c, weight: 1 }] });
  const china = await addRoute('china', { countries: ['CN'], targets: [{ channelId: a, weight: 1 }] });
  given(a, [CHINESE, CHINESE + 1, BRITISH, CHINESE + 2]);
  given(c, [CHINESE, BRITISH], 1);
  expect(await written()).toEqual([
    { ...NO_COUNTS, routeId: null, channelId: a, given: 1 },
    { ...NO_COUNTS, routeId: own, channelId: c, given: 2 },
    { ...NO_COUNTS, routeId: china, channelId: a, given: 3 },
  ]);
});

test('a fallback, and what stands in for a target that is down, are told apart', async () => {
  const targets = [
    { channelId: a, weight: 1 },
    { channelId: b, weight: 1 },
  ];
  const id = await addRoute('shared', { targets, fallback: [c] });
  given(a, [CHINESE]);
  down.add(a);
  given(b, [CHINESE, CHINESE + 1]);
  down.add(b);
  given(c, [CHINESE, CHINESE + 1, CHINESE + 2]);
  down.clear();
  // Both targets have refused it.
  given(c, [CHINESE]);
  expect(await written()).toEqual([
    { ...NO_COUNTS, routeId: id, channelId: a, given: 1 },
    { ...NO_COUNTS, routeId: id, channelId: b, given: 2, standIn: 2 },
    { ...NO_COUNTS, routeId: id, channelId: c, given: 4, fallback: 4, standIn: 3 },
  ]);
});

test('refusals are counted where they were made, and shown to Prometheus by name', async () => {
  const id = await addRoute('only', { targets: [{ channelId: a, weight: 1 }], fallback: [b] });
  given(a, [CHINESE, CHINESE + 1]);
  meter.notOverMe(a, [
    { routeId: id, passedOn: true },
    { routeId: id, passedOn: true },
    { routeId: null, passedOn: false },
  ]);
  given(b, [CHINESE]);
  meter.notOverMe(b, [{ routeId: id, passedOn: false }]);
  expect(await written()).toEqual([
    { ...NO_COUNTS, routeId: null, channelId: a, deadEnds: 1 },
    { ...NO_COUNTS, routeId: id, channelId: a, given: 2, passedOn: 2 },
    { ...NO_COUNTS, routeId: id, channelId: b, given: 1, fallback: 1, deadEnds: 1 },
  ]);
  await desk.do('editRoute', { actor: ADMIN, id, fields: { enabled: false }, position: null });
  await settle();
  const { text } = await metrics.expose();
  for (const line of [
    `signet_route_messages_total{route="only",channel="${a}",as="target"} 2`,
    `signet_route_messages_total{route="only",channel="${b}",as="fallback"} 1`,
    `signet_route_failovers_total{route="only",channel="${a}",cause="refused"} 2`,
    `signet_route_dead_ends_total{route="only",channel="${b}"} 1`,
    `signet_route_dead_ends_total{route="",channel="${a}"} 1`,
  ]) {
    expect(text).toContain(`${line}\n`);
  }
});

test('hours add up, old ones are forgotten, and a route that is gone takes its counts along', async () => {
  const id = await addRoute('old', { targets: [{ channelId: a, weight: 1 }] });
  given(a, [CHINESE]);
  await written();
  given(a, [CHINESE, CHINESE]);
  expect(await written()).toMatchObject([{ routeId: id, given: 3 }]);
  desk.clock.advance(3_600_000);
  given(a, [CHINESE]);
  expect(await written()).toMatchObject([{ routeId: id, given: 4 }]);
  expect((await desk.ask('routeFigures', { at: desk.clock.now(), hours: 1 })).figures).toMatchObject([{ given: 1 }]);
  desk.clock.advance(32 * 24 * 3_600_000);
  given(a, [CHINESE]);
  await written();
  expect((await desk.ask('routeFigures', { at: desk.clock.now(), hours: 10_000 })).figures).toMatchObject([
    { given: 2 },
  ]);
  await desk.do('deleteRoute', { actor: ADMIN, id });
  meter.notOverMe(a, [{ routeId: id, passedOn: true }]);
  expect(await written()).toEqual([]);
});

test('a stop writes what is counted; a store that is away loses none of it', async () => {
  given(a, [CHINESE]);
  const real = desk.do.bind(desk);
  const away = vi.spyOn(desk, 'do').mockRejectedValueOnce(new Error('away'));
  expect(await written()).toEqual([]);
  expect(away).toHaveBeenCalledOnce();
  away.mockImplementation(real);
  given(a, [CHINESE]);
  await meter.stop();
  expect((await desk.ask('routeFigures', { at: desk.clock.now(), hours: 1 })).figures).toMatchObject([{ given: 2 }]);
});
