import type { Actor, PERMISSIONS } from '../../domain/credential.ts';
import { must } from '../../domain/refusals.ts';
import type { Desk, QueryValue } from '../../services/desk.ts';

export type Business = NonNullable<QueryValue<'findBusiness'>>;

/** The business a caller sees things of; null is all of them, for the administrator. */
export const sight = (actor: Actor): number | null => (actor.admin ? null : actor.businessId);

/**
 * Whose things a list shows: those of `business_id` when it is given, else all that the caller sees.
 * @throws Refused (businessNotFound)
 */
export async function scopeOf(desk: Desk, actor: Actor, query: { business_id?: string }): Promise<number | null> {
  return query.business_id === undefined ? sight(actor) : (await businessOf(desk, actor, query.business_id)).id;
}

/** The same for lists that are of one business: the caller's own unless the administrator names another. */
export async function ownerOf(desk: Desk, actor: Actor, query: { business_id?: string }): Promise<number> {
  return query.business_id === undefined ? actor.businessId : (await businessOf(desk, actor, query.business_id)).id;
}

/**
 * The business an id or a user name means. Digits are an id. Another's looks as if it did not exist.
 * @throws Refused (businessNotFound)
 */
export async function businessOf(desk: Desk, actor: Actor, ref: string): Promise<Business> {
  const named = /^[0-9]+$/.test(ref) ? { businessId: Number(ref) } : { businessName: ref };
  const business = await desk.ask('findBusiness', named);
  must(business !== null && (actor.admin || business.id === actor.businessId), { code: 'businessNotFound' });
  return business;
}

/** Nobody hands out more than they hold: a key that may only do some things makes none that may do more. */
export function mustHold(actor: Actor, permissions: readonly (typeof PERMISSIONS)[number][]): void {
  for (const permission of permissions) {
    must(actor.permissions.includes(permission), { code: 'permissionMissing', permission });
  }
}
