import { afterEach, beforeEach, expect, test } from 'vitest';
import { ADMIN, refusalOf, TestDesk } from '../../test/desk.ts';
import { countAll } from '../../test/figures.ts';
import { accept, answerAccepted, NUMBER, open, openSender, type Sender } from '../../test/traffic.ts';
import { QUARTER_MS } from '../lib/calendar.ts';

const DAY = 86_400_000;

let desk: TestDesk;
let sender: Sender;
beforeEach(async () => {
  desk = await TestDesk.open({ settings: { messagesKeptMs: 30 * DAY, eventsKeptMs: 10 * DAY } });
  sender = await openSender(desk);
});
afterEach(() => desk.close());

const send = async (): Promise<number> => {
  const planId = await accept(desk, sender, [NUMBER, NUMBER + 1]);
  await open(desk, [{ planId, from: 0, to: 1 }]);
  const answered = [NUMBER, NUMBER + 1].map((recipient, index) => ({ planId, index, recipient, carrierIds: ['id'] }));
  await answerAccepted(desk, answered);
  return planId;
};
const forgetAll = async (chore: 'forgetMessages' | 'forgetEvents'): Promise<number> => {
  let all = 0;
  for (let forgotten = 1; forgotten > 0; all += forgotten) ({ forgotten } = await desk.do(chore, { limit: 2 }));
  return all;
};
const oldestEvent = async (): Promise<number> => {
  const filter = { businessId: null, kind: null, states: null };
  return (await desk.read((reader) => reader.events.after(0, filter, 1)))[0]!.at;
};

test('messages and plans are forgotten when they have been kept long enough, and the books stay right', async () => {
  const old = await send();
  const waiting = await accept(desk, sender, [NUMBER]);
  desk.clock.advance(31 * DAY);
  const young = await send();
  const before = await desk.ask('balanceOf', { businessId: sender.businessId });
  expect(await forgetAll('forgetMessages')).toBeGreaterThan(0);
  const left = await desk.read(async (reader) => [
    await reader.plans.byId(old),
    await reader.messages.byIndex(old, 0),
    (await reader.plans.byId(waiting))?.state,
    (await reader.messages.byIndex(young, 1))?.state,
  ]);
  expect(left).toEqual([null, null, 'running', 'submitted']);
  expect(await desk.ask('balanceOf', { businessId: sender.businessId })).toEqual(before);
  expect(await desk.faults()).toEqual([]);
  // Its entries are never forgotten.
  const entries = await desk.read((reader) => reader.ledger.ofBusiness(sender.businessId, null, 100));
  expect(entries.filter(({ planId }) => planId === old).map(({ kind }) => kind)).toEqual(['settle', 'reserve']);
  expect(await forgetAll('forgetMessages')).toBe(0);
});

test('events are forgotten once figures and webhooks have read them', async () => {
  const start = desk.clock.now();
  await send();
  desk.clock.advance(11 * DAY);
  expect(await forgetAll('forgetEvents')).toBe(0);
  await countAll(desk);
  expect(await forgetAll('forgetEvents')).toBeGreaterThan(0);
  await send();
  expect(await oldestEvent()).toBeGreaterThanOrEqual(start + 11 * DAY);
});

test('what happened before something was forgotten is not counted again', async () => {
  await send();
  await countAll(desk);
  desk.clock.advance(11 * DAY);
  await forgetAll('forgetEvents');
  const now = Math.floor(desk.clock.now() / QUARTER_MS) * QUARTER_MS;
  const rebuild = (from: number) => desk.do('rebuildFigures', { actor: ADMIN, from, to: now });
  expect(await refusalOf(rebuild(now - 10 * DAY - QUARTER_MS))).toMatchObject({ code: 'invalidField', field: 'from' });
  await rebuild(now - 9 * DAY);
});

test('nothing is forgotten where everything is kept', async () => {
  const other = await TestDesk.open();
  try {
    other.clock.advance(4_000 * DAY);
    expect(await other.do('forgetMessages', { limit: 10 })).toEqual({ forgotten: 0 });
    expect(await other.do('forgetEvents', { limit: 10 })).toEqual({ forgotten: 0 });
    expect(await other.do('makeRoom', {})).toBe(null);
  } finally {
    await other.close();
  }
});
