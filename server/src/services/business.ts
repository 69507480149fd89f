import { ADMIN_NAME, BUSINESS_NAME, type Business, MAX_WEIGHT, WEIGHT_RULE } from '../domain/business.ts';
import { PERMISSIONS } from '../domain/credential.ts';
import { must } from '../domain/refusals.ts';
import { DEFAULT_TIME_ZONE, isTimeZone, TIME_ZONE_RULE } from '../domain/time-zone.ts';
import type { Reader } from '../store/store.ts';
import { createCredential } from './credential.ts';
import { addEvent } from './event.ts';
import { type BusinessRef, topUp } from './ledger.ts';
import { mustBeFree } from './member.ts';
import { type ActorRef, single } from './verb.ts';

/** Countries bare numbers are read in unless a business says otherwise. */
const DEFAULT_COUNTRY = 'CN';

/** Opens a business; with its first credits and its first API key when they are given. */
export const createBusiness = single(
  async (
    tx,
    ctx,
    input: {
      actor: ActorRef;
      name: string;
      /** argon2id, PHC form. */
      passwordHash: string;
      defaultCountry: string | null;
      /** Null: {@link DEFAULT_TIME_ZONE}. */
      timeZone: string | null;
      credits: number;
      /** An API key that may do everything; the caller shows its secret once. */
      firstKey?: { key: string; secretHash: Uint8Array };
    },
  ): Promise<{ id: number }> => {
    must(input.actor.admin, { code: 'adminOnly' });
    must(BUSINESS_NAME.test(input.name), {
      code: 'invalidField',
      field: 'name',
      rule: '1 to 64 letters, digits, dots, dashes or underscores, starting with a letter or digit but not with sk_',
    });
    const timeZone = input.timeZone ?? DEFAULT_TIME_ZONE;
    mustBeTimeZone(timeZone);
    must((await tx.businesses.byName(input.name)) === null, { code: 'businessNameTaken' });
    await mustBeFree(tx, input.name);
    const id = await tx.businesses.insert({
      name: input.name,
      admin: false,
      passwordHash: input.passwordHash,
      defaultCountry: input.defaultCountry ?? DEFAULT_COUNTRY,
      timeZone,
      at: ctx.now(),
    });
    await addEvent(tx, ctx, id, { kind: 'business.changed', change: 'created' });
    if (input.credits !== 0) {
      const [answer] = await topUp.run(tx, ctx, [
        { actor: input.actor, business: { businessId: id }, credits: input.credits, reason: 'first credits' },
      ]);
      if (answer !== undefined && 'refusal' in answer) must(false, answer.refusal);
    }
    if (input.firstKey !== undefined) {
      const [answer] = await createCredential.run(tx, ctx, [
        {
          actor: input.actor,
          businessId: id,
          ...input.firstKey,
          description: 'first key',
          permissions: [...PERMISSIONS],
          expiresAt: null,
          allowedAddresses: [],
        },
      ]);
      if (answer !== undefined && 'refusal' in answer) must(false, answer.refusal);
    }
    return { id };
  },
);

/** Makes the administrator's business, or gives it another password. Only the house itself calls this. */
export const setAdminPassword = single(
  async (tx, ctx, input: { passwordHash: string; onlyFirst?: boolean }): Promise<{ created: boolean }> => {
    const admin = await tx.businesses.byName(ADMIN_NAME);
    if (admin !== null) {
      // Of processes that start together on an empty store, one makes a password up.
      if (input.onlyFirst) return { created: false };
      await tx.businesses.setPasswordHash(admin.id, input.passwordHash);
      await tx.sessions.deleteOf({ businessId: admin.id }, null);
      await addEvent(tx, ctx, admin.id, { kind: 'business.changed', change: 'password' });
      ctx.notify({ kind: 'businessChanged', businessId: admin.id });
      return { created: false };
    }
    const id = await tx.businesses.insert({
      name: ADMIN_NAME,
      admin: true,
      passwordHash: input.passwordHash,
      defaultCountry: DEFAULT_COUNTRY,
      timeZone: DEFAULT_TIME_ZONE,
      at: ctx.now(),
    });
    await addEvent(tx, ctx, id, { kind: 'business.changed', change: 'created' });
    return { created: true };
  },
);

/** A suspended business can neither sign in nor send; what it sent before goes on. */
export const setBusinessState = single(
  async (tx, ctx, input: { actor: ActorRef; business: BusinessRef; state: Business['state'] }): Promise<void> => {
    must(input.actor.admin, { code: 'adminOnly' });
    const business = await find(tx, input.business);
    must(!business.admin || input.state === 'active', {
      code: 'invalidField',
      field: 'state',
      rule: 'the administrator cannot be suspended',
    });
    await tx.businesses.setState(business.id, input.state);
    ctx.hot.businesses.delete(business.id);
    await addEvent(tx, ctx, business.id, {
      kind: 'business.changed',
      change: input.state === 'active' ? 'resumed' : 'suspended',
    });
    ctx.notify({ kind: 'businessChanged', businessId: business.id });
  },
);

