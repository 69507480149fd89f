import { STATUS } from '@signet/smpp';
import type { SimulatorOptions, SubmitRecord } from '@signet/smpp/simulator';
import { afterEach, describe, expect, it } from 'vitest';
import { TEST_CERTIFICATE, TEST_KEY } from '../../../smpp/test/certificate.ts';
import { type House, startHouse, until } from '../house.ts';
import { expectOk, ledgerFaults, numberAt, numbersFrom, openSender, type Sender } from './sender.ts';

/** How a channel deals with what carriers ask of it. The carrier's own list is the judge. */
describe('a channel', () => {
  let house: House;
  let taken: SubmitRecord[];
  afterEach(() => house.stop());

  const open = async (simulator: SimulatorOptions, smpp: Record<string, unknown>) => {
    taken = [];
    house = await startHouse({
      env: { SIGNET_FREQUENCY: 'off', SIGNET_MAX_RECIPIENTS: '30000', SIGNET_UNCERTAIN_NOTIFICATION_MS: '300' },
      simulator: { ...simulator, onSubmit: (records) => taken.push(...records) },
      smpp,
    });
  };
  const accepted = () => taken.filter(({ status }) => status === STATUS.ESME_ROK);
  const done = (sender: Sender, uuid: string) =>
    until(async () => (await sender.progress(uuid)).state === 'done', 'the plan to be done');
  const timesTaken = (number: string) => accepted().filter(({ destination }) => destination.endsWith(number)).length;

  it('lets codes pass at a carrier that says no to more, and loses nothing', async () => {
    await open({ answerMs: 5, throttle: { perSecond: 300 } }, {});
    const adverts = await openSender(house, { category: 'marketing' });
    const codes = await openSender(house, { category: 'verification' });
    const advert = await adverts.send(numbersFrom(0, 3_000));
    await until(() => taken.some(({ status }) => status === STATUS.ESME_RTHROTTLED), 'the carrier to say no');
    const passed: number[] = [];
    for (let i = 0; i < 10; i++) {
      const number = numberAt(50_000 + i);
      await codes.send([number]);
      const waitedFor = accepted().length;
      const place = () => accepted().findIndex(({ destination }) => destination.endsWith(number));
      await until(() => place() >= 0, 'the code to be taken');
      passed.push(place() - waitedFor);
    }
    // What the carrier took before each code: far less than it takes in a second.
    expect(passed.toSorted((a, b) => a - b)[5]).toBeLessThan(100);
    await done(adverts, advert);
    expect(accepted()).toHaveLength(3_010);
    expect(new Set(accepted().map(({ destination }) => destination)).size).toBe(3_010);
    // A carrier that was not asked to say no all the time.
    expect(taken.length).toBeLessThan(accepted().length * 1.5);
    expect((await adverts.progress(advert)).counts).not.toHaveProperty('failed');
    expect(await ledgerFaults(house)).toEqual([]);
  });

  it('goes on over its other bind when it loses one', async () => {
    await open({ answerMs: 20, dropLink: { everyPdus: 700 } }, { binds: 2, window: 10 });
    const sender = await openSender(house, { category: 'notification' });
    const uuid = await sender.send(numbersFrom(0, 3_000));
    await done(sender, uuid);
    const { linksDropped } = house.simulator.stats;
    expect(linksDropped).toBeGreaterThan(0);
    const times = numbersFrom(0, 3_000).map(timesTaken);
    expect(times.every((count) => count >= 1)).toBe(true);
    // Only what was in flight on a bind that was lost is sent twice: a window each.
    expect(times.filter((count) => count > 1).length).toBeLessThanOrEqual(linksDropped * 10);
    expect(new Set(taken.map(({ bind }) => bind)).size).toBeGreaterThan(1);
    expect(await ledgerFaults(house)).toEqual([]);
  });

  it('sends and receives apart, over TLS of the carrier itself, as each business, with a time limit', async () => {
    await open(
      { tls: { key: TEST_KEY, cert: TEST_CERTIFICATE } },
      { tls: true, bind_mode: 'transmitter_receiver', sender_rule: 'business', validity_period: 'absolute' },
    );
    const [{ id }] = expectOk(await house.asRoot('GET', '/api/v1/channels')).json.items;
    const stateOf = async () => expectOk(await house.asRoot('GET', `/api/v1/channels/${id}`)).json.state;
    await until(async () => /certificate/.test((await stateOf()).reason), 'the certificate to be refused');
    const one = await openSender(house);
    const other = await openSender(house);
    const senders = { [one.businessId]: 'Acme' };
    const edit = { tls_ca: TEST_CERTIFICATE, sender: 'House', senders };
    expectOk(await house.asRoot('PATCH', `/api/v1/channels/${id}`, { smpp: edit }));
    await until(async () => (await stateOf()).link === 'bound' && (await stateOf()).reason === '', 'both binds');
    const first = await one.send(numbersFrom(0, 3));
    const second = await other.send(numbersFrom(10, 3));
    for (const [sender, uuid] of [
      [one, first],
      [other, second],
    ] as const) {
      await until(async () => (await sender.progress(uuid)).counts.delivered === 3, 'the reports');
    }
    expect(new Set(taken.slice(0, 3).map(({ source }) => source))).toEqual(new Set(['Acme']));
    expect(new Set(taken.slice(3).map(({ source }) => source))).toEqual(new Set(['House']));
  });

  it('answers for everything once though it is changed again and again while it sends', async () => {
    await open({ answerMs: 20 }, { binds: 2, window: 20 });
    const sender = await openSender(house, { category: 'notification' });
    const [{ id }] = expectOk(await house.asRoot('GET', '/api/v1/channels')).json.items;
    const uuid = await sender.send(numbersFrom(0, 4_000));
    for (const smpp of [{ binds: 1 }, { binds: 3 }, { rate: 2_000 }, { bind_mode: 'transmitter_receiver' }]) {
      const before = taken.length;
      expectOk(await house.asRoot('PATCH', `/api/v1/channels/${id}`, { smpp }));
      await until(() => taken.length > before + 200 || taken.length >= 4_000, 'it to go on');
    }
    expectOk(await house.asRoot('POST', `/api/v1/channels/${id}/disable`));
    expectOk(await house.asRoot('POST', `/api/v1/channels/${id}/enable`));
    await done(sender, uuid);
    expect(taken).toHaveLength(4_000);
    expect(new Set(taken.map(({ destination }) => destination)).size).toBe(4_000);
    expect(await ledgerFaults(house)).toEqual([]);
  });
});
