import type { Business } from '../../domain/business.ts';
import type { Credential } from '../../domain/credential.ts';

/** Facts about this installation, by name. */
export interface InstallationReader {
  get(name: string): Promise<string | null>;
}

export interface InstallationWriter {
  set(name: string, value: string): Promise<void>;
}

export interface NewBusiness {
  name: string;
  admin: boolean;
  passwordHash: string;
  defaultCountry: string;
  timeZone: string;
  at: number;
}

export interface BusinessReader {
  byId(id: number): Promise<Business | null>;
  byName(name: string): Promise<Business | null>;
  /** The password's argon2id hash in PHC form. */
  passwordHash(id: number): Promise<string | null>;
  /** In the order of their ids, after `cursor`. */
  list(cursor: number, limit: number): Promise<Business[]>;
  /** Those that may be used and whose available credits are fewer than their threshold, in the order of their ids. */
  lowBalances(limit: number): Promise<Business[]>;
}

export interface BusinessWriter {
  insert(business: NewBusiness): Promise<number>;
  setState(id: number, state: Business['state']): Promise<void>;
  setPasswordHash(id: number, hash: string): Promise<void>;
  setTimeZone(id: number, timeZone: string): Promise<void>;
  setWeight(id: number, weight: number): Promise<void>;
  /** Null: no threshold. */
  setLowBalance(id: number, credits: number | null): Promise<void>;
  setPayOnDelivery(id: number, on: boolean): Promise<void>;
  /** Adds to both balances; the amounts may be negative. Returns the balances after it. */
  moveCredits(id: number, available: number, reserved: number): Promise<{ available: number; reserved: number }>;
}

export interface CredentialReader {
  byId(id: number): Promise<Credential | null>;
  byKey(key: string): Promise<(Credential & { secretHash: Uint8Array }) | null>;
  ofBusiness(businessId: number): Promise<Credential[]>;
}

export interface CredentialWriter {
  insert(credential: Omit<Credential, 'id' | 'lastUsedAt'>, secretHash: Uint8Array): Promise<number>;
  edit(
    id: number,
    edit: Pick<Credential, 'description' | 'permissions' | 'expiresAt' | 'allowedAddresses'>,
  ): Promise<void>;
  /** Notes uses; an earlier one than is known changes nothing, nor does one of a key that is gone. */
  used(uses: readonly { id: number; at: number }[]): Promise<void>;
  setState(id: number, state: Credential['state']): Promise<void>;
  delete(id: number): Promise<void>;
}
