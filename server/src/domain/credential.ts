import type { MemberPermission } from './role.ts';

/** What an API key may be used for. A user name with its password may do all three. */
export const PERMISSIONS = ['send', 'manage', 'read'] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** An API key of a business. Its secret is shown once and kept as SHA-256. */
export interface Credential {
  id: number;
  businessId: number;
  /** The public half, used as the Basic user name. */
  key: string;
  description: string;
  permissions: Permission[];
  state: 'active' | 'disabled';
  /** Milliseconds since 1970, or null: never. */
  expiresAt: number | null;
  /** IP addresses and CIDR blocks it may be used from; empty: anywhere. */
  allowedAddresses: string[];
  createdAt: number;
  /** To about a minute; null: never. */
  lastUsedAt: number | null;
}

/** API keys start like this, so that a key is never taken for a user name. */
export const API_KEY_PREFIX = 'sk_';

/** Ways in: a dialect, or the console with a session of its own. */
export const VIAS = ['native', 'tsms', 'engagelab', 'console'] as const;
export type Via = (typeof VIAS)[number];

/** Who is behind a change, from where, and by which way in: what the audit log says of it. */
export interface Caller {
  kind: 'member' | 'key' | 'business';
  id: number;
  /** Of the member or business, or the public half of the key: as it was then. */
  name: string;
  /** IP address. */
  address: string;
  via: Via;
}

/** A signed-in browser that asks. */
export interface ActorSession {
  id: number;
  /** Null: a business by its own login. */
  memberId: number | null;
  permissions: readonly MemberPermission[];
}

/** Who is asking, after authentication. */
export interface Actor {
  businessId: number;
  businessName: string;
  admin: boolean;
  /** The API key used, or null for user name and password. */
  credentialId: number | null;
  permissions: readonly Permission[];
  defaultCountry: string;
  /** Null: every request brings name and secret. */
  session: ActorSession | null;
  caller: Caller;
}
