import { BlockList, isIPv6 } from 'node:net';
import { hash, verify } from '@node-rs/argon2';
import { PASSWORD_MAX_LENGTH } from '../domain/business.ts';
import { type Actor, API_KEY_PREFIX, type Credential, PERMISSIONS } from '../domain/credential.ts';
import { must, Refused } from '../domain/refusals.ts';
import { codePoints } from '../domain/template.ts';
import type { Clock } from '../lib/clock.ts';
import { Lru } from '../lib/lru.ts';
import { equalOctets, KeyedHash, randomOctets, sha256 } from '../lib/random.ts';
import type { Desk } from './desk.ts';

/** Verifications of passwords at once: each takes about 20 MB and a core. */
const MAX_VERIFICATIONS = 2;
/** Verifications that may wait for their turn; more are told to come back. */
const MAX_WAITING = 64;
/** Failed logins in a minute before the next has to wait: for one name from one address, and for one address. */
const MAX_FAILURES_OF_NAME = 20;
const MAX_FAILURES_OF_ADDRESS = 200;
const FAILURE_WINDOW_MS = 60_000;
const CACHE_SIZE = 10_000;
/** Room for the longest name and password, four octets a character, in base64. */
const MAX_HEADER_LENGTH = 2_048;
/** A verified credential is looked up again after this long, whatever happens. */
const CACHE_MS = 60_000;

interface FailureCounter {
  key: string;
  limit: number;
}

interface Verified {
  actor: Actor;
  credential: Credential | null;
  at: number;
}

/** argon2id with the package's defaults (19 MiB, 2 passes), PHC form. */
export function hashPassword(password: string): Promise<string> {
  return hash(password);
}

/** Whether this is the password behind an argon2id hash. */
export function isPassword(passwordHash: string, password: string): Promise<boolean> {
  return verify(passwordHash, password);
}

/**
 * Tells who is asking from an HTTP Basic header: user name and password of a business, or key and secret of one of its
 * API keys. Verified credentials are remembered under a keyed hash of the header, so that neither a dump of memory nor
 * timing gives them away, and forgotten as soon as a change is committed.
 */
export class Authenticator {
  readonly #desk: Desk;
  readonly #clock: Clock;
  readonly #cacheKey = new KeyedHash();
  readonly #cache = new Lru<string, Verified>(CACHE_SIZE);
  readonly #failures = new Lru<string, { count: number; since: number }>(CACHE_SIZE);
  /** Rises when credentials change, so that a verification begun before is not remembered after. */
  #epoch = 0;
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  /** A hash to verify against when the name is unknown, so that the answer takes as long. */
  readonly #decoy: Promise<string>;

  constructor(desk: Desk, clock: Clock) {
    this.#desk = desk;
    this.#clock = clock;
    this.#decoy = hashPassword(randomOctets(16).toString('hex'));
    desk.onNotice((notice) => {
      // Rare changes: forgetting everything is simpler than keeping a second index, and cannot miss an entry.
      if (notice.kind === 'businessChanged' || notice.kind === 'credentialChanged') {
        this.#cache.clear();
        this.#epoch++;
      }
    });
  }

  /**
   * @param authorization the Authorization header
   * @param address the caller's IP address
   * @throws Refused with badCredentials, tooManyLogins, businessSuspended, credentialDisabled, credentialExpired or
   * addressNotAllowed
   */
  async authenticate(authorization: string | undefined, address: string): Promise<Actor> {
    must(authorization !== undefined && authorization.length <= MAX_HEADER_LENGTH, { code: 'badCredentials' });
    const cacheKey = this.#cacheKey.of(authorization);
    const now = this.#clock.monotonic();
    let verified = this.#cache.get(cacheKey);
    if (verified === undefined || now - verified.at > CACHE_MS) {
      const epoch = this.#epoch;
      verified = await this.#verify(authorization, address);
      if (epoch === this.#epoch) this.#cache.set(cacheKey, verified);
    }
    this.#checkCredential(verified.credential, address);
    return verified.actor;
  }

  async #verify(authorization: string, address: string): Promise<Verified> {
    const pair = readBasic(authorization);
    must(pair !== null, { code: 'badCredentials' });
    const counters: FailureCounter[] = [
      { key: `${address} ${pair.name}`, limit: MAX_FAILURES_OF_NAME },
      { key: address, limit: MAX_FAILURES_OF_ADDRESS },
    ];
    this.#checkFailures(counters);
    try {
      return await (pair.name.startsWith(API_KEY_PREFIX) ? this.#verifyKey(pair) : this.#verifyPassword(pair));
    } catch (error) {
      if (error instanceof Refused && error.refusal.code === 'badCredentials') this.#countFailure(counters);
      throw error;
    }
  }

  async #verifyKey(pair: { name: string; secret: string }): Promise<Verified> {
    const login = await this.#desk.ask('loginByKey', { key: pair.name });
    const given = sha256(pair.secret);
    must(login !== null && equalOctets(given, login.secretHash), { code: 'badCredentials' });
    const { business, credential } = login;
    must(business.state === 'active', { code: 'businessSuspended' });
    return {
      actor: {
        businessId: business.id,
        businessName: business.name,
        admin: business.admin,
        credentialId: credential.id,
        permissions: credential.permissions,
        defaultCountry: business.defaultCountry,
      },
      credential,
      at: this.#clock.monotonic(),
    };
  }

