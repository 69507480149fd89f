import type { Target } from './route.ts';

/**
 * Takes turns between channels by their weights. Each is owed its share of whatever is given out while it stands for a
 * turn, and whoever is owed most is next, so shares hold to within one turn. A channel that does not stand, because it
 * is down or full, is owed nothing meanwhile: it neither saves up nor loses.
 */
export class WeightedTurns {
  readonly #owed = new Map<number, number>();

  /** Whose turn it is among those who stand for it; at least one does. */
  next(standing: readonly Target[]): Target {
    let next = standing[0]!;
    for (const target of standing) {
      const ahead = this.#owedTo(target) - this.#owedTo(next);
      if (ahead > 0 || (ahead === 0 && target.weight > next.weight)) next = target;
    }
    return next;
  }

  /** Says what one of them was given. */
  given(standing: readonly Target[], channelId: number, cost: number): void {
    if (standing.length === 1) return;
    const total = standing.reduce((sum, { weight }) => sum + weight, 0);
    for (const target of standing) {
      const own = target.channelId === channelId ? cost : 0;
      this.#owed.set(target.channelId, this.#owedTo(target) + (cost * target.weight) / total - own);
    }
  }

  #owedTo({ channelId }: Target): number {
    return this.#owed.get(channelId) ?? 0;
  }
}
