import type { MessageFilter, Tx } from '../store.ts';
import { AT, addPlan, aPlan, idOf, NUMBER } from './seed.ts';

/** Plans of one message each, and messages of one plan: enough that a server does not rather read a table whole. */
export const SINGLE = 3_000;
export const MANY = 5_000;
export const BIG = idOf(AT + 1_000_000);
export const single = (i: number): number => idOf(AT + i);

/** Rows in every table that grows with traffic. */
export async function fill(tx: Tx, business: number): Promise<void> {
  const plans = Array.from({ length: SINGLE }, (_, i) => aPlan(single(i), business));
  await tx.plans.insert(plans);
  await tx.messages.insert(
    plans.map(({ id }, i) => ({
      planId: id,
      from: 0,
      recipients: [NUMBER + i],
      segments: 1,
      reserved: 1,
      parameters: null,
    })),
  );
  await addPlan(tx, business, BIG, MANY);
  await tx.events.add(
    plans.map(({ id }, i) => ({
      id: id + 1,
      businessId: business,
      at: AT + i,
      body: { kind: 'message.state', state: 'delivered', runs: [[id, 0, 0]] },
    })),
  );
  await tx.awaiting.add(
    plans.map(({ id }, i) => ({
      channelId: 1,
      carrierId: `${i}`,
      planId: id,
      index: 0,
      recipient: NUMBER + i,
      parts: 1,
      since: AT + i,
    })),
  );
  const webhook = await tx.webhooks.insert({
    businessId: business,
    url: 'https://example.com/',
    callbacks: ['sent'],
    username: '',
    description: '',
    secret: '',
    authorization: '',
    cursor: { eventId: 0, rows: 0 },
    createdAt: AT,
  });
  await tx.webhooks.addDeliveries(
    webhook,
    plans.map(({ id }) => ({ id, pieces: [], rows: 1, since: AT })),
    AT,
  );
  await tx.inbound.insert(
    plans.map(({ id }) => ({
      id,
      channelId: 1,
      businessId: business,
      from: '+8613800138000',
      to: '1069',
      text: 'x',
      parts: 1,
      missing: 0,
      kind: 'plain',
      keyword: '',
      replyPlanId: null,
      replyError: '',
      receivedAt: AT,
    })),
  );
  const run = (await tx.numberRuns.next(2_000))!;
  const sorted = await tx.numberRuns.sort(run, null, 10_000);
  await tx.numberRuns.add(run.id, sorted.numbers);
  await tx.numberRuns.seal(run, 1);
  for (let i = 0; i < 2_000; i++) {
    await tx.reportLog.add({ at: AT + i, hashes: Uint32Array.of(i), body: Uint8Array.of(1) });
  }
}

