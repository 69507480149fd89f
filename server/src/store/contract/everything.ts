import { FIGURE_DIMENSIONS, LIVE_FEED, NO_SUMS } from '../../domain/figure.ts';
import { idAt } from '../../lib/ids.ts';
import type { AuditFilter, EventFilter, InboundFilter, MessageFilter, Tx } from '../store.ts';
import { BIG, QUARTER, single } from './fill.ts';
import { AT, NUMBER } from './seed.ts';

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
  await searches(tx, business);
  await chores(tx, business);
}

/** Other pages: what they ask. */
async function searches(tx: Tx, business: number): Promise<void> {
  for (const businessId of [null, business]) {
    for (const by of [[], FIGURE_DIMENSIONS]) {
      await tx.figures.sums({ businessId, from: QUARTER + 1, to: QUARTER + 300, by });
    }
    const inbound: InboundFilter = {
      ...{ businessId, unmatched: false, kind: null, from: null, to: null, since: null, until: null },
      ...{ before: null, limit: 10 },
    };
    await tx.inbound.list(inbound);
    await tx.inbound.list({ ...inbound, before: single(9), since: AT, until: AT + 9_000 });
    await tx.inbound.list({ ...inbound, unmatched: businessId === null, kind: 'opt-out', from: '8613800138000' });
    const events: EventFilter[] = [
      { businessId, kind: null, states: null },
      { businessId, kind: 'webhook.changed', states: null },
      { businessId, kind: 'message.state', states: ['unknown'] },
    ];
    for (const filter of events) {
      await tx.events.page(single(9), filter, 10);
      await tx.events.after(single(9), filter, 10);
    }
  }
  const audits: AuditFilter[] = [
    {},
    { businessId: business },
    { by: { kind: 'member', id: 7 } },
    { action: 'plan.cancel' },
    { object: 'plan', objectId: '7' },
    { from: AT, to: AT + 9 },
  ];
  for (const filter of audits) for (const before of [null, 200]) await tx.audit.list(filter, before, 10);
  for (const states of [null, ['failed'], ['scheduled', 'running']] as const) await tx.tasks.runs(single(9), states, 9);
  await tx.tasks.run(single(9));
  await tx.tasks.retries({ key: single(9), index: 0 }, 10);
  await tx.tasks.retry(single(9), 0);
  await tx.tasks.uncertain({ key: single(9), index: 0 }, 10);
  await tx.tasks.uncertainOf(single(9), 0);
  await tx.tasks.sweeps(single(9), 10);
  await tx.tasks.depths(100);
  await tx.tasks.paused();
  await tx.tasks.figures('a', 60_000, AT, 10);
  await tx.orphans.list(null, null, 10);
  await tx.orphans.list(1, 9, 10);
  await tx.plans.byId(single(9));
  await tx.plans.testsOf(business, 1, single(2_990));
  await tx.plans.anyOpenNaming({ templateId: 77 });
  await tx.plans.anyOpenNaming({ signatureId: 77 });
  await tx.drafts.byPlan(single(9));
  await tx.drafts.countOpen(business);
  await tx.drafts.rejected(single(9), 0, 10);
  await tx.inbound.byId(single(9));
  await tx.ledger.ofBusiness(business, null, 20);
  await tx.ledger.openings(business, null, 10);
  await tx.ledger.firstSince(business, AT + 5);
  await tx.ledger.sums(business, single(2_900), null);
  await tx.ledger.between(business, single(2_900), single(2_950), ['top-up']);
  await tx.webhooks.oldestCursor();
  await tx.webhooks.delivery(single(9));
  await tx.idempotency.find(business, 'a', 'b');
}

