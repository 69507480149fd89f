import { type Simulator, startSimulator } from '@signet/smpp/simulator';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Rig } from '../../../test/carrier.ts';
import { until } from '../../../test/house.ts';
import type { ChannelFacts } from '../../domain/channel-facts.ts';
import type { LimitingCause } from '../../domain/limiting-cause.ts';
import type { SmppSettings } from '../../domain/smpp-settings.ts';
import { systemClock } from '../../lib/clock.ts';
import { ownLoad } from '../../lib/loop-load.ts';
import { ChannelWatch } from '../../workers/channel-watch.ts';

/**
 * Brings about each thing that can hold a channel, with a carrier on a socket and the machine's own time, and waits until
 * it is named: however slow the machine is, what is brought about lasts until then.
 */
describe('what holds a channel is named:', () => {
  let carrier: Simulator;
  let rig: Rig;
  let watch: ChannelWatch;
  let burning = false;

  beforeEach(async () => {
    carrier = await startSimulator({ receiptDelayMs: 0, receipts: { none: 1 }, answerMs: 30 });
  });
  afterEach(async () => {
    burning = false;
    await watch.stop();
    await rig.close();
    await carrier.close();
  });

  const begin = async (settings: Partial<SmppSettings>) => {
    rig = new Rig(carrier.port, settings, { realClock: true });
    watch = new ChannelWatch({
      channels: { readings: () => new Map([[7, rig.connector.reading()]]) },
      queued: () => ({ verification: 0, notification: 0, marketing: 0 }),
      loads: [ownLoad('main')],
      clock: systemClock,
    });
    rig.connector.start();
    await until(() => rig.connector.status().link === 'bound', 'the bind');
    await watch.start();
  };
  /** Sends without end. */
  const flood = () => {
    rig.ear.onAnswers = () => {
      if (rig.connector.room('notification') > 500) rig.send(500);
    };
    rig.send(500);
  };
  const facts = (): ChannelFacts => watch.facts().get(7)!;
  /** Resolves with what was said when the cause was named. */
  const named = async (cause: LimitingCause): Promise<ChannelFacts> => {
    let seen = facts();
    await until(
      () => {
        seen = facts();
        return seen.limit.cause === cause;
      },
      () => `${cause}: ${JSON.stringify(seen)}`,
    );
    return seen;
  };

  it('no traffic', async () => {
    await begin({ window: 5 });
    flood();
    await named('window');
    rig.ear.onAnswers = () => {};
    const { limit } = await named('no_traffic');
    expect(limit.explanation).toMatch(/^Nothing waits/);
  });

  it('the window', async () => {
    await begin({ window: 5 });
    flood();
    const { limit, binds, responseMs, window } = await named('window');
    expect(limit.explanation).toMatch(
      /^The window of 5 was full \d+ % of the time, and answers take \d+ ms, as usual\.$/,
    );
    expect(binds).toMatchObject([{ bind: 1, link: 'bound', limit: { cause: 'window' } }]);
    expect(responseMs!.p50).toBeGreaterThan(25);
    expect(window.configured).toBe(5);
  });

  it('the response time', async () => {
    await begin({ window: 5 });
    flood();
    await until(() => facts().usualResponseMs !== null, 'what is usual to be known');
    carrier.set({ answerMs: 1_500 });
    const { limit } = await named('response_time');
    expect(limit.explanation).toMatch(/where \d+ ms is usual\.$|answered nothing/);
  });

  it('the rate of the contract', async () => {
    carrier.set({ answerMs: 0 });
    await begin({ window: 50, rate: 20 });
    flood();
    const { limit, rate, held } = await named('carrier_rate');
    expect(limit.explanation).toMatch(/^The channel is held to its rate of 20 parts a second, \d+ % of the time\.$/);
    expect(rate).toEqual({ perSecond: 20, learned: false });
    expect(held.rate).toBeGreaterThan(held.throttled);
  });

  it('the window of each bind, where there are several', async () => {
    await begin({ window: 5, binds: 2, bindMode: 'transmitter_receiver' });
    await until(() => rig.connector.reading().binds.every(({ link }) => link === 'bound'), 'all binds');
    flood();
    const { binds, window } = await named('window');
    expect(window.configured).toBe(10);
    expect(binds.map(({ type }) => type)).toEqual(['transmitter', 'receiver', 'transmitter', 'receiver']);
    await until(() => facts().binds.filter(({ limit }) => limit.cause === 'window').length === 2, 'both to be full');
    expect(facts().binds[1]).toMatchObject({ limit: { explanation: 'Nothing is sent over it.' }, accepted: 0 });
  });

  it('the rate of the carrier, where it asks for less speed', async () => {
    carrier.set({ answerMs: 0, throttle: { perSecond: 20 } });
    await begin({ window: 50 });
    flood();
    const { limit, rate, statuses, throttled } = await named('carrier_rate');
    expect(limit.explanation).toMatch(/^The carrier asked for less speed /);
    expect(rate?.learned ?? true).toBe(true);
    expect(statuses).toMatchObject([{ status: 'ESME_RTHROTTLED' }]);
    expect(throttled).toBeGreaterThan(0);
  });

  it('our CPU', async () => {
    carrier.set({ answerMs: 0 });
    await begin({ window: 5 });
    flood();
    burning = true;
    const burn = () => {
      const end = performance.now() + 40;
      while (performance.now() < end);
      if (burning) setImmediate(burn);
    };
    burn();
    const { limit } = await named('cpu');
    expect(limit.explanation).toMatch(/^The main thread of this server was busy \d+ % of the time/);
  });

  it('a link that is down', async () => {
    await begin({});
    await carrier.close();
    const { binds } = await named('link_down');
    expect(binds[0]).toMatchObject({
      link: expect.not.stringMatching('bound'),
      lastError: { text: expect.any(String) },
    });
    carrier = await startSimulator();
  });
});
