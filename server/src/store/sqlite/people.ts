import type { Invite, Member } from '../../domain/member.ts';
import type { Role } from '../../domain/role.ts';
import type { Login, Session } from '../../domain/session.ts';
import type {
  InviteReader,
  InviteWriter,
  MemberReader,
  MemberSecrets,
  MemberWriter,
  SessionReader,
  SessionWriter,
} from '../store.ts';
import { bit, type Database } from './database.ts';

type Row = NonNullable<ReturnType<Database['get']>>;

export function memberTable(db: Database): MemberReader & MemberWriter {
  return {
    async byId(id) {
      return toMember(db.get('SELECT * FROM member WHERE id = ?', id));
    },
    async byName(name) {
      return toMember(db.get('SELECT * FROM member WHERE name = ?', name));
    },
    async secrets(id) {
      const row = db.get('SELECT password_hash, totp_secret, totp_pending, totp_step FROM member WHERE id = ?', id);
      return row === undefined ? null : toSecrets(row);
    },
    async list(businessId, cursor, limit) {
      return db
        .all('SELECT * FROM member WHERE business_id IS ? AND id > ? ORDER BY id LIMIT ?', businessId, cursor, limit)
        .map((row) => toMember(row)!);
    },
    async count(businessId) {
      return db.get('SELECT count(*) AS n FROM member WHERE business_id IS ?', businessId)!.n as number;
    },
    async insert(member) {
      return db.insert(
        `INSERT INTO member (business_id, name, role, password_hash, must_change, created_at)
         VALUES (?, ?, ?, ?, ?, ?)`,
        member.businessId,
        member.name,
        member.role,
        member.passwordHash,
        bit(member.mustChangePassword),
        member.createdAt,
      );
    },
    async update(id, { role, state }) {
      db.run('UPDATE member SET role = ?, disabled = ? WHERE id = ?', role, bit(state === 'disabled'), id);
    },
    async setPassword(id, hash, mustChange) {
      db.run('UPDATE member SET password_hash = ?, must_change = ? WHERE id = ?', hash, bit(mustChange), id);
    },
    async setTotp(id, { totpSecret, totpPending, totpStep }) {
      db.run(
        'UPDATE member SET totp_secret = ?, totp_pending = ?, totp_step = ? WHERE id = ?',
        totpSecret,
        totpPending,
        totpStep,
        id,
      );
    },
    async signedIn(id, at) {
      db.run('UPDATE member SET signed_in_at = ? WHERE id = ?', at, id);
    },
    async delete(id) {
      db.run('DELETE FROM member WHERE id = ?', id);
    },
  };
}

function toMember(row: Row | undefined): Member | null {
  if (row === undefined) return null;
  return {
    id: row.id as number,
    businessId: row.business_id as number | null,
    name: row.name as string,
    role: row.role as Role,
    state: row.disabled === 1 ? 'disabled' : 'active',
    mustChangePassword: row.must_change === 1,
    secondFactor: row.totp_secret !== null,
    createdAt: row.created_at as number,
    signedInAt: row.signed_in_at as number | null,
  };
}

function toSecrets(row: Row): MemberSecrets {
  return {
    passwordHash: row.password_hash as string,
    totpSecret: row.totp_secret as Uint8Array | null,
    totpPending: row.totp_pending as Uint8Array | null,
    totpStep: row.totp_step as number,
  };
}

export function sessionTable(db: Database): SessionReader & SessionWriter {
  return {
    async byToken(tokenHash) {
      const row = db.get('SELECT * FROM session WHERE token_hash = ?', tokenHash);
      return row === undefined ? null : toSession(row);
    },
    async ofLogin(login) {
      const [column, id] = columnOf(login);
      return db.all(`SELECT * FROM session WHERE ${column} = ? ORDER BY id DESC`, id).map(toSession);
    },
    async insert(session, tokenHash) {
      const [column, id] = columnOf(session.login);
      return db.insert(
        `INSERT INTO session (${column}, token_hash, created_at, seen_at, expires_at, address, agent)
         VALUES (?, ?, ?, ?, ?, ?, ?)`,
        id,
        tokenHash,
        session.createdAt,
        session.createdAt,
        session.expiresAt,
        session.address,
        session.agent,
      );
    },
    async seen(id, at) {
      db.run('UPDATE session SET seen_at = max(seen_at, ?) WHERE id = ?', at, id);
    },
    async delete(id) {
      db.run('DELETE FROM session WHERE id = ?', id);
    },
    async deleteOf(login, exceptId) {
      const [column, id] = columnOf(login);
      db.run(`DELETE FROM session WHERE ${column} = ? AND id <> ?`, id, exceptId ?? -1);
    },
    async deleteOver(now, seenBefore) {
      db.run('DELETE FROM session WHERE expires_at <= ? OR seen_at < ?', now, seenBefore);
    },
  };
}

function columnOf(login: Login): ['member_id' | 'business_id', number] {
  return 'memberId' in login ? ['member_id', login.memberId] : ['business_id', login.businessId];
}

function toSession(row: Row): Session {
  const memberId = row.member_id as number | null;
  return {
    id: row.id as number,
    login: memberId === null ? { businessId: row.business_id as number } : { memberId },
    createdAt: row.created_at as number,
    seenAt: row.seen_at as number,
    expiresAt: row.expires_at as number,
    address: row.address as string,
    agent: row.agent as string,
  };
}

export function inviteTable(db: Database): InviteReader & InviteWriter {
  return {
    async byToken(tokenHash) {
      return toInvite(db.get('SELECT * FROM invite WHERE token_hash = ?', tokenHash));
    },
    async byId(id) {
      return toInvite(db.get('SELECT * FROM invite WHERE id = ?', id));
    },
    async byName(name) {
      return toInvite(db.get('SELECT * FROM invite WHERE name = ?', name));
    },
    async list(businessId) {
      return db.all('SELECT * FROM invite WHERE business_id IS ? ORDER BY id', businessId).map((row) => toInvite(row)!);
    },
    async insert(invite, tokenHash) {
      return db.insert(
        `INSERT INTO invite (business_id, name, role, token_hash, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)`,
        invite.businessId,
        invite.name,
        invite.role,
        tokenHash,
        invite.createdAt,
        invite.expiresAt,
      );
    },
    async delete(id) {
      db.run('DELETE FROM invite WHERE id = ?', id);
    },
    async deleteOver(now) {
      db.run('DELETE FROM invite WHERE expires_at <= ?', now);
    },
  };
}

function toInvite(row: Row | undefined): Invite | null {
  if (row === undefined) return null;
  return {
    id: row.id as number,
    businessId: row.business_id as number | null,
    role: row.role as Role,
    name: row.name as string,
    createdAt: row.created_at as number,
    expiresAt: row.expires_at as number,
  };
}
