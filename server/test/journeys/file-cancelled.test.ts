import { expect, it } from 'vitest';
import { startHouse, until } from '../house.ts';
import { ledgerFaults, listAll, numbersFrom, openSender } from './sender.ts';

const ROWS = 6_000;
const SEGMENTS = ROWS + ROWS / 10;

it('a large file that is cancelled half way: what was sent and what was released is the whole, to the unit', async () => {
  // Ten at a time, each answered after 5 ms: there is time to cancel.
  const house = await startHouse({ simulator: { answerMs: 5 }, smpp: { window: 10 } });
  try {
    const sender = await openSender(house, { template: 'Hello {name}' });
    // Every tenth text takes two segments of UCS-2.
    const rows = numbersFrom(0, ROWS).map((to, i) => `${to},${i % 10 === 0 ? '长'.repeat(80) : i}`);
    const uploaded = await house.request('POST', `/api/v1/plans?template_id=${sender.tempId}`, {
      ...sender,
      raw: `mobile,name\n${rows.join('\n')}\n`,
      headers: { 'content-type': 'text/csv' },
    });
    expect(uploaded.json).toMatchObject({ accepted: ROWS, segments: SEGMENTS, credits: SEGMENTS });
    const before = (await sender.balance()).available;
    const { plan_id: id } = uploaded.json;
    const plan = async () => (await sender.ask('GET', `/api/v1/plans/${id}`)).json;

    expect((await sender.ask('POST', `/api/v1/plans/${id}/confirm`)).status).toBe(200);
    await until(async () => ((await plan()).counts.delivered ?? 0) >= ROWS / 20, 'some to be delivered');
    expect((await sender.ask('POST', `/api/v1/plans/${id}/cancel`)).status).toBe(200);
    await until(async () => (await plan()).done_at !== null, 'the plan to end');
    await until(async () => {
      const { counts } = await plan();
      return (counts.delivered ?? 0) + (counts.cancelled ?? 0) === ROWS;
    }, 'all to be final');

    const { state, counts } = await plan();
    expect(state).toBe('cancelled');
    expect(counts.cancelled).toBeGreaterThan(0);
    type Message = { settled: number; released: number };
    const messages = await listAll<Message>((path) => sender.ask('GET', path), `/api/v1/plans/${id}/messages`);
    const sum = (field: keyof Message) => messages.reduce((total, message) => total + message[field], 0);
    expect(sum('settled') + sum('released')).toBe(SEGMENTS);
    expect(await sender.balance()).toEqual({ available: before - sum('settled'), reserved: 0 });
    expect(await ledgerFaults(house)).toEqual([]);
  } finally {
    await house.stop();
  }
});
