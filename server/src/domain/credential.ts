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
}

/** API keys start like this, so that a key is never taken for a user name. */
export const API_KEY_PREFIX = 'sk_';

/** Who is asking, after authentication. */
export interface Actor {
  businessId: number;
  businessName: string;
  admin: boolean;
  /** The API key used, or null for user name and password. */
  credentialId: number | null;
  permissions: readonly Permission[];
  defaultCountry: string;
}