  async #verifyPassword(pair: { name: string; secret: string }): Promise<Verified> {
    must(codePoints(pair.secret) <= PASSWORD_MAX_LENGTH, { code: 'badCredentials' });
    const login = await this.#desk.ask('loginByName', { name: pair.name });
    const passwordHash = login?.passwordHash ?? (await this.#decoy);
    const right = await this.#inTurn(() => verify(passwordHash, pair.secret));
    must(login !== null && right, { code: 'badCredentials' });
    const { business } = login;
    must(business.state === 'active', { code: 'businessSuspended' });
    return {
      actor: {
        businessId: business.id,
        businessName: business.name,
        admin: business.admin,
        credentialId: null,
        permissions: PERMISSIONS,
        defaultCountry: business.defaultCountry,
      },
      credential: null,
      at: this.#clock.monotonic(),
    };
  }

  #checkCredential(credential: Credential | null, address: string): void {
    if (credential === null) return;
    must(credential.state === 'active', { code: 'credentialDisabled' });
    must(credential.expiresAt === null || credential.expiresAt > this.#clock.now(), { code: 'credentialExpired' });
    must(addressAllowed(address, credential.allowedAddresses), { code: 'addressNotAllowed' });
  }

  #checkFailures(counters: readonly FailureCounter[]): void {
    const now = this.#clock.monotonic();
    for (const { key, limit } of counters) {
      const failures = this.#failures.get(key);
      if (failures === undefined || now - failures.since >= FAILURE_WINDOW_MS) continue;
      const retryAfterS = Math.ceil((failures.since + FAILURE_WINDOW_MS - now) / 1_000);
      must(failures.count < limit, { code: 'tooManyLogins', retryAfterS });
    }
  }

  #countFailure(counters: readonly FailureCounter[]): void {
    const now = this.#clock.monotonic();
    for (const { key } of counters) {
      const failures = this.#failures.get(key);
      if (failures === undefined || now - failures.since >= FAILURE_WINDOW_MS) {
        this.#failures.set(key, { count: 1, since: now });
      } else failures.count++;
    }
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= MAX_VERIFICATIONS) {
      must(this.#waiting.length < MAX_WAITING, { code: 'tooManyLogins', retryAfterS: 1 });
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else this.#running++;
    try {
      return await work();
    } finally {
      // Whoever is next takes this place over; were it given back first, a newcomer could take it as well.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }
}

/** Name and secret of a Basic header (RFC 7617), or null. */
function readBasic(authorization: string): { name: string; secret: string } | null {
  const match = /^basic +([A-Za-z0-9+/=_-]+) *$/i.exec(authorization);
  if (match === null) return null;
  const text = Buffer.from(match[1]!, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 1 ? null : { name: text.slice(0, colon), secret: text.slice(colon + 1) };
}

function addressAllowed(address: string, allowed: readonly string[]): boolean {
  if (allowed.length === 0) return true;
  const list = new BlockList();
  for (const entry of allowed) {
    const [network, bits] = entry.split('/');
    const family = isIPv6(network!) ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(network!, family);
    else list.addSubnet(network!, Number(bits), family);
  }
  // An IPv4 address written as IPv6 is known to the list as the IPv4 address it is.
  return list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}
