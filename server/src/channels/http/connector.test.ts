import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { freePort, until } from '../../../test/house.ts';
import { type ProviderRequest, say, startProvider, type TestProvider } from '../../../test/provider.ts';
import { openFlightLog } from '../../../test/workers.ts';
import type { Category } from '../../domain/category.ts';
import type { Exchange } from '../../domain/exchange.ts';
import { DEFAULT_HTTP_SETTINGS, type HttpSettings } from '../../domain/http-settings.ts';
import { messageId } from '../../domain/message.ts';
import { type Clock, systemClock } from '../../lib/clock.ts';
import { createLogger } from '../../lib/log.ts';
import { ManualClock } from '../../lib/manual-clock.ts';
import type { Answered, BindReading, Outgoing } from '../channel.ts';
import { FlightLog } from '../flight-log.ts';
import { HttpConnector } from './connector.ts';
import { GenericProvider } from './generic.ts';

const RECIPIENT = 8_613_800_138_000;
const message = (index: number, lane: Category = 'notification'): Outgoing => {
  return { planId: 7, index, recipient: RECIPIENT + index, text: `text ${index}`, lane };
};
const messages = (count: number): Outgoing[] => Array.from({ length: count }, (_, i) => message(i));
const indexOf = ({ json }: ProviderRequest): number => Number(json.to) - RECIPIENT;

