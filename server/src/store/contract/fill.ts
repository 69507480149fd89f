import { NO_SUMS } from '../../domain/figure.ts';
import type { Tx } from '../store.ts';
import { AT, addPlan, aPlan, idOf, NUMBER } from './seed.ts';

/** Plans of one message each, and messages of one plan: enough that a server does not rather read a table whole. */
export const SINGLE = 3_000;
export const MANY = 5_000;
export const BIG = idOf(AT + 1_000_000);
/** The first of the quarters in which something was counted. */
export const QUARTER = AT / 900_000;
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
  await tx.figures.add(
    plans.map((_, i) => ({
      ...{ ...NO_SUMS, businessId: business, quarter: QUARTER + i, channelId: 1, country: null },
      ...{ category: 'marketing', templateId: 1, currency: null, sent: 1 },
    })),
  );
  await tx.ledger.add(
    plans.map(({ id }, i) => ({
      ...{ id, businessId: business, planId: id, kind: 'reserve', credits: 1, at: AT + i },
      ...{ availableAfter: 0, reservedAfter: 0, reason: '' },
    })),
  );
  await tx.parked.add(
    plans.map((_, i) => ({
      ...{ channelId: 1, carrierId: `${i}`, key: `${i}`, recipient: NUMBER + i, state: 'delivered', error: '' },
      ...{ userReference: null, at: AT + i, repeated: false },
    })),
  );
  await tx.orphans.add(
    plans.map((_, i) => ({
      ...{ channelId: 1, carrierId: `${i}`, recipient: NUMBER, state: 'delivered', error: '', at: AT + i },
    })),
  );
  await tx.retries.add(
    plans.map(({ id }, i) => ({ planId: id, index: 0, category: 'notification', dueAt: AT + 90_000 + i })),
  );
  await tx.inbound.noteSeen(plans.map((_, i) => ({ channelId: 1, fingerprint: i, at: AT + i, takenAt: AT + i })));
  for (let i = 0; i < 300; i++) {
    await tx.inbound.noteReply(business, i, NUMBER + i, AT + i);
    const { id } = plans[i]!;
    await tx.tasks.putRun({
      ...{ id, name: 'figures', state: 'succeeded', askedBy: '', createdAt: AT, startedAt: AT, endedAt: AT },
      ...{ runs: 1, runMs: 1, items: 1, error: '', worker: 'a' },
    });
    await tx.audit.add({
      ...{ at: AT + i, by: { kind: 'member', id: i, name: 'x', staff: false }, address: '', via: 'house' },
      ...{ action: 'plan.cancel', object: 'plan', objectId: `${id}`, businessId: business, before: null, after: null },
    });
  }
  for (let i = 0; i < 2_000; i++) {
    await tx.reportLog.add({ at: AT + i, hashes: Uint32Array.of(i), body: Uint8Array.of(1) });
  }
}
