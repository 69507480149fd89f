import type { Business } from '../domain/business.ts';
import type { Content } from '../domain/content.ts';
import type { Signature } from '../domain/signature.ts';
import type { Template } from '../domain/template.ts';
import { Lru } from '../lib/lru.ts';
import type { Reader } from '../store/store.ts';
import type { Ctx, HotRows } from './verb.ts';

/** Empty caches of bounded size. */
export function createHotRows(): HotRows {
  return {
    businesses: new Lru(10_000),
    signatures: new Lru(10_000),
    templates: new Lru(10_000),
    contents: new Lru(2_000),
    contentsById: new Lru(2_000),
  };
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
