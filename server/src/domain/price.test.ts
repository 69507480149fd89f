import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CATEGORIES, type Category } from './category.ts';
import { effectiveRows, PriceList, type PriceRow, priceOf } from './price.ts';
import { Tariff } from './tariff.ts';

const AT = 1_767_225_600_000;
const NUMBER = 8_613_800_138_000;

const row = (prefix: string, credits: number, more: Partial<PriceRow> = {}): PriceRow => ({
  prefix,
  category: null,
  validFrom: AT - 1_000,
  credits,
  ...more,
});

/** The rule, written down as slowly and plainly as can be. */
function ruled(own: PriceRow[], general: PriceRow[], recipient: number, category: Category, at: number): number {
  for (const table of [own, general]) {
    const fitting = table
      .filter(({ prefix, validFrom }) => validFrom <= at && String(recipient).startsWith(prefix))
      .filter((each) => each.category === null || each.category === category);
    fitting.sort(
      (a, b) =>
        b.prefix.length - a.prefix.length ||
        Number(b.category !== null) - Number(a.category !== null) ||
        b.validFrom - a.validFrom,
    );
    if (fitting[0] !== undefined) return fitting[0].credits;
  }
  return 1;
}

const rows = fc.uniqueArray(
  fc.record({
    prefix: fc.constantFrom('', '8', '86', '8613', '86138001', '8613800138000', '44', '861380013800012'),
    category: fc.constantFrom(null, ...CATEGORIES),
    validFrom: fc.constantFrom(AT - 10, AT, AT + 1, AT + 10),
    credits: fc.nat(9),
  }),
  { selector: ({ prefix, category, validFrom }) => `${prefix} ${category} ${validFrom}`, maxLength: 25 },
);
const asked = {
  recipient: fc.constantFrom(NUMBER, 8_613_900_000_000, 447_400_123_456, 15_555_550_100, 8_613_800_138_001),
  category: fc.constantFrom(...CATEGORIES),
  at: fc.constantFrom(AT - 11, AT - 10, AT, AT + 1, AT + 100),
};

describe('the price of a segment', () => {
  test('is that of the rule, whatever the tables, and stands as long as the list says', () => {
    fc.assert(
      fc.property(rows, rows, asked.recipient, asked.category, asked.at, (own, general, recipient, category, at) => {
        const list = new PriceList(own, general, at);
        expect(list.rate(recipient, category)).toBe(ruled(own, general, recipient, category, at));
        expect(list.find(recipient, category)?.row.credits ?? 1).toBe(list.rate(recipient, category));
        expect(list.from <= at && at < list.until).toBe(true);
        for (const later of [list.until - 1, list.from]) {
          if (!Number.isFinite(later)) continue;
          expect(ruled(own, general, recipient, category, later)).toBe(list.rate(recipient, category));
        }
      }),
    );
  });

  test('is the same by the rows a business sees', () => {
    fc.assert(
      fc.property(rows, rows, asked.recipient, asked.category, (own, general, recipient, category) => {
        const seen = effectiveRows(own, general, AT);
        const of = (scope: string) => seen.filter((each) => each.scope === scope).map((each) => each.row);
        for (const at of [AT, AT + 1, AT + 100]) {
          const price = new PriceList(of('business'), of('default'), at).rate(recipient, category);
          expect(price).toBe(ruled(own, general, recipient, category, at));
        }
      }),
    );
  });

  test('comes from the longest prefix, then from the row that names the category', () => {
    const list = new PriceList(
      [],
      [row('', 5), row('86', 2), row('86', 3, { category: 'marketing' }), row('8613', 4)],
      AT,
    );
    expect(list.rate(447_400_123_456, 'marketing')).toBe(5);
    expect(list.rate(8_615_000_000_000, 'notification')).toBe(2);
    expect(list.rate(8_615_000_000_000, 'marketing')).toBe(3);
    expect(list.rate(NUMBER, 'marketing')).toBe(4);
  });

  test('comes from the business first, however general its row is', () => {
    const list = new PriceList([row('', 7)], [row('8613', 2, { category: 'marketing' })], AT);
    expect(list.find(NUMBER, 'marketing')).toEqual({ row: row('', 7), scope: 'business' });
  });

  test('may be nothing at all, and is 1 where no table says anything', () => {
    expect(priceOf(3, NUMBER, 'marketing', new PriceList([], [row('86', 0)], AT))).toBe(0);
    expect(priceOf(3, 447_400_123_456, 'marketing', new PriceList([], [row('86', 9)], AT))).toBe(3);
    expect(priceOf(3, NUMBER, 'marketing', null)).toBe(3);
  });

  test('a prefix longer than the number is of another one', () => {
    expect(new Tariff([row('861380013800012', 9)], AT).find(NUMBER, 'marketing')).toBe(null);
  });
});
