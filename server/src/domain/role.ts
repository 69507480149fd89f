import type { Permission } from './credential.ts';

/**
 * What a member may be allowed to do: a kind of thing, and what is done to it. Routes of the native API name one each
 * (http/native/needs.ts); the console hides what its member may not.
 */
export const MEMBER_PERMISSIONS = [
  'messages:read',
  'messages:send',
  'plans:control',
  'numbers:reveal',
  'inbound:read',
  'inbound:manage',
  'lists:read',
  'lists:manage',
  'signatures:read',
  'signatures:manage',
  'templates:read',
  'templates:manage',
  'reviews:decide',
  'figures:read',
  'ledger:read',
  'ledger:manage',
  'prices:read',
  'prices:manage',
  'businesses:read',
  'businesses:manage',
  'keys:read',
  'keys:manage',
  'webhooks:read',
  'webhooks:manage',
  'events:read',
  'channels:read',
  'channels:manage',
  'routes:read',
  'routes:manage',
  'reports:read',
  'tasks:read',
  'tasks:manage',
  'members:read',
  'members:manage',
  'audit:read',
] as const;
export type MemberPermission = (typeof MEMBER_PERMISSIONS)[number];

/** Roles of those who run the platform; their members belong to no business and see all of them. */
export const STAFF_ROLES = ['admin', 'reviewer', 'finance', 'operator'] as const;
/** Roles within one business. */
export const BUSINESS_ROLES = ['owner', 'developer', 'marketer', 'viewer'] as const;
export const ROLES = [...STAFF_ROLES, ...BUSINESS_ROLES] as const;
export type Role = (typeof ROLES)[number];

/** What a business's people may look at. */
const LOOK = [
  'messages:read',
  'inbound:read',
  'lists:read',
  'signatures:read',
  'templates:read',
  'figures:read',
  'ledger:read',
  'prices:read',
  'businesses:read',
  'events:read',
] as const satisfies MemberPermission[];

/** What it takes to write texts and send them. */
const SEND = [
  'messages:send',
  'plans:control',
  'signatures:manage',
  'templates:manage',
] as const satisfies MemberPermission[];

/**
 * Role → permissions. A permission a role has for a business's member reaches no further than that business: routes for
 * the administrator alone stay closed to it.
 */
export const PERMISSIONS_OF: { readonly [R in Role]: readonly MemberPermission[] } = {
  admin: MEMBER_PERMISSIONS,
  reviewer: [
    'signatures:read',
    'templates:read',
    'reviews:decide',
    'businesses:read',
    'messages:read',
    'figures:read',
    'events:read',
  ],
  finance: [
    'ledger:read',
    'ledger:manage',
    'prices:read',
    'prices:manage',
    'figures:read',
    'businesses:read',
    'messages:read',
    'channels:read',
    'events:read',
  ],
  operator: [
    'messages:read',
    'plans:control',
    'numbers:reveal',
    'inbound:read',
    'inbound:manage',
    'lists:read',
    'lists:manage',
    'signatures:read',
    'templates:read',
    'figures:read',
    'businesses:read',
    'webhooks:read',
    'events:read',
    'channels:read',
    'channels:manage',
    'routes:read',
    'routes:manage',
    'reports:read',
    'tasks:read',
    'tasks:manage',
  ],
  owner: [
    ...LOOK,
    ...SEND,
    'numbers:reveal',
    'inbound:manage',
    'lists:manage',
    'businesses:manage',
    'keys:read',
    'keys:manage',
    'webhooks:read',
    'webhooks:manage',
    'members:read',
    'members:manage',
    'audit:read',
  ],
  developer: [
    ...LOOK,
    ...SEND,
    // Whoever makes API keys that read can read the numbers with them.
    'numbers:reveal',
    'inbound:manage',
    'keys:read',
    'keys:manage',
    'webhooks:read',
    'webhooks:manage',
  ],
  marketer: [...LOOK, ...SEND, 'lists:manage'],
  viewer: LOOK,
};

/** Whether a role belongs to members of a business, or to the staff. */
export const isStaffRole = (role: Role): boolean => (STAFF_ROLES as readonly Role[]).includes(role);

/**
 * What API keys a member may hand out can do at the most. `manage` gives away the whole business, password included, so
 * it takes somebody who manages its members.
 */
export function keyPermissionsOf(permissions: readonly MemberPermission[]): Permission[] {
  const all: [Permission, MemberPermission][] = [
    ['send', 'messages:send'],
    ['manage', 'members:manage'],
    ['read', 'keys:manage'],
  ];
  return all.filter(([, needed]) => permissions.includes(needed)).map(([permission]) => permission);
}
