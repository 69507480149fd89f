import { StoreAway } from '../store.ts';

/** What mysql2 throws, as far as it is looked at. */
interface DriverError extends Error {
  code?: string;
  errno?: number;
  /** The connection cannot be used any more. */
  fatal?: boolean;
  /** The whole statement, with numbers and texts of people. */
  sql?: string;
}

/** The link to the server, as Node and mysql2 name its ends. */
const LINK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
  'PROTOCOL_CONNECTION_LOST',
  'PROTOCOL_SEQUENCE_TIMEOUT',
  'PROTOCOL_PACKETS_OUT_OF_ORDER',
  'HANDSHAKE_SSL_ERROR',
]);

/** A closed connection was used; mysql2 has no code for it. */
const CLOSED = /closed state|connection is in closed|enqueue .* after/i;

/**
 * Answers of a server that cannot take anything for now. Whole transactions are undone by it, and the connection with them:
 * too many connections, shutting down, killed, read-only (a replica, or one that is becoming the primary), disk or table
 * space full, and what a cluster of servers says when it has no majority or refuses a commit.
 */
const SERVER = new Set([
  1021, 1040, 1041, 1042, 1043, 1047, 1053, 1077, 1079, 1080, 1114, 1129, 1158, 1159, 1160, 1161, 1180, 1184, 1203,
  1205, 1213, 1290, 1317, 1836, 1927, 2002, 2003, 2006, 2013, 3024, 3032, 3100, 3101, 3168, 3169, 4031,
]);

/** The same error without the text of its statement, or `StoreAway` when the server cannot be worked with. */
export function told(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  if (error instanceof StoreAway) return error;
  const driver = error as DriverError;
  // Errors are logged, and a statement holds numbers and texts of people.
  delete driver.sql;
  if (isAway(driver)) return new StoreAway(`the MySQL server is away: ${reason(driver)}`, { cause: error });
  return error;
}

function isAway(error: DriverError): boolean {
  if (error.code !== undefined && LINK.has(error.code)) return true;
  if (error.errno !== undefined && SERVER.has(error.errno)) return true;
  return error.fatal === true || CLOSED.test(error.message);
}

/** What happened, in few words; several addresses of one name fail with an error that has no message of its own. */
function reason(error: DriverError): string {
  return error.message || error.code || 'no connection';
}

/** Whether an error is one of these answers of the server (by their numbers). */
export const isAnswer = (error: unknown, ...numbers: readonly number[]): boolean =>
  error instanceof Error && numbers.includes((error as DriverError).errno ?? 0);
