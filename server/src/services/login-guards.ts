import { must } from '../domain/refusals.ts';
import { randomOctets } from '../lib/random.ts';
import type { FailureCounter, FailureCounts } from '../limits/limits.ts';
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
/** Failures within a minute of which the audit log is told, so that guessing cannot fill it. */
const MAX_TOLD = 30;

interface Counter extends FailureCounter {
  limit: number;
}

/** What of a login was wrong: the password, the secret of an API key, or the code of a second factor. */
export type WrongPart = 'password' | 'secret' | 'code';

/** Keeps guessing slow: passwords are verified a few at a time, and who fails too often has to wait. */
export class LoginGuards {
  readonly #failures: FailureCounts;
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  /** A hash to verify against when the name is unknown, so that the answer takes as long. */
  readonly #decoy: Promise<string> = hashPassword(randomOctets(16).toString('hex'));

  constructor(failures: FailureCounts) {
    this.#failures = failures;
  }

  /** @throws Refused (tooManyLogins) when this name or this address has failed too often lately */
  checkLogins(name: string, address: string): Promise<void> {
    return this.#check(loginCounters(name, address));
  }

  /** @returns how often this name has failed from this address within the minute */
  async countFailedLogin(name: string, address: string): Promise<number> {
    return (await this.#count(loginCounters(name, address)))[0]!;
  }

  /** @throws Refused (tooManyLogins) when too many wrong codes were given for this member lately */
  checkCodes(memberId: number): Promise<void> {
    return this.#check([codeCounter(memberId)]);
  }

  /** @returns how often a wrong code was given for this member lately */
  async countWrongCode(memberId: number): Promise<number> {
    return (await this.#count([codeCounter(memberId)]))[0]!;
  }

  /** Whether a failure is worth noting: the first, and that after which one has to wait, while not too many were noted. */
  async isWorthNoting(why: WrongPart, failures: number): Promise<boolean> {
    if (failures !== 1 && failures !== (why === 'code' ? MAX_WRONG_CODES : MAX_FAILURES_OF_NAME)) return false;
    const [told] = await this.#count([{ key: 'told', limit: MAX_TOLD, windowMs: FAILURE_WINDOW_MS }]);
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

  async #check(counters: readonly Counter[]): Promise<void> {
    for (const [i, { count, leftMs }] of (await this.#failures.read(counters)).entries()) {
      must(count < counters[i]!.limit, { code: 'tooManyLogins', retryAfterS: Math.max(1, Math.ceil(leftMs / 1_000)) });
    }
  }

  /** @returns what each of them stands at now */
  async #count(counters: readonly Counter[]): Promise<number[]> {
    return (await this.#failures.add(counters)).map(({ count }) => count);
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
