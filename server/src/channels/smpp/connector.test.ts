import { ESM_CLASS, formatReceipt, STATUS, statusCode } from '@signet/smpp';
import { seededRandom, startSimulator } from '@signet/smpp/simulator';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HandCarrier, Rig } from '../../../test/carrier.ts';
import { until } from '../../../test/house.ts';
import { CATEGORIES } from '../../domain/category.ts';
import { FlightLog } from '../flight-log.ts';

let carrier: HandCarrier;
let rig: Rig;
const rigs: Rig[] = [];

beforeEach(async () => {
  carrier = await HandCarrier.start();
});
afterEach(async () => {
  await Promise.all(rigs.splice(0).map((each) => each.close()));
  await carrier.close();
});

/** Starts a connector to the carrier and waits for its bind. */
async function bind(
  settings: ConstructorParameters<typeof Rig>[1] = {},
  options: ConstructorParameters<typeof Rig>[2] = {},
): Promise<void> {
  rig = new Rig(carrier.server.port, settings, options);
  rigs.push(rig);
  rig.connector.start();
  await until(() => rig.connector.status().link === 'bound', 'the bind');
}

const taken = (count: number) => until(() => carrier.taken.length >= count, `${count} submit_sm`);
const answered = (count: number) => until(() => rig.ear.answers.length >= count, `${count} answers`);
/** What was answered for each part of a message. */
function partKinds(answer = 0): string[] {
  const { outcome } = rig.ear.answers[answer]!;
  return outcome.kind === 'inParts' ? outcome.parts.map(({ kind }) => kind) : [];
}
const kinds = () => rig.ear.answers.map(({ outcome }) => outcome.kind);
/** Resolves when whatever the connector had written by now has reached the carrier: it answers in order. */
const roundTrip = () => carrier.session.request({ command: 'deliver_sm', ...receipt('none', 'enroute') });

function receipt(messageId: string, state: Parameters<typeof formatReceipt>[0]['state'], from = '8613800130000') {
  const at = 1_767_225_600_000;
  return {
    source_addr: from,
    esm_class: state === 'enroute' ? ESM_CLASS.INTERMEDIATE_NOTIFICATION : ESM_CLASS.DELIVERY_RECEIPT,
    short_message: formatReceipt({ messageId, state, error: '007', submittedAt: at, doneAt: at }),
  };
}

describe('the link', () => {
  it('is a transceiver bind with the settings as they are', async () => {
    const binds: unknown[] = [];
    await carrier.close();
    carrier = await HandCarrier.start({
      authenticate: ({ command, system_id, password, system_type }) => {
        binds.push({ command, system_id, password, system_type });
        return STATUS.ESME_ROK;
      },
    });
    await bind({ systemId: 'me', password: 'secret', systemType: 'VMA' });
    expect(binds).toEqual([{ command: 'bind_transceiver', system_id: 'me', password: 'secret', system_type: 'VMA' }]);
    expect(rig.connector.status()).toMatchObject({
      link: 'bound',
      reason: '',
      inFlight: 0,
      window: 100,
      submitted: 0,
      throttled: 0,
    });
    expect(rig.connector.reading()).toMatchObject({
      rate: null,
      binds: [{ type: 'transceiver', link: 'bound', inFlight: 0, window: { now: 100, configured: 100 } }],
    });
    expect(rig.ear.rooms).toBe(1);
    expect(rig.connector.room('notification')).toBe(1_000);
  });

  it('is tried again, later and later, with the reason told', async () => {
    const { port } = carrier.server;
    await carrier.close();
    rig = new Rig(port);
    rigs.push(rig);
    expect(rig.connector.status()).toMatchObject({ link: 'down', reason: 'not started' });
    rig.connector.start();
    for (const laterMs of [250, 500, 1_000]) {
      await until(() => rig.connector.status().link === 'down', 'the try to fail');
      expect(rig.connector.status().reason).toMatch(/ECONNREFUSED/);
      // Half of the wait is chance.
      rig.clock.advance(laterMs / 2 - 1);
      expect(rig.connector.status().link).toBe('down');
      rig.clock.advance(laterMs / 2 + 1);
      expect(rig.connector.status().link).toBe('connecting');
    }
    carrier = await HandCarrier.start({ port });
    await until(() => {
      rig.clock.advance(30_000);
      return rig.connector.status().link === 'bound';
    }, 'the bind');
    expect(rig.connector.status().reason).toBe('');
  });

  it('that is refused says with which status', async () => {
    await carrier.close();
    carrier = await HandCarrier.start({ authenticate: () => STATUS.ESME_RINVPASWD });
    rig = new Rig(carrier.server.port);
    rigs.push(rig);
    rig.connector.start();
    await until(() => /ESME_RINVPASWD/.test(rig.connector.status().reason), 'the refusal');
    expect(rig.connector.room('notification')).toBe(0);
  });

  it('has no room while it is down, and gives back at once what it is handed', async () => {
    rig = new Rig(carrier.server.port);
    rigs.push(rig);
    expect(rig.connector.room('notification')).toBe(0);
    const messages = rig.send(3);
    expect(rig.ear.answers).toEqual(messages.map((message) => ({ message, outcome: { kind: 'notSent' }, place: -1 })));
  });

  it('asks whether the carrier lives, and leaves it when it does not answer', async () => {
    await bind({ enquireLinkMs: 50, responseTimeoutMs: 50 });
    carrier.session.pause();
    await until(() => rig.connector.status().link === 'down', 'the link to be given up');
    expect(rig.connector.status().reason).toMatch(/link-dead/);
  });
});