/** What chores and starts ask and change. */
async function chores(tx: Tx, business: number): Promise<void> {
  const place = { planId: single(6), index: 0 };
  for (const channelId of [null, 1]) await tx.messages.dispatching(channelId);
  await tx.messages.money({ planId: single(5), index: 0 }, BIG, 100);
  await tx.plans.requests(single(9), 10);
  await tx.plans.running('notification', null, 10);
  await tx.plans.running('notification', { expiresAt: AT, id: single(9) }, 10);
  await tx.plans.runningOf(business, 'notification', single(9), 10);
  await tx.plans.expired('notification', null, AT, 10);
  await tx.plans.staged();
  await tx.plans.nextStart();
  await tx.plans.due(AT, 10);
  await tx.plans.change(single(9), { sendable: 1 });
  await tx.plans.answered([{ planId: single(9), count: 1 }], AT);
  await tx.plans.deleteStaged(single(8));
  await tx.sweeps.put({ planId: single(9), end: null, next: 0 });
  await tx.sweeps.byPlan(single(9));
  await tx.sweeps.open(10);
  await tx.sweeps.remove(single(9));
  await tx.drafts.expired(AT, 10);
  await tx.drafts.keep(single(9));
  await tx.drafts.delete(single(9));
  await tx.ledger.behind(business, single(2_900), 50);
  await tx.ledger.moneyOfPlans(business, single(2_900), null, { first: single(2_900), last: single(2_990) });
  await tx.numberRuns.next(1_000);
  await tx.figures.oldestCursor();
  await tx.figures.rebuilding();
  while (!(await tx.figures.spanned())) await tx.figures.makeSpan();
  await tx.figures.add([
    {
      ...{ ...NO_SUMS, businessId: business, quarter: QUARTER, channelId: 1, country: null },
      ...{ category: 'marketing', templateId: 1, currency: null, sent: 1 },
    },
  ]);
  for (const businessId of [null, business]) {
    await tx.figures.sums({ businessId, from: QUARTER + 1, to: QUARTER + 300, by: [] });
  }
  await tx.figures.countAgain({ eventId: 1, untilEvent: 2, from: QUARTER + 3, to: QUARTER + 40 });
  await tx.figures.moveFeed(LIVE_FEED, single(9));
  await tx.figures.feed(LIVE_FEED);
  await tx.figures.closeFeed((await tx.figures.rebuilding())!.id);
  await tx.uncertain.add([
    {
      ...{ ...place, channelId: 1, recipient: NUMBER, userReference: null, since: AT },
      ...{ decision: 'repeat', decideAt: AT },
    },
  ]);
  await tx.uncertain.nextAt();
  await tx.uncertain.remove([place]);
  await tx.retries.recall(AT - 5);
  await tx.inParts.any();
  await tx.inParts.byMessage(place.planId, 0);
  await tx.inParts.ofRange({ planId: BIG, from: 0, to: 9 });
  await tx.inParts.remove(place.planId, 0);
  await tx.parked.any();
  await tx.parked.takeOfChannel(1, 10);
  await tx.parked.remove([7]);
  await tx.orphans.count();
  await tx.orphans.trim(100, AT);
  await tx.inbound.seenSince(AT + 2_990, () => {});
  await tx.inbound.countParts();
  await tx.inbound.partsBefore(AT, 10);
  await tx.inbound.countReplies(business, 1, NUMBER, AT, AT);
  await tx.inbound.forget(AT + 10, 10);
  const [webhook] = await tx.webhooks.ofBusiness(business);
  await tx.webhooks.leastTried(webhook!.id, AT);
  await tx.webhooks.reviveDelivery(single(9), AT);
  await tx.webhooks.recallDeliveries(webhook!.id, AT);
  await tx.webhooks.expireDeliveries(webhook!.id, AT - 5, AT);
  await tx.tasks.abandon(null, '', AT);
  await tx.tasks.abandon('a', '', AT);
  await tx.tasks.forget({ runs: single(9), minutes: AT, hours: AT }, 10);
  await tx.idempotency.dropBefore(AT);
  await tx.frequency.dropBefore(AT / 3_600_000, 10);
  await tx.frequency.dropTimesBefore(AT / 3_600_000, 10);
  await tx.retention.forgetEvents(idAt(AT + 5), 10);
  await tx.retention.forgetPlans(idAt(AT + 5), 10);
}
