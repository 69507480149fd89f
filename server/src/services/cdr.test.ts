import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ADMIN, refusalOf, TestDesk } from '../../test/desk.ts';
import { newFolder } from '../../test/folder.ts';
import {
  accept,
  addTemplate,
  answerAccepted,
  numbers,
  open,
  openSender,
  type Sender,
  toSend,
} from '../../test/traffic.ts';
import { messageId } from '../domain/message.ts';
import { DEFAULT_SMPP_SETTINGS } from '../domain/smpp-settings.ts';
import { compareCdr } from './cdr.ts';

const DAY = 86_400_000;
const TOLERANCE = 600_000;

let desk: TestDesk;
let sender: Sender;
let folder: string;
let start: number;
beforeEach(async () => {
  desk = await TestDesk.open();
  sender = await openSender(desk, { credits: 100_000 });
  folder = newFolder();
  start = desk.clock.now();
  const smpp = { ...DEFAULT_SMPP_SETTINGS, host: '127.0.0.1', port: 1, systemId: 'x', password: 'x' };
  const { id } = await desk.do('createChannel', { actor: ADMIN, name: 'carrier', enabled: false, smpp });
  expect(id).toBe(1);
  const cost = { prefix: '86', category: null, validFrom: start - DAY, micros: 30_000, currency: 'EUR' };
  await desk.do('putCosts', { actor: ADMIN, channelId: id, rows: [cost] });
});
afterEach(() => desk.close());

/** Sends to numbers as one plan; returns its id. The carrier's ids are `prefix` and the index (and the part). */
async function send(prefix: string, count: number, parts = 1): Promise<number> {
  const templateId =
    parts === 1 ? sender.templateId : await addTemplate(desk, sender.actor, sender.signatureId, 'x'.repeat(100));
  const request = { ...sender.request, templateId };
  const { planId } = await desk.do('acceptPlan', toSend(sender, count, { request }));
  await open(desk, [{ planId, from: 0, to: count - 1 }]);
  await answerAccepted(
    desk,
    numbers(count).map((recipient, index) => ({
      planId,
      index,
      recipient,
      carrierIds: Array.from({ length: parts }, (_, part) => `${prefix}${index}${parts === 1 ? '' : `-${part}`}`),
    })),
  );
  return planId;
}

const iso = (at: number): string => new Date(at).toISOString();

async function compare(lines: string[], change: { from?: number; to?: number; mapping?: Record<string, string> } = {}) {
  const path = join(folder, 'list.csv');
  writeFileSync(path, lines.join('\n'));
  let said = '';
  const found = await compareCdr(
    desk,
    {
      channelId: 1,
      from: change.from ?? start - DAY,
      to: change.to ?? start + DAY,
      toleranceMs: TOLERANCE,
      file: { path, mapping: change.mapping ?? {}, zone: 'UTC', country: null, maxRows: 10_000 },
      folder: join(folder, 'work'),
    },
    async (text) => {
      said += text;
    },
  );
  const differences = said.replace('\ufeff', '').trimEnd().split('\r\n').slice(1);
  return { found, differences: differences.filter((line) => line !== '') };
}

test('messages are found by the ids of the carrier, however these are written, one by one or part by part', async () => {
  const many = await send('00A', 8);
  const single = await send('B', 1);
  const long = await send('c', 2, 2);
  const { found, differences } = await compare([
    'id,segments,cost',
    ...numbers(8).map((_, i) => `a${i},1,0.03`),
    '000b0,1,0.03',
    ...['c0-0', 'c0-1', 'c1-0', 'c1-1'].map((id) => `${id},1,0.03`),
  ]);
  expect(differences).toEqual([]);
  expect(found).toEqual({
    matchedById: 11,
    matchedByNumber: 0,
    segmentsDiffer: 0,
    costDiffers: 0,
    onlyOurs: 0,
    onlyTheirs: 0,
    ours: { messages: 11, segments: 13, costMicros: 13 * 30_000 },
    theirs: { rows: 13, segments: 13, costMicros: 13 * 30_000 },
  });
  expect([many, single, long].every((planId) => planId > 0)).toBe(true);
});