/** Gives a business another password: the administrator to any, a business to itself. */
export const setPassword = single(
  async (tx, ctx, input: { actor: ActorRef; business: BusinessRef; passwordHash: string }): Promise<void> => {
    const business = await find(tx, input.business);
    must(input.actor.admin || input.actor.businessId === business.id, { code: 'adminOnly' });
    await tx.businesses.setPasswordHash(business.id, input.passwordHash);
    await tx.sessions.deleteOf({ businessId: business.id }, null);
    await addEvent(tx, ctx, business.id, { kind: 'business.changed', change: 'password' });
    ctx.notify({ kind: 'businessChanged', businessId: business.id });
  },
);

/** From how many credits down a business's webhooks are told of its balance; null: never. */
export const setLowBalance = single(
  async (tx, ctx, input: { actor: ActorRef; business: BusinessRef; credits: number | null }): Promise<void> => {
    const business = await find(tx, input.business);
    must(input.actor.admin || input.actor.businessId === business.id, { code: 'businessNotFound' });
    await tx.businesses.setLowBalance(business.id, input.credits);
    ctx.hot.businesses.delete(business.id);
    await addEvent(tx, ctx, business.id, { kind: 'business.changed', change: 'low-balance' });
  },
);

/** Gives a business another share of the lanes it waits in. */
export const setWeight = single(
  async (tx, ctx, input: { actor: ActorRef; business: BusinessRef; weight: number }): Promise<void> => {
    must(input.actor.admin, { code: 'adminOnly' });
    must(Number.isInteger(input.weight) && input.weight >= 1 && input.weight <= MAX_WEIGHT, {
      code: 'invalidField',
      field: 'weight',
      rule: WEIGHT_RULE,
    });
    const business = await find(tx, input.business);
    await tx.businesses.setWeight(business.id, input.weight);
    ctx.hot.businesses.delete(business.id);
    await addEvent(tx, ctx, business.id, { kind: 'business.changed', change: 'weight' });
    ctx.notify({ kind: 'businessChanged', businessId: business.id });
  },
);

/** Whether a business gets back the credits of what is reported undelivered, expired or rejected from now on. */
export const setPayOnDelivery = single(
  async (tx, ctx, input: { actor: ActorRef; business: BusinessRef; on: boolean }): Promise<void> => {
    must(input.actor.admin, { code: 'adminOnly' });
    const business = await find(tx, input.business);
    await tx.businesses.setPayOnDelivery(business.id, input.on);
    ctx.hot.businesses.delete(business.id);
    await addEvent(tx, ctx, business.id, { kind: 'business.changed', change: 'pay-on-delivery' });
  },
);

/** Gives a business another time zone: the administrator any, a business its own. */
export const setTimeZone = single(
  async (tx, ctx, input: { actor: ActorRef; business: BusinessRef; timeZone: string }): Promise<void> => {
    const business = await find(tx, input.business);
    must(input.actor.admin || input.actor.businessId === business.id, { code: 'adminOnly' });
    mustBeTimeZone(input.timeZone);
    await tx.businesses.setTimeZone(business.id, input.timeZone);
    ctx.hot.businesses.delete(business.id);
    await addEvent(tx, ctx, business.id, { kind: 'business.changed', change: 'time-zone' });
    ctx.notify({ kind: 'businessChanged', businessId: business.id });
  },
);

function mustBeTimeZone(timeZone: string): void {
  must(isTimeZone(timeZone), { code: 'invalidField', field: 'time_zone', rule: TIME_ZONE_RULE });
}

/** One business by id or name, or null. */
export function findBusiness(reader: Reader, input: BusinessRef): Promise<Business | null> {
  return 'businessId' in input
    ? reader.businesses.byId(input.businessId)
    : reader.businesses.byName(input.businessName);
}

/** What signing in with a user name needs. */
export async function loginByName(
  reader: Reader,
  input: { name: string },
): Promise<{ business: Business; passwordHash: string } | null> {
  const business = await reader.businesses.byName(input.name);
  if (business === null) return null;
  const passwordHash = await reader.businesses.passwordHash(business.id);
  return passwordHash === null ? null : { business, passwordHash };
}

/** Businesses in the order of their ids, after a cursor. */
export const listBusinesses = (reader: Reader, input: { cursor: number; limit: number }): Promise<Business[]> =>
  reader.businesses.list(input.cursor, input.limit);

async function find(reader: Reader, ref: BusinessRef): Promise<Business> {
  const business = await findBusiness(reader, ref);
  must(business !== null, { code: 'businessNotFound' });
  return business;
}
