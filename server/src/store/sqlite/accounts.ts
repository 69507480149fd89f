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
import { bit, type Database, type Value } from './database.ts';

export function installationTable(db: Database): InstallationReader & InstallationWriter {
  return {
    async get(name) {
      return (db.get('SELECT value FROM installation WHERE name = ?', name)?.value as string | undefined) ?? null;
    },
    async set(name, value) {
      db.run(
        'INSERT INTO installation (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
        name,
        value,
      );
    },
  };
}

export function businessTable(db: Database): BusinessReader & BusinessWriter {
  return {
    async byId(id) {
      return toBusiness(db.first(`SELECT ${BUSINESS} FROM business WHERE id = ?`, id));
    },
    async byName(name) {
      return toBusiness(db.first(`SELECT ${BUSINESS} FROM business WHERE name = ?`, name));
    },
    async passwordHash(id) {
      return (
        (db.get('SELECT password_hash FROM business WHERE id = ?', id)?.password_hash as string | undefined) ?? null
      );
    },
    async list(cursor, limit) {
      return db
        .allLists(`SELECT ${BUSINESS} FROM business WHERE id > ? ORDER BY id LIMIT ?`, cursor, limit)
        .map((row) => toBusiness(row)!);
    },
    async lowBalances(limit) {
      return db
        .allLists(
          `SELECT ${BUSINESS} FROM business WHERE available < low_balance AND suspended = 0 ORDER BY id LIMIT ?`,
          limit,
        )
        .map((row) => toBusiness(row)!);
    },
    async insert(business) {
      return db.insert(
        'INSERT INTO business (name, admin, password_hash, default_country, time_zone, created_at) VALUES (?, ?, ?, ?, ?, ?)',
        business.name,
        bit(business.admin),
        business.passwordHash,
        business.defaultCountry,
        business.timeZone,
        business.at,
      );
    },
    async setState(id, state) {
      db.run('UPDATE business SET suspended = ? WHERE id = ?', bit(state === 'suspended'), id);
    },
    async setPasswordHash(id, hash) {
      db.run('UPDATE business SET password_hash = ? WHERE id = ?', hash, id);
    },
    async setTimeZone(id, timeZone) {
      db.run('UPDATE business SET time_zone = ? WHERE id = ?', timeZone, id);
    },
    async setWeight(id, weight) {
      db.run('UPDATE business SET weight = ? WHERE id = ?', weight, id);
    },
    async setLowBalance(id, credits) {
      db.run('UPDATE business SET low_balance = ? WHERE id = ?', credits, id);
    },
    async setPayOnDelivery(id, on) {
      db.run('UPDATE business SET pay_on_delivery = ? WHERE id = ?', bit(on), id);
    },
    async moveCredits(id, available, reserved) {
      // UPDATE … RETURNING would do it in one statement, and takes twice as long as these two.
      db.run(
        'UPDATE business SET available = available + ?, reserved = reserved + ? WHERE id = ?',
        available,
        reserved,
        id,
      );
      const row = db.first('SELECT available, reserved FROM business WHERE id = ?', id);
      if (row === undefined) throw new Error(`no business has id ${id}`);
      return { available: row[0] as number, reserved: row[1] as number };
    },
  };
}

/** What is read of a business, for every request: as a list, without what nobody asks for. */
const BUSINESS = `id, name, suspended, admin, default_country, time_zone, weight, available, reserved, low_balance,
  pay_on_delivery, created_at`;

function toBusiness(row: Value[] | undefined): Business | null {
  if (row === undefined) return null;
  const [id, name, suspended, admin, defaultCountry, timeZone, weight, available, reserved, ...rest] = row;
  const [lowBalance, payOnDelivery, createdAt] = rest;
  return {
    id: id as number,
    name: name as string,
    state: suspended === 1 ? 'suspended' : 'active',
    admin: admin === 1,
    defaultCountry: defaultCountry as string,
    timeZone: timeZone as string,
    weight: weight as number,
    available: available as number,
    reserved: reserved as number,
    lowBalance: lowBalance as number | null,
    payOnDelivery: payOnDelivery === 1,
    createdAt: createdAt as number,
  };
}

export function credentialTable(db: Database): CredentialReader & CredentialWriter {
  return {
    async byId(id) {
      const row = db.get('SELECT * FROM credential WHERE id = ?', id);
      return row === undefined ? null : toCredential(row);
    },
    async byKey(key) {
      const row = db.get('SELECT * FROM credential WHERE key = ?', key);
      return row === undefined ? null : { ...toCredential(row), secretHash: row.secret_hash as Uint8Array };
    },
    async ofBusiness(businessId) {
      return db.all('SELECT * FROM credential WHERE business_id = ? ORDER BY id', businessId).map(toCredential);
    },
    async insert(credential, secretHash) {
      return db.insert(
        `INSERT INTO credential
           (business_id, key, secret_hash, description, permissions, disabled, expires_at, allowed_addresses, created_at)
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
      );
    },
    async edit(id, { description, permissions, expiresAt, allowedAddresses }) {
      db.run(
        'UPDATE credential SET description = ?, permissions = ?, expires_at = ?, allowed_addresses = ? WHERE id = ?',
        description,
        JSON.stringify(permissions),
        expiresAt,
        JSON.stringify(allowedAddresses),
        id,
      );
    },
    async used(uses) {
      for (const { id, at } of uses) {
        db.run('UPDATE credential SET last_used_at = max(coalesce(last_used_at, 0), ?) WHERE id = ?', at, id);
      }
    },
    async setState(id, state) {
      db.run('UPDATE credential SET disabled = ? WHERE id = ?', bit(state === 'disabled'), id);
    },
    async delete(id) {
      db.run('DELETE FROM credential WHERE id = ?', id);
    },
  };
}

function toCredential(row: NonNullable<ReturnType<Database['get']>>): Credential {
  return {
    id: row.id as number,
    businessId: row.business_id as number,
    key: row.key as string,
    description: row.description as string,
    permissions: JSON.parse(row.permissions as string) as Permission[],
    state: row.disabled === 1 ? 'disabled' : 'active',
    expiresAt: row.expires_at as number | null,
    allowedAddresses: JSON.parse(row.allowed_addresses as string) as string[],
    createdAt: row.created_at as number,
    lastUsedAt: row.last_used_at as number | null,
  };
}