describe('a message', () => {
  it('is accepted with the id the carrier gave it', async () => {
    await bind();
    const [message] = rig.send(1);
    await taken(1);
    expect(rig.connector.status().inFlight).toBe(1);
    const [id] = carrier.answer();
    await answered(1);
    expect(rig.ear.answers).toEqual([{ message, outcome: { kind: 'accepted', carrierIds: [id] }, place: 1 }]);
    expect(rig.connector.status()).toMatchObject({ inFlight: 0, submitted: 1 });
    expect(rig.connector.room('notification')).toBe(1_000);
  });

  it.each([
    ['ESME_RSYSERR', 'later'],
    ['ESME_RINVBNDSTS', 'later'],
    ['ESME_RSUBMITFAIL', 'elsewhere'],
    ['ESME_RINVDSTADR', 'never'],
    ['ESME_RINVSRCADR', 'never'],
    ['ESME_RINVMSGLEN', 'never'],
    ['ESME_RINVCMDID', 'never'],
    ['0x00000400', 'never'],
    ['0xFFFFFFFF', 'never'],
  ])('answered with %s is to be tried %s', async (name, retry) => {
    await bind();
    rig.send(1);
    await taken(1);
    carrier.answer(1, statusCode(name) ?? Number(name));
    await answered(1);
    expect(rig.ear.answers[0]!.outcome).toEqual({
      kind: 'refused',
      retry,
      error: expect.stringMatching(new RegExp(name, 'i')),
    });
    expect(rig.connector.status().submitted).toBe(0);
  });

  it('that is not answered in time is unknown, and the others go on', async () => {
    await bind({ responseTimeoutMs: 100, window: 2 });
    rig.send(4);
    await taken(2);
    carrier.open.length = 0;
    await taken(4);
    carrier.answer();
    await answered(4);
    expect(kinds()).toEqual(['unknown', 'unknown', 'accepted', 'accepted']);
    expect(rig.connector.status().link).toBe('bound');
  });

  it('whose answer is late is accepted after all, and gives no place back twice', async () => {
    await bind({ responseTimeoutMs: 100 });
    const [message] = rig.send(1);
    await answered(1);
    expect(kinds()).toEqual(['unknown']);
    const [id] = carrier.answer();
    await answered(2);
    expect(rig.ear.answers[1]).toEqual({ message, outcome: { kind: 'accepted', carrierIds: [id] }, place: -1 });
    expect(rig.connector.room('notification')).toBe(1_000);
  });

  it('with an answer that is late and a no stays unknown', async () => {
    await bind({ responseTimeoutMs: 100 });
    rig.send(1);
    await answered(1);
    carrier.answer(1, STATUS.ESME_RINVDSTADR);
    await roundTrip();
    expect(kinds()).toEqual(['unknown']);
  });
});

describe('the window', () => {
  it('is never exceeded, and always filled', async () => {
    await bind({ window: 5 });
    rig.send(20);
    await taken(5);
    await roundTrip();
    expect(carrier.taken).toHaveLength(5);
    expect(rig.connector.status().inFlight).toBe(5);
    carrier.answer(2);
    await taken(7);
    await roundTrip();
    expect(carrier.taken).toHaveLength(7);
    carrier.answerAlways();
    await answered(20);
    expect(carrier.taken.map(({ submit }) => submit.destination_addr)).toEqual(
      Array.from({ length: 20 }, (_, i) => String(8_613_800_130_000 + i)),
    );
    expect(rig.connector.status()).toMatchObject({ inFlight: 0, submitted: 20 });
  });

  it('leaves room for ten times as many in hand, and a thousand at least', async () => {
    await bind({ window: 300 });
    expect(rig.connector.room('notification')).toBe(3_000);
    rig.send(2_999);
    expect(rig.connector.room('notification')).toBe(1);
    rig.send(1);
    expect(rig.connector.room('notification')).toBe(0);
    carrier.answerAlways();
    await answered(3_000);
    expect(rig.connector.room('notification')).toBe(3_000);
  });
});

