import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  addSums,
  FIGURE_DIMENSIONS,
  type FigureDimension,
  type FigureRow,
  LIVE_FEED,
  NO_SUMS,
} from '../../domain/figure.ts';
import type { FigureSum, Tx } from '../store.ts';
import { addBusiness, type TheStore } from './seed.ts';

/** Four days in quarters, the last of which no span begins with. */
const [FIRST, LAST] = [1_960_000, 1_960_391];

const quarter = fc.integer({ min: FIRST, max: LAST });
const time = fc.tuple(quarter, quarter).map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) + 1 }));
/** Few of each, so that rows meet. */
const row = fc.record({
  businessId: fc.constantFrom(1, 2),
  quarter,
  channelId: fc.constantFrom(null, 1),
  country: fc.constantFrom('CN', null),
  category: fc.constantFrom('notification' as const, 'marketing' as const),
  templateId: fc.constantFrom(5, 6),
  currency: fc.constantFrom('EUR', null),
  sent: fc.nat(3),
  delivered: fc.nat(3),
  refunded: fc.nat(3),
  cost: fc.nat(2 ** 40),
});
type Step =
  | { do: 'add'; rows: Omit<FigureRow, 'failed' | 'segments' | 'settled'>[] }
  | { do: 'again'; from: number; to: number }
  | { do: 'close' | 'move' | 'span' };
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('add' as const), rows: fc.array(row, { maxLength: 6 }) }) },
  time.map(({ from, to }) => ({ do: 'again' as const, from, to })),
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('close', 'move', 'span', 'span', 'span') }) },
);
const question = fc.record({
  time,
  own: fc.boolean(),
  by: fc.subarray([...FIGURE_DIMENSIONS] as FigureDimension[]),
});

/** Sums over long times are those of all their quarters, whatever was added up before. */
export function figureSpansContract(theStore: TheStore): void {
  test('sums of any time are those of what was counted in it, however much of it was added up before', async () => {
    const undo = new Error('undo');
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 10, maxLength: 40 }),
        fc.array(question, { minLength: 10, maxLength: 10 }),
        async (steps, questions) => {
          const ended = theStore().transact(async (tx) => {
            const businesses = [await addBusiness(tx), await addBusiness(tx)];
            let kept: FigureRow[] = [];
            let event = 1;
            const asked = async (some: typeof questions) => {
              for (const { time, own, by } of some) {
                const businessId = own ? businesses[0]! : null;
                const rows = await tx.figures.sums({ businessId, ...time, by });
                const within = kept.filter(
                  (each) =>
                    each.quarter >= time.from &&
                    each.quarter < time.to &&
                    (businessId === null || each.businessId === businessId),
                );
                expect(sorted(rows)).toEqual(sorted(plainSums(within, by)));
              }
            };
            for (const [i, each] of steps.entries()) {
              if (each.do === 'add') {
                const rows = each.rows.map((one) => ({
                  ...NO_SUMS,
                  ...one,
                  businessId: businesses[one.businessId - 1]!,
                }));
                await tx.figures.add(rows);
                kept.push(...rows);
              } else if (each.do === 'again') {
                if ((await tx.figures.rebuilding()) !== null) continue;
                const { from, to } = each;
                await tx.figures.countAgain({ eventId: 0, untilEvent: event, from, to });
                kept = kept.filter((one) => one.quarter < from || one.quarter >= to);
              } else await other(tx, each.do, ++event);
              await asked([questions[i % questions.length]!]);
            }
            while (!(await tx.figures.spanned())) await tx.figures.makeSpan();
            await asked(questions);
            throw undo;
          });
          await expect(ended).rejects.toBe(undo);
        },
      ),
      { numRuns: 15 },
    );
  });
}

async function other(tx: Tx, what: 'close' | 'move' | 'span', event: number): Promise<void> {
  if (what === 'span') return tx.figures.makeSpan();
  if (what === 'move') return tx.figures.moveFeed(LIVE_FEED, event);
  const again = await tx.figures.rebuilding();
  if (again !== null) await tx.figures.closeFeed(again.id);
}

/** Counted one by one. */
function plainSums(rows: readonly FigureRow[], by: readonly FigureDimension[]): FigureSum[] {
  const sums = new Map<string, FigureSum>();
  for (const { businessId, channelId, country, category, templateId, currency, quarter: _, ...counts } of rows) {
    const all = { businessId, channelId, country, category, templateId };
    const names = {
      business: 'businessId',
      channel: 'channelId',
      country: 'country',
      category: 'category',
      template: 'templateId',
    } as const;
    const key = { ...Object.fromEntries(by.map((each) => [names[each], all[names[each]]])), currency };
    const text = JSON.stringify(key);
    const sum = sums.get(text) ?? { ...NO_SUMS, ...key };
    addSums(sum, counts);
    sums.set(text, sum);
  }
  return [...sums.values()];
}

const sorted = (sums: readonly FigureSum[]): string[] =>
  sums.map((sum) => JSON.stringify(Object.entries(sum).sort())).sort();
