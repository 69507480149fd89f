import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ADMIN, TestDesk } from '../../test/desk.ts';
import {
  accept,
  addTemplate,
  answerAccepted,
  answerInParts,
  messageOf,
  NUMBER,
  numbers,
  open,
  openDue,
  openSender,
  report,
  type Sender,
  statesOf,
  toSend,
} from '../../test/traffic.ts';
import { DEFAULT_SMPP_SETTINGS, type SmppSettings } from '../domain/smpp-settings.ts';
import type { Report } from '../store/store.ts';
import { packAccepted } from './packed.ts';

let desk: TestDesk;
let sender: Sender;
beforeEach(async () => {
  desk = await TestDesk.open();
  sender = await openSender(desk);
});
afterEach(async () => {
  expect(await desk.faults()).toEqual([]);
  await desk.close();
});

let names = 0;
const addChannel = async (settings: Partial<SmppSettings> = {}): Promise<number> => {
  const smpp = {
    ...DEFAULT_SMPP_SETTINGS,
    host: 'localhost',
    port: 2775,
    systemId: 'me',
    password: 'secret',
    ...settings,
  };
  return (await desk.do('createChannel', { actor: ADMIN, name: `carrier-${++names}`, enabled: true, smpp })).id;
};

/** Messages to a row of numbers, accepted on a channel with these ids. */
async function submitted(channelId: number, ids: string[]): Promise<number> {
  const planId = await accept(desk, sender, numbers(ids.length));
  await open(desk, [{ planId, from: 0, to: 10_000 }], channelId);
  const messages = ids.map((id, index) => ({ planId, index, recipient: NUMBER + index, carrierIds: [id] }));
  await answerAccepted(desk, messages, { channelId });
  return planId;
}
/** The answer to a plan's one message never comes. */
const lose = (planId: number, channelId: number) =>
  desk.do('recordOutcomes', {
    channelId,
    receipts: true,
    accepted: packAccepted([]),
    failed: [{ planId, index: 0, recipient: NUMBER, outcome: 'unknown', error: 'lost' }],
  });
const delivered = (channelId: number, id: string, index = 0) =>
  report(desk, id, 'delivered', { channelId, recipient: NUMBER + index });
const MATCHED = { matched: 1, parked: 0 };
const PARKED = { matched: 0, parked: 1 };

/** Ids as answers and as reports of different carriers write them. */
const PAIRS: [string, [string, string][]][] = [
  [
    'hex in answers, decimal in reports',
    [
      ['123456789abcdef0', '1311768467463790320'],
      ['00ff00aa00ff00aa', '71776849222369450'],
      ['ffffffffffffffff', '18446744073709551615'],
    ],
  ],
  [
    'capitals in answers, decimal in reports',
    [
      ['1A2B3C4D', '439041101'],
      ['0A0B0C0D', '168496141'],
    ],
  ],
  [
    'decimal in answers, hex in reports',
    [
      ['1311768467463790320', '123456789abcdef0'],
      ['439041101', '1A2B3C4D'],
    ],
  ],
  [
    'decimal with zeros in answers, hex in reports',
    [
      ['00000000000439041101', '1a2b3c4d'],
      ['00000000000000000255', 'ff'],
    ],
  ],
  [
    'zeros in answers only',
    [
      ['0000012345', '12345'],
      ['0000000077', '77'],
    ],
  ],
  [
    'zeros in reports only',
    [
      ['12345', '0000012345'],
      ['77', '0000000077'],
    ],
  ],
  [
    'another case',
    [
      ['abc123def4560', 'ABC123DEF4560'],
      ['77af', '77AF'],
    ],
  ],
  [
    'no numbers at all',
    [
      ['4f8e7c2a-1b2c-4d3e-9f00-aabbccddeeff', '4f8e7c2a-1b2c-4d3e-9f00-aabbccddeeff'],
      ['x:1', 'x:1'],
    ],
  ],
];

