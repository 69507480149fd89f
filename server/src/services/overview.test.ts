import { afterEach, beforeEach, expect, test } from 'vitest';
import { TestDesk } from '../../test/desk.ts';
import { approveSignature, openSender, type Sender } from '../../test/traffic.ts';
import { CALLBACKS } from '../domain/callback.ts';

let desk: TestDesk;
let sender: Sender;
beforeEach(async () => {
  desk = await TestDesk.open();
  sender = await openSender(desk);
});
afterEach(() => desk.close());

const lateOf = async (businessId: number | null) =>
  (await desk.ask('attention', { businessId, now: desk.clock.now() })).lateWebhooks;

test('a webhook is late when its oldest delivery has waited for ten minutes, and told to its own business', async () => {
  const { id } = await desk.do('createWebhook', {
    actor: sender.actor,
    businessId: sender.businessId,
    fields: { url: 'https://example.com/hook', callbacks: [...CALLBACKS], username: 'acme', description: '' },
    secrets: { secret: 'a secret of sixteen', authorization: '' },
  });
  const actor = { businessId: sender.businessId, admin: false };
  const { id: signatureId } = await desk.do('createSignature', { actor, text: 'Store', source: 's', pics: [] });
  await approveSignature(desk, signatureId);
  const since = desk.clock.now();
  for (let i = 0; i < 5; i++) await desk.do('feedWebhook', { id });
  expect(await lateOf(null)).toEqual([]);
  desk.clock.advance(10 * 60_000 + 1);
  const late = { id, businessId: sender.businessId, url: 'https://example.com/hook', waiting: 1, since };
  expect(await lateOf(null)).toEqual([late]);
  expect(await lateOf(sender.businessId)).toEqual([late]);
  expect(await lateOf((await openSender(desk)).businessId)).toEqual([]);
});

test("what failed of the house's own work is told to the staff for a day, and faults of the ledger until the next check", async () => {
  const run = (name: 'aging' | 'ledger', error: string) => ({
    ...{ id: null, name, state: 'failed' as const, askedBy: '', runs: 1, runMs: 1, items: 0, error, worker: 'w' },
    ...{ startedAt: desk.clock.now(), endedAt: desk.clock.now() },
  });
  const told = async (businessId: number | null) => {
    const { failedTasks, ledgerFault } = await desk.ask('attention', { businessId, now: desk.clock.now() });
    return [failedTasks.count, failedTasks.newest?.error ?? null, ledgerFault?.what ?? null];
  };
  expect(await told(null)).toEqual([0, null, null]);
  await desk.do('noteRuns', { runs: [run('aging', 'no room'), run('ledger', 'a gap')] });
  desk.clock.advance(1_000);
  await desk.do('noteRuns', { runs: [run('aging', 'still none')] });
  expect(await told(null)).toEqual([2, 'still none', 'a gap']);
  expect(await told(sender.businessId)).toEqual([0, null, null]);
  desk.clock.advance(3 * 3_600_000);
  expect(await told(null)).toEqual([2, 'still none', null]);
  desk.clock.advance(22 * 3_600_000);
  expect(await told(null)).toEqual([0, null, null]);
});
