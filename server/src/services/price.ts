import type { Category } from '../domain/category.ts';
import { type CostRow, CURRENCY, MAX_COST_MICROS } from '../domain/cost.ts';
import { DEFAULT_RATE, effectiveRows, MAX_PRICE, PriceList, type PriceRow, type PriceScope } from '../domain/price.ts';
import { must } from '../domain/refusals.ts';
import { MAX_TARIFF_ROWS, PREFIX_RULE, TARIFF_PREFIX, type TariffRow } from '../domain/tariff.ts';
import type { Reader, StoredCost, StoredPrice } from '../store/store.ts';
import { addEvent } from './event.ts';
import { type ActorRef, type Ctx, single, type Verb } from './verb.ts';

export const PRICE_RULE = `credits for one segment, an integer from 0 to ${MAX_PRICE}`;
export const MICROS_RULE = `millionths of a unit for one segment, an integer from 0 to ${MAX_COST_MICROS}`;
export const CURRENCY_RULE = 'an ISO 4217 code such as EUR';

/** Puts rows into the price table of a business or (null) of the installation: all of them, or none. */
export const putPrices: Verb<
  { actor: ActorRef; businessId: number | null; rows: readonly PriceRow[] },
  { rows: number }
> = {
  ...single(async (tx, ctx, { actor, businessId, rows }) => {
    must(actor.admin, { code: 'adminOnly' });
    must(businessId === null || (await tx.businesses.byId(businessId)) !== null, { code: 'businessNotFound' });
    checkRows(rows, ({ credits }, field) =>
      must(Number.isInteger(credits) && credits >= 0 && credits <= MAX_PRICE, {
        code: 'invalidField',
        field: `${field}.credits`,
        rule: PRICE_RULE,
      }),
    );
    await tx.prices.put(businessId, rows, ctx.now());
    mustFit(await tx.prices.of(businessId));
    forget(ctx, businessId);
    await addEvent(tx, ctx, businessId ?? actor.businessId, {
      kind: 'price.changed',
      scope: businessId === null ? 'default' : 'business',
      change: 'put',
      rows: rows.length,
    });
    return { rows: rows.length };
  }),
  rows: ({ rows }) => rows.length,
};

/** Takes a row out of a price table. What was accepted at its price keeps it. */
export const removePrice = single(async (tx, ctx, { actor, id }: { actor: ActorRef; id: number }): Promise<void> => {
  must(actor.admin, { code: 'adminOnly' });
  const price = await tx.prices.byId(id);
  must(price !== null, { code: 'priceNotFound' });
  await tx.prices.remove(id);
  forget(ctx, price.businessId);
  await addEvent(tx, ctx, price.businessId ?? actor.businessId, {
    kind: 'price.changed',
    scope: price.businessId === null ? 'default' : 'business',
    change: 'removed',
    rows: 1,
  });
});

/** Puts rows into the table of what a channel's carrier charges: all of them, or none. */
export const putCosts: Verb<{ actor: ActorRef; channelId: number; rows: readonly CostRow[] }, { rows: number }> = {
  ...single(async (tx, ctx, { actor, channelId, rows }) => {
    must(actor.admin, { code: 'adminOnly' });
    must((await tx.channels.byId(channelId)) !== null, { code: 'channelNotFound' });
    checkRows(rows, ({ micros, currency }, field) => {
      must(Number.isInteger(micros) && micros >= 0 && micros <= MAX_COST_MICROS, {
        code: 'invalidField',
        field: `${field}.micros`,
        rule: MICROS_RULE,
      });
      must(CURRENCY.test(currency), { code: 'invalidField', field: `${field}.currency`, rule: CURRENCY_RULE });
    });
    await tx.costs.put(channelId, rows, ctx.now());
    mustFit(await tx.costs.of(channelId));
    await addEvent(tx, ctx, actor.businessId, {
      kind: 'channel-cost.changed',
      channelId,
      change: 'put',
      rows: rows.length,
    });
    return { rows: rows.length };
  }),
  rows: ({ rows }) => rows.length,
};

/** Takes a row out of a channel's costs. */
export const removeCost = single(async (tx, ctx, { actor, id }: { actor: ActorRef; id: number }): Promise<void> => {
  must(actor.admin, { code: 'adminOnly' });
  const cost = await tx.costs.byId(id);
  must(cost !== null, { code: 'costNotFound' });
  await tx.costs.remove(id);
  const { channelId } = cost;
  await addEvent(tx, ctx, actor.businessId, { kind: 'channel-cost.changed', channelId, change: 'removed', rows: 1 });
});

function checkRows<R extends TariffRow>(rows: readonly R[], check: (row: R, field: string) => void): void {
  must(rows.length > 0, { code: 'invalidField', field: 'rows', rule: 'at least one row' });
  const seen = new Map<string, number>();
  for (const [index, row] of rows.entries()) {
    const field = `rows.${index}`;
    must(TARIFF_PREFIX.test(row.prefix), { code: 'invalidField', field: `${field}.prefix`, rule: PREFIX_RULE });
    check(row, field);
    const key = `${row.prefix} ${row.category} ${row.validFrom}`;
    const other = seen.get(key);
    must(other === undefined, {
      code: 'invalidField',
      field,
      rule: `the same prefix, category and time as rows.${other}`,
    });
    seen.set(key, index);
  }
}

function mustFit(table: readonly unknown[]): void {
  must(table.length <= MAX_TARIFF_ROWS, { code: 'tooManyRows', limit: MAX_TARIFF_ROWS });
}

function forget(ctx: Ctx, businessId: number | null): void {
  if (businessId === null) ctx.hot.prices.clear();
  else ctx.hot.prices.delete(businessId);
}

/** A price table whole: of a business or (null) of the installation. */
export const listPrices = (reader: Reader, input: { businessId: number | null }): Promise<StoredPrice[]> =>
  reader.prices.of(input.businessId);

/** A channel's costs; null when there is no such channel. */
export async function listCosts(reader: Reader, { channelId }: { channelId: number }): Promise<StoredCost[] | null> {
  return (await reader.channels.byId(channelId)) === null ? null : reader.costs.of(channelId);
}

/** The rows that decide what a business pays, from a moment on. */
export async function effectivePrices(
  reader: Reader,
  { businessId, at }: { businessId: number; at: number },
): Promise<{ row: StoredPrice; scope: PriceScope }[]> {
  return effectiveRows(await reader.prices.of(businessId), await reader.prices.of(null), at);
}

/** What a segment to a recipient would cost a business, and which row says so (null: none does). */
export async function quotePrice(
  reader: Reader,
  { businessId, recipient, category, at }: { businessId: number; recipient: number; category: Category; at: number },
): Promise<{ credits: number; found: { row: StoredPrice; scope: PriceScope } | null }> {
  const list = new PriceList(await reader.prices.of(businessId), await reader.prices.of(null), at);
  const found = list.find(recipient, category);
  return { credits: found?.row.credits ?? DEFAULT_RATE, found };
}
