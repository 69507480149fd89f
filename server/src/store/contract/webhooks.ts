import { describe, expect, test } from 'vitest';
import type { Piece } from '../../domain/callback.ts';
import type { DeliveryState } from '../../domain/webhook.ts';
import type { NewWebhook, Tx } from '../store.ts';
import { AT, addBusiness, idOf, type TheStore } from './seed.ts';

const PIECES: Piece[] = [{ kind: 'sent', at: AT, runs: [[70, 0, 4]], code: 0, detail: '' }];

const aWebhook = (businessId: number, change: Partial<NewWebhook> = {}): NewWebhook => ({
  businessId,
  url: 'https://example.com/hook',
  callbacks: ['sent', 'delivered'],
  username: 'acme',
  description: 'ours',
  secret: 'a secret',
  authorization: '',
  cursor: { eventId: 0, rows: 0 },
  createdAt: AT,
  ...change,
});

const add = (tx: Tx, webhookId: number, ids: readonly number[], at = AT) =>
  tx.webhooks.addDeliveries(
    webhookId,
    ids.map((id) => ({ id, pieces: PIECES, rows: 5, since: AT })),
    at,
  );

async function end(tx: Tx, id: number, state: DeliveryState, tries = 1): Promise<void> {
  const delivery = (await tx.webhooks.delivery(id))!;
  const each = { at: AT, durationMs: 12, status: 500, error: 'it answered 500' };
  await tx.webhooks.updateDelivery({
    ...delivery,
    state,
    tries: Array.from({ length: tries }, () => each),
    dueAt: AT + 60_000,
    doneAt: state === 'waiting' ? null : AT + 1,
  });
}

const idsOf = (rows: readonly { id: number }[]) => rows.map(({ id }) => id);

