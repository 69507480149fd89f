import { must } from '../domain/refusals.ts';
import type { Clock } from '../lib/clock.ts';
import { Lru } from '../lib/lru.ts';
import { randomOctets } from '../lib/random.ts';
import { hashPassword, isPassword } from './password.ts';

/** Verifications of passwords at once: each takes about 20 MB and a core. */
const MAX_VERIFICATIONS = 2;
/** Verifications that may wait for their turn; more are told to come back. */
const MAX_WAITING = 64;
/** Failed logins in a minute before the next has to wait: for one name from one address, and for one address. */
const MAX_FAILURES_OF_NAME = 20;
const MAX_FAILURES_OF_ADDRESS = 200;
const FAILURE_WINDOW_MS = 60_000;
/** Wrong codes of a second factor, from wherever they come: a million codes are not many. */
const MAX_WRONG_CODES = 10;
const CODE_WINDOW_MS = 15 * 60_000;
const COUNTERS = 10_000;
/** Failures within a minute of which the audit log is told, so that guessing cannot fill it. */
const MAX_TOLD = 30;

interface Counter {
  key: string;
  limit: number;
  windowMs: number;
}

/** Keeps guessing slow: passwords are verified a few at a time, and who fails too often has to wait. */
export class LoginGuards {
  readonly #clock: Clock;
  readonly #failures = new Lru<string, { count: number; since: number }>(COUNTERS);
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  /** A hash to verify against when the name is unknown, so that the answer takes as long. */
  readonly #decoy: Promise<string> = hashPassword(randomOctets(16).toString('hex'));

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @throws Refused (tooManyLogins) when this name or this address has failed too often lately */
  checkLogins(name: string, address: string): void {
    this.#check(loginCounters(name, address));
  }

  /** @returns how often this name has failed from this address within the minute */
  countFailedLogin(name: string, address: string): number {
    return this.#count(loginCounters(name, address))[0]!;
  }

  /** @throws Refused (tooManyLogins) when too many wrong codes were given for this member lately */
  checkCodes(memberId: number): void {
    this.#check([codeCounter(memberId)]);
  }

  /** @returns how often a wrong code was given for this member lately */
  countWrongCode(memberId: number): number {
    return this.#count([codeCounter(memberId)])[0]!;
  }

  /** Whether a failure is worth noting: the first, and that after which one has to wait, while not too many were noted. */
  isWorthNoting(why: 'password' | 'code', failures: number): boolean {
    if (failures !== 1 && failures !== (why === 'password' ? MAX_FAILURES_OF_NAME : MAX_WRONG_CODES)) return false;
    const [told] = this.#count([{ key: 'told', limit: MAX_TOLD, windowMs: FAILURE_WINDOW_MS }]);
    return told! <= MAX_TOLD;
  }

  /**
   * Whether this is the password behind the hash. Null takes as long and is never right.
   * @throws Refused (tooManyLogins) when too many wait to be told
   */
  async isPassword(passwordHash: string | null, password: string): Promise<boolean> {
    const against = passwordHash ?? (await this.#decoy);
    const right = await this.#inTurn(() => isPassword(against, password));
    return right && passwordHash !== null;
  }

  #check(counters: readonly Counter[]): void {
    const now = this.#clock.monotonic();
    for (const { key, limit, windowMs } of counters) {
      const failures = this.#failures.get(key);
      if (failures === undefined || now - failures.since >= windowMs) continue;
      const retryAfterS = Math.ceil((failures.since + windowMs - now) / 1_000);
      must(failures.count < limit, { code: 'tooManyLogins', retryAfterS });
    }
  }

  /** @returns what each of them stands at now */
  #count(counters: readonly Counter[]): number[] {
    const now = this.#clock.monotonic();
    return counters.map(({ key, windowMs }) => {
      const failures = this.#failures.get(key);
      if (failures !== undefined && now - failures.since < windowMs) return ++failures.count;
      this.#failures.set(key, { count: 1, since: now });
      return 1;
    });
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

function loginCounters(name: string, address: string): Counter[] {
  return [
    { key: `${address} ${name}`, limit: MAX_FAILURES_OF_NAME, windowMs: FAILURE_WINDOW_MS },
    { key: address, limit: MAX_FAILURES_OF_ADDRESS, windowMs: FAILURE_WINDOW_MS },
  ];
}

function codeCounter(memberId: number): Counter {
  return { key: `code ${memberId}`, limit: MAX_WRONG_CODES, windowMs: CODE_WINDOW_MS };
}
