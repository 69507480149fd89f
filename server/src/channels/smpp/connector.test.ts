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
    expect(rig.connector.status()).toEqual({
      link: 'bound',
      reason: '',
      inFlight: 0,
      window: 100,
      submitted: 0,
      throttled: 0,
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
    ['ESME_RTHROTTLED', 'later'],
    ['ESME_RMSGQFUL', 'later'],
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
  it('is left alone for longer and longer, until it takes messages again', async () => {
    await bind({ window: 1 });
    rig.send(6);
    for (const pauseMs of [100, 200, 400]) {
      const before = carrier.taken.length;
      await until(() => carrier.open.length === 1, 'a try');
      carrier.answer(1, STATUS.ESME_RTHROTTLED);
      await answered(before || 1);
      await until(() => rig.connector.status().inFlight === 0, 'the answer');
      await roundTrip();
      rig.clock.advance(pauseMs - 1);
      await roundTrip();
      expect(carrier.open).toHaveLength(0);
      rig.clock.advance(2);
    }
    await until(() => carrier.open.length === 1, 'a try');
    carrier.answerAlways();
    await answered(6);
    expect(rig.connector.status()).toMatchObject({ throttled: 3, submitted: 3 });
    expect(kinds()).toEqual([...Array(3).fill('refused'), ...Array(3).fill('accepted')]);
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

  it('is refused as its first refused part is', async () => {
    await bind();
    rig.send(1, text);
    await taken(3);
    carrier.answer(1);
    carrier.answer(1, STATUS.ESME_RINVDSTADR);
    carrier.answer(1, STATUS.ESME_RTHROTTLED);
    await answered(1);
    expect(rig.ear.answers[0]!.outcome).toEqual({ kind: 'refused', retry: 'never', error: 'ESME_RINVDSTADR' });
  });

  it('is told later when the carrier takes none of its parts now', async () => {
    await bind();
    rig.send(1, text);
    await taken(3);
    carrier.answer(3, STATUS.ESME_RTHROTTLED);
    await answered(1);
    expect(rig.ear.answers[0]!.outcome).toEqual({ kind: 'refused', retry: 'later', error: 'ESME_RTHROTTLED' });
  });

  it('of which the carrier takes some now is completed, and none of it is sent twice', async () => {
    await bind();
    rig.send(1, text);
    await taken(3);
    const [first] = carrier.answer(1);
    carrier.answer(2, STATUS.ESME_RTHROTTLED);
    await until(() => rig.connector.status().throttled === 2, 'the answers');
    expect(rig.ear.answers).toEqual([]);
    rig.clock.advance(200);
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

  it('of which the carrier never takes the rest is unknown', async () => {
    await bind({ window: 2 });
    rig.send(1, '长'.repeat(100));
    await taken(2);
    carrier.answer(1);
    carrier.answer(1, STATUS.ESME_RMSGQFUL);
    await until(() => {
      rig.clock.advance(5_000);
      carrier.answer(carrier.open.length, STATUS.ESME_RMSGQFUL);
      return rig.ear.answers.length === 1;
    }, 'the end of the tries');
    expect(rig.ear.answers[0]!.outcome).toEqual({ kind: 'unknown', error: expect.stringContaining('ESME_RMSGQFUL') });
    expect(carrier.taken).toHaveLength(22);
  });

  it('that is being completed when the link goes is unknown', async () => {
    await bind();
    rig.send(1, text);
    await taken(3);
    carrier.answer(1);
    carrier.answer(2, STATUS.ESME_RTHROTTLED);
    await until(() => rig.connector.status().throttled === 2, 'the answers');
    carrier.session.destroy();
    await answered(1);
    expect(kinds()).toEqual(['unknown']);
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
      [0, 'refused'],
      [1, 'accepted'],
    ]);
  });

  it('whose first part is answered late, and whose others never left, stays unknown', async () => {
    await bind({ window: 1, responseTimeoutMs: 100 });
    rig.send(1, text);
    await answered(1);
    carrier.answer();
    await roundTrip();
    expect(kinds()).toEqual(['unknown']);
    expect(carrier.taken).toHaveLength(1);
  });

  it('is unknown when one part is', async () => {
    await bind();
    rig.send(1, text);
    await taken(3);
    carrier.answer(2);
    carrier.session.destroy();
    await answered(1);
    expect(kinds()).toEqual(['unknown']);
  });

  it('is unknown when the link goes between its parts', async () => {
    await bind({ window: 3 });
    rig.send(1);
    rig.send(1, text);
    await taken(3);
    // A no that asks for less speed comes first, so the third part has to wait when the first two are accepted.
    carrier.answer(1, STATUS.ESME_RTHROTTLED);
    await answered(1);
    carrier.answer();
    await roundTrip();
    expect(carrier.taken).toHaveLength(3);
    carrier.session.destroy();
    await answered(2);
    expect(kinds()).toEqual(['refused', 'unknown']);
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
      { carrierId: 'abc', recipient: 8_613_800_130_000, state: 'delivered', error: '007' },
    ]);
    rig.send(1);
    await taken(1);
    expect(answeredAt).toBe(0);
    safe();
    expect(await answer).toMatchObject({ outcome: 'answered', status: STATUS.ESME_ROK });
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

  it.each(['enroute', 'accepted'] as const)('of %s changes nothing and is answered', async (state) => {
    await bind();
    const answer = await carrier.session.request({ command: 'deliver_sm', ...receipt('abc', state) });
    expect(answer.status).toBe(STATUS.ESME_ROK);
    expect(rig.ear.reports).toEqual([]);
  });

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

describe('what else a carrier sends', () => {
  it('is refused for good when it is a text from a handset', async () => {
    await bind();
    const answer = await carrier.session.request({
      command: 'deliver_sm',
      source_addr: '8613800130000',
      short_message: Buffer.from('STOP'),
    });
    expect(answer.status).toBe(STATUS.ESME_RX_R_APPN);
    expect(rig.ear.reports).toEqual([]);
  });

  it('is refused when it is data_sm', async () => {
    await bind();
    const answer = await carrier.session.request({ command: 'data_sm', source_addr: '8613800130000' });
    expect(answer.status).toBe(STATUS.ESME_RX_R_APPN);
  });

  it('mixed with reports does not hold them up', async () => {
    await bind();
    const statuses: (number | undefined)[] = [];
    carrier.session.on('results', (results) => statuses.push(...results.map(({ status }) => status)));
    const pdus = [
      receipt('a', 'delivered'),
      { source_addr: '1', short_message: Buffer.from('hi') },
      receipt('b', 'enroute'),
      receipt('c', 'expired'),
    ];
    carrier.session.deliverMany(pdus, pdus);
    await until(() => statuses.length === 4, 'the answers');
    expect(statuses.sort()).toEqual([0, 0, 0, STATUS.ESME_RX_R_APPN].sort());
    expect(rig.ear.reports.map(({ carrierId }) => carrierId)).toEqual(['a', 'c']);
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
    expect(kinds()).toEqual(['unknown']);
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
      firsts.filter(({ outcome }) => outcome.kind === 'unknown').map(({ message }) => message.index),
    );
    for (const late of rig.ear.answers.filter((answer) => !firsts.includes(answer))) {
      expect(late.outcome.kind).toBe('accepted');
      expect(unknown.has(late.message.index)).toBe(true);
    }
    expect(new Set(kinds())).toEqual(new Set(['accepted', 'refused', 'unknown', 'notSent']));
    await simulator.close();
  });
});