export function webhooksContract(theStore: TheStore): void {
  describe('webhooks', () => {
    test('are kept as they are set, their secrets apart', async () => {
      await theStore().transact(async (tx) => {
        const [business, other] = [await addBusiness(tx), await addBusiness(tx)];
        const id = await tx.webhooks.insert(aWebhook(business, { cursor: { eventId: 33, rows: 2 } }));
        const second = await tx.webhooks.insert(aWebhook(business, { authorization: 'Bearer x' }));
        expect(await tx.webhooks.byId(id)).toEqual({
          id,
          businessId: business,
          url: 'https://example.com/hook',
          callbacks: ['sent', 'delivered'],
          username: 'acme',
          hasAuthorization: false,
          description: 'ours',
          state: 'active',
          failures: 0,
          retryAt: null,
          waiting: 0,
          cursor: { eventId: 33, rows: 2 },
          createdAt: AT,
          updatedAt: AT,
        });
        expect((await tx.webhooks.byId(second))?.hasAuthorization).toBe(true);
        expect(await tx.webhooks.secrets(second)).toEqual({ secret: 'a secret', authorization: 'Bearer x' });
        expect(idsOf(await tx.webhooks.ofBusiness(business))).toEqual([id, second]);
        expect(await tx.webhooks.ofBusiness(other)).toEqual([]);
        expect([await tx.webhooks.byId(99), await tx.webhooks.secrets(99)]).toEqual([null, null]);
      });
    });

    test('are edited, and keep the secrets that are not named', async () => {
      await theStore().transact(async (tx) => {
        const id = await tx.webhooks.insert(aWebhook(await addBusiness(tx)));
        const before = (await tx.webhooks.byId(id))!;
        const edited = { ...before, url: 'https://b.example/', callbacks: ['plan' as const], username: 'u' };
        await tx.webhooks.update(
          { ...edited, description: '', state: 'disabled', updatedAt: AT + 1 },
          { secret: null, authorization: 'Basic y' },
        );
        expect(await tx.webhooks.byId(id)).toEqual({
          ...edited,
          description: '',
          state: 'disabled',
          hasAuthorization: true,
          updatedAt: AT + 1,
        });
        expect(await tx.webhooks.secrets(id)).toEqual({ secret: 'a secret', authorization: 'Basic y' });
        await tx.webhooks.update(before, { secret: 'another', authorization: '' });
        expect(await tx.webhooks.secrets(id)).toEqual({ secret: 'another', authorization: '' });
      });
    });

    test('have something to do when there is an event behind their cursor or a delivery that is due', async () => {
      await theStore().transact(async (tx) => {
        const [business, other] = [await addBusiness(tx), await addBusiness(tx)];
        const id = await tx.webhooks.insert(aWebhook(business));
        const idle = await tx.webhooks.insert(aWebhook(other));
        const off = await tx.webhooks.insert(aWebhook(business));
        await tx.webhooks.update(
          { ...(await tx.webhooks.byId(off))!, state: 'disabled' },
          { secret: null, authorization: null },
        );
        const work = async (at = AT, maxWaiting = 10) => tx.webhooks.work(at, maxWaiting);
        const nothing = { news: false, due: false, waiting: 0, oldest: null };
        expect(await work()).toEqual([
          { id, ...nothing },
          { id: idle, ...nothing },
        ]);
        await tx.events.add([
          { id: 7, businessId: business, at: AT, body: { kind: 'signature.changed', signatureId: 1 } },
        ]);
        expect((await work())[0]).toEqual({ id, ...nothing, news: true });
        await tx.webhooks.moveCursor(id, { eventId: 7, rows: 0 });
        await add(tx, id, [20, 21]);
        expect((await work())[0]).toEqual({ id, news: false, due: true, waiting: 2, oldest: 20 });
        // Not before their time, nor before the webhook's own; and none may wait beside as many as that.
        await end(tx, 20, 'waiting');
        await end(tx, 21, 'waiting');
        expect((await work())[0]).toMatchObject({ due: false });
        expect((await work(AT + 60_000))[0]).toMatchObject({ due: true });
        await tx.webhooks.setFailures(id, 3, AT + 90_000);
        expect((await tx.webhooks.byId(id))!).toMatchObject({ failures: 3, retryAt: AT + 90_000 });
        expect((await work(AT + 60_000))[0]).toMatchObject({ due: false });
        expect((await work(AT + 90_000))[0]).toMatchObject({ due: true });
        await tx.webhooks.moveCursor(id, { eventId: 6, rows: 1 });
        expect((await work(AT, 2))[0]).toMatchObject({ news: false });
        expect((await work(AT, 3))[0]).toMatchObject({ news: true });
      });
    });

    test('are taken away with what waits; what is done stays until it is forgotten', async () => {
      await theStore().transact(async (tx) => {
        const id = await tx.webhooks.insert(aWebhook(await addBusiness(tx)));
        await add(tx, id, [20, 21]);
        await end(tx, 20, 'succeeded');
        await tx.webhooks.delete(id);
        expect(await tx.webhooks.byId(id)).toBe(null);
        expect(await tx.webhooks.delivery(21)).toBe(null);
        expect(await tx.webhooks.delivery(20)).toMatchObject({ state: 'succeeded' });
        expect(await tx.webhooks.insert(aWebhook(await addBusiness(tx)))).toBeGreaterThan(id);
      });
    });
  });

  describe('deliveries', () => {
    test('are kept whole, listed from the newest, by state and page', async () => {
      await theStore().transact(async (tx) => {
        const id = await tx.webhooks.insert(aWebhook(await addBusiness(tx)));
        const other = await tx.webhooks.insert(aWebhook(await addBusiness(tx)));
        await add(tx, id, [20, 21, 22], AT + 5);
        await add(tx, other, [30]);
        expect(await tx.webhooks.delivery(21)).toEqual({
          id: 21,
          webhookId: id,
          state: 'waiting',
          pieces: PIECES,
          rows: 5,
          tries: [],
          dueAt: AT + 5,
          since: AT,
          doneAt: null,
        });
        await end(tx, 21, 'dead', 2);
        expect(await tx.webhooks.delivery(21)).toMatchObject({
          state: 'dead',
          tries: [{ at: AT, durationMs: 12, status: 500, error: 'it answered 500' }, {}],
          doneAt: AT + 1,
        });
        expect(idsOf(await tx.webhooks.deliveries(id, null, null, 10))).toEqual([22, 21, 20]);
        expect(idsOf(await tx.webhooks.deliveries(id, 'waiting', null, 1))).toEqual([22]);
        expect(idsOf(await tx.webhooks.deliveries(id, 'waiting', 22, 10))).toEqual([20]);
        expect(await tx.webhooks.delivery(99)).toBe(null);
      });
    });

    test('that are due come in order, and the one tried least can be told', async () => {
      await theStore().transact(async (tx) => {
        const id = await tx.webhooks.insert(aWebhook(await addBusiness(tx)));
        await add(tx, id, [20, 21, 22, 23]);
        await end(tx, 20, 'waiting', 2);
        await end(tx, 21, 'succeeded');
        expect(idsOf(await tx.webhooks.due(id, AT, 10))).toEqual([22, 23]);
        expect(idsOf(await tx.webhooks.due(id, AT + 60_000, 2))).toEqual([20, 22]);
        expect((await tx.webhooks.leastTried(id, AT + 60_000))?.id).toBe(22);
        expect(await tx.webhooks.leastTried(id, AT - 1)).toBe(null);
        await tx.webhooks.recallDeliveries(id, AT + 1);
        expect(idsOf(await tx.webhooks.due(id, AT + 1, 10))).toEqual([20, 22, 23]);
      });
    });

    test('are counted while they wait, and end once', async () => {
      await theStore().transact(async (tx) => {
        const id = await tx.webhooks.insert(aWebhook(await addBusiness(tx)));
        const waiting = async () => (await tx.webhooks.byId(id))!.waiting;
        await add(tx, id, [20, 21, 22]);
        expect(await waiting()).toBe(3);
        const [twenty] = await tx.webhooks.due(id, AT, 1);
        await end(tx, 20, 'succeeded');
        expect(await waiting()).toBe(2);
        await tx.webhooks.updateDelivery({ ...twenty!, state: 'dead', doneAt: AT });
        expect(await tx.webhooks.delivery(20)).toMatchObject({ state: 'succeeded' });
        expect(await waiting()).toBe(2);
        expect(await tx.webhooks.expireDeliveries(id, AT, AT + 9)).toBe(0);
        expect(await tx.webhooks.expireDeliveries(id, AT + 1, AT + 9)).toBe(2);
        expect(await waiting()).toBe(0);
        expect(await tx.webhooks.delivery(22)).toMatchObject({ state: 'dead', doneAt: AT + 9 });
        expect(await tx.webhooks.delivery(20)).toMatchObject({ state: 'succeeded' });
      });
    });

    test('are forgotten by state and age, a part at a time', async () => {
      await theStore().transact(async (tx) => {
        const id = await tx.webhooks.insert(aWebhook(await addBusiness(tx)));
        const ids = [0, 1, 2, 3].map((n) => idOf(AT, n));
        await add(tx, id, [...ids, idOf(AT + 1_000)]);
        for (const each of [...ids.slice(1), idOf(AT + 1_000)]) await end(tx, each, 'succeeded');
        expect(await tx.webhooks.dropDeliveries('dead', AT + 1_000, 10)).toBe(0);
        expect(await tx.webhooks.dropDeliveries('succeeded', AT + 1_000, 2)).toBe(2);
        expect(await tx.webhooks.dropDeliveries('succeeded', AT + 1_000, 2)).toBe(1);
        expect(idsOf(await tx.webhooks.deliveries(id, null, null, 10))).toEqual([idOf(AT + 1_000), ids[0]]);
      });
    });
  });
}
