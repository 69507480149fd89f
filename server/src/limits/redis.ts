import type { Category } from '../domain/category.ts';
import type { FrequencyPolicy } from '../domain/frequency.ts';
import type { Counting, FrequencyLimits, RecentCounts } from './limits.ts';
import { GIVE_BACK, TAKE } from './redis-script.ts';
import { SteadyTime } from './steady-time.ts';
import { type WindowSet, windowSets } from './window-sets.ts';

/** Recipients that one run of a script counts, about: while it runs the server does nothing else. */
const STEP = 2_000;
/** Lists outlive their longest window by this: clocks of processes may differ. */
const SLACK_MS = 60_000;

/** Whoever runs scripts on a Redis server. */
export interface Scripts {
  /** @throws when the server cannot be asked now */
  run(script: string, keys: readonly string[], args: readonly string[]): Promise<unknown>;
}

/** Frequency limits that any number of processes share, counted by a script of the Redis server. */
export class RedisFrequencyLimits implements FrequencyLimits {
  readonly #scripts: Scripts;
  readonly #prefix: string;
  readonly #sets: Record<Category, readonly WindowSet[]>;
  readonly #time = new SteadyTime();

  /**
   * @param installation in the names of all keys; in braces, so that a cluster keeps them on one node
   * @param policy windows of an hour at most
   */
  constructor(scripts: Scripts, installation: string, policy: FrequencyPolicy) {
    this.#scripts = scripts;
    this.#prefix = `signet:{${installation}}:f`;
    this.#sets = windowSets(policy);
  }

  counts(category: Category): boolean {
    return this.#sets[category].length > 0;
  }

  /** @throws when Redis cannot be asked */
  async take(counts: RecentCounts, counting: Counting, atMs: number): Promise<number | null> {
    return (await this.takeAll(counts, [counting], atMs))[0]!;
  }

  /** @throws when Redis cannot be asked; what was counted before is given back then, as far as it hears of it */
  async takeAll(_counts: RecentCounts, countings: readonly Counting[], atMs: number): Promise<(number | null)[]> {
    const at = this.#time.pass(atMs);
    const pieces = countings.flatMap((counting, of) => cut(counting).map((piece) => ({ of, ...piece })));
    const overs: (number | null)[] = countings.map(() => null);
    const taken: { of: number; counting: Counting }[] = [];
    try {
      for (const step of stepsOf(pieces)) {
        // A piece of a request of which an earlier piece was refused is not asked for.
        const asked = step.filter(({ of }) => overs[of] === null);
        const answers = await this.#take(asked, false, at);
        for (const [i, { of, from, counting }] of asked.entries()) {
          const over = answers[i]![0];
          if (over === undefined) taken.push({ of, counting });
          else overs[of] ??= from + over;
        }
      }
    } catch (error) {
      for (const { counting } of taken) this.#giveBackSoon(counting, at);
      throw error;
    }
    for (const { of, counting } of taken) if (overs[of] !== null) await this.#giveBack(counting, at);
    return overs;
  }

  /** @throws when Redis cannot be asked */
  async takeEach(_counts: RecentCounts, counting: Counting, atMs: number): Promise<readonly number[]> {
    const at = this.#time.pass(atMs);
    const over: number[] = [];
    for (const piece of cut(counting)) {
      const [answer] = await this.#take([piece], true, at);
      for (const i of answer!) over.push(piece.from + i);
    }
    return over;
  }

  /** @throws when Redis cannot be asked */
  giveBack(_counts: RecentCounts, counting: Counting, atMs: number): Promise<void> {
    return this.#giveBack(counting, this.#time.of(atMs));
  }

  undoTake(counting: Counting, atMs: number): void {
    this.#giveBackSoon(counting, this.#time.of(atMs));
  }

  undoGiveBack(counting: Counting, atMs: number): void {
    const at = this.#time.of(atMs);
    for (const piece of cut(counting)) this.#take([piece], true, at).catch(() => {});
  }

  async #take(pieces: readonly { counting: Counting }[], each: boolean, at: number): Promise<number[][]> {
    const asked = pieces.map(({ counting }) => this.#sets[counting.category].length > 0);
    const keys: string[] = [];
    const requests: unknown[] = [];
    for (const [i, { counting }] of pieces.entries()) {
      if (!asked[i]) continue;
      const sets = this.#sets[counting.category];
      this.#addKeys(keys, counting);
      requests.push({
        each,
        n: counting.recipients.length,
        sets: sets.map(({ windows, most, longestMs }) => ({
          most,
          ttl: longestMs + SLACK_MS,
          windows: windows.map(({ limit, windowMs }) => [limit, windowMs]),
        })),
      });
    }
    const answers =
      keys.length === 0
        ? []
        : ((await this.#scripts.run(TAKE, keys, [String(at), JSON.stringify(requests)])) as number[][]);
    let next = 0;
    return asked.map((is) => (is ? (answers[next++] ?? []) : []));
  }

  async #giveBack(counting: Counting, at: number): Promise<void> {
    for (const { counting: piece } of cut(counting)) {
      const keys: string[] = [];
      this.#addKeys(keys, piece);
      if (keys.length > 0) await this.#scripts.run(GIVE_BACK, keys, [String(at)]);
    }
  }

  /** Commands of one connection are run in their order, so whatever is counted afterwards knows of it. */
  #giveBackSoon(counting: Counting, at: number): void {
    // While Redis is away nothing can be taken back there: it counts until its window has passed.
    this.#giveBack(counting, at).catch(() => {});
  }

  #addKeys(keys: string[], { businessId, category, recipients }: Counting): void {
    const sets = this.#sets[category].map((set) => `${this.#prefix}:${businessId}:${set.category ?? ''}:`);
    for (const recipient of recipients) for (const set of sets) keys.push(set + recipient);
  }
}

interface Piece {
  /** The position of its first recipient in the whole. */
  from: number;
  counting: Counting;
}

function cut(counting: Counting): Piece[] {
  const { businessId, category, recipients } = counting;
  if (recipients.length <= STEP) return recipients.length === 0 ? [] : [{ from: 0, counting }];
  const pieces: Piece[] = [];
  for (let from = 0; from < recipients.length; from += STEP) {
    pieces.push({ from, counting: { businessId, category, recipients: recipients.slice(from, from + STEP) } });
  }
  return pieces;
}

/** Pieces that are counted together. */
function* stepsOf<P extends Piece>(pieces: readonly P[]): Iterable<P[]> {
  let step: P[] = [];
  let size = 0;
  for (const piece of pieces) {
    const { length } = piece.counting.recipients;
    if (size > 0 && size + length > STEP) {
      yield step;
      step = [];
      size = 0;
    }
    step.push(piece);
    size += length;
  }
  if (size > 0) yield step;
}