describe('the ids of a channel that finds out how they are written', () => {
  test.each(PAIRS)('%s: reports find their messages, also after a start', async (_what, pairs) => {
    const channelId = await addChannel();
    const planId = await submitted(
      channelId,
      pairs.map(([answer]) => answer),
    );
    for (const [index, [, written]] of pairs.entries()) {
      expect(await delivered(channelId, written, index)).toEqual(MATCHED);
      desk.restart();
    }
    expect(new Set(await statesOf(desk, planId))).toEqual(new Set(['delivered']));
  });

  test.each(PAIRS)('%s: reports that come before their answers wait for them', async (_what, pairs) => {
    const channelId = await addChannel();
    for (const [index, [, written]] of pairs.entries()) {
      expect(await delivered(channelId, written, index)).toEqual(PARKED);
    }
    const planId = await submitted(
      channelId,
      pairs.map(([answer]) => answer),
    );
    expect(new Set(await statesOf(desk, planId))).toEqual(new Set(['delivered']));
    // Once it is known, early ones wait under the name their answers have.
    const [answer, written] = pairs[0]!;
    expect(await delivered(channelId, written, 5)).toEqual(PARKED);
    const late = await accept(desk, sender, [NUMBER + 5]);
    await open(desk, [{ planId: late, from: 0, to: 0 }], channelId);
    await answerAccepted(desk, [{ planId: late, index: 0, recipient: NUMBER + 5, carrierIds: [answer] }], {
      channelId,
    });
    expect(await statesOf(desk, late)).toEqual(['delivered']);
  });

  test('are found out once for many reports that come together', async () => {
    const channelId = await addChannel();
    const ids = Array.from({ length: 60 }, (_, i) => 0xabc000 + i * 7);
    const early = ids.slice(0, 30);
    const reportOn = (id: number, index: number): Report => ({
      channelId,
      carrierId: String(id),
      recipient: NUMBER + index,
      state: 'delivered',
      error: '',
      userReference: null,
      at: desk.clock.now(),
    });
    await desk.do('recordReceipts', { batch: null, reports: early.map(reportOn) });
    const planId = await submitted(
      channelId,
      ids.map((id) => id.toString(16)),
    );
    const late = ids.map(reportOn).slice(30);
    expect(await desk.do('recordReceipts', { batch: null, reports: late })).toEqual({ matched: 30, parked: 0 });
    expect(new Set(await statesOf(desk, planId))).toEqual(new Set(['delivered']));
  });

  test('are found out once for many reports, the first of which come together', async () => {
    const channelId = await addChannel();
    const ids = Array.from({ length: 60 }, (_, i) => (0xabc000 + i * 7).toString(16));
    const planId = await submitted(channelId, ids);
    const reports = ids.map((id, index): Report => {
      const at = desk.clock.now();
      const carrierId = String(Number.parseInt(id, 16));
      return {
        channelId,
        carrierId,
        recipient: NUMBER + index,
        state: 'delivered',
        error: '',
        userReference: null,
        at,
      };
    });
    expect(await desk.do('recordReceipts', { batch: null, reports })).toEqual({ matched: 60, parked: 0 });
    expect(new Set(await statesOf(desk, planId))).toEqual(new Set(['delivered']));
  });

  test('are not taken for others once it is known that they are the same', async () => {
    const channelId = await addChannel();
    const planId = await submitted(channelId, ['16', '10']);
    expect(await delivered(channelId, '16', 0)).toEqual(MATCHED);
    // 16 is 0x10; a report on it that repeats, to the second number, is no report on the second message.
    expect(await delivered(channelId, '16', 1)).toEqual(PARKED);
    expect(await statesOf(desk, planId)).toEqual(['delivered', 'submitted']);
  });

  test('are never taken for others without the recipient', async () => {
    const channelId = await addChannel();
    await submitted(channelId, ['ff']);
    expect(await report(desk, '255', 'delivered', { channelId, recipient: null })).toEqual(PARKED);
  });

  test('are found out anew when the carrier changes its ways', async () => {
    const channelId = await addChannel();
    const planId = await submitted(channelId, [
      'aa01',
      ...Array.from({ length: 25 }, (_, i) => (0xbb00 + i).toString(16)),
    ]);
    await delivered(channelId, 'aa01');
    for (let i = 0; i < 25; i++) await delivered(channelId, String(0xbb00 + i), 1 + i);
    expect(new Set(await statesOf(desk, planId))).toEqual(new Set(['delivered']));
  });

  test('change nothing for another channel', async () => {
    const [one, two] = [await addChannel(), await addChannel()];
    await submitted(one, ['ff00']);
    expect(await delivered(one, '65280')).toEqual(MATCHED);
    await submitted(two, ['65281']);
    expect(await delivered(two, '65281')).toEqual(MATCHED);
  });

  test('are known of a message whose answer was lost, too', async () => {
    const channelId = await addChannel();
    await submitted(channelId, ['ff00']);
    await delivered(channelId, '65280');
    const planId = await accept(desk, sender, 1);
    await open(desk, [{ planId, from: 0, to: 0 }], channelId);
    await lose(planId, channelId);
    await delivered(channelId, '65281');
    desk.clock.advance(35_000);
    expect(await desk.do('settleParked', { limit: 10 })).toEqual({ settled: 1 });
    expect(await statesOf(desk, planId)).toEqual(['delivered']);
    expect(await desk.ask('reportsOfMessage', { planId, index: 0 })).toMatchObject({ carrierIds: ['ff01'] });
  });
});

