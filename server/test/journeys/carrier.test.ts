import type { SubmitRecord } from '@signet/smpp/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, startHouse, until } from '../house.ts';
import { ledgerFaults, numberAt, numbersFrom, openSender, type Sender } from './sender.ts';

/** What carriers say, each in its own way, and what it makes of message and money. */
describe('a carrier', () => {
  const submitted: SubmitRecord[] = [];
  let house: House;
  let sender: Sender;
  const cases = [
    { answer: { status: 'ESME_RINVDSTADR' }, state: 'refused', error: 'ESME_RINVDSTADR', paid: 0, parts: 1 },
    { answer: { status: 'ESME_RSUBMITFAIL' }, state: 'failed', error: 'ESME_RSUBMITFAIL', paid: 0, parts: 1 },
    { answer: { status: 0x0401 }, state: 'refused', error: '0x00000401', paid: 0, parts: 1 },
    { answer: { receipt: 'delivered' }, state: 'delivered', error: '', paid: 1, parts: 1 },
    { answer: { receipt: 'undeliverable' }, state: 'undelivered', error: '001', paid: 1, parts: 1 },
    { answer: { receipt: 'expired' }, state: 'expired', error: '001', paid: 1, parts: 1 },
    { answer: { receipt: 'rejected' }, state: 'rejected', error: '001', paid: 1, parts: 1 },
    { answer: { receipt: 'deleted' }, state: 'undelivered', error: '001', paid: 1, parts: 1 },
    { answer: { receipt: 'unknown' }, state: 'undelivered', error: '001', paid: 1, parts: 1 },
    // Reports of messages still on their way change nothing.
    { answer: { receipt: 'enroute' }, state: 'submitted', error: '', paid: 1, parts: 1 },
    { answer: { receipt: 'accepted' }, state: 'submitted', error: '', paid: 1, parts: 1 },
    { answer: { receipt: 'none' }, state: 'submitted', error: '', paid: 1, parts: 1 },
  ] as const;
  const numbers = cases.map((_, i) => numberAt(100 + i));
  beforeAll(async () => {
    house = await startHouse({
      simulator: {
        onSubmit: (records) => submitted.push(...records),
        rules: cases.map(({ answer }, i) => ({ suffix: numbers[i]!, ...answer })),
      },
    });
    sender = await openSender(house, { credits: 1_000 });
  });
  afterAll(() => house.stop());

  it('says no by number, and each no has its state, its reason and its price', async () => {
    const uuid = await sender.send(numbers);
    await sender.finished(uuid, [...new Set(cases.map(({ state }) => state))]);
    await until(async () => {
      const messages = await sender.messages(uuid);
      return messages.every(({ state }, i) => state === cases[i]!.state);
    }, 'every report to be in');
    const messages = await sender.messages(uuid);
    expect(
      messages.map(({ to, state, error, settled, released }) => ({ to, state, error, settled, released })),
    ).toEqual(
      cases.map(({ state, error, paid }, i) => {
        return { to: `+86${numbers[i]}`, state, error, settled: paid, released: 1 - paid };
      }),
    );
    expect(await sender.balance()).toEqual({
      available: 1_000 - cases.reduce((sum, { paid }) => sum + paid, 0),
      reserved: 0,
    });
    expect(await ledgerFaults(house)).toEqual([]);
    // A permanent no is asked once.
    for (const number of numbers) expect(submitted.filter((r) => r.destination === `86${number}`)).toHaveLength(1);
  });

  it('is tried again after an answer that says later', async () => {
    const [number] = numbersFrom(200, 1) as [string];
    house.simulator.set({ rules: [{ suffix: number, status: 'ESME_RSYSERR' }] });
    const uuid = await sender.send([number]);
    const attempts = () => submitted.filter(({ destination }) => destination === `86${number}`);
    await until(() => attempts().length >= 2, 'a second attempt');
    expect((await sender.messages(uuid))[0].state).toMatch(/queued|dispatching/);
    house.simulator.set({ rules: [] });
    await sender.finished(uuid);
    const [message] = await sender.messages(uuid);
    // Nothing is uncertain about it, so no attempt is a repeat.
    expect(message).toMatchObject({ attempts: attempts().length, repeats: 0, settled: 1, error: '' });
    expect(attempts().map(({ status }) => status === 0)).toEqual([...Array(attempts().length - 1).fill(false), true]);
  });

  it('is given no more than it takes', async () => {
    const before = submitted.length;
    house.simulator.set({ throttle: { perSecond: 40 } });
    const numbers = numbersFrom(300, 100);
    const uuid = await sender.send(numbers);
    await sender.finished(uuid);
    house.simulator.set({ throttle: null });
    const records = submitted.slice(before);
    expect(records.filter(({ status }) => status === 0)).toHaveLength(100);
    expect(records.filter(({ status }) => status !== 0).length).toBe(house.simulator.stats.throttled);
    expect(house.simulator.stats.throttled).toBeGreaterThan(0);
    const { json } = await house.asRoot('GET', '/api/v1/channels');
    expect(json.items[0].state.throttled).toBe(house.simulator.stats.throttled);
    expect((await sender.messages(uuid)).every(({ repeats }) => repeats === 0)).toBe(true);
    expect(await ledgerFaults(house)).toEqual([]);
  });

  it('whose answer is late is believed, and the message is not sent again', async () => {
    const [number] = numbersFrom(500, 1) as [string];
    const [channel] = (await house.asRoot('GET', '/api/v1/channels')).json.items;
    await house.asRoot('PATCH', `/api/v1/channels/${channel.id}`, { smpp: { response_timeout_ms: 200 } });
    // A channel that runs with its new settings has sent nothing yet.
    await until(async () => {
      const { state } = (await house.asRoot('GET', `/api/v1/channels/${channel.id}`)).json;
      return state.link === 'bound' && state.submitted === 0;
    }, 'the channel to run with its new settings');
    house.simulator.set({ answerMs: 1_000, receipts: { none: 1 } });
    const uuid = await sender.send([number]);
    await until(async () => (await sender.progress(uuid)).counts.uncertain === 1, 'the answer to be missed');
    await sender.finished(uuid, ['submitted']);
    house.simulator.set({ answerMs: 0, receipts: { delivered: 1 } });
    expect(submitted.filter(({ destination }) => destination === `86${number}`)).toHaveLength(1);
    expect((await sender.messages(uuid))[0]).toMatchObject({ attempts: 1, repeats: 0, settled: 1 });
    expect(await ledgerFaults(house)).toEqual([]);
  });
});

