import { Errors } from 'typebox/schema';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, startHouse, until } from '../house.ts';
import { numbersFrom, openSender, type Sender } from '../journeys/sender.ts';
import { readContract, resolved, rootOf } from './client.ts';
import { type LiveEvent, type LiveStream, openLive } from './live.ts';

/** Several streams that are read beside each other while messages are sent. */
describe('live views', () => {
  let house: House;
  let sender: Sender;
  let other: Sender;
  const open: LiveStream[] = [];

  beforeAll(async () => {
    house = await startHouse();
    sender = await openSender(house, { credits: 100_000, signature: 'One' });
    other = await openSender(house, { credits: 100_000, signature: 'Two' });
  });
  afterAll(() => house?.stop());

  const live = async (login: { user: string; password: string }, query: string, headers?: Record<string, string>) => {
    const stream = await openLive(house, login, query, headers);
    open.push(stream);
    return stream;
  };
  const states = (stream: LiveStream) =>
    stream.events.filter(({ event }) => event === 'messages').map(({ data }) => data.event.state);
  const came = (stream: LiveStream, what: (event: LiveEvent) => boolean) =>
    until(
      () => stream.events.some(what),
      () => `an event among ${JSON.stringify(stream.events).slice(0, 2_000)}`,
    );

  it('tell a business what becomes of its messages, and nothing of others', async () => {
    const own = await live(sender, 'topics=messages,plans');
    const all = await live(rootOf(house), 'topics=messages,plans');
    expect(own.status).toBe(200);
    expect(own.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(own.headers.get('x-accel-buffering')).toBe('no');
    await other.finished(await other.send(numbersFrom(0, 3)));
    await sender.finished(await sender.send(numbersFrom(100, 20)));
    await came(own, ({ event, data }) => event === 'messages' && data.event.state === 'delivered');
    await came(
      own,
      ({ event, data }) => event === 'plans' && data.plans.some((plan: { state: string }) => plan.state === 'done'),
    );
    await came(all, ({ event, data }) => event === 'messages' && data.event.business_id === other.businessId);
    const whose = own.events.flatMap(({ event, data }) =>
      event === 'messages'
        ? [data.event.business_id]
        : data.plans.map((plan: { business_id: number }) => plan.business_id),
    );
    expect(new Set(whose)).toEqual(new Set([sender.businessId]));
    expect(own.lines[0]).toBe('retry: 2000');
  });

  it('tell what the document promises', async () => {
    const { document } = await readContract(house);
    const schema = document.paths['/live'].get.responses['200'].content['text/event-stream'].schema;
    const all = await live(rootOf(house), 'topics=messages,plans,channels,reviews,overview,tasks');
    await sender.finished(await sender.send(numbersFrom(200, 5)));
    const signed = await sender.ask('POST', '/v1/signature', { signature: 'Three', source: 'tests' });
    expect(signed.status).toBe(200);
    for (const topic of ['messages', 'plans', 'channels', 'overview', 'reviews'])
      await came(all, ({ event }) => event === topic);
    for (const { event, data } of all.events) {
      const [fits, errors] = Errors(resolved(document, schema), data);
      expect(fits, `${event}: ${JSON.stringify(errors)} in ${JSON.stringify(data)}`).toBe(true);
    }
    const overview = all.events.filter(({ event }) => event === 'overview');
    await came(all, ({ event, data }) => event === 'overview' && data.states.delivered > 0);
    expect(overview.every(({ id }) => id === null)).toBe(true);
  });

  it('follow one plan', async () => {
    const first = await sender.send(numbersFrom(300, 2));
    await sender.finished(first);
    const plans = await sender.ask('GET', '/api/v1/plans?limit=1');
    const planId = plans.json.items[0].plan_id;
    const one = await live(sender, `topics=messages,plans&plan_id=${planId}&last_event_id=0`);
    await came(one, ({ event }) => event === 'messages');
    const runs = one.events.flatMap(({ data }) => data.event?.runs ?? []);
    expect(new Set(runs.map(({ plan_id }: { plan_id: number }) => plan_id))).toEqual(new Set([planId]));
  });

  it('go on behind the last event that was seen', async () => {
    const before = await live(sender, 'topics=messages');
    await sender.finished(await sender.send(numbersFrom(400, 4)));
    await came(before, ({ data }) => data.event.state === 'delivered');
    before.close();
    const last = before.events.at(-1)!.id!;
    await sender.finished(await sender.send(numbersFrom(500, 4)));
    const after = await live(sender, 'topics=messages', { 'last-event-id': last });
    await until(() => states(after).includes('delivered'), 'what was missed');
    expect(after.events.every(({ id }) => Number(id) > Number(last))).toBe(true);
    expect(new Set(after.events.map(({ id }) => id)).size).toBe(after.events.length);
  });

  it('show how channels do to the administrator only', async () => {
    const mine = await live(sender, 'topics=channels');
    expect(mine.status).toBe(403);
    expect(JSON.parse(mine.text).code).toBe('adminOnly');
    const roots = await live(rootOf(house), 'topics=channels');
    await came(roots, ({ data }) => data.channels[0].running && data.channels[0].binds[0].link === 'bound');
  });

  it('refuse topics nobody knows, and more streams than one may have', async () => {
    const wrong = await live(sender, 'topics=weather');
    expect(wrong.status).toBe(400);
    expect(JSON.parse(wrong.text)).toMatchObject({ code: 'invalidField' });
    for (const stream of open) stream.close();
    await until(async () => {
      const { text } = await house.request('GET', '/metrics');
      return text.includes('\nsignet_live_streams 0\n');
    }, 'all streams to be closed');
    for (let i = 0; i < 20; i++) expect((await live(other, 'topics=messages')).status).toBe(200);
    const many = await live(other, 'topics=messages');
    expect(many.status).toBe(429);
    expect(many.headers.get('retry-after')).toBe('10');
    expect(JSON.parse(many.text)).toMatchObject({ code: 'tooManyStreams' });
    expect((await live(sender, 'topics=messages')).status).toBe(200);
    for (const stream of open) stream.close();
  });

  it('end when the server stops, and go on with the next one', async () => {
    const stream = await live(sender, 'topics=messages');
    expect(stream.status).toBe(200);
    await house.terminate();
    await until(() => stream.ended, 'the stream to end');
    await house.start();
    const again = await live(sender, 'topics=messages', { 'last-event-id': '0' });
    await until(() => states(again).includes('delivered'), 'what had happened before the start');
    again.close();
  });
});
