import type { Category } from '../domain/category.ts';
import { type FrequencyPolicy, HOUR_MS } from '../domain/frequency.ts';
import type { Counting, FrequencyLimits, RecentCounts } from './limits.ts';
import { SteadyTime } from './steady-time.ts';
import { type WindowSet, windowSets } from './window-sets.ts';

/** Hours ahead of the clock that are looked at: another process's may be a little ahead. */
const HOURS_AHEAD = 1;

/**
 * Frequency limits of several processes without anything beside their store: counted in the transaction that accepts,
 * which no other runs beside. What is rolled back was never counted.
 */
export class StoreFrequencyLimits implements FrequencyLimits {
  readonly #sets: Record<Category, readonly WindowSet[]>;
  readonly #time = new SteadyTime();

  /** @param policy windows of an hour at most */
  constructor(policy: FrequencyPolicy) {
    this.#sets = windowSets(policy);
  }

  counts(category: Category): boolean {
    return this.#sets[category].length > 0;
  }

  async take(counts: RecentCounts, counting: Counting, atMs: number): Promise<number | null> {
    return (await this.takeAll(counts, [counting], atMs))[0]!;
  }

  async takeAll(counts: RecentCounts, countings: readonly Counting[], atMs: number): Promise<(number | null)[]> {
    const pad = await this.#open(counts, countings, this.#time.pass(atMs));
    const overs = countings.map((counting) => pad.take(counting));
    await pad.write();
    return overs;
  }

  async takeEach(counts: RecentCounts, counting: Counting, atMs: number): Promise<readonly number[]> {
    const pad = await this.#open(counts, [counting], this.#time.pass(atMs));
    const over = pad.takeEach(counting);
    await pad.write();
    return over;
  }

  async giveBack(counts: RecentCounts, counting: Counting, atMs: number): Promise<void> {
    const pad = await this.#open(counts, [counting], this.#time.of(atMs));
    pad.giveBack(counting);
    await pad.write();
  }

  undoTake(): void {}

  undoGiveBack(): void {}

  async #open(counts: RecentCounts, countings: readonly Counting[], at: number): Promise<Pad> {
    const pad = new Pad(this.#sets, counts, at);
    await pad.load(countings);
    return pad;
  }
}

/** The times of one (business, category): by recipient, rising. */
interface Sheet {
  businessId: number;
  set: WindowSet;
  times: Map<number, number[]>;
  /** Hours of recipients that are different now. */
  changed: Map<number, Set<number>>;
}

/** What a step counts with, read in one go and written back in one. */
class Pad {
  readonly #sets: Record<Category, readonly WindowSet[]>;
  readonly #counts: RecentCounts;
  readonly #at: number;
  readonly #sheets = new Map<string, Sheet>();

  constructor(sets: Record<Category, readonly WindowSet[]>, counts: RecentCounts, at: number) {
    this.#sets = sets;
    this.#counts = counts;
    this.#at = at;
  }

  async load(countings: readonly Counting[]): Promise<void> {
    for (const { businessId, category, recipients } of countings) {
      for (const set of this.#sets[category]) {
        const key = keyOf(businessId, set);
        let sheet = this.#sheets.get(key);
        if (sheet === undefined) {
          sheet = { businessId, set, times: new Map(), changed: new Map() };
          this.#sheets.set(key, sheet);
        }
        for (const recipient of recipients) if (!sheet.times.has(recipient)) sheet.times.set(recipient, []);
      }
    }
    for (const { businessId, set, times } of this.#sheets.values()) {
      const recipients = [...times.keys()];
      const [from, to] = [hourOf(this.#at - set.longestMs + 1), hourOf(this.#at) + HOURS_AHEAD];
      const found = await this.#counts.times(businessId, set.category, recipients, from, to);
      for (let i = 0; i < recipients.length; i++) times.set(recipients[i]!, [...found[i]!]);
    }
  }

  take(counting: Counting): number | null {
    const { recipients } = counting;
    for (let i = 0; i < recipients.length; i++) {
      if (this.#takeOne(counting, recipients[i]!)) continue;
      for (let earlier = i - 1; earlier >= 0; earlier--) this.#giveOneBack(counting, recipients[earlier]!);
      return i;
    }
    return null;
  }

  takeEach(counting: Counting): number[] {
    return counting.recipients.flatMap((recipient, i) => (this.#takeOne(counting, recipient) ? [] : [i]));
  }

  giveBack(counting: Counting): void {
    for (const recipient of counting.recipients) this.#giveOneBack(counting, recipient);
  }

  async write(): Promise<void> {
    for (const { businessId, set, times, changed } of this.#sheets.values()) {
      for (const [hour, recipients] of changed) {
        const list = [...recipients];
        const ofHour = list.map((recipient) => times.get(recipient)!.filter((at) => hourOf(at) === hour));
        await this.#counts.setTimes(businessId, set.category, hour, list, ofHour);
      }
    }
  }

  #takeOne({ businessId, category }: Counting, recipient: number): boolean {
    const sheets = this.#sets[category].map((set) => this.#sheets.get(keyOf(businessId, set))!);
    // Another process's clock may be ahead: time does not go back for a recipient.
    const at = Math.max(this.#at, ...sheets.map(({ times }) => times.get(recipient)!.at(-1) ?? 0));
    for (const { set, times } of sheets) {
      const own = times.get(recipient)!;
      for (const { limit, windowMs } of set.windows) {
        const last = own[own.length - limit];
        if (last !== undefined && at - last < windowMs) return false;
      }
    }
    for (const sheet of sheets) {
      sheet.times.get(recipient)!.push(at);
      change(sheet, recipient, at);
    }
    return true;
  }

  /** The latest that was counted at this time or before. */
  #giveOneBack({ businessId, category }: Counting, recipient: number): void {
    for (const set of this.#sets[category]) {
      const sheet = this.#sheets.get(keyOf(businessId, set))!;
      const own = sheet.times.get(recipient)!;
      const place = own.findLastIndex((at) => at <= this.#at);
      if (place === -1) continue;
      const [at] = own.splice(place, 1);
      change(sheet, recipient, at!);
    }
  }
}

function change({ changed }: Sheet, recipient: number, at: number): void {
  const hour = hourOf(at);
  const recipients = changed.get(hour);
  if (recipients === undefined) changed.set(hour, new Set([recipient]));
  else recipients.add(recipient);
}

const keyOf = (businessId: number, { category }: WindowSet): string => `${businessId} ${category ?? ''}`;

const hourOf = (ms: number): number => Math.floor(ms / HOUR_MS);
