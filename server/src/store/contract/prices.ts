import { describe, expect, test } from 'vitest';
import type { PriceRow } from '../../domain/price.ts';
import { AT, addBusiness, type TheStore } from './seed.ts';

export function pricesContract(theStore: TheStore): void {
  const row = (prefix: string, credits: number, more: Partial<PriceRow> = {}): PriceRow => ({
    prefix,
    category: null,
    validFrom: AT,
    credits,
    ...more,
  });

  describe('prices', () => {
    test('of the installation and of each business are tables of their own, in order', async () => {
      await theStore().transact(async (tx) => {
        const business = await addBusiness(tx);
        const rows = [
          row('86', 3, { category: 'verification' }),
          row('86', 2),
          row('86', 1, { validFrom: AT + 1 }),
          row('', 4),
        ];
        await tx.prices.put(null, rows, AT);
        await tx.prices.put(business, [row('86', 9)], AT + 5);
        const general = await tx.prices.of(null);
        expect(
          general.map(({ prefix, category, validFrom, credits }) => [prefix, category, validFrom, credits]),
        ).toEqual([
          ['', null, AT, 4],
          ['86', 'verification', AT, 3],
          ['86', null, AT, 2],
          ['86', null, AT + 1, 1],
        ]);
        expect(await tx.prices.of(business)).toEqual([
          { id: expect.any(Number), businessId: business, ...row('86', 9), createdAt: AT + 5 },
        ]);
        expect(await tx.prices.byId(general[0]!.id)).toEqual(general[0]);
        expect(await tx.prices.of(business + 1)).toEqual([]);
      });
    });

    test('a row takes the place of one with the same prefix, category and time; a row can be taken out', async () => {
      await theStore().transact(async (tx) => {
        await tx.prices.put(null, [row('86', 3), row('86', 4, { category: 'marketing' })], AT);
        await tx.prices.put(null, [row('86', 0)], AT + 1);
        expect((await tx.prices.of(null)).map(({ credits }) => credits)).toEqual([4, 0]);
        const [first] = await tx.prices.of(null);
        await tx.prices.remove(first!.id);
        expect((await tx.prices.of(null)).map(({ credits }) => credits)).toEqual([0]);
        expect(await tx.prices.byId(first!.id)).toBe(null);
      });
    });
  });

  test('costs are kept by channel', async () => {
    await theStore().transact(async (tx) => {
      const cost = { prefix: '86', category: null, validFrom: AT, micros: 31_500, currency: 'EUR' };
      await tx.costs.put(7, [cost, { ...cost, prefix: '', category: 'marketing' }], AT);
      await tx.costs.put(8, [cost], AT);
      await tx.costs.put(7, [{ ...cost, micros: 5, currency: 'USD' }], AT + 1);
      const found = await tx.costs.of(7);
      expect(found.map(({ prefix, category, micros, currency }) => [prefix, category, micros, currency])).toEqual([
        ['', 'marketing', 31_500, 'EUR'],
        ['86', null, 5, 'USD'],
      ]);
      expect(await tx.costs.byId(found[1]!.id)).toEqual({ ...found[1], channelId: 7, createdAt: AT + 1 });
      await tx.costs.remove(found[1]!.id);
      expect(await tx.costs.of(7)).toHaveLength(1);
      expect(await tx.costs.of(8)).toHaveLength(1);
    });
  });
}
