import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ADMIN, TestDesk } from '../../test/desk.ts';
import { HandChannel, openFlightLog, settle } from '../../test/workers.ts';
import { DEFAULT_SMPP_SETTINGS, SIMULATOR_CHANNEL_ID, type SmppSettings } from '../domain/channel.ts';
import { createLogger } from '../lib/log.ts';
import { MemoryQueue } from '../queue/memory.ts';
import { ChannelKeeper } from './channel-keeper.ts';
import { Dispatcher } from './dispatcher.ts';
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
  let routeChanges: number;

  beforeEach(async () => {
    desk = await TestDesk.open();
    flights = openFlightLog();
    made = [];
    story = [];
    routeChanges = 0;
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
      receipts: new ReceiptIntake(desk, desk.clock, log),
      log,
      simulatorAllowed,
      onRouteChange: () => routeChanges++,
      factory: {
        channel(id, { host }) {
          const channel = new HandChannel(id);
          channel.onStop = () => story.push(`${id} stops`);
          made.push({ channel, host });
          story.push(`${id} starts at ${host}`);
          return channel;
        },
        dispatcher: (channel, { receipts }) =>
          new Dispatcher(channel, receipts, {
            desk,
            queue: new MemoryQueue(),
            flightLog: flights.log,
            clock: desk.clock,
            log,
            onTaken() {},
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
    expect(keeper.channelFor('marketing')).toBe(second);
    expect([...keeper.status().keys()]).toEqual([second, third]);
    expect([keeper.runs(second), keeper.runs(1)]).toEqual([true, false]);
    expect(routeChanges).toBe(1);
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
    expect(keeper.channelFor('notification')).toBeNull();
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
      expect(keeper.channelFor('notification')).toBe(SIMULATOR_CHANNEL_ID);
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