describe('a message of a more urgent lane', () => {
  it('leaves before those of the others that have not left yet', async () => {
    await bind({ window: 2 });
    rig.send(5, 'advertisement', 'marketing');
    await taken(2);
    rig.send(2, 'news', 'notification');
    rig.send(2, 'code', 'verification');
    carrier.answerAlways();
    await answered(9);
    const order = carrier.taken.map(({ submit }) => Number(submit.destination_addr.slice(-1)));
    expect(order).toEqual([0, 1, 7, 8, 5, 6, 2, 3, 4]);
  });

  it('has room of its own', async () => {
    await bind();
    rig.send(1_000, 'advertisement', 'marketing');
    expect(CATEGORIES.map((lane) => rig.connector.room(lane))).toEqual([1_000, 1_000, 0]);
    rig.send(1, 'code', 'verification');
    expect(CATEGORIES.map((lane) => rig.connector.room(lane))).toEqual([999, 1_000, 0]);
    carrier.answerAlways();
    await answered(1_001);
    expect(CATEGORIES.map((lane) => rig.connector.room(lane))).toEqual([1_000, 1_000, 1_000]);
  });

  it('leaves with nothing of a plan that was taken back, but what had left already', async () => {
    await bind({ window: 2 });
    rig.send(5, 'advertisement', 'marketing');
    await taken(2);
    rig.connector.recall(new Set([99]));
    expect(rig.ear.answers).toEqual([]);
    rig.connector.recall(new Set([1]));
    expect([...rig.ear.outcomes()].map(([index, outcome]) => [index, outcome.kind])).toEqual([
      [2, 'notSent'],
      [3, 'notSent'],
      [4, 'notSent'],
    ]);
    carrier.answerAlways();
    await answered(5);
    expect(carrier.taken).toHaveLength(2);
    expect(rig.connector.room('marketing')).toBe(1_000);
  });

  it('finds less before it once the carrier is known to be slow', async () => {
    await bind({ window: 5 });
    rig.send(500, 'advertisement', 'marketing');
    await taken(5);
    expect(rig.connector.room('marketing')).toBe(500);
    for (let second = 0; second < 4; second++) {
      const before = rig.ear.answers.length;
      for (let i = 0; i < 8; i++) {
        carrier.answer(5);
        await answered(before + (i + 1) * 5);
        await taken(5);
      }
      rig.clock.advance(1_000);
    }
    // 340 are held, and about 40 a second are answered.
    expect(rig.connector.room('marketing')).toBe(0);
    rig.connector.recall(new Set([1]));
    expect(rig.connector.room('marketing')).toBeGreaterThan(900);
  });

  it('passes the parts of a long text that have not left', async () => {
    await bind({ window: 1 });
    rig.send(1, '长'.repeat(67 * 3), 'marketing');
    await taken(1);
    rig.send(1, 'code', 'verification');
    carrier.answerAlways();
    await answered(2);
    const order = carrier.taken.map(({ submit }) => submit.destination_addr.slice(-1));
    expect(order).toEqual(['0', '1', '0', '0']);
    expect(kinds()).toEqual(['accepted', 'accepted']);
  });
});

describe('a carrier that asks for less speed', () => {
  it.each(['ESME_RTHROTTLED', 'ESME_RMSGQFUL'] as const)(
    'with %s is left alone for longer and longer, and asked for the same again',
    async (status) => {
      await bind({ window: 1 });
      rig.send(6);
      for (const restMs of [100, 200, 250, 250, 250, 250]) {
        await until(() => carrier.open.length === 1, 'a try');
        const before = rig.connector.status().throttled;
        carrier.answer(1, STATUS[status]);
        await until(() => rig.connector.status().throttled > before, 'the answer');
        rig.clock.advance(restMs - 1);
        await roundTrip();
        expect(carrier.open).toHaveLength(0);
        rig.clock.advance(2);
      }
      expect(new Set(carrier.taken.map(({ submit }) => submit.destination_addr))).toEqual(new Set(['8613800130000']));
      expect(rig.ear.answers).toEqual([]);
      carrier.answerAlways();
      await until(() => {
        rig.clock.advance(200);
        return rig.ear.answers.length === 6;
      }, 'all to be taken');
      expect(rig.connector.status()).toMatchObject({ throttled: 6, submitted: 6 });
      expect(rig.ear.answers.map(({ message }) => message.index)).toEqual([0, 1, 2, 3, 4, 5]);
    },
  );

  it('is asked for the oldest of the most urgent lane first', async () => {
    await bind({ window: 3 });
    rig.send(5, 'advertisement', 'marketing');
    await taken(3);
    rig.send(1, 'code', 'verification');
    carrier.answer(3, STATUS.ESME_RTHROTTLED);
    await until(() => rig.connector.status().throttled === 3, 'the answers');
    carrier.answerAlways();
    await until(() => {
      rig.clock.advance(100);
      return rig.ear.answers.length === 6;
    }, 'all to be taken');
    expect(rig.ear.answers.map(({ message }) => message.index)).toEqual([5, 0, 1, 2, 3, 4]);
  });

  it('has nothing of what it did not take: that is given back with its plan, or with the link', async () => {
    await bind({ window: 2 });
    rig.send(3);
    rig.send(1, '长'.repeat(100));
    await taken(2);
    carrier.answer(2, STATUS.ESME_RTHROTTLED);
    await until(() => rig.connector.status().throttled === 2, 'the answers');
    expect(new FlightLog(rig.dir, 'boot').recover().left).toEqual([]);
    rig.connector.recall(new Set([1]));
    expect(kinds()).toEqual(['notSent', 'notSent', 'notSent', 'notSent']);
    expect(rig.ear.answers.map(({ place }) => place)).toEqual([-1, -1, -1, -1]);
    rig.send(1, '长'.repeat(100));
    rig.clock.advance(200);
    await taken(3);
    carrier.answer(1, STATUS.ESME_RTHROTTLED);
    await until(() => rig.connector.status().throttled === 3, 'the answer');
    carrier.session.destroy();
    await answered(5);
    expect(kinds().at(-1)).toBe('notSent');
  });

  it('is not asked again for what was taken back while it was in flight', async () => {
    await bind({ window: 3 });
    rig.send(2);
    rig.send(1, '长'.repeat(100));
    await taken(3);
    rig.connector.recall(new Set([1]));
    expect(rig.ear.answers).toEqual([]);
    carrier.answer(3, STATUS.ESME_RTHROTTLED);
    await answered(3);
    expect(kinds()).toEqual(['notSent', 'notSent', 'notSent']);
    expect(rig.connector.room('notification')).toBe(1_000);
    // When the plan goes on, its messages are handed in anew.
    rig.send(1);
    rig.clock.advance(1_000);
    await taken(4);
    carrier.answer(1, STATUS.ESME_RTHROTTLED);
    await until(() => rig.connector.status().throttled === 4, 'the answer');
    rig.clock.advance(1_000);
    await taken(5);
    carrier.answer(1);
    await answered(4);
    expect(kinds().at(-1)).toBe('accepted');
  });

  it('is sent the parts of a text in their order, those it did not take before those that have not left', async () => {
    await bind({ window: 2 });
    rig.send(1, '长'.repeat(67 * 4));
    await taken(2);
    carrier.answer(1);
    carrier.answer(1, STATUS.ESME_RTHROTTLED);
    await until(() => rig.connector.status().throttled === 1, 'the answer');
    carrier.answerAlways();
    await until(() => {
      rig.clock.advance(100);
      return rig.ear.answers.length === 1;
    }, 'the text to be taken');
    expect(carrier.taken.map(({ submit }) => submit.short_message[5])).toEqual([1, 2, 2, 3, 4]);
    expect(rig.ear.answers[0]!.outcome.kind).toBe('accepted');
  });

  it('is taken at its word by what its channel says of its statuses', async () => {
    await bind({ window: 1, statusOutcomes: { '0x401': 'throttled', ESME_RTHROTTLED: 'never' } });
    rig.send(2);
    await taken(1);
    carrier.answer(1, 0x401);
    await until(() => rig.connector.status().throttled === 1, 'the answer');
    rig.clock.advance(100);
    await taken(2);
    carrier.answer(1, STATUS.ESME_RTHROTTLED);
    await answered(1);
    expect(rig.ear.answers[0]!.outcome).toEqual({ kind: 'refused', retry: 'never', error: 'ESME_RTHROTTLED' });
  });
});

