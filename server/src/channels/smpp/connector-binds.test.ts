import { ESM_CLASS, formatReceipt, STATUS } from '@signet/smpp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HandCarrier, Rig, type Taken } from '../../../test/carrier.ts';
import { until } from '../../../test/house.ts';

let carrier: HandCarrier;
let rig: Rig;
/** What each bind asked for, in order. */
let binds: string[];

beforeEach(async () => {
  binds = [];
  carrier = await HandCarrier.start({
    authenticate: ({ command }) => {
      binds.push(command);
      return STATUS.ESME_ROK;
    },
  });
});
afterEach(async () => {
  await rig.close();
  await carrier.close();
});

async function open(settings: ConstructorParameters<typeof Rig>[1]): Promise<void> {
  rig = new Rig(carrier.server.port, settings);
  rig.connector.start();
  await until(() => rig.connector.reading().binds.every(({ link }) => link === 'bound'), 'the binds');
}

const taken = (count: number) => until(() => carrier.taken.length >= count, `${count} submit_sm`);
const answered = (count: number) => until(() => rig.ear.answers.length >= count, `${count} answers`);
/** What each session was sent. */
function bySession(sent: readonly Taken[] = carrier.taken): Taken[][] {
  const sessions = [...new Set(sent.map(({ session }) => session))];
  return sessions.map((session) => sent.filter((each) => each.session === session));
}

describe('a channel of several binds', () => {
  it('spreads a little over all of them, and fills all their windows', async () => {
    await open({ binds: 3, window: 4 });
    expect(binds).toEqual(Array(3).fill('bind_transceiver'));
    expect(rig.connector.status()).toMatchObject({ link: 'bound', reason: '', window: 12 });
    rig.send(6);
    await taken(6);
    expect(bySession().map(({ length }) => length)).toEqual([2, 2, 2]);
    rig.send(20);
    await taken(12);
    expect(rig.connector.reading().binds.map(({ inFlight }) => inFlight)).toEqual([4, 4, 4]);
    carrier.answerAlways();
    await answered(26);
    expect(rig.connector.status()).toMatchObject({ submitted: 26, inFlight: 0 });
    expect(rig.connector.reading().binds.reduce((sum, { meter }) => sum + meter.read().accepted, 0)).toBe(26);
  });

  it('sends the parts of a text over one of them, in order', async () => {
    await open({ binds: 2, window: 2 });
    rig.send(4, '长'.repeat(67 * 3));
    carrier.answerAlways();
    await answered(4);
    const ways = new Map<string, Set<unknown>>();
    const order = new Map<string, number[]>();
    for (const { session, submit } of carrier.taken) {
      const to = submit.destination_addr;
      ways.set(to, (ways.get(to) ?? new Set()).add(session));
      order.set(to, [...(order.get(to) ?? []), submit.short_message[5]!]);
    }
    expect([...ways.values()].map(({ size }) => size)).toEqual([1, 1, 1, 1]);
    expect([...order.values()]).toEqual(Array(4).fill([1, 2, 3]));
  });

  it('loses with one of them what that one had, goes on with the others, and makes it anew', async () => {
    await open({ binds: 2, window: 5 });
    rig.send(20);
    await taken(10);
    const [first] = bySession();
    first![0]!.session.destroy();
    await answered(5);
    expect(rig.ear.answers.map(({ outcome }) => outcome.kind)).toEqual(Array(5).fill('unknown'));
    expect(rig.connector.status()).toMatchObject({
      link: 'bound',
      reason: expect.stringMatching(/^bind \d: peer-closed/),
    });
    expect(rig.connector.room('notification')).toBeGreaterThan(0);
    carrier.open.splice(
      0,
      carrier.open.length,
      ...carrier.open.filter(({ session }) => session !== first![0]!.session),
    );
    carrier.answerAlways();
    await answered(20);
    expect([...rig.ear.outcomes().values()].filter(({ kind }) => kind === 'accepted')).toHaveLength(15);
    rig.clock.advance(30_000);
    await until(() => rig.connector.reading().binds.every(({ link }) => link === 'bound'), 'the bind');
    expect(binds).toHaveLength(3);
  });

  it('goes on with a text over another, when the one that had sent a part of it is gone', async () => {
    await open({ binds: 2, window: 1 });
    rig.send(1, '长'.repeat(100));
    await taken(1);
    const { session } = carrier.taken[0]!;
    carrier.answer(1);
    await taken(2);
    expect(carrier.taken[1]!.session).toBe(session);
    carrier.answer(1, STATUS.ESME_RTHROTTLED);
    await until(() => rig.connector.status().throttled === 1, 'the answer');
    session.destroy();
    await until(() => rig.connector.status().reason !== '', 'the loss');
    rig.clock.advance(100);
    await taken(3);
    expect(carrier.taken[2]!.session).not.toBe(session);
    expect(carrier.taken[2]!.submit.short_message[5]).toBe(2);
    carrier.answer(1);
    await answered(1);
    expect(rig.ear.answers[0]!.outcome.kind).toBe('accepted');
  });

  it('sends nothing over one that is silent, and loses with it only what it had', async () => {
    await open({ binds: 2, window: 5, enquireLinkMs: 200, responseTimeoutMs: 400 });
    rig.send(10);
    await taken(10);
    const [silent] = bySession();
    silent![0]!.session.mute();
    carrier.answerAlways();
    await answered(5);
    await until(() => {
      rig.send(1);
      return rig.connector.status().reason.includes('link-dead');
    }, 'the end of the silent one');
    expect(carrier.taken.filter(({ session }) => session === silent![0]!.session)).toHaveLength(5);
    const lost = [...rig.ear.outcomes().values()].filter(({ kind }) => kind !== 'accepted');
    expect(lost).toMatchObject(Array(5).fill({ kind: 'unknown', error: 'the link was lost before the answer' }));
  });

  it('has no room once all of them are gone, and gives back what waits', async () => {
    await open({ binds: 2, window: 1 });
    rig.send(5);
    await taken(2);
    for (const [{ session }] of bySession() as [Taken][]) session.destroy();
    await answered(5);
    expect([...rig.ear.outcomes().values()].map(({ kind }) => kind).sort()).toEqual([
      ...Array(3).fill('notSent'),
      'unknown',
      'unknown',
    ]);
    expect(rig.connector.room('notification')).toBe(0);
    expect(rig.connector.status().link).not.toBe('bound');
  });
});