describe('the ids of a channel whose way is set', () => {
  test.each<[SmppSettings['idFormat'], string, string, boolean]>([
    ['same', 'ff', 'ff', true],
    ['same', 'ff', '255', false],
    ['same', 'ff', 'FF', false],
    ['hex_to_decimal', 'ff', '255', true],
    ['hex_to_decimal', '00FF', '255', true],
    ['hex_to_decimal', '255', 'ff', false],
    ['decimal_to_hex', '255', 'FF', true],
    ['decimal_to_hex', 'ff', '255', false],
  ])('%s: %s in the answer and %s in the report: %s', async (idFormat, answer, written, fits) => {
    const channelId = await addChannel({ idFormat });
    await submitted(channelId, [answer]);
    expect(await delivered(channelId, written)).toEqual(fits ? MATCHED : PARKED);
  });

  test('are looked for in the new way after a change, and what was found out of the old one is forgotten', async () => {
    const channelId = await addChannel();
    await submitted(channelId, ['ff', 'aa00']);
    expect(await delivered(channelId, '255')).toEqual(MATCHED);
    await desk.do('editChannel', { actor: ADMIN, id: channelId, smpp: { idFormat: 'same' } });
    expect(await delivered(channelId, String(0xaa00), 1)).toEqual(PARKED);
  });
});

describe('channels of one carrier account', () => {
  test('get the reports of each other, early ones too', async () => {
    const [one, two, other] = [
      await addChannel({ receiptGroup: 'acme' }),
      await addChannel({ receiptGroup: 'acme' }),
      await addChannel({ receiptGroup: 'zenith' }),
    ];
    const planId = await submitted(one, ['a', 'b']);
    expect(await delivered(other, 'a')).toEqual(PARKED);
    expect(await delivered(two, 'a')).toEqual(MATCHED);
    expect(await delivered(one, 'b', 1)).toEqual(MATCHED);
    expect(await statesOf(desk, planId)).toEqual(['delivered', 'delivered']);
    await delivered(two, 'c');
    const early = await submitted(one, ['c']);
    expect(await statesOf(desk, early)).toEqual(['delivered']);
  });

  test('are those that are set so now', async () => {
    const [one, two] = [await addChannel(), await addChannel({ receiptGroup: 'acme' })];
    const planId = await submitted(one, ['a', 'b']);
    expect(await delivered(two, 'a')).toEqual(PARKED);
    await desk.do('editChannel', { actor: ADMIN, id: one, smpp: { receiptGroup: 'acme' } });
    expect(await delivered(two, 'b', 1)).toEqual(MATCHED);
    expect(await statesOf(desk, planId)).toEqual(['submitted', 'delivered']);
  });

  test('share the newest open message of an id', async () => {
    const [one, two] = [await addChannel({ receiptGroup: 'acme' }), await addChannel({ receiptGroup: 'acme' })];
    const old = await submitted(one, ['a']);
    desk.clock.advance(1_000);
    const young = await submitted(two, ['a']);
    await delivered(one, 'a');
    expect([await statesOf(desk, old), await statesOf(desk, young)]).toEqual([['submitted'], ['delivered']]);
  });

  test('share messages whose outcome is unknown', async () => {
    const [one, two] = [await addChannel({ receiptGroup: 'acme' }), await addChannel({ receiptGroup: 'acme' })];
    const planId = await accept(desk, sender, 1);
    await open(desk, [{ planId, from: 0, to: 0 }], one);
    await lose(planId, one);
    await delivered(two, 'x');
    desk.clock.advance(35_000);
    await desk.do('settleParked', { limit: 10 });
    expect(await statesOf(desk, planId)).toEqual(['delivered']);
  });
});

