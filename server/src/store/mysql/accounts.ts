import type { Business } from '../../domain/business.ts';
import type { Credential, Permission } from '../../domain/credential.ts';
import type {
  BusinessReader,
  BusinessWriter,
  CredentialReader,
  CredentialWriter,
  InstallationReader,
  InstallationWriter,
} from '../store.ts';
import type { Database, Row } from './database.ts';
import { bit } from './sql.ts';

export function installationTable(db: Database): InstallationReader & InstallationWriter {
  return {
    async get(name) {
      const row = await db.get('SELECT value FROM installation WHERE name = ?', name);
      return (row?.value as string | undefined) ?? null;
    },
    set: (name, value) =>
      db.run(
        'INSERT INTO installation (name, value) VALUES (?, ?) ON DUPLICATE KEY UPDATE value = VALUES(value)',
        name,
        value,
      ),
  };
}

export function businessTable(db: Database): BusinessReader & BusinessWriter {
  return {
    async byId(id) {
      return toBusiness(await db.get('SELECT * FROM business WHERE id = ?', id));
    },
    async byName(name) {
      return toBusiness(await db.get('SELECT * FROM business WHERE name = ?', name));
    },
    async passwordHash(id) {
      const row = await db.get('SELECT password_hash FROM business WHERE id = ?', id);
      return (row?.password_hash as string | undefined) ?? null;
    },
    async list(cursor, limit) {
      const rows = await db.all('SELECT * FROM business WHERE id > ? ORDER BY id LIMIT ?', cursor, limit);
      return rows.map((row) => toBusiness(row)!);
    },
    async lowBalances(limit) {
      const rows = await db.all(
        'SELECT * FROM business WHERE available < low_balance AND suspended = 0 ORDER BY id LIMIT ?',
        limit,
      );
      return rows.map((row) => toBusiness(row)!);
    },
    insert: (business) =>
      db.insert(
        'INSERT INTO business (name, admin, password_hash, default_country, time_zone, created_at) VALUES (?, ?, ?, ?, ?, ?)',
        business.name,
        bit(business.admin),
        business.passwordHash,
        business.defaultCountry,
        business.timeZone,
        business.at,
      ),
    setState: (id, state) => db.run('UPDATE business SET suspended = ? WHERE id = ?', bit(state === 'suspended'), id),
    setPasswordHash: (id, hash) => db.run('UPDATE business SET password_hash = ? WHERE id = ?', hash, id),
    setTimeZone: (id, timeZone) => db.run('UPDATE business SET time_zone = ? WHERE id = ?', timeZone, id),
    setWeight: (id, weight) => db.run('UPDATE business SET weight = ? WHERE id = ?', weight, id),
    setLowBalance: (id, credits) => db.run('UPDATE business SET low_balance = ? WHERE id = ?', credits, id),
    setPayOnDelivery: (id, on) => db.run('UPDATE business SET pay_on_delivery = ? WHERE id = ?', bit(on), id),
    async moveCredits(id, available, reserved) {
      // A balance below zero is refused by the table.
      const [row] = await db.changeAndAsk(
        `UPDATE business SET available = available + ?, reserved = reserved + ? WHERE id = ?;
         SELECT available, reserved FROM business WHERE id = ?`,
        available,
        reserved,
        id,
        id,
      );
      if (row === undefined) throw new Error(`no business has id ${id}`);
      return { available: row.available as number, reserved: row.reserved as number };
    },
  };
}

function toBusiness(row: Row | undefined): Business | null {
  if (row === undefined) return null;
  return {
    id: row.id as number,
    name: row.name as string,
    state: row.suspended === 1 ? 'suspended' : 'active',
    admin: row.admin === 1,
    defaultCountry: row.default_country as string,
    timeZone: row.time_zone as string,
    weight: row.weight as number,
    available: row.available as number,
    reserved: row.reserved as number,
    lowBalance: row.low_balance as number | null,
    payOnDelivery: row.pay_on_delivery === 1,
    createdAt: row.created_at as number,
  };
}

export function credentialTable(db: Database): CredentialReader & CredentialWriter {
  return {
    async byId(id) {
      const row = await db.get('SELECT * FROM credential WHERE id = ?', id);
      return row === undefined ? null : toCredential(row);
    },
    async byKey(key) {
      const row = await db.get('SELECT * FROM credential WHERE access_key = ?', key);
      return row === undefined ? null : { ...toCredential(row), secretHash: row.secret_hash as Uint8Array };
    },
    async ofBusiness(businessId) {
      return (await db.all('SELECT * FROM credential WHERE business_id = ? ORDER BY id', businessId)).map(toCredential);
    },
    insert: (credential, secretHash) =>
      db.insert(
        `INSERT INTO credential
           (business_id, access_key, secret_hash, description, permissions, disabled, expires_at, allowed_addresses, created_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        credential.businessId,
        credential.key,
        secretHash,
        credential.description,
        JSON.stringify(credential.permissions),
        bit(credential.state === 'disabled'),
        credential.expiresAt,
        JSON.stringify(credential.allowedAddresses),
        credential.createdAt,
      ),
    edit: (id, { description, permissions, expiresAt, allowedAddresses }) =>
      db.run(
        'UPDATE credential SET description = ?, permissions = ?, expires_at = ?, allowed_addresses = ? WHERE id = ?',
        description,
        JSON.stringify(permissions),
        expiresAt,
        JSON.stringify(allowedAddresses),
        id,
      ),
    async used(uses) {
      for (const { id, at } of uses) {
        await db.run(
          'UPDATE credential SET last_used_at = greatest(coalesce(last_used_at, 0), ?) WHERE id = ?',
          at,
          id,
        );
      }
    },
    setState: (id, state) => db.run('UPDATE credential SET disabled = ? WHERE id = ?', bit(state === 'disabled'), id),
    delete: (id) => db.run('DELETE FROM credential WHERE id = ?', id),
  };
}

function toCredential(row: Row): Credential {
  return {
    id: row.id as number,
    businessId: row.business_id as number,
    key: row.access_key as string,
    description: row.description as string,
    permissions: JSON.parse(row.permissions as string) as Permission[],
    state: row.disabled === 1 ? 'disabled' : 'active',
    expiresAt: row.expires_at as number | null,
    allowedAddresses: JSON.parse(row.allowed_addresses as string) as string[],
    createdAt: row.created_at as number,
    lastUsedAt: row.last_used_at as number | null,
  };
}
