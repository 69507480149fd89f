import { describe, expect, test } from 'vitest';
import type { DraftRow } from '../store.ts';
import { AT, addBusiness, addPlan, type TheStore } from './seed.ts';

const aDraft = (planId: number, businessId: number, change: Partial<DraftRow> = {}): DraftRow => ({
  planId,
  businessId,
  expiresAt: AT,
  credits: 7,
  summary: '{"a":1}',
  ...change,
});

export function draftsContract(theStore: TheStore): void {
  describe('drafts', () => {
    test('come back as they were put in, count while they are open, and expire', async () => {
      await theStore().transact(async (tx) => {
        const [mine, other] = [await addBusiness(tx), await addBusiness(tx)];
        await tx.drafts.insert(aDraft(1, mine, { expiresAt: AT + 2 }));
        await tx.drafts.insert(aDraft(2, mine, { expiresAt: AT + 1 }));
        await tx.drafts.insert(aDraft(3, other, { expiresAt: AT + 3 }));
        expect(await tx.drafts.byPlan(2)).toEqual(aDraft(2, mine, { expiresAt: AT + 1 }));
        expect(await tx.drafts.byPlan(4)).toBe(null);
        expect(await tx.drafts.countOpen(mine)).toBe(2);
        expect(await tx.drafts.expired(AT, 10)).toEqual([]);
        expect(await tx.drafts.expired(AT + 2, 10)).toEqual([2, 1]);
        expect(await tx.drafts.expired(AT + 3, 2)).toEqual([2, 1]);
        await tx.drafts.keep(1);
        await tx.drafts.delete(2);
        expect(await tx.drafts.byPlan(1)).toMatchObject({ expiresAt: null });
        expect(await tx.drafts.byPlan(2)).toBe(null);
        expect(await tx.drafts.countOpen(mine)).toBe(0);
        expect(await tx.drafts.expired(AT + 9, 10)).toEqual([3]);
      });
    });

    test('keep the rows that are not sent, until their plan is removed', async () => {
      await theStore().transact(async (tx) => {
        const businessId = await addBusiness(tx);
        await addPlan(tx, businessId, 1, 1, { state: 'staged' });
        for (const piece of [0, 1, 2]) await tx.drafts.addRejected(1, piece, `${piece}\n`);
        await tx.drafts.addRejected(2, 0, 'other\n');
        expect(await tx.drafts.rejected(1, -1, 2)).toEqual([
          { piece: 0, lines: '0\n' },
          { piece: 1, lines: '1\n' },
        ]);
        expect(await tx.drafts.rejected(1, 1, 2)).toEqual([{ piece: 2, lines: '2\n' }]);
        await tx.plans.deleteStaged(1);
        expect(await tx.drafts.rejected(1, -1, 2)).toEqual([]);
        expect(await tx.drafts.rejected(2, -1, 2)).toHaveLength(1);
      });
    });

    test('are no requests: they are listed only as drafts, and owe the ledger nothing', async () => {
      await theStore().transact(async (tx) => {
        const businessId = await addBusiness(tx);
        await addPlan(tx, businessId, 1, 3, { state: 'draft', sendable: 0 });
        const listed = (state: 'draft' | null) => tx.plans.list({ businessId, state, before: null, limit: 10 });
        expect(await listed(null)).toEqual([]);
        expect((await listed('draft')).map(({ id }) => id)).toEqual([1]);
        const all = {
          businessId,
          planId: null,
          state: null,
          recipient: null,
          since: null,
          until: null,
          before: null,
          limit: 10,
        };
        expect(await tx.messages.list(all)).toEqual({ messages: [], next: null });
        expect(await tx.ledger.faults()).toEqual([]);
        const counted: number[] = [];
        await tx.messages.countedSince(
          { verification: 0, notification: 0, marketing: 0 },
          (_business, _category, recipient) => counted.push(recipient),
        );
        expect(counted).toEqual([]);
        expect(await tx.plans.staged()).toEqual([]);
      });
    });

    test('lose their messages some at a time', async () => {
      await theStore().transact(async (tx) => {
        const businessId = await addBusiness(tx);
        await addPlan(tx, businessId, 1, 5);
        await addPlan(tx, businessId, 2, 1);
        expect(await tx.messages.remove(1, 2)).toBe(2);
        expect((await tx.messages.ofPlan(1, -1, 10)).map(({ index }) => index)).toEqual([0, 1, 2]);
        expect(await tx.messages.remove(1, 10)).toBe(3);
        expect(await tx.messages.remove(1, 10)).toBe(0);
        expect(await tx.messages.ofPlan(2, -1, 10)).toHaveLength(1);
      });
    });
  });
}