describe('the HTTP connector', () => {
  let provider: TestProvider;
  let flights: ReturnType<typeof openFlightLog>;
  let connector: HttpConnector;
  let answered: Answered[];
  let rooms: number;
  let exchanges: Exchange[];
  /** Whether this process owns the channel. */
  let ours: boolean;

  beforeEach(async () => {
    ours = true;
    provider = await startProvider();
    flights = openFlightLog();
    answered = [];
    rooms = 0;
    exchanges = [];
  });
  afterEach(async () => {
    await connector.stop(0);
    await provider.close();
    flights.close();
  });

  const start = async (change: Partial<HttpSettings> = {}, clock: Clock = systemClock): Promise<void> => {
    const settings: HttpSettings = {
      ...structuredClone(DEFAULT_HTTP_SETTINGS),
      url: `${provider.url}/send`,
      body: { to: '{to_digits}', text: '{text}', ref: '{reference}' },
      messageId: 'id',
      responseTimeoutMs: 60_000,
      callbackToken: 't',
      ...change,
    };
    connector = new HttpConnector(5, settings, new GenericProvider(settings, ''), {
      listener: {
        answered: (channelId, batch) => {
          expect(channelId).toBe(5);
          answered.push(...batch);
        },
        reported: async () => {},
        received: async () => {},
        room: () => rooms++,
      },
      flightLog: flights.log,
      exchangeLog: { add: (exchange) => exchanges.push(exchange) },
      mayWrite: () => ours,
      clock,
      log: createLogger('silent'),
    });
    connector.start();
  };
  const bound = () =>
    until(
      () => connector.status().link === 'bound',
      () => `a link: ${connector.status().reason}`,
    );
  const allAnswered = (count: number) =>
    until(
      () => answered.length === count,
      () => `${answered.length} of ${count} answers`,
    );
  const outcomes = () => Object.fromEntries(answered.map(({ message, outcome }) => [message.index, outcome]));

  test('hands messages over, and tells the ids the carrier gave them', async () => {
    await start();
    expect(connector.room('notification')).toBe(0);
    await bound();
    expect(rooms).toBe(1);
    connector.send(messages(2));
    await allAnswered(2);
    expect(provider.requests.map(({ json }) => json)).toEqual(
      [0, 1].map((i) => ({ to: String(RECIPIENT + i), text: `text ${i}`, ref: messageId(7, i) })),
    );
    expect(new Set(Object.values(outcomes()).map((outcome) => JSON.stringify(outcome)))).toEqual(
      new Set(['p-1', 'p-2'].map((id) => JSON.stringify({ kind: 'accepted', carrierIds: [id] }))),
    );
    expect(connector.status()).toMatchObject({ link: 'bound', inFlight: 0, submitted: 2 });
    expect(exchanges).toMatchObject([
      { kind: 'bind', answer: 'none' },
      { kind: 'submit', planId: 7, answer: 'http', status: 200, carrierId: expect.stringMatching(/^p-/) },
      { kind: 'submit', planId: 7, answer: 'http', status: 200, carrierId: expect.stringMatching(/^p-/) },
    ]);
  });

  test('sends nothing once another process may own the channel', async () => {
    const open: (() => void)[] = [];
    provider.answer = (_request, response) => void open.push(() => say(response, 200, { id: 'p' }));
    await start({ window: 2 });
    await bound();
    connector.send(messages(5));
    await until(() => provider.requests.length === 2, 'two requests');
    ours = false;
    connector.send([message(5)]);
    await allAnswered(4);
    expect(answered.every(({ outcome }) => outcome.kind === 'notSent')).toBe(true);
    for (const answer of open) answer();
    await allAnswered(6);
    expect(provider.requests).toHaveLength(2);
    expect(Object.values(outcomes()).filter(({ kind }) => kind === 'accepted')).toHaveLength(2);
  });

  test('does not write a request whose connection came too late', async () => {
    await start({ window: 1 });
    await bound();
    // Owned when it is handed in, and not any more when there is a connection for it.
    connector.send([message(0)]);
    ours = false;
    await allAnswered(1);
    expect(answered[0]!.outcome).toEqual({ kind: 'notSent' });
    expect(provider.requests).toEqual([]);
  });

  test('keeps its window full and never over it, and sends codes first', async () => {
    const open: (() => void)[] = [];
    provider.answer = (_request, response) => void open.push(() => say(response, 200, {}));
    await start({ window: 3 });
    await bound();
    const room = connector.room('marketing');
    connector.send([
      message(0, 'marketing'),
      message(1, 'marketing'),
      message(2, 'marketing'),
      message(3, 'marketing'),
    ]);
    connector.send([message(4, 'verification')]);
    await until(() => open.length === 3, 'a full window');
    expect(connector.status()).toMatchObject({ inFlight: 3, window: 3 });
    const { binds, waiting } = connector.reading();
    expect(binds).toMatchObject([{ type: 'http', inFlight: 3, window: { now: 3, configured: 3, most: 1_000 } }]);
    expect(waiting).toEqual({ verification: 1, notification: 0, marketing: 1 });
    expect(connector.room('marketing')).toBe(room - 4);
    open.shift()!();
    await until(() => provider.requests.length === 4, 'the next');
    expect(indexOf(provider.requests[3]!)).toBe(4);
    expect(open).toHaveLength(3);
    for (let sent = 4; sent < 5; sent++) {
      open.shift()!();
      await until(() => provider.requests.length === sent + 1, 'the next');
    }
    for (const answer of open) answer();
    await allAnswered(5);
    // Without an id of the carrier's, ours is the one a report may name.
    expect(outcomes()[4]).toEqual({ kind: 'accepted', carrierIds: [messageId(7, 4)] });
  });

  test('gives back what was not sent when there is no connection, and goes on when there is one', async () => {
    const port = await freePort();
    await start({ url: `http://127.0.0.1:${port}/send` });
    await until(() => connector.status().reason !== 'not started', 'a reason');
    expect(connector.status()).toMatchObject({ reason: 'it refuses connections' });
    expect(connector.room('notification')).toBe(0);
    connector.send(messages(1));
    expect(outcomes()).toEqual({ 0: { kind: 'notSent' } });
    await provider.close();
    provider = await startProvider(port);
    await bound();
    expect(connector.room('notification')).toBe(1);
    connector.send(messages(1));
    await allAnswered(2);
    expect(answered[1]!.outcome.kind).toBe('accepted');
    expect(connector.room('notification')).toBeGreaterThan(1);
  });

  test('a carrier that goes away leaves what was open uncertain and the others unsent', async () => {
    provider.answer = () => {};
    await start({ window: 2 });
    await bound();
    connector.send(messages(5));
    await until(() => provider.requests.length === 2, 'two requests');
    await provider.close();
    await allAnswered(5);
    expect(exchanges.map(({ kind, answer }) => [kind, answer]).slice(0, 4)).toEqual([
      ['bind', 'none'],
      ['submit', 'lost'],
      ['down', 'none'],
      ['submit', 'lost'],
    ]);
    const kinds = answered.map(({ outcome }) => outcome.kind);
    expect(kinds.filter((kind) => kind === 'unknown')).toHaveLength(2);
    expect(kinds.filter((kind) => kind === 'notSent')).toHaveLength(3);
    expect(connector.status().link).not.toBe('bound');
  });

  test('no answer in time is uncertain, and one message goes ahead then', async () => {
    provider.answer = () => {};
    await start({ responseTimeoutMs: 300 });
    await bound();
    connector.send(messages(3));
    await allAnswered(3);
    expect(Object.values(outcomes())).toEqual(
      new Array(3).fill({ kind: 'unknown', error: 'it did not answer within 0.3 s' }),
    );
    await until(() => connector.room('notification') > 0, 'room');
    expect(connector.room('notification')).toBe(1);
    provider.answer = (_request, response) => say(response, 200, { id: 'x' });
    connector.send([message(9)]);
    await allAnswered(4);
    expect(connector.room('notification')).toBeGreaterThan(1);
  });

  test('a carrier that takes nothing is not shown as bound until it does, or until nobody has tried for a minute', async () => {
    const clock = new ManualClock();
    provider.answer = (_request, response) => say(response, 401, { why: 'who are you?' });
    await start({ errorText: 'why' }, clock);
    await bound();
    const refused = async (count: number) => {
      connector.send([message(count)]);
      await allAnswered(count);
      expect(connector.status()).toMatchObject({ link: 'down', reason: 'HTTP 401: who are you?' });
      clock.advance(30_000);
      await until(() => connector.room('notification') === 1, 'room for one');
      expect(connector.status()).toMatchObject({ link: 'connecting', reason: 'HTTP 401: who are you?' });
    };
    await refused(1);
    await refused(2);
    clock.advance(59_999);
    expect(connector.status().link).toBe('connecting');
    clock.advance(1);
    expect(connector.status().link).toBe('bound');
    await refused(3);
    provider.answer = (_request, response) => say(response, 200, { id: 'x' });
    connector.send([message(4)]);
    await allAnswered(4);
    expect(connector.status()).toMatchObject({ link: 'bound', reason: '' });
  });

  test('a storm of 429 is asked again later, slower, as the carrier says', async () => {
    let slow = true;
    provider.answer = (_request, response) =>
      slow ? say(response, 429, { why: 'slower' }, { 'retry-after': '1' }) : say(response, 200, { id: 'x' });
    const clock = new ManualClock();
    await start({ errorText: 'why', window: 4 }, clock);
    await bound();
    connector.send(messages(12));
    await allAnswered(4);
    expect(answered.every(({ outcome }) => outcome.kind === 'refused' && outcome.retry === 'later')).toBe(true);
    expect(answered[0]!.outcome).toMatchObject({ error: 'HTTP 429: slower' });
    expect(connector.status()).toMatchObject({ link: 'bound', throttled: 4 });
    slow = false;
    clock.advance(999);
    expect(connector.status().inFlight).toBe(0);
    clock.advance(1);
    expect(connector.status().inFlight).toBe(4);
    await allAnswered(12);
    expect(connector.status()).toMatchObject({ throttled: 4, submitted: 8 });
    const { heldMs, ...counts } = connector.reading().binds[0]!.meter.read();
    expect(counts).toMatchObject({ accepted: 8, throttled: 4, unanswered: 0 });
    expect(heldMs).toMatchObject({ throttled: 1_000, rate: 0 });
  });

  test('what waits is given back when the carrier asks for a long pause', async () => {
    const clock = new ManualClock();
    provider.answer = (_request, response) => say(response, 503, {}, { 'retry-after': '60' });
    await start({ window: 2 }, clock);
    await bound();
    connector.send(messages(5));
    await allAnswered(5);
    expect(answered.filter(({ outcome }) => outcome.kind === 'notSent')).toHaveLength(3);
    expect(connector.room('notification')).toBe(0);
    const before = rooms;
    clock.advance(60_000);
    expect(rooms).toBe(before + 1);
    expect(connector.room('notification')).toBeGreaterThan(0);
  });

  test.each([
    [{ status: 200, body: 'no JSON' }, 'unknown'],
    [{ status: 200, body: { code: 0, id: 'a' } }, 'accepted'],
    [{ status: 200, body: { code: 7 } }, 'never'],
    [{ status: 200, body: { code: 8 } }, 'elsewhere'],
    [{ status: 400, body: 'no JSON' }, 'never'],
    [{ status: 500, body: {} }, 'later'],
    [{ status: 502, body: {} }, 'unknown'],
    [{ status: 503, body: {} }, 'later'],
    [{ status: 401, body: {} }, 'later'],
    [{ status: 302, body: {} }, 'later'],
  ])('%j is %s', async ({ status, body }, wanted) => {
    provider.answer = (_request, response) =>
      typeof body === 'string' ? response.writeHead(status).end(body) : say(response, status, body);
    await start({
      success: { statuses: ['200'], path: 'code', equals: [0] },
      errors: [{ statuses: [], path: 'code', equals: [8], outcome: 'elsewhere', text: 'wrong network' }],
    });
    await bound();
    connector.send(messages(1));
    await allAnswered(1);
    const { outcome } = answered[0]!;
    expect(outcome.kind === 'refused' ? outcome.retry : outcome.kind).toBe(wanted);
    if (status === 401 || status === 302) expect(connector.status()).toMatchObject({ link: 'down' });
  });

  test('a half answer is uncertain where the body matters, and a no where the status says so', async () => {
    provider.answer = ({ json }, response, socket) => {
      response.writeHead(json.text === 'text 0' ? 200 : 403, { 'content-length': '100' });
      response.write('{"id"', () => socket.destroy());
    };
    await start({ success: { statuses: ['200'], path: 'code', equals: [0] }, window: 1 });
    await bound();
    connector.send([message(0)]);
    await allAnswered(1);
    await until(() => connector.room('notification') > 0, 'room');
    connector.send([message(1)]);
    await allAnswered(2);
    expect(outcomes()).toMatchObject({ 0: { kind: 'unknown' }, 1: { kind: 'refused', retry: 'never' } });
  });

  test('a request whose answer was lost is made again where the carrier knows it again', async () => {
    const seen = new Map<string, number>();
    let lose = 2;
    provider.answer = ({ json }, response, socket) => {
      seen.set(json.ref, (seen.get(json.ref) ?? 0) + 1);
      if (lose-- > 0) socket.destroy();
      else say(response, 200, { id: `c-${json.ref}` });
    };
    await start({ idempotent: true });
    await bound();
    connector.send(messages(1));
    await allAnswered(1);
    const ref = messageId(7, 0);
    expect(outcomes()[0]).toEqual({ kind: 'accepted', carrierIds: [`c-${ref}`] });
    expect(seen).toEqual(new Map([[ref, 3]]));
  });

  test('a no for now to a request that is made again does not give the message to anybody else', async () => {
    const statuses = [503, 500, 401, 200];
    let asked = 0;
    provider.answer = (_request, response, socket) => {
      if (asked++ === 0) socket.destroy();
      else say(response, statuses.shift()!, { id: 'first' });
    };
    await start({ idempotent: true });
    await bound();
    connector.send(messages(1));
    await allAnswered(1);
    expect(outcomes()[0]).toEqual({ kind: 'accepted', carrierIds: ['first'] });
    expect(asked).toBe(5);
  });

  test('never more than its rate within any second', async () => {
    const clock = new ManualClock();
    await start({ rate: 5, window: 50 }, clock);
    await bound();
    connector.send(messages(12));
    await allAnswered(5);
    clock.advance(999);
    expect(connector.status().inFlight).toBe(0);
    clock.advance(1);
    expect(connector.status().inFlight).toBe(5);
    await allAnswered(10);
    clock.advance(1_000);
    await allAnswered(12);
    const [{ meter }] = connector.reading().binds as [BindReading];
    expect(meter.read().heldMs).toMatchObject({ rate: 2_000, throttled: 0 });
  });

  test('gives back what is recalled, and only what has not left', async () => {
    provider.answer = () => {};
    await start({ window: 1 });
    await bound();
    connector.send([message(0), { ...message(1), planId: 8 }, message(2)]);
    await until(() => provider.requests.length === 1, 'the first');
    connector.recall(new Set([7]));
    expect(answered.map(({ message: { index }, outcome }) => [index, outcome.kind])).toEqual([[2, 'notSent']]);
  });

  test('drains when it stops: what is under way is waited for, what is not is given back', async () => {
    let answer = () => {};
    provider.answer = (_request, response) => {
      answer = () => say(response, 200, { id: 'last' });
    };
    await start({ window: 1 });
    await bound();
    connector.send(messages(2));
    await until(() => provider.requests.length === 1, 'the first');
    const stopped = connector.stop(60_000);
    expect(outcomes()).toEqual({ 1: { kind: 'notSent' } });
    expect(connector.room('verification')).toBe(0);
    answer();
    await stopped;
    expect(outcomes()).toEqual({ 0: { kind: 'accepted', carrierIds: ['last'] }, 1: { kind: 'notSent' } });
    expect(connector.status()).toMatchObject({ link: 'down', reason: 'stopped' });
  });

  test('what has no answer when it stops is uncertain', async () => {
    provider.answer = () => {};
    await start({ window: 2 });
    await bound();
    connector.send(messages(2));
    await until(() => provider.requests.length === 2, 'the requests');
    await connector.stop(0);
    expect(Object.values(outcomes())).toEqual(new Array(2).fill({ kind: 'unknown', error: 'the server is stopping' }));
  });

  test('the flight log knows what may have left, before the answer is told', async () => {
    provider.answer = () => {};
    await start({ window: 2 });
    await bound();
    connector.send(messages(4));
    await until(() => provider.requests.length === 2, 'the requests');
    // As the next start finds it after a kill.
    const left = new FlightLog(flights.dir, 'boot').recover().left;
    expect(left?.map(({ index }) => index).sort()).toEqual([0, 1]);
  });
});