/** What happens when octets left and no answer came depends on what the text is for. */
describe('an answer that never comes', () => {
  const submitted: SubmitRecord[] = [];
  let house: House;
  beforeAll(async () => {
    house = await startHouse({
      simulator: { onSubmit: (records) => submitted.push(...records), receipts: { none: 1 } },
      smpp: { response_timeout_ms: 300 },
      env: { SIGNET_UNCERTAIN_NOTIFICATION_MS: '500', SIGNET_UNKNOWN_AFTER_MS: '500' },
    });
  });
  afterAll(() => house.stop());

  it.each([
    { category: 'verification', submits: 2 },
    { category: 'notification', submits: 2 },
    { category: 'marketing', submits: 1 },
  ] as const)('sends a $category $submits times, pays it once, and calls it unknown', async ({ category, submits }) => {
    const number = numberAt({ verification: 1, notification: 2, marketing: 3 }[category]);
    house.simulator.set({ rules: [{ suffix: number, silent: true }] });
    const sender = await openSender(house, { category, credits: 10 });
    const uuid = await sender.send([number]);
    await sender.finished(uuid, ['unknown']);
    expect(submitted.filter(({ destination }) => destination === `86${number}`)).toHaveLength(submits);
    const [message] = await sender.messages(uuid);
    expect(message).toMatchObject({ attempts: submits, repeats: submits - 1, settled: 1, released: 0 });
    const { timeline } = (await sender.ask('GET', `/api/v1/messages/${message.message_id}`)).json;
    expect(timeline.filter(({ repeat }: { repeat?: boolean }) => repeat)).toHaveLength(submits - 1);
    expect(await sender.balance()).toEqual({ available: 9, reserved: 0 });
    expect(await ledgerFaults(house)).toEqual([]);
  });
});

/** A report can tell what the lost answer would have told. */
describe('a report on a message whose answer never came', () => {
  const submitted: SubmitRecord[] = [];
  let house: House;
  beforeAll(async () => {
    house = await startHouse({
      simulator: { onSubmit: (records) => submitted.push(...records), receiptDelayMs: 2_000 },
      smpp: { response_timeout_ms: 200 },
    });
  });
  afterAll(() => house.stop());

  it('settles it when only that one can be meant', async () => {
    const number = numberAt(10);
    house.simulator.set({ rules: [{ suffix: number, silent: true, receipt: 'undeliverable' }] });
    const sender = await openSender(house, { credits: 10 });
    const uuid = await sender.send([number]);
    await sender.finished(uuid, ['undelivered']);
    expect(submitted.filter(({ destination }) => destination === `86${number}`)).toHaveLength(1);
    expect((await sender.messages(uuid))[0]).toMatchObject({ attempts: 1, repeats: 0, settled: 1, error: '001' });
    expect(await sender.balance()).toEqual({ available: 9, reserved: 0 });
    expect(await ledgerFaults(house)).toEqual([]);
  });
});

/** A slow carrier is shared: what is urgent does not stand behind what is not. */
describe('a code sent while a carrier is busy with advertisements', () => {
  it('passes what has not left yet', async () => {
    const order: string[] = [];
    const house = await startHouse({
      simulator: { answerMs: 50, onSubmit: (records) => order.push(...records.map(({ destination }) => destination)) },
      smpp: { window: 10 },
    });
    const marketing = await openSender(house, { category: 'marketing' });
    const verification = await openSender(house, { category: 'verification' });
    await marketing.send(numbersFrom(0, 5_000));
    await until(() => order.length > 100, 'some to be sent');
    const uuid = await verification.send([numberAt(9_000)]);
    const before = order.length;
    await verification.finished(uuid);
    // The channel holds a thousand advertisements beyond its window; the code has passed them.
    expect(order.indexOf(`86${numberAt(9_000)}`) - before).toBeLessThan(600);
    await house.stop();
  });
});
