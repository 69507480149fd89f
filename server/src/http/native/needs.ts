import type { MemberPermission } from '../../domain/role.ts';
import type { Method, Tag } from './endpoint.ts';

/**
 * Who may come at all. `signed in`: by name and secret or with a session; `session`: with a session only, also one whose
 * password has to be changed first; `anybody`: nobody is asked who they are.
 */
export type Access = 'signed in' | 'session' | 'anybody';

/** What a member needs for the routes of a tag: to look, and to change. Null: every member may. */
const NEEDS: { readonly [T in Tag]: readonly [look: MemberPermission | null, change: MemberPermission | null] } = {
  account: ['ledger:read', 'ledger:manage'],
  session: [null, null],
  members: ['members:read', 'members:manage'],
  audit: ['audit:read', 'audit:read'],
  businesses: ['businesses:read', 'businesses:manage'],
  'api-keys': ['keys:read', 'keys:manage'],
  channels: ['channels:read', 'channels:manage'],
  prices: ['prices:read', 'prices:manage'],
  routes: ['routes:read', 'routes:manage'],
  figures: ['figures:read', 'tasks:manage'],
  plans: ['messages:read', 'messages:send'],
  messages: ['messages:read', 'messages:send'],
  inbound: ['inbound:read', 'inbound:manage'],
  lists: ['lists:read', 'lists:manage'],
  reports: ['reports:read', 'tasks:manage'],
  signatures: ['signatures:read', 'signatures:manage'],
  templates: ['templates:read', 'templates:manage'],
  review: ['reviews:decide', 'reviews:decide'],
  events: ['events:read', 'events:read'],
  webhooks: ['webhooks:read', 'webhooks:manage'],
  system: [null, 'tasks:manage'],
  tasks: ['tasks:read', 'tasks:manage'],
  // Each topic needs its own (live.ts).
  live: [null, null],
};

/** What a member needs for a route of this tag, unless the route says otherwise. */
export const neededFor = (tag: Tag, method: Method): MemberPermission | null => NEEDS[tag][method === 'GET' ? 0 : 1];
