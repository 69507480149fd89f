import type { Role } from './role.ts';

/** A person who signs in to the console: of one business, or of the staff. */
export interface Member {
  id: number;
  /** Null: of the staff. */
  businessId: number | null;
  /** What it signs in with: unique among members and businesses. */
  name: string;
  role: Role;
  state: 'active' | 'disabled';
  /** Its password was made by somebody else: nothing works before it has chosen one. */
  mustChangePassword: boolean;
  /** Whether it signs in with a code, too (RFC 6238). */
  secondFactor: boolean;
  createdAt: number;
  /** Null: never. */
  signedInAt: number | null;
}

/** Names of members: what a business may be called, and addresses of mail. */
export const MEMBER_NAME = /^(?!sk_)[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}$/;
export const MEMBER_NAME_RULE =
  '1 to 64 letters, digits, dots, dashes, underscores, @ or +, starting with a letter or digit but not with sk_';

/** Members and open invites of one business, or of the staff. */
export const MAX_MEMBERS = 1_000;

/** A link by which somebody becomes a member. */
export interface Invite {
  id: number;
  businessId: number | null;
  role: Role;
  /** The name the member will sign in with. */
  name: string;
  createdAt: number;
  expiresAt: number;
}

/** How long an invite may be used. */
export const INVITE_MS = 7 * 86_400_000;
