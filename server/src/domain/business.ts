/** A tenant of the installation (tsms: "user"). */
export interface Business {
  id: number;
  /** The user name it signs in with; unique. */
  name: string;
  state: 'active' | 'suspended';
  /** The administrator's own business: it may also review, top up and configure. */
  admin: boolean;
  /** ISO 3166-1 alpha-2; bare numbers without + are read as numbers of this country. */
  defaultCountry: string;
  /** A name of the IANA time zone database: what local times of its own are in. */
  timeZone: string;
  /** Its share of a lane, beside those of the others that wait there: 1 unless the administrator says otherwise. */
  weight: number;
  /** Credits that may still be reserved. */
  available: number;
  /** Credits set aside for messages accepted and not yet answered by a carrier. */
  reserved: number;
  /** Its webhooks are told when `available` falls below this many credits; null: they are not. */
  lowBalance: number | null;
  /** Whether it gets back the credits of messages that are reported undelivered, expired or rejected. */
  payOnDelivery: boolean;
  createdAt: number;
}

/** User names: what Basic authentication and shells carry without quoting, and no API key (credential.ts). */
export const BUSINESS_NAME = /^(?!sk_)[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Most shares of a lane one business may have. */
export const MAX_WEIGHT = 100;
export const WEIGHT_RULE = `an integer from 1 to ${MAX_WEIGHT}`;

/** The administrator's user name. */
export const ADMIN_NAME = 'root';

export const PASSWORD_MIN_LENGTH = 8;
export const PASSWORD_MAX_LENGTH = 200;