/** Whatever pages and chores ask and change. */
export async function everything(tx: Tx, business: number): Promise<void> {
  const place = { planId: single(5), index: 0 };
  const range = { planId: single(5), from: 0, to: 0 };
  const filter = {
    businessId: null,
    planId: null,
    state: null,
    recipient: null,
    since: null,
    until: null,
    before: null,
    limit: 20,
  } as const;
  await tx.messages.open([range, { planId: BIG, from: 0, to: 500 }], 1, AT);
  await tx.messages.refuse(place.planId, 0);
  await tx.messages.unopen([range]);
  await tx.messages.byIndex(place.planId, 0);
  await tx.messages.attempts(place.planId, 0);
  await tx.messages.ofPlan(BIG, 100, 20);
  await tx.messages.untried({ planId: BIG, from: 0, to: 999 });
  await tx.messages.waitingRepeats({ planId: BIG, from: 0, to: 999 });
  const changes: Partial<MessageFilter>[] = [
    {},
    { businessId: business },
    { planId: BIG },
    { recipient: NUMBER + 7 },
    { recipient: NUMBER + 7, businessId: business },
    { before: { planId: BIG, index: 7 } },
    { businessId: business, before: place },
    { state: 'failed' },
    { state: 'queued', businessId: business },
    { since: AT, until: AT + 100 },
    { recipient: NUMBER + 7, since: AT },
    { state: 'failed', businessId: business, since: AT, before: place },
    { state: 'submitted', since: AT, until: AT + 9_000_000, before: place },
    { state: 'submitted', businessId: business, since: AT, until: AT + 9_000_000, before: place },
    { state: 'delivered', since: AT },
    { recipient: NUMBER + 7, businessId: business, since: AT, until: AT + 9_000_000, before: place },
    { planId: BIG, state: 'failed', before: { planId: BIG, index: 70 } },
  ];
  for (const change of changes) await tx.messages.list({ ...filter, ...change });
  for (const state of [null, 'pending', 'running', 'paused', 'done', 'cancelled', 'draft'] as const) {
    for (const businessId of [null, business]) {
      await tx.plans.list({ businessId, state, before: null, limit: 20 });
      await tx.plans.list({ businessId, state, before: single(9), limit: 20 });
    }
  }
  await tx.plans.counts(place.planId);
  await tx.ledger.ofBusiness(business, single(9), 20);
  await tx.ledger.ofPlan(business, place.planId, AT, AT + 10);
  await tx.tasks.runs(single(9), ['failed'], 20);
  await tx.tasks.deliveries(null, single(9), 20);
  await tx.tasks.deliveries(['dead'], single(9), 20);
  await tx.events.page(single(9), { businessId: business, kind: 'plan.state', states: null }, 10);
  await tx.messages.waiting(
    [
      { planId: BIG, from: 0 },
      { planId: place.planId, from: 0 },
    ],
    100,
  );
  await tx.messages.submit([{ ...range, parts: 1, carrierIds: ['x'] }], ['accepted'], 1, AT);
  await tx.messages.countDeliveredParts([{ ...place, parts: 2 }]);
  await tx.messages.carrierIds(place.planId, 0);
  await tx.messages.move({ ranges: [range], from: ['submitted'], to: 'undelivered', charge: 'none', at: AT });
  await tx.messages.refund([range]);
  await tx.messages.countRepeat(place.planId, 0);
  await tx.messages.counted(
    [
      [BIG, 0, 50],
      [place.planId, 0, 0],
    ],
    () => {},
  );
  await tx.messages.submitted({
    channelId: 1,
    from: AT,
    to: AT + 10,
    after: { planId: single(2_000), index: -1 },
    limit: 9,
  });
  await tx.messages.countedSince({ verification: null, notification: AT + 2_990, marketing: null }, () => {});
  await tx.messages.remove(BIG, 10);
  await tx.numberRuns.next(1_000);
  const events = { businessId: null, kind: null, states: null };
  await tx.events.after(single(2_990), events, 10);
  await tx.events.after(single(2_990), { businessId: business, kind: 'message.state', states: ['delivered'] }, 10);
  await tx.events.last();
  await tx.retries.add([{ ...place, category: 'notification', dueAt: AT }]);
  await tx.retries.nextAt('notification');
  await tx.retries.lease('notification', AT, AT + 10, 10);
  await tx.retries.release([place], AT);
  await tx.retries.remove([place]);
  await tx.uncertain.due(AT, 10);
  await tx.uncertain.candidates([1], NUMBER, AT);
  await tx.awaiting.find(1, ['5', '6']);
  await tx.awaiting.waitingSinceBefore(AT + 5, null, 10);
  await tx.awaiting.waitingSinceBefore(AT + 5, { planId: single(3), from: 0, to: 0 }, 10);
  await tx.awaiting.remove([{ channelId: 1, carrierId: '5', ...place }]);
  await tx.awaiting.dropBefore(AT - 86_400_000 + 5);
  await tx.parked.take(1, ['5']);
  await tx.parked.ofUncertain(AT, 10);
  await tx.parked.takeBefore(AT, 10);
  const [webhook] = await tx.webhooks.ofBusiness(business);
  await tx.webhooks.work(AT, 10);
  await tx.webhooks.due(webhook!.id, AT, 10);
  await tx.webhooks.deliveries(webhook!.id, null, null, 10);
  await tx.webhooks.deliveries(webhook!.id, 'dead', null, 10);
  await tx.webhooks.dropDeliveries('dead', AT + 10, 10);
  await tx.inbound.list({
    ...{ businessId: business, unmatched: false, kind: null, from: null, to: null, since: AT, until: AT + 9_000 },
    ...{ before: null, limit: 10 },
  });
  await tx.reportLog.find({ hashes: [7], from: AT, until: AT + 50, before: null, limit: 10 });
  await tx.reportLog.dropBefore(AT + 3, 10);
}
