import { PASSWORD_MAX_LENGTH } from '../domain/business.ts';
import {
  type Actor,
  API_KEY_PREFIX,
  type Caller,
  type Credential,
  PERMISSIONS,
  type Via,
} from '../domain/credential.ts';
import { must, Refused } from '../domain/refusals.ts';
import { codePoints } from '../domain/template.ts';
import { inAddressList } from '../lib/address-list.ts';
import type { Clock } from '../lib/clock.ts';
import { Lru } from '../lib/lru.ts';
import { equalOctets, KeyedHash, sha256 } from '../lib/random.ts';
import type { Desk } from './desk.ts';
import type { LoginGuards, WrongPart } from './login-guards.ts';

const CACHE_SIZE = 10_000;
/** Room for the longest name and password, four octets a character, in base64. */
const MAX_HEADER_LENGTH = 2_048;
/** A verified credential is looked up again after this long, whatever happens. */
const CACHE_MS = 60_000;

interface Verified {
  actor: Omit<Actor, 'caller'>;
  caller: Pick<Caller, 'kind' | 'id' | 'name'>;
  credential: Credential | null;
  at: number;
}

interface Pair {
  name: string;
  secret: string;
}

/** Who tries to come in, and how. */
interface From {
  name: string;
  address: string;
  via: Via;
}

/**
 * Tells who is asking from an HTTP Basic header: user name and password of a business, or key and secret of one of its
 * API keys. Verified credentials are remembered under a keyed hash of the header, so that neither a dump of memory nor
 * timing gives them away, and forgotten as soon as a change is committed.
 */
export class Authenticator {
  readonly #desk: Desk;
  readonly #clock: Clock;
  readonly #guards: LoginGuards;
  readonly #onKeyUse: (credentialId: number) => void;
  readonly #cacheKey = new KeyedHash();
  readonly #cache = new Lru<string, Verified>(CACHE_SIZE);
  /** Codes of headers that their owners keep: they last no longer than the headers themselves. */
  readonly #codes = new WeakMap<object, { authorization: string; code: string }>();
  /** Rises when credentials change, so that a verification begun before is not remembered after. */
  #epoch = 0;
  /** @param onKeyUse told of the API key of each request that is let in */
  constructor(desk: Desk, clock: Clock, guards: LoginGuards, onKeyUse: (credentialId: number) => void = () => {}) {
    this.#desk = desk;
    this.#guards = guards;
    this.#onKeyUse = onKeyUse;
    this.#clock = clock;
    desk.onNotice((notice) => {
      // Rare changes: forgetting everything is simpler than keeping a second index, and cannot miss an entry.
      if (notice.kind === 'businessChanged' || notice.kind === 'credentialChanged' || notice.kind === 'missed') {
        this.#cache.clear();
        this.#epoch++;
      }
    });
  }