describe('a link that is lost', () => {
  it('leaves unknown what had left, and gives back what had not', async () => {
    await bind({ window: 4 });
    rig.send(10);
    await taken(4);
    carrier.answer(1);
    await taken(5);
    carrier.session.destroy();
    await answered(10);
    const outcomes = rig.ear.outcomes();
    expect([...outcomes].sort((a, b) => a[0] - b[0]).map(([, { kind }]) => kind)).toEqual([
      'accepted',
      ...Array(4).fill('unknown'),
      ...Array(5).fill('notSent'),
    ]);
    expect(rig.connector.room('notification')).toBe(0);
    rig.clock.advance(30_000);
    await until(() => rig.connector.status().link === 'bound', 'the next bind');
    expect(rig.connector.room('notification')).toBe(1_000);
  });

  it('says in the flight log what had left', async () => {
    await bind({ window: 4 });
    rig.send(10);
    await taken(4);
    carrier.answer(1);
    await taken(5);
    carrier.answer(1, STATUS.ESME_RINVDSTADR);
    await taken(6);
    const { left, accepted } = new FlightLog(rig.dir, 'boot').recover();
    expect(left!.map(({ index }) => index)).toEqual([2, 3, 4, 5]);
    expect(accepted).toEqual([
      { channelId: 7, planId: 1, index: 0, recipient: 8_613_800_130_000, carrierIds: ['id-1'] },
    ]);
  });

  it('by unbind of the carrier is tried again', async () => {
    await bind({ window: 1 });
    rig.send(3);
    await taken(1);
    carrier.answer(1);
    await taken(2);
    void carrier.session.unbind(0);
    await answered(3);
    expect(rig.connector.status().reason).toMatch(/peer-unbound/);
    rig.clock.advance(30_000);
    await until(() => rig.connector.status().link === 'bound', 'the next bind');
  });
});

