import { startSimulator } from '@signet/smpp/simulator';
import { afterEach, describe, expect, it } from 'vitest';
import { type House, startHouse, until } from '../house.ts';
import { expectOk, ledgerFaults, numbersFrom, openSender } from './sender.ts';

/** Without any carrier ever, the house has one of its own that never reaches a phone, and says so. */
describe('the built-in simulator', () => {
  let house: House | null = null;
  afterEach(() => house?.stop());

  /** What the system and the list of channels say about it. */
  const simulating = async (): Promise<boolean[]> => {
    const answers = await Promise.all(['/api/v1/system', '/api/v1/channels'].map((path) => house!.asRoot('GET', path)));
    return answers.map((answer) => expectOk(answer).json.simulator);
  };
  const ended = () => until(async () => !(await simulating()).includes(true), 'the simulator to end');
  const smppTo = (port: number) => ({ host: '127.0.0.1', port, system_id: 'test', password: 'test' });

  it('delivers everything, and marks what it delivered', async () => {
    house = await startHouse({ simulator: false });
    expect(await simulating()).toEqual([true, true]);
    expect(house.output()).toContain('SIMULATED');
    const sender = await openSender(house, { credits: 1_000 });
    const uuid = await sender.send(numbersFrom(0, 300));
    await sender.finished(uuid);
    for (const message of await sender.messages(uuid)) {
      expect(message).toMatchObject({ state: 'delivered', simulated: true, channel_id: null, settled: 1 });
    }
    expect(await ledgerFaults(house)).toEqual([]);
  });

  it('takes a long text and every kind of destination', async () => {
    house = await startHouse({ simulator: false });
    const sender = await openSender(house, { credits: 1_000, template: '{text}' });
    const numbers = ['13800138000', '+12025550123', '+61491570156'];
    const uuid = await sender.send(numbers, { params: { text: '长'.repeat(200) } });
    await sender.finished(uuid);
  });

  it('goes on after a restart, and with what a killed server left behind', async () => {
    house = await startHouse({ simulator: false, env: { SIGNET_UNCERTAIN_NOTIFICATION_MS: '200' } });
    const sender = await openSender(house, { credits: 10_000 });
    const first = await sender.send(numbersFrom(0, 500));
    await until(async () => ((await sender.progress(first)).counts.submitted ?? 0) > 0, 'some to be taken');
    expect(await house.terminate()).toBe(0);
    await house.start();
    expect(await simulating()).toEqual([true, true]);
    await sender.finished(first);
    const second = await sender.send(numbersFrom(1_000, 900));
    await until(async () => (await sender.progress(second)).counts.submitted !== undefined, 'some to be taken');
    await house.kill();
    await house.start();
    // What the simulator had taken, and not reported, went with the process it lived in.
    await sender.finished(second, ['delivered', 'submitted']);
    const { uuid } = expectOk(await sender.post(numbersFrom(2_000, 1))).json;
    await sender.finished(uuid);
    expect(await ledgerFaults(house)).toEqual([]);
  });

  it('ends for good with the first channel, also when that is deleted', async () => {
    house = await startHouse({ simulator: false });
    const sender = await openSender(house, { credits: 10_000 });
    const simulated = await sender.send(numbersFrom(0, 900));
    await until(async () => ((await sender.progress(simulated)).counts.submitted ?? 0) > 0, 'some to be taken');
    const carrier = await startSimulator({ receiptDelayMs: 0 });
    const { id } = expectOk(
      await house.asRoot('POST', '/api/v1/channels', { name: 'carrier', smpp: smppTo(carrier.port) }),
    ).json;
    await ended();
    // Every message was reported by the one that took it.
    await sender.finished(simulated);
    const messages = await sender.messages(simulated);
    expect(messages.filter((message) => !message.simulated)).toHaveLength(carrier.stats.accepted);
    const real = await sender.send(numbersFrom(2_000, 3));
    await sender.finished(real);
    for (const message of await sender.messages(real))
      expect(message).toMatchObject({ simulated: false, channel_id: id });

    expectOk(await house.asRoot('DELETE', `/api/v1/channels/${id}`));
    const waiting = await sender.send(numbersFrom(3_000, 3));
    expect(await simulating()).toEqual([false, false]);
    expect(await house.terminate()).toBe(0);
    await house.start();
    expect(await simulating()).toEqual([false, false]);
    expect(await sender.progress(waiting)).toMatchObject({ state: 'running', counts: { accepted: 3 } });
    await house.stop();
    house = null;
    await carrier.close();
  });

  it('ends with a channel that is disabled from the start', async () => {
    house = await startHouse({ simulator: false });
    expectOk(await house.asRoot('POST', '/api/v1/channels', { name: 'c', enabled: false, smpp: smppTo(1) }));
    await ended();
  });

  it('never starts in production', async () => {
    house = await startHouse({ simulator: false, env: { SIGNET_ENV: 'production' } });
    expect(await simulating()).toEqual([false, false]);
    expect(house.output()).not.toContain('SIMULATED');
    const sender = await openSender(house);
    const uuid = await sender.send(numbersFrom(0, 3));
    expect(await sender.progress(uuid)).toMatchObject({ state: 'running', counts: { accepted: 3 } });
  });
});
