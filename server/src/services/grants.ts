import type { Category } from '../domain/category.ts';
import type { Target } from '../domain/route.ts';
import { WeightedTurns } from '../domain/weighted-turns.ts';

/**
 * Room of a channel's lane that may be filled with messages in the transaction that accepts them: when nothing waits
 * before them, they need not be looked for and claimed in a second one.
 */
export interface Grant {
  lane: Category;
  channelId: number;
  /** Messages. */
  room: number;
  /** The lines whose messages may fill it, by their keys, with the channel's weight in each. */
  lines: ReadonlyMap<string, number>;
}

/** Whoever knows how much room the channels have. */
export interface GrantSource {
  /** Sets room aside for up to `wanted` messages, in each lane that may use it. */
  grant(wanted: number): Grant[];
  /** What was not used of it. */
  returned(grants: readonly Grant[]): void;
}

/** Lines whose turns are remembered. */
const MAX_LINES = 1_000;

/** The room that is set aside for the transactions of a moment. */
export class GrantBook {
  #grants: Grant[] = [];
  /** Whose turn it is on lines that several channels share, by key. */
  readonly #turns = new Map<string, WeightedTurns>();

  get empty(): boolean {
    return this.#grants.length === 0;
  }

  add(grants: readonly Grant[]): void {
    this.#grants.push(...grants);
  }

  /** The channel for which `count` messages of a lane and line may be claimed, or null when they have to wait for their turn. */
  take(lane: Category, line: string, count: number): number | null {
    let only: Grant | null = null;
    let several: Grant[] | null = null;
    for (const grant of this.#grants) {
      if (grant.lane !== lane || grant.room < count || !grant.lines.has(line)) continue;
      if (only === null) only = grant;
      else if (several === null) several = [only, grant];
      else several.push(grant);
    }
    if (several !== null) only = this.#nextOf(several, line, count);
    if (only === null) return null;
    only.room -= count;
    return only.channelId;
  }

  /** Undoes {@link take}. */
  giveBack(lane: Category, channelId: number, count: number): void {
    const grant = this.#grants.find((each) => each.lane === lane && each.channelId === channelId);
    if (grant !== undefined) grant.room += count;
    else this.#grants.push({ lane, channelId, room: count, lines: new Map() });
  }

  /** Empties the book: what nobody took. */
  rest(): Grant[] {
    const rest = this.#grants.filter(({ room }) => room > 0);
    this.#grants = [];
    return rest;
  }

  /** By weight, in messages. */
  #nextOf(grants: readonly Grant[], line: string, count: number): Grant {
    if (this.#turns.size >= MAX_LINES) this.#turns.clear();
    let turns = this.#turns.get(line);
    if (turns === undefined) {
      turns = new WeightedTurns();
      this.#turns.set(line, turns);
    }
    const standing: Target[] = [];
    for (const { channelId, lines } of grants) {
      // The room of a moment may have been granted in pieces.
      if (!standing.some((target) => target.channelId === channelId))
        standing.push({ channelId, weight: lines.get(line)! });
    }
    const { channelId } = turns.next(standing);
    turns.given(standing, channelId, count);
    return grants.find((grant) => grant.channelId === channelId)!;
  }
}