describe('a text in parts', () => {
  const text = '长'.repeat(67 * 3);

  it('is accepted with all its ids when all its parts are', async () => {
    await bind();
    rig.send(1, text);
    await taken(3);
    const ids = carrier.answer(2);
    await roundTrip();
    expect(rig.ear.answers).toEqual([]);
    ids.push(...carrier.answer());
    await answered(1);
    expect(rig.ear.answers[0]!.outcome).toEqual({ kind: 'accepted', carrierIds: ids });
    expect(rig.connector.status().submitted).toBe(3);
  });

  it('keeps the ids in the order of its parts, whatever the order of the answers', async () => {
    await bind();
    rig.send(1, text);
    await taken(3);
    carrier.open.reverse();
    const ids = carrier.answer();
    await answered(1);
    expect(rig.ear.answers[0]!.outcome).toEqual({ kind: 'accepted', carrierIds: ids.reverse() });
  });

  it('of which nothing is accepted is refused as its first refused part is', async () => {
    await bind();
    rig.send(1, text);
    await taken(3);
    carrier.answer(2, STATUS.ESME_RINVDSTADR);
    carrier.answer(1, STATUS.ESME_RTHROTTLED);
    await answered(1);
    expect(rig.ear.answers[0]!.outcome).toEqual({ kind: 'refused', retry: 'never', error: 'ESME_RINVDSTADR' });
  });

  it('is answered part by part when some are accepted and some refused', async () => {
    await bind();
    rig.send(1, text);
    await taken(3);
    const [first] = carrier.answer(1);
    carrier.answer(1, STATUS.ESME_RINVDSTADR);
    carrier.answer(1, STATUS.ESME_RTHROTTLED);
    await answered(1);
    expect(rig.ear.answers[0]!.outcome).toEqual({
      kind: 'inParts',
      reference: 1,
      round: 0,
      userReference: null,
      parts: [
        { kind: 'accepted', carrierId: first },
        { kind: 'refused', retry: 'never', error: 'ESME_RINVDSTADR' },
        { kind: 'refused', retry: 'later', error: 'ESME_RTHROTTLED' },
      ],
    });
  });

  it('that the carrier has in part already is sent with its other parts only, under the same reference', async () => {
    await bind();
    rig.send(1, text);
    const begun = { reference: 77, round: 2, carrierIds: ['old-1', null, 'old-3'] };
    const [message] = rig.send(1, text, 'notification', begun);
    await taken(4);
    const parts = carrier.taken.map(({ submit }) => [submit.short_message[3], submit.short_message[5]]);
    expect(parts).toEqual([
      [1, 1],
      [1, 2],
      [1, 3],
      [77, 2],
    ]);
    carrier.answer(3);
    const [second] = carrier.answer();
    await answered(2);
    expect(rig.ear.answers[1]).toMatchObject({
      message: { index: message!.index },
      outcome: {
        kind: 'inParts',
        reference: 77,
        round: 2,
        parts: ['old-1', second, 'old-3'].map((carrierId) => ({ kind: 'accepted', carrierId })),
      },
    });
    expect(rig.connector.room('notification')).toBe(1_000);
    const { inParts } = new FlightLog(rig.dir, 'boot').recover();
    expect(inParts).toMatchObject([
      { message: { index: 1, round: 2 }, parts: [{ kind: 'missing' }, { carrierId: second }, { kind: 'missing' }] },
    ]);
  });

  it('that the carrier has in part is refused when it would be cut otherwise now', async () => {
    await bind();
    rig.send(1, text, 'notification', { reference: 77, round: 1, carrierIds: ['old-1', null] });
    await answered(1);
    expect(rig.ear.answers[0]!.outcome).toMatchObject({ kind: 'refused', retry: 'never' });
    expect(rig.connector.room('notification')).toBe(1_000);
    expect(carrier.taken).toEqual([]);
  });

  it('is told later when the carrier takes none of its parts now', async () => {
    await bind();
    rig.send(1, text);
    await taken(3);
    carrier.answer(3, STATUS.ESME_RSYSERR);
    await answered(1);
    expect(rig.ear.answers[0]!.outcome).toEqual({ kind: 'refused', retry: 'later', error: 'ESME_RSYSERR' });
  });

  it('of which the carrier takes some now is completed, and none of it is sent twice', async () => {
    await bind();
    rig.send(1, text);
    await taken(3);
    const [first] = carrier.answer(1);
    carrier.answer(2, STATUS.ESME_RTHROTTLED);
    await until(() => rig.connector.status().throttled === 2, 'the answers');
    expect(rig.ear.answers).toEqual([]);
    rig.clock.advance(400);
    await taken(5);
    const [, third] = [carrier.answer(1, STATUS.ESME_RTHROTTLED), carrier.answer(1)[0]];
    await until(() => rig.connector.status().throttled === 3, 'the answers');
    rig.clock.advance(400);
    await taken(6);
    const [second] = carrier.answer();
    await answered(1);
    expect(rig.ear.answers[0]!.outcome).toEqual({ kind: 'accepted', carrierIds: [first, second, third] });
    const parts = carrier.taken.map(({ submit }) => [submit.short_message[3], submit.short_message[5]]);
    expect(parts).toEqual([1, 2, 3, 2, 3, 2].map((part) => [1, part]));
    expect(rig.connector.room('notification')).toBe(1_000);
  });

  it('of which the carrier does not take the rest for long is answered part by part', async () => {
    await bind({ window: 2 });
    rig.send(1, '长'.repeat(100));
    await taken(2);
    carrier.answer(1);
    carrier.answer(1, STATUS.ESME_RSYSERR);
    await until(() => {
      rig.clock.advance(5_000);
      carrier.answer(carrier.open.length, STATUS.ESME_RSYSERR);
      return rig.ear.answers.length === 1;
    }, 'the end of the tries');
    expect(rig.ear.answers[0]!.outcome).toMatchObject({
      kind: 'inParts',
      parts: [{ kind: 'accepted' }, { kind: 'refused', retry: 'later', error: 'ESME_RSYSERR' }],
    });
    expect(carrier.taken).toHaveLength(22);
  });

  it('that is being completed when the link goes is answered part by part', async () => {
    await bind();
    rig.send(1, text);
    await taken(3);
    carrier.answer(1);
    carrier.answer(2, STATUS.ESME_RTHROTTLED);
    await until(() => rig.connector.status().throttled === 2, 'the answers');
    carrier.session.destroy();
    await answered(1);
    expect(partKinds()).toEqual(['accepted', 'refused', 'refused']);
  });

  it('sends no further parts once one is refused', async () => {
    await bind({ window: 1 });
    rig.send(1, text);
    rig.send(1);
    await taken(1);
    carrier.answer(1, STATUS.ESME_RINVDSTADR);
    await taken(2);
    carrier.answer(1);
    await answered(2);
    expect(carrier.taken.map(({ submit }) => submit.destination_addr)).toEqual(['8613800130000', '8613800130001']);
    expect(kinds()).toEqual(['refused', 'accepted']);
    expect(rig.connector.room('notification')).toBe(1_000);
  });

  it('sends no further parts once one is refused, though others are open', async () => {
    await bind({ window: 2 });
    rig.send(1, text);
    rig.send(1);
    await taken(2);
    carrier.answer(1, STATUS.ESME_RINVDSTADR);
    await taken(3);
    carrier.answer();
    await answered(2);
    expect(carrier.taken.map(({ submit }) => submit.destination_addr.slice(-1))).toEqual(['0', '0', '1']);
    expect([...rig.ear.outcomes()].map(([index, { kind }]) => [index, kind]).sort()).toEqual([
      [0, 'inParts'],
      [1, 'accepted'],
    ]);
    expect(partKinds()).toEqual(['refused', 'accepted', 'notSent']);
  });

  it('whose first part is answered late tells that it is accepted, and nothing of the others', async () => {
    await bind({ window: 1, responseTimeoutMs: 100 });
    rig.send(1, text);
    await answered(1);
    expect(partKinds()).toEqual(['unknown', 'notSent', 'notSent']);
    const [first] = carrier.answer();
    await answered(2);
    expect(rig.ear.answers[1]!.outcome).toEqual({
      kind: 'inParts',
      reference: 1,
      round: null,
      userReference: null,
      parts: [{ kind: 'accepted', carrierId: first }, { kind: 'notSent' }, { kind: 'notSent' }],
    });
    expect(carrier.taken).toHaveLength(1);
  });

  it('is answered part by part when one of them is unknown', async () => {
    await bind();
    rig.send(1, text);
    await taken(3);
    carrier.answer(2);
    carrier.session.destroy();
    await answered(1);
    expect(partKinds()).toEqual(['accepted', 'accepted', 'unknown']);
  });

  it('is answered part by part when the link goes between them', async () => {
    await bind({ window: 3 });
    rig.send(1);
    rig.send(1, text);
    await taken(3);
    // A no that asks for less speed comes first, so the third part has to wait when the first two are accepted.
    carrier.answer(1, STATUS.ESME_RTHROTTLED);
    await until(() => rig.connector.status().throttled === 1, 'the answer');
    carrier.answer();
    await roundTrip();
    expect(carrier.taken).toHaveLength(3);
    carrier.session.destroy();
    await answered(2);
    expect(kinds()).toEqual(['notSent', 'inParts']);
    expect(partKinds(1)).toEqual(['accepted', 'accepted', 'notSent']);
    rig.clock.advance(30_000);
    await until(() => rig.connector.room('notification') === 1_000, 'nothing to be held');
  });
});