test('what differs is told row by row', async () => {
  const planId = await send('a', 5);
  const long = await send('l', 1, 2);
  const { found, differences } = await compare(
    [
      'Message Id,Dest,Units,When,Price,Final',
      `a0,+8613800138000,1,${iso(start)},0.03,DELIVRD`,
      `a1,8613800138001,1,${iso(start)},0.05,DELIVRD`,
      // The id is another's, and so is the number: nothing fits.
      `a2,447400123456,1,${iso(start)},0.03,UNDELIV`,
      // No id: number and time will do, but not for the second of them.
      `,8613800138003,1,${iso(start + 60_000)},0.03,DELIVRD`,
      `,8613800138003,1,${iso(start + 60_000)},0.03,DELIVRD`,
      // Only one of two parts.
      'l0-1,8613800138000,1,,0.03,DELIVRD',
    ],
    { mapping: { id: 'Message Id', to: 'Dest', segments: 'Units', time: 'When', cost: '5', status: 'Final' } },
  );
  expect(found).toMatchObject({
    matchedById: 3,
    matchedByNumber: 1,
    segmentsDiffer: 1,
    costDiffers: 2,
    onlyOurs: 2,
    onlyTheirs: 2,
    ours: { messages: 6, segments: 7 },
    theirs: { rows: 6, segments: 6, costMicros: 200_000 },
  });
  const told = differences.map((line) => line.split(',').filter((_, i) => [0, 1, 7].includes(i)));
  expect(told.sort()).toEqual(
    [
      ['cost', messageId(planId, 1), '3'],
      ['only ours', messageId(planId, 2), ''],
      ['only ours', messageId(planId, 4), ''],
      ['only theirs', '', '4'],
      ['only theirs', '', '6'],
      ['segments and cost', messageId(long, 0), '7'],
    ].sort(),
  );
});

test('a message sent just outside the time may be in the list, and is not missed when it is not', async () => {
  await send('early', 1);
  desk.clock.advance(2 * DAY);
  await send('in', 1);
  desk.clock.advance(DAY);
  await send('late', 2);
  const { found, differences } = await compare(['id', 'late0', 'in0'], { from: start + DAY, to: start + 3 * DAY });
  expect(differences).toEqual([]);
  expect(found).toMatchObject({ matchedById: 2, onlyOurs: 0, ours: { messages: 1 } });
});

test('an id that is used again means the message of its time', async () => {
  await send('same', 1);
  desk.clock.advance(DAY / 2);
  await send('same', 1);
  const { found, differences } = await compare([
    'id,time,cost',
    `same0,${iso(start + DAY / 2)},0.03`,
    `same0,${iso(start)},0.04`,
    `same0,${iso(start)},0.03`,
  ]);
  expect(found).toMatchObject({ matchedById: 2, onlyTheirs: 1, costDiffers: 1 });
  expect(differences).toHaveLength(2);
});

test('a list that cannot be read is refused, with its line', async () => {
  await accept(desk, sender, 1);
  const why = (lines: string[]) => refusalOf(compare(lines));
  expect(await why(['number,cost', '1,2'])).toMatchObject({ code: 'fileRefused', why: expect.stringContaining('id') });
  expect(await why(['id,cost', 'a,0.1', 'b,one'])).toMatchObject({ why: expect.stringContaining('line 3: cost') });
  expect(await why(['id,time', 'a,yesterday'])).toMatchObject({ why: expect.stringContaining('line 2: time') });
  expect(await why(['id,segments', 'a,1.5'])).toMatchObject({ why: expect.stringContaining('line 2: segments') });
});

test('thousands of messages and rows in any order are all found', async () => {
  const count = 3_000;
  for (const plan of ['p', 'q']) await send(plan, count);
  const rows = ['p', 'q'].flatMap((plan) => numbers(count).map((to, i) => `${plan}${i},${to},${iso(start)}`));
  rows.sort((a, b) => (a.split('').reverse().join('') < b.split('').reverse().join('') ? -1 : 1));
  const { found } = await compare(['id,to,time', ...rows]);
  expect(found).toMatchObject({ matchedById: 2 * count, onlyOurs: 0, onlyTheirs: 0, segmentsDiffer: 0 });
});
