import type { Business } from '../domain/business.ts';
import type { Content } from '../domain/content.ts';
import { PriceList } from '../domain/price.ts';
import { RouteTable } from '../domain/route-table.ts';
import type { Signature } from '../domain/signature.ts';
import type { Template } from '../domain/template.ts';
import { Lru } from '../lib/lru.ts';
import type { Reader } from '../store/store.ts';
import { RecentReports } from './recent-reports.ts';
import type { Ctx, HotRows } from './verb.ts';

/** Empty caches of bounded size. */
export function createHotRows(): HotRows {
  return {
    businesses: new Lru(10_000),
    signatures: new Lru(10_000),
    templates: new Lru(10_000),
    contents: new Lru(2_000),
    contentsById: new Lru(2_000),
    receiptGroups: new Lru(1_000),
    recentReports: new RecentReports(),
    prices: new Lru(10_000),
    routes: new Lru(1),
  };
}

/** The only key of the cache of the routes. */
const TABLE = 'table';

/** The routes as they stand; disabled channels are out. */
export const hotRouteTable = (reader: Reader, ctx: Ctx): RouteTable | Promise<RouteTable> =>
  ctx.hot.routes.get(TABLE) ?? loadRouteTable(reader, ctx);

async function loadRouteTable(reader: Reader, ctx: Ctx): Promise<RouteTable> {
  const disabled = (await reader.channels.list()).filter(({ enabled }) => !enabled);
  const table = new RouteTable(await reader.routes.list(), new Set(disabled.map(({ id }) => id)));
  ctx.hot.routes.set(TABLE, table);
  return table;
}

/** Routes or channels have changed. */
export function dropRouteTable(ctx: Ctx): void {
  ctx.hot.routes.delete(TABLE);
}

async function through<K, V>(cache: Lru<K, V>, key: K, load: () => Promise<V | null>): Promise<V | null> {
  const cached = cache.get(key);
  if (cached !== undefined) return cached;
  const value = await load();
  if (value !== null) cache.set(key, value);
  return value;
}

/** Balances in it are not current: they are read in the transaction that moves them. */
export const hotBusiness = (reader: Reader, ctx: Ctx, id: number): Promise<Business | null> =>
  through(ctx.hot.businesses, id, () => reader.businesses.byId(id));

export const hotSignature = (reader: Reader, ctx: Ctx, id: number): Promise<Signature | null> =>
  through(ctx.hot.signatures, id, () => reader.signatures.byId(id));

export const hotTemplate = (reader: Reader, ctx: Ctx, id: number): Promise<Template | null> =>
  through(ctx.hot.templates, id, () => reader.templates.byId(id));

export const hotContent = (reader: Reader, ctx: Ctx, id: number): Promise<Content | null> =>
  through(ctx.hot.contentsById, id, () => reader.contents.byId(id));

/** What a business pays for messages accepted at a moment; null while no table says anything of it. */
export async function hotPrices(reader: Reader, ctx: Ctx, businessId: number, at: number): Promise<PriceList | null> {
  let prices = ctx.hot.prices.get(businessId);
  if (prices === undefined) {
    const own = await reader.prices.of(businessId);
    const general = await reader.prices.of(null);
    prices = own.length + general.length === 0 ? 'none' : { own, general, list: new PriceList(own, general, at) };
    ctx.hot.prices.set(businessId, prices);
  }
  if (prices === 'none') return null;
  if (at < prices.list.from || at >= prices.list.until) prices.list = new PriceList(prices.own, prices.general, at);
  return prices.list;
}
