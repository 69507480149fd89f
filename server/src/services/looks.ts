import type { Reader } from '../store/store.ts';
import type { Look, Looks } from './audit.ts';

/** Anything that has an id; what it is called by is no part of how it looks. */
type Thing = { id: number };

/** The look of one thing: all its fields but those named. */
function lookOf<T extends Thing>(
  thing: T | null,
  businessId: (thing: T) => number | null,
  ...unseen: (keyof T)[]
): Look | null {
  if (thing === null) return null;
  const left = new Set<string>(['id', 'createdAt', ...(unseen as string[])]);
  const view = Object.fromEntries(Object.entries(thing).filter(([name]) => !left.has(name)));
  return { id: String(thing.id), businessId: businessId(thing), view };
}

const own = ({ businessId }: { businessId: number | null }): number | null => businessId;
const ours = (): null => null;

/** How things look in the audit log; runtime facts, which nobody decides, are left out. */
export const looks: Looks = {
  business: async (reader, id) => lookOf(await businessBy(reader, id), ({ id }) => id),
  key: async (reader, id) => lookOf(await reader.credentials.byId(Number(id)), own, 'businessId', 'lastUsedAt'),
  member: async (reader, id) => lookOf(await reader.members.byId(Number(id)), own, 'businessId', 'signedInAt'),
  invite: async (reader, id) => lookOf(await reader.invites.byId(Number(id)), own, 'businessId'),
  signature: async (reader, id) => lookOf(await reader.signatures.byId(Number(id)), own, 'businessId'),
  template: async (reader, id) => lookOf(await reader.templates.byId(Number(id)), own, 'businessId'),
  async plan(reader, id) {
    const plan = await reader.plans.byId(Number(id));
    if (plan === null) return null;
    const { name, state, total, startAt } = plan;
    return { id: String(plan.id), businessId: plan.businessId, view: { name, state, total, startAt } };
  },
  channel: async (reader, id) => lookOf(await reader.channels.byId(Number(id)), ours),
  route: async (reader, id) => lookOf(await reader.routes.byId(Number(id)), ours),
  price: async (reader, id) => lookOf(await reader.prices.byId(Number(id)), own),
  cost: async (reader, id) => lookOf(await reader.costs.byId(Number(id)), ours),
  webhook: async (reader, id) =>
    lookOf(await reader.webhooks.byId(Number(id)), own, 'businessId', 'failures', 'retryAt', 'waiting'),
  // Neither the sender nor the text: the log is kept for longer than they are.
  inbound: async (reader, id) =>
    lookOf(await reader.inbound.byId(Number(id)), own, 'from', 'to', 'text', 'businessId', 'receivedAt'),
  'inbound-number': async (reader, id) => lookOf(await reader.inboundNumbers.byId(Number(id)), own),
  keyword: async (reader, id) => lookOf(await reader.keywords.byId(Number(id)), own),
  async 'opt-words'(reader, id) {
    const words = await reader.lists.words(Number(id));
    return { id: String(id), businessId: Number(id), view: { optOut: null, optIn: null, ...words } };
  },
};

/** A business by id, or by its name. */
function businessBy(reader: Reader, id: number | string) {
  return typeof id === 'number' ? reader.businesses.byId(id) : reader.businesses.byName(id);
}
