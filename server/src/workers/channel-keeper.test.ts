import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ADMIN, TestDesk } from '../../test/desk.ts';
import { accept, EVERYTHING, openSender } from '../../test/traffic.ts';
import { HandChannel, openFlightLog, settle } from '../../test/workers.ts';
import type { Category } from '../domain/category.ts';
import { addressOf, asksForReports, SIMULATOR_CHANNEL_ID } from '../domain/channel.ts';
import { DEFAULT_SMPP_SETTINGS, type SmppSettings } from '../domain/smpp-settings.ts';
import { createLogger } from '../lib/log.ts';
import { createMetrics } from '../lib/metrics.ts';
import { MemoryQueue } from '../queue/memory.ts';
import { ChannelKeeper } from './channel-keeper.ts';
import { Dispatcher } from './dispatcher.ts';
import { InboundIntake } from './inbound-intake.ts';
import type { OpenLine } from './outbox-relay.ts';
import { ReceiptIntake } from './receipt-intake.ts';

const settings = (host: string): SmppSettings => ({
  ...DEFAULT_SMPP_SETTINGS,
  host,
  port: 2775,
  systemId: 'x',
  password: 'x',
});

describe('the channel keeper', () => {
  let desk: TestDesk;
  let flights: ReturnType<typeof openFlightLog>;
  let keeper: ChannelKeeper;
  /** Every channel that was made, in order. */
  let made: { channel: HandChannel; host: string }[];
  let story: string[];
  let changes: number;
  let waitingLane: Category | null;
  /** Lines that need not wait; null: the default one. */
  let lines: OpenLine[] | null;

  beforeEach(async () => {
    desk = await TestDesk.open();
    flights = openFlightLog();
    made = [];
    story = [];
    changes = 0;
    waitingLane = null;
    lines = null;
  });
  afterEach(async () => {
    await keeper.stop();
    await desk.close();
    flights.close();
  });

  const start = async (simulatorAllowed = true) => {
    const log = createLogger('silent');
    keeper = new ChannelKeeper({
      desk,
      receipts: new ReceiptIntake(desk, desk.clock, log, true),
      clock: desk.clock,
      inbound: new InboundIntake({ desk, clock: desk.clock, log, metrics: createMetrics(), lastWithinMs: 0 }),
      log,
      failoverAfterMs: 30_000,
      simulatorAllowed,
      ownership: null,
      onChange: () => changes++,
      openLines: (lane) => {
        const channelId = keeper.defaultChannel();
        if (lane === waitingLane || channelId === null) return [];
        if (lines !== null) return lines;
        return [{ key: 'default', inUse: [{ channelId, weight: 1 }] }];
      },
      factory: {
        channel(id, settings) {
          const host = addressOf(settings).split(':')[0]!;
          const channel = new HandChannel(id);
          channel.onStop = () => story.push(`${id} stops`);
          made.push({ channel, host });
          story.push(`${id} starts at ${host}`);
          return channel;
        },
        dispatcher: (channel, settings) =>
          new Dispatcher(channel, asksForReports(settings), {
            desk,
            queue: new MemoryQueue(),
            flightLog: flights.log,
            clock: desk.clock,
            log,
            routes: { given() {}, notOverMe() {} },
          }),
        async simulator() {
          story.push('simulator starts');
          return {
            settings: settings('simulator'),
            port: 4711,
            reported: async () => void story.push('simulator has reported'),
            stop: async () => void story.push('simulator stops'),
          };
        },
      },
    });
    await keeper.start();
    await settle();
  };
  const add = (name: string, enabled = true) =>
    desk.do('createChannel', { actor: ADMIN, name, enabled, smpp: settings(name) });
  const edit = (id: number, change: { enabled?: boolean; smpp?: Partial<SmppSettings> }) =>
    desk.do('editChannel', { actor: ADMIN, id, ...change });
  const told = async () => {
    await settle();
    return story.splice(0);
  };

  it('starts what is enabled, and takes the lowest for everything', async () => {
    await add('a', false);
    const { id: second } = await add('b');
    const { id: third } = await add('c');
    await start();
    expect(await told()).toEqual([`${second} starts at b`, `${third} starts at c`]);
    expect(made.every(({ channel }) => channel.started)).toBe(true);
    expect(keeper.defaultChannel()).toBe(second);
    expect([...keeper.status().keys()]).toEqual([second, third]);
    expect([keeper.runs(second), keeper.runs(1)]).toEqual([true, false]);
    expect(changes).toBe(1);
  });

  it('follows what is added, edited, disabled, enabled and deleted', async () => {
    await start(false);
    const { id } = await add('a');
    expect(await told()).toEqual([`${id} starts at a`]);
    await edit(id, { smpp: { host: 'b' } });
    expect(await told()).toEqual([`${id} stops`, `${id} starts at b`]);
    await edit(id, { enabled: true, smpp: { host: 'b' } });
    expect(await told()).toEqual([]);
    await edit(id, { enabled: false });
    expect(await told()).toEqual([`${id} stops`]);
    expect(keeper.defaultChannel()).toBeNull();
    await edit(id, { enabled: true });
    expect(await told()).toEqual([`${id} starts at b`]);
    await desk.do('deleteChannel', { actor: ADMIN, id });
    expect(await told()).toEqual([`${id} stops`]);
    expect(keeper.status().size).toBe(0);
  });

  it('comes to the same end however fast the changes come', async () => {
    await start(false);
    const { id } = await add('a');
    for (let i = 0; i < 20; i++) await edit(id, { enabled: i % 3 !== 0, smpp: { host: `h${i}` } });
    await settle();
    expect(made.filter(({ channel }) => !channel.stopped).map(({ host }) => host)).toEqual(['h19']);
  });

  it('grants room of the lowest channel in the lanes that nobody waits in, but never to marketing', async () => {
    await add('a');
    const { id: second } = await add('b');
    await start();
    await edit(made[0]!.channel.id, { enabled: false });
    await settle();
    expect(keeper.grant(3)).toEqual([
      { lane: 'verification', channelId: second, room: 3, lines: EVERYTHING },
      { lane: 'notification', channelId: second, room: 3, lines: EVERYTHING },
    ]);
    waitingLane = 'notification';
    expect(keeper.grant(2)).toEqual([{ lane: 'verification', channelId: second, room: 2, lines: EVERYTHING }]);
    keeper.returned([{ lane: 'verification', channelId: second, room: 5, lines: EVERYTHING }]);
    keeper.returned([{ lane: 'verification', channelId: 99, room: 5, lines: EVERYTHING }]);
    await edit(second, { enabled: false });
    await settle();
    expect(keeper.grant(3)).toEqual([]);
    waitingLane = null;
    expect(keeper.grant(3)).toEqual([]);
  });

  it('says how its channels stand: a link that breaks is waited for, one that stays down is not', async () => {
    const { id } = await add('a');
    const { id: disabled } = await add('b', false);
    await start();
    const { channel } = made[0]!;
    const stands = () => [keeper.standings().get(id), keeper.usable(id)];
    expect(stands()).toEqual(['up', true]);
    channel.link = 'connecting';
    expect(stands()).toEqual(['broken', true]);
    desk.clock.advance(30_000);
    expect(stands()).toEqual(['down', false]);
    channel.link = 'bound';
    expect(stands()).toEqual(['down', false]);
    desk.clock.advance(5_000);
    expect(stands()).toEqual(['up', true]);
    expect([keeper.standings().has(disabled), keeper.usable(disabled)]).toEqual([false, false]);
  });

  it('grants room by line, each channel for those it takes messages of', async () => {
    const [{ id: a }, { id: b }] = [await add('a'), await add('b')];
    await start();
    lines = [
      {
        key: 'x',
        inUse: [
          { channelId: a, weight: 7 },
          { channelId: b, weight: 3 },
        ],
      },
      { key: 'y', inUse: [{ channelId: b, weight: 1 }] },
      { key: 'z', inUse: [{ channelId: 99, weight: 1 }] },
    ];
    waitingLane = 'notification';
    expect(keeper.grant(2)).toEqual([
      { lane: 'verification', channelId: a, room: 2, lines: new Map([['x', 7]]) },
      { lane: 'verification', channelId: b, room: 2, lines: new Map(Object.entries({ x: 3, y: 1 })) },
    ]);
  });

  it('hands over what was claimed, or lets it wait again when the channel is gone', async () => {
    const { id } = await add('a');
    await start();
    const sender = await openSender(desk);
    desk.grants.add(keeper.grant(2));
    const sent = await accept(desk, sender, 2);
    await settle();
    expect(made[0]!.channel.sent.map(({ planId }) => planId)).toEqual([sent, sent]);
    desk.grants.add(keeper.grant(2));
    await edit(id, { enabled: false });
    await settle();
    const waits = await accept(desk, sender, 2);
    await settle();
    expect(made[0]!.channel.sent).toHaveLength(2);
    expect((await desk.ask('findPlan', { businessId: null, id: waits }))!.counts).toEqual({ accepted: 2 });
  });

  it('passes answers and reports on from the channel that runs', async () => {
    const { id } = await add('a');
    await start();
    const { channel } = made[0]!;
    channel.send([{ planId: 1, index: 0, recipient: 8_613_800_138_000, text: 'x', lane: 'notification' }]);
    keeper.answered(id, channel.answers());
    keeper.answered(99, []);
    keeper.room(id);
    keeper.room(99);
    await keeper.reported(id, [{ carrierId: 'x', recipient: null, state: 'delivered', error: '' }]);
    expect(await desk.store.transact((tx) => tx.parked.any())).toBe(true);
  });

  describe('with no channel ever', () => {
    it('runs the simulator, and ends it for good with the first channel', async () => {
      await start();
      expect(await told()).toEqual(['simulator starts', `${SIMULATOR_CHANNEL_ID} starts at simulator`]);
      expect(keeper.simulatorPort).toBe(4711);
      expect(keeper.defaultChannel()).toBe(SIMULATOR_CHANNEL_ID);
      const { id } = await add('a');
      expect(await told()).toEqual([
        `${id} starts at a`,
        'simulator has reported',
        `${SIMULATOR_CHANNEL_ID} stops`,
        'simulator stops',
      ]);
      expect(keeper.simulatorPort).toBeNull();
      await desk.do('deleteChannel', { actor: ADMIN, id });
      expect(await told()).toEqual([`${id} stops`]);
      expect(keeper.simulatorPort).toBeNull();
    });

    it('runs none where it is not allowed', async () => {
      await start(false);
      expect(await told()).toEqual([]);
      expect(keeper.simulatorPort).toBeNull();
    });

    it('lets the simulator report before it stops with the house', async () => {
      await start();
      await told();
      await keeper.stop();
      expect(await told()).toEqual(['simulator has reported', `${SIMULATOR_CHANNEL_ID} stops`, 'simulator stops']);
    });
  });

  it('runs none when a channel was there once', async () => {
    const { id } = await add('a');
    await desk.do('deleteChannel', { actor: ADMIN, id });
    await start();
    expect(await told()).toEqual([]);
  });

  it('stops all and starts nothing afterwards', async () => {
    const { id } = await add('a');
    await start();
    await keeper.stop();
    expect(await told()).toEqual([`${id} starts at a`, `${id} stops`]);
    await add('b');
    expect(await told()).toEqual([]);
  });
});