describe('where one report stands for all parts of a text', () => {
  /** A text of three parts that is on its way to this channel. */
  async function long(channelId: number): Promise<number> {
    const templateId = await addTemplate(desk, sender.actor, sender.signatureId, 'x'.repeat(150));
    const request = { ...sender.request, templateId };
    const { planId } = await desk.do('acceptPlan', toSend(sender, 1, { request }));
    await open(desk, [{ planId, from: 0, to: 0 }], channelId);
    return planId;
  }
  const taken = (planId: number, channelId: number) =>
    answerAccepted(desk, [{ planId, index: 0, recipient: NUMBER, carrierIds: ['1', '2', '3'] }], { channelId });

  test.each(['1', '2', '3'])('that on part %s delivers it, and any other changes nothing', async (id) => {
    const channelId = await addChannel({ partReports: 'one' });
    const planId = await long(channelId);
    await taken(planId, channelId);
    expect(await delivered(channelId, id)).toEqual(MATCHED);
    expect(await statesOf(desk, planId)).toEqual(['delivered']);
    for (const other of ['1', '2', '3']) await report(desk, other, 'expired', { channelId });
    expect(await statesOf(desk, planId)).toEqual(['delivered']);
  });

  test('one that is early does, too', async () => {
    const channelId = await addChannel({ partReports: 'one' });
    const planId = await long(channelId);
    expect(await delivered(channelId, '2')).toEqual(PARKED);
    await taken(planId, channelId);
    expect(await statesOf(desk, planId)).toEqual(['delivered']);
  });

  test('it counts by the channel that sent the text, as it is set when the report comes', async () => {
    const channelId = await addChannel({ receiptGroup: 'account' });
    const other = await addChannel({ receiptGroup: 'account', partReports: 'one' });
    const planId = await long(channelId);
    await taken(planId, channelId);
    await delivered(other, '1');
    expect(await statesOf(desk, planId)).toEqual(['submitted']);
    await desk.do('editChannel', { actor: ADMIN, id: channelId, smpp: { partReports: 'one' } });
    await delivered(other, '2');
    expect(await statesOf(desk, planId)).toEqual(['delivered']);
  });

  test('it waits for the parts that the carrier has not taken yet', async () => {
    const channelId = await addChannel({ partReports: 'one' });
    const planId = await long(channelId);
    await answerInParts(desk, { planId, index: 0 }, 'all', { channelId });
    await delivered(channelId, 'id-0');
    expect(await statesOf(desk, planId)).toEqual(['queued']);
    desk.clock.advance(60_000);
    await openDue(desk, channelId);
    await answerInParts(desk, { planId, index: 0 }, 'naa', { channelId, round: 1 });
    expect(await messageOf(desk, planId)).toMatchObject({ state: 'delivered', settled: 3 });
  });

  test('it answers for all parts whose answers never came', async () => {
    const channelId = await addChannel({ partReports: 'one', userMessageReference: true });
    const planId = await long(channelId);
    await answerInParts(desk, { planId, index: 0 }, 'auu', { channelId, userReference: 500 });
    await report(desk, 'x', 'delivered', { channelId, recipient: NUMBER, userReference: 500 });
    expect(await messageOf(desk, planId)).toMatchObject({ state: 'delivered', settled: 3 });
  });
});
