import type { Invite, Member } from '../../domain/member.ts';
import type { Login, Session } from '../../domain/session.ts';

/** What a member proves itself with. */
export interface MemberSecrets {
  /** argon2id, PHC form. */
  passwordHash: string;
  /** Of the second factor; null: there is none. */
  totpSecret: Uint8Array | null;
  /** A secret that waits for its first code. */
  totpPending: Uint8Array | null;
  /** The last step whose code was used; 0: none. */
  totpStep: number;
}

export interface MemberReader {
  byId(id: number): Promise<Member | null>;
  byName(name: string): Promise<Member | null>;
  secrets(id: number): Promise<MemberSecrets | null>;
  /** Of a business, or of the staff (null); in the order of their ids, after `cursor`. */
  list(businessId: number | null, cursor: number, limit: number): Promise<Member[]>;
  /** Of a business, or of the staff (null). */
  count(businessId: number | null): Promise<number>;
}

export interface MemberWriter {
  insert(
    member: Pick<Member, 'businessId' | 'name' | 'role' | 'mustChangePassword' | 'createdAt'> & {
      passwordHash: string;
    },
  ): Promise<number>;
  /** Writes role and state. */
  update(id: number, member: Pick<Member, 'role' | 'state'>): Promise<void>;
  setPassword(id: number, hash: string, mustChange: boolean): Promise<void>;
  setTotp(id: number, totp: Pick<MemberSecrets, 'totpSecret' | 'totpPending' | 'totpStep'>): Promise<void>;
  signedIn(id: number, at: number): Promise<void>;
  delete(id: number): Promise<void>;
}

export interface SessionReader {
  /** By the SHA-256 of its token, whether it still holds or not. */
  byToken(tokenHash: Uint8Array): Promise<Session | null>;
  /** Newest first. */
  ofLogin(login: Login): Promise<Session[]>;
}

export interface SessionWriter {
  insert(session: Omit<Session, 'id' | 'seenAt'>, tokenHash: Uint8Array): Promise<number>;
  seen(id: number, at: number): Promise<void>;
  delete(id: number): Promise<void>;
  /** All of a login but one; null: all. */
  deleteOf(login: Login, exceptId: number | null): Promise<void>;
  /** Those that ended before `now`, and those not seen since `seenBefore`. */
  deleteOver(now: number, seenBefore: number): Promise<void>;
}

export interface InviteReader {
  byToken(tokenHash: Uint8Array): Promise<Invite | null>;
  byId(id: number): Promise<Invite | null>;
  byName(name: string): Promise<Invite | null>;
  /** Of a business, or of the staff (null); oldest first. */
  list(businessId: number | null): Promise<Invite[]>;
}

export interface InviteWriter {
  insert(invite: Omit<Invite, 'id'>, tokenHash: Uint8Array): Promise<number>;
  delete(id: number): Promise<void>;
  /** Those that could be used until before `now`. */
  deleteOver(now: number): Promise<void>;
}