describe('a report', () => {
  it('is passed on, and answered when it is safe', async () => {
    await bind();
    let safe = () => {};
    rig.ear.onReports = () => new Promise((resolve) => (safe = resolve));
    const answer = carrier.session.request({ command: 'deliver_sm', ...receipt('abc', 'delivered') });
    let answeredAt = 0;
    void answer.then(() => (answeredAt = rig.ear.reports.length));
    await until(() => rig.ear.reports.length === 1, 'the report');
    expect(rig.ear.reports).toEqual([
      {
        carrierId: 'abc',
        recipient: 8_613_800_130_000,
        state: 'delivered',
        error: '007',
        userReference: null,
        raw: receipt('abc', 'delivered').short_message,
      },
    ]);
    rig.send(1);
    await taken(1);
    expect(answeredAt).toBe(0);
    safe();
    expect(await answer).toMatchObject({ outcome: 'answered', status: STATUS.ESME_ROK });
  });

  it('is kept as the carrier wrote it, parameters included, and gives back our number', async () => {
    await bind({ userMessageReference: true });
    rig.send(1);
    rig.send(1, '长'.repeat(100));
    await taken(3);
    const [first, second, third] = carrier.taken.map(({ submit }) => submit.tlvs?.user_message_reference);
    expect([second, third]).toEqual([first! + 1, first! + 2].map((number) => number & 0xffff));
    const body = receipt('', 'enroute');
    const tlvs = {
      receipted_message_id: 'abc',
      message_state: 1,
      network_error_code: Uint8Array.of(3, 0, 9),
      user_message_reference: first!,
    };
    await carrier.session.request({ command: 'deliver_sm', ...body, tlvs });
    const told = `receipted_message_id:abc message_state:1 network_error_code:030009 user_message_reference:${first}`;
    expect(rig.ear.reports).toMatchObject([
      { carrierId: 'abc', state: null, userReference: first, raw: `${body.short_message} ${told}` },
    ]);
    carrier.session.destroy();
    await answered(2);
    expect(rig.ear.answers.map(({ outcome }) => outcome)).toMatchObject([
      { kind: 'unknown', userReference: first },
      { kind: 'inParts', userReference: second },
    ]);
    const { left, inParts } = new FlightLog(rig.dir, 'boot').recover();
    expect(left).toEqual([{ planId: 1, index: 0, userReference: first }]);
    expect(inParts).toMatchObject([{ message: { index: 1, userReference: second } }]);
  });

  it('that could not be kept is asked for again', async () => {
    await bind();
    rig.ear.onReports = () => Promise.reject(new Error('the disk is full'));
    const answer = await carrier.session.request({ command: 'deliver_sm', ...receipt('abc', 'delivered') });
    expect(answer).toMatchObject({ outcome: 'answered', status: STATUS.ESME_RX_T_APPN });
  });

  it.each([
    ['delivered', 'delivered'],
    ['undeliverable', 'undelivered'],
    ['expired', 'expired'],
    ['rejected', 'rejected'],
    ['deleted', 'undelivered'],
    ['unknown', 'undelivered'],
  ] as const)('of %s means %s', async (state, means) => {
    await bind();
    await carrier.session.request({ command: 'deliver_sm', ...receipt('abc', state) });
    expect(rig.ear.reports).toMatchObject([{ carrierId: 'abc', state: means }]);
  });

  it.each(['enroute', 'accepted'] as const)(
    'of %s says nothing of the end, and is kept and answered',
    async (state) => {
      await bind();
      const answer = await carrier.session.request({ command: 'deliver_sm', ...receipt('abc', state) });
      expect(answer.status).toBe(STATUS.ESME_ROK);
      expect(rig.ear.reports).toMatchObject([{ carrierId: 'abc', state: null }]);
    },
  );

  it.each([
    ['+8613800130000', 8_613_800_130_000],
    ['8613800130000', 8_613_800_130_000],
    ['', null],
    ['Signet', null],
    ['123', null],
  ])('from %j speaks of %j', async (source, recipient) => {
    await bind();
    await carrier.session.request({ command: 'deliver_sm', ...receipt('abc', 'delivered', source) });
    expect(rig.ear.reports).toMatchObject([{ recipient }]);
  });

  it('comes in batches, and each is answered as its own batch went', async () => {
    await bind();
    const statuses: (number | undefined)[] = [];
    carrier.session.on('results', (results) => statuses.push(...results.map(({ status }) => status)));
    rig.ear.onReports = async (batch) => {
      if (batch.some(({ carrierId }) => carrierId === 'bad')) throw new Error('no');
    };
    const reports = ['a', 'b', 'c'].map((id) => receipt(id, 'delivered'));
    carrier.session.deliverMany(reports, reports);
    await until(() => statuses.length === 3, 'the answers');
    carrier.session.deliverMany([receipt('bad', 'delivered')], [0]);
    await until(() => statuses.length === 4, 'the answer');
    expect(statuses).toEqual([0, 0, 0, STATUS.ESME_RX_T_APPN]);
  });

  it('whose answer finds the link gone comes again on the next', async () => {
    await bind();
    let safe = () => {};
    rig.ear.onReports = () => new Promise((resolve) => (safe = resolve));
    carrier.session.deliverMany([receipt('abc', 'delivered')], [0]);
    await until(() => rig.ear.reports.length === 1, 'the report');
    carrier.session.destroy();
    await until(() => rig.connector.status().link === 'down', 'the link to be lost');
    rig.clock.advance(30_000);
    await until(() => rig.connector.status().link === 'bound', 'the next bind');
    safe();
    rig.ear.onReports = async () => {};
    const answer = await carrier.session.request({ command: 'deliver_sm', ...receipt('abc', 'delivered') });
    expect(answer.status).toBe(STATUS.ESME_ROK);
    expect(rig.ear.reports).toHaveLength(2);
  });
});

