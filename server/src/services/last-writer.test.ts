import { afterEach, beforeEach, expect, test } from 'vitest';
import { ADMIN, TestDesk } from '../../test/desk.ts';
import { accept, answerAccepted, NUMBER, open, openSender, type Sender } from '../../test/traffic.ts';
import { DEFAULT_SMPP_SETTINGS } from '../domain/smpp-settings.ts';

let desk: TestDesk;
let first: Sender;
let second: Sender;
let channels: number[];

beforeEach(async () => {
  desk = await TestDesk.open();
  channels = [];
  for (const [name, receiptGroup] of [
    ['a', 'carrier'],
    ['b', 'carrier'],
    ['c', ''],
  ] as const) {
    const settings = { host: 'smsc.example', port: 2775, systemId: 'us', password: 'secret', receiptGroup };
    const smpp = { ...DEFAULT_SMPP_SETTINGS, ...settings };
    channels.push((await desk.do('createChannel', { actor: ADMIN, name, enabled: true, smpp })).id);
  }
  first = await openSender(desk);
  second = await openSender(desk);
});
afterEach(() => desk.close());

let ids = 0;
const write = async (sender: Sender, channelId: number, recipient = NUMBER) => {
  desk.clock.advance(1_000);
  const planId = await accept(desk, sender, [recipient]);
  await open(desk, [{ planId, from: 0, to: 0 }], channelId);
  await answerAccepted(desk, [{ planId, index: 0, recipient, carrierIds: [`id${++ids}`] }], { channelId });
};
const last = async (channelId: number, recipient = NUMBER, withinMs = 86_400_000) =>
  (await desk.ask('lastWriters', { wrote: [{ channelId, recipient }], since: desk.clock.now() - withinMs }))[0];

test('is the business whose message the channel took last', async () => {
  const [a, b, c] = channels as [number, number, number];
  expect(await last(a)).toBe(null);
  await write(first, a);
  await write(second, c);
  expect([await last(a), await last(c)]).toEqual([first.businessId, second.businessId]);
  expect(await last(a, NUMBER + 1)).toBe(null);
  // Another channel of the same carrier account.
  expect(await last(b)).toBe(first.businessId);
  await write(second, b);
  expect(await last(a)).toBe(second.businessId);
});

test('is nobody for a message that no carrier has taken, or that is too old', async () => {
  const [a] = channels as [number];
  await accept(desk, first, [NUMBER]);
  expect(await last(a)).toBe(null);
  await write(first, a);
  desk.clock.advance(60_000);
  expect(await last(a, NUMBER, 30_000)).toBe(null);
  expect(await last(a, NUMBER, 90_000)).toBe(first.businessId);
});