  /**
   * @param authorization the Authorization header
   * @param address the caller's IP address
   * @param via which way in the request came
   * @param keeper whoever keeps the header for requests to come, such as a connection on which the same head came again:
   *   its code is worked out once then (3 µs a request)
   * @throws Refused with badCredentials, tooManyLogins, businessSuspended, credentialDisabled, credentialExpired or
   * addressNotAllowed
   */
  async authenticate(authorization: string | undefined, address: string, via: Via, keeper?: object): Promise<Actor> {
    const known = this.known(authorization, address, via, keeper);
    if (known !== null) return known;
    const epoch = this.#epoch;
    const verified = await this.#verify(authorization!, address, via);
    if (epoch === this.#epoch) this.#cache.set(this.#codeOf(authorization!, keeper), verified);
    return this.#letIn(verified, address, via);
  }

  /** The same at once for somebody who was verified not long ago; null for others. */
  known(authorization: string | undefined, address: string, via: Via, keeper?: object): Actor | null {
    must(authorization !== undefined && authorization.length <= MAX_HEADER_LENGTH, { code: 'badCredentials' });
    const verified = this.#cache.get(this.#codeOf(authorization, keeper));
    if (verified === undefined || this.#clock.monotonic() - verified.at > CACHE_MS) return null;
    return this.#letIn(verified, address, via);
  }

  #letIn(verified: Verified, address: string, via: Via): Actor {
    this.#checkCredential(verified.credential, address);
    if (verified.credential !== null) this.#onKeyUse(verified.credential.id);
    const { actor, caller } = verified;
    return {
      businessId: actor.businessId,
      businessName: actor.businessName,
      admin: actor.admin,
      credentialId: actor.credentialId,
      permissions: actor.permissions,
      defaultCountry: actor.defaultCountry,
      session: null,
      caller: { kind: caller.kind, id: caller.id, name: caller.name, address, via },
    };
  }

  #codeOf(authorization: string, keeper: object | undefined): string {
    if (keeper === undefined) return this.#cacheKey.of(authorization);
    let kept = this.#codes.get(keeper);
    if (kept?.authorization !== authorization) {
      kept = { authorization, code: this.#cacheKey.of(authorization) };
      this.#codes.set(keeper, kept);
    }
    return kept.code;
  }

  async #verify(authorization: string, address: string, via: Via): Promise<Verified> {
    const pair = readBasic(authorization);
    must(pair !== null, { code: 'badCredentials' });
    await this.#guards.checkLogins(pair.name, address);
    const from = { name: pair.name, address, via };
    return pair.name.startsWith(API_KEY_PREFIX) ? this.#verifyKey(pair, from) : this.#verifyPassword(pair, from);
  }

  async #verifyKey(pair: Pair, from: From): Promise<Verified> {
    const login = await this.#desk.ask('loginByKey', { key: pair.name });
    const given = sha256(pair.secret);
    if (login === null || !equalOctets(given, login.secretHash)) {
      throw await this.#failed('secret', login?.business.id ?? null, from);
    }
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
        session: null,
      },
      caller: { kind: 'key', id: credential.id, name: credential.key },
      credential,
      at: this.#clock.monotonic(),
    };
  }

  async #verifyPassword(pair: Pair, from: From): Promise<Verified> {
    if (codePoints(pair.secret) > PASSWORD_MAX_LENGTH) throw await this.#failed('password', null, from);
    const login = await this.#desk.ask('loginByName', { name: pair.name });
    const right = await this.#guards.isPassword(login?.passwordHash ?? null, pair.secret);
    if (login === null || !right) throw await this.#failed('password', login?.business.id ?? null, from);
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
        session: null,
      },
      caller: { kind: 'business', id: business.id, name: business.name },
      credential: null,
      at: this.#clock.monotonic(),
    };
  }

  /** Counts a failure, and tells the audit log as far as that is bearable. @returns what is thrown then */
  async #failed(why: WrongPart, businessId: number | null, { name, address, via }: From): Promise<Refused> {
    const failures = await this.#guards.countFailedLogin(name, address);
    if (await this.#guards.isWorthNoting(why, failures)) {
      const login = businessId === null ? null : { businessId };
      await this.#desk.do('noteFailedSignIn', { login, why, failures, address, via });
    }
    return new Refused({ code: 'badCredentials' });
  }

  #checkCredential(credential: Credential | null, address: string): void {
    if (credential === null) return;
    must(credential.state === 'active', { code: 'credentialDisabled' });
    must(credential.expiresAt === null || credential.expiresAt > this.#clock.now(), { code: 'credentialExpired' });
    const { allowedAddresses } = credential;
    must(allowedAddresses.length === 0 || inAddressList(address, allowedAddresses), { code: 'addressNotAllowed' });
  }
}

/** Name and secret of a Basic header (RFC 7617), or null. */
function readBasic(authorization: string): Pair | null {
  const match = /^basic +([A-Za-z0-9+/=_-]+) *$/i.exec(authorization);
  if (match === null) return null;
  const text = Buffer.from(match[1]!, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 1 ? null : { name: text.slice(0, colon), secret: text.slice(colon + 1) };
}