describe('a text from a handset', () => {
  const mo = (from: string, text = 'hi') => ({
    source_addr: from,
    destination_addr: '1069001',
    short_message: Buffer.from(text),
  });

  it('is passed on, and answered when it is safe', async () => {
    await bind();
    let safe = () => {};
    rig.ear.onInbound = () => new Promise((resolve) => (safe = resolve));
    const answer = carrier.session.request({ command: 'deliver_sm', ...mo('8613800130000', 'STOP') });
    await until(() => rig.ear.inbound.length === 1, 'the text');
    const at = rig.clock.now();
    expect(rig.ear.inbound).toMatchObject([
      { from: '8613800130000', to: '1069001', text: 'STOP', part: null, at, linkSince: at },
    ]);
    const settled = answer.then(() => 'answered');
    expect(await Promise.race([settled, new Promise((resolve) => setImmediate(() => resolve('open')))])).toBe('open');
    safe();
    expect((await answer).status).toBe(STATUS.ESME_ROK);
  });

  it('that could not be kept is asked for again', async () => {
    await bind();
    rig.ear.onInbound = () => Promise.reject(new Error('the disk is full'));
    const answer = await carrier.session.request({ command: 'deliver_sm', ...mo('8613800130000') });
    expect(answer.status).toBe(STATUS.ESME_RX_T_APPN);
  });

  it('may come as data_sm', async () => {
    await bind();
    const answer = await carrier.session.request({
      command: 'data_sm',
      source_addr: '8613800130000',
      tlvs: { message_payload: Buffer.from('long') },
    });
    expect(answer.status).toBe(STATUS.ESME_ROK);
    expect(rig.ear.inbound).toMatchObject([{ text: 'long' }]);
  });

  it('mixed with reports does not hold them up', async () => {
    await bind();
    const statuses: (number | undefined)[] = [];
    carrier.session.on('results', (results) => statuses.push(...results.map(({ status }) => status)));
    rig.ear.onInbound = () => Promise.reject(new Error('the disk is full'));
    const pdus = [receipt('a', 'delivered'), mo('1'), receipt('b', 'enroute'), receipt('c', 'expired')];
    carrier.session.deliverMany(pdus, pdus);
    await until(() => statuses.length === 4, 'the answers');
    expect(statuses.sort()).toEqual([0, 0, 0, STATUS.ESME_RX_T_APPN].sort());
    expect(rig.ear.reports.map(({ carrierId, state }) => [carrierId, state])).toEqual([
      ['a', 'delivered'],
      ['b', null],
      ['c', 'expired'],
    ]);
  });

  it('that comes with the first octets of a link is known to be younger than it', async () => {
    carrier.server.on('session', (session) => void session.deliverMany([mo('8613800130000')], [0]));
    await bind();
    await until(() => rig.ear.inbound.length === 1, 'the text');
    expect(rig.ear.inbound[0]!.linkSince).toBe(rig.clock.now());
  });

  it('tells since when its link has been up', async () => {
    await bind();
    carrier.session.destroy();
    await until(() => rig.connector.status().link === 'down', 'the link to be lost');
    rig.clock.advance(30_000);
    await until(() => rig.connector.status().link === 'bound', 'the next bind');
    const boundAt = rig.clock.now();
    rig.clock.advance(1_000);
    await carrier.session.request({ command: 'deliver_sm', ...mo('8613800130000') });
    expect(rig.ear.inbound).toMatchObject([{ at: boundAt + 1_000, linkSince: boundAt }]);
  });
});

