import { CATEGORIES, type Category } from '../domain/category.ts';
import type { FrequencyPolicy, FrequencyWindow } from '../domain/frequency.ts';

/** Windows that count the same messages: those of one category, or (null) of all. */
export interface WindowSet {
  category: Category | null;
  windows: readonly FrequencyWindow[];
  /** Messages that may matter: as many as the largest limit. */
  most: number;
  longestMs: number;
}

/** The sets of windows that a message of each category has to fit into; empty: it is not counted. */
export function windowSets(policy: FrequencyPolicy): Record<Category, readonly WindowSet[]> {
  const set = (category: Category | null, windows: readonly FrequencyWindow[]): WindowSet[] =>
    windows.length === 0
      ? []
      : [
          {
            category,
            windows,
            most: Math.max(...windows.map(({ limit }) => limit)),
            longestMs: Math.max(...windows.map(({ windowMs }) => windowMs)),
          },
        ];
  const all = set(null, policy.all);
  return Object.fromEntries(
    CATEGORIES.map((category) => [category, [...all, ...set(category, policy.of[category])]]),
  ) as Record<Category, WindowSet[]>;
}