describe('a channel that sends and receives apart', () => {
  const report = () => ({
    source_addr: '8613800130000',
    esm_class: ESM_CLASS.DELIVERY_RECEIPT,
    short_message: formatReceipt({ messageId: 'x', state: 'delivered', error: '000', submittedAt: 0, doneAt: 0 }),
  });

  it('sends over the transmitter and hears from the receiver', async () => {
    await open({ bindMode: 'transmitter_receiver' });
    expect([...binds].sort()).toEqual(['bind_receiver', 'bind_transmitter']);
    expect(rig.connector.status()).toMatchObject({ link: 'bound', window: 100 });
    rig.send(1);
    await taken(1);
    expect(carrier.taken[0]!.session.bound!.bindType).toBe('transmitter');
    const receiver = [...carrier.server.sessions].find(({ bound }) => bound!.bindType === 'receiver')!;
    const answer = await receiver.request({ command: 'deliver_sm', ...report() });
    expect(answer.status).toBe(STATUS.ESME_ROK);
    expect(rig.ear.reports).toMatchObject([{ carrierId: 'x', state: 'delivered' }]);
  });

  it('goes on sending without its receiver, and says that it is gone', async () => {
    await open({ bindMode: 'transmitter_receiver' });
    const receiver = [...carrier.server.sessions].find(({ bound }) => bound!.bindType === 'receiver')!;
    receiver.destroy();
    await until(() => rig.connector.status().reason !== '', 'the loss');
    expect(rig.connector.status()).toMatchObject({ link: 'bound', reason: expect.stringMatching(/^bind 2: /) });
    carrier.answerAlways();
    rig.send(1);
    await answered(1);
  });

  it('hears reports until everything is answered', async () => {
    await open({ bindMode: 'transmitter_receiver' });
    rig.send(1);
    await taken(1);
    const receiver = [...carrier.server.sessions].find(({ bound }) => bound!.bindType === 'receiver')!;
    const stopped = rig.connector.stop(10_000);
    const answer = await receiver.request({ command: 'deliver_sm', ...report() });
    expect(answer.status).toBe(STATUS.ESME_ROK);
    carrier.answer();
    await stopped;
    expect(rig.ear.answers.map(({ outcome }) => outcome.kind)).toEqual(['accepted']);
  });
});

describe('a channel with a rate', () => {
  it('sends no more than that, whatever its windows take', async () => {
    await open({ rate: 10, binds: 2 });
    rig.send(30);
    carrier.answerAlways();
    const counts: number[] = [];
    for (let second = 0; second < 3; second++) {
      const before = carrier.taken.length;
      for (let i = 0; i < 100; i++) {
        rig.clock.advance(10);
        await new Promise((resolve) => setImmediate(resolve));
      }
      await until(() => carrier.taken.length >= before + 9, 'nearly the rate');
      counts.push(carrier.taken.length - before);
    }
    // What is written at the end of one second may be read in the next.
    expect(Math.max(...counts)).toBeLessThanOrEqual(11);
    await until(() => {
      rig.clock.advance(100);
      return rig.ear.answers.length === 30;
    }, 'all to be taken');
  });
});

describe('a channel that another process may have taken over', () => {
  it('cuts its links before it writes: what has not left is given back, what has is unknown', async () => {
    let ours = true;
    rig = new Rig(carrier.server.port, { binds: 2, window: 2 }, { mayWrite: () => ours });
    rig.connector.start();
    await until(() => rig.connector.reading().binds.every(({ link }) => link === 'bound'), 'the binds');
    rig.send(10);
    await taken(4);
    ours = false;
    rig.send(3);
    await answered(13);
    expect(carrier.taken).toHaveLength(4);
    const kinds = rig.ear.answers.map(({ outcome }) => outcome.kind).sort();
    expect(kinds).toEqual([...Array(9).fill('notSent'), ...Array(4).fill('unknown')]);
    await until(() => carrier.server.sessions.size === 0, 'the links to be cut');
    expect(rig.connector.room('notification')).toBe(0);

    // It does not so much as connect, until it is the owner again.
    rig.clock.advance(60_000);
    expect(rig.connector.status()).toMatchObject({ link: 'down', reason: expect.stringContaining('not owned') });
    expect(binds).toHaveLength(2);
    ours = true;
    rig.clock.advance(1_000);
    await until(() => rig.connector.reading().binds.every(({ link }) => link === 'bound'), 'the binds');
    rig.send(1);
    await taken(5);
  });

  it('writes nothing when it notices in the midst of a read', async () => {
    let ours = true;
    rig = new Rig(carrier.server.port, { window: 2 }, { mayWrite: () => ours });
    rig.connector.start();
    await until(() => rig.connector.status().link === 'bound', 'the bind');
    rig.send(6);
    await taken(2);
    ours = false;
    // The answer makes a place in the window.
    carrier.answer(1);
    await answered(6);
    expect(rig.ear.answers.map(({ outcome }) => outcome.kind)).toEqual([
      'accepted',
      'unknown',
      ...Array(4).fill('notSent'),
    ]);
    expect(carrier.taken).toHaveLength(2);
  });
});