describe('stopping', () => {
  it('waits for what had left, gives back what had not, and unbinds', async () => {
    await bind({ window: 3 });
    rig.send(8);
    await taken(3);
    const stopped = rig.connector.stop(10_000);
    await until(() => rig.ear.answers.length === 5, 'the rest to be handed back');
    expect(rig.connector.room('notification')).toBe(0);
    carrier.answer();
    await stopped;
    expect(kinds()).toEqual([...Array(5).fill('notSent'), ...Array(3).fill('accepted')]);
    expect(carrier.taken).toHaveLength(3);
    expect(rig.connector.status()).toMatchObject({ link: 'down', reason: 'stopped' });
    await until(() => carrier.server.sessions.size === 0, 'the carrier to see it');
  });

  it('does not wait for ever', async () => {
    await bind({ window: 3 });
    rig.send(4);
    await taken(3);
    await rig.connector.stop(50);
    expect(kinds()).toEqual(['notSent', ...Array(3).fill('unknown')]);
  });

  it('answers a text whose parts had left in part only', async () => {
    await bind({ window: 2 });
    rig.send(1, '长'.repeat(67 * 3));
    await taken(2);
    const stopped = rig.connector.stop(10_000);
    carrier.answer();
    await stopped;
    expect(partKinds()).toEqual(['accepted', 'accepted', 'notSent']);
    expect(carrier.taken).toHaveLength(2);
  });

  it('gives back what is handed in afterwards', async () => {
    await bind({ window: 1 });
    rig.send(1);
    await taken(1);
    const stopped = rig.connector.stop(10_000);
    rig.send(2);
    carrier.answer();
    await stopped;
    rig.send(1);
    expect(kinds().sort()).toEqual(['accepted', 'notSent', 'notSent', 'notSent']);
    rig.clock.advance(60_000);
    expect(rig.connector.status().link).toBe('down');
  });

  it('before it is bound ends the tries', async () => {
    const { port } = carrier.server;
    await carrier.close();
    rig = new Rig(port);
    rigs.push(rig);
    rig.connector.start();
    await rig.connector.stop(1_000);
    rig.clock.advance(60_000);
    expect(rig.connector.status()).toMatchObject({ link: 'down', reason: 'stopped' });
    carrier = await HandCarrier.start();
  });
});

/** Whatever a carrier does, each message handed in is answered, and it is answered once. */
describe('with a carrier in its worst mood', () => {
  it.each([1, 2, 3])('answers every message exactly once (seed %i)', async (seed) => {
    const random = seededRandom(seed);
    const simulator = await startSimulator({
      random,
      answerMs: { min: 0, max: 60 },
      receiptDelayMs: { min: 0, max: 30 },
      maxUnanswered: 40,
      throttle: { perSecond: 400 },
      dropLink: { everyPdus: 170 },
      rules: [
        { suffix: '3', status: 'ESME_RINVDSTADR' },
        { suffix: '7', silent: true },
      ],
    });
    rig = new Rig(simulator.port, { window: 50, responseTimeoutMs: 150 }, { realClock: true });
    rigs.push(rig);
    const total = 1_500;
    let handedIn = 0;
    const feed = () => {
      for (;;) {
        const lane = CATEGORIES[Math.floor(random() * 3)]!;
        const room = rig.connector.room(lane);
        if (handedIn === total || room === 0) return;
        const count = Math.min(1 + Math.floor(random() * 60), total - handedIn, room);
        handedIn += count;
        rig.send(count, random() < 0.7 ? 'short' : '长'.repeat(150), lane);
      }
    };
    rig.ear.onRoom = feed;
    rig.connector.start();
    await until(() => {
      feed();
      return handedIn === total && new Set(rig.ear.answers.map(({ message }) => message.index)).size === total;
    }, 'every answer');
    await rig.connector.stop(1_000);
    const firsts = rig.ear.answers.filter(({ place, outcome }) => place >= 0 || outcome.kind === 'notSent');
    expect(firsts).toHaveLength(total);
    // What came late is the answer to one that was unknown.
    const unknown = new Set(
      firsts
        .filter(
          ({ outcome }) =>
            outcome.kind === 'unknown' ||
            (outcome.kind === 'inParts' && outcome.parts.some(({ kind }) => kind === 'unknown')),
        )
        .map(({ message }) => message.index),
    );
    for (const { outcome, message } of rig.ear.answers.filter((answer) => !firsts.includes(answer))) {
      expect(outcome.kind === 'inParts' ? outcome.round : outcome.kind).toBe(
        message.text === 'short' ? 'accepted' : null,
      );
      expect(unknown.has(message.index)).toBe(true);
    }
    // How much of each there is depends on how long the links held.
    expect(kinds()).toContain('accepted');
    await simulator.close();
  });
});
