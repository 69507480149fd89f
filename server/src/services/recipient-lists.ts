import type { Category } from '../domain/category.ts';
import { EVERYBODY, RECIPIENT_LISTS, type RecipientList, stops } from '../domain/listed.ts';
import { NumberSet } from '../lib/number-set.ts';

/** Says which list stops messages to a recipient; null: none does. */
export type Gate = (recipient: number) => RecipientList | null;

/**
 * All lists of recipients that are not written to, in memory beside the verbs that change and ask them: a message costs
 * one look into each list that is not empty, and nothing where all are. A start reads them from the store.
 */
export class RecipientLists {
  readonly #sets: Record<RecipientList, Map<number, NumberSet>> = { 'opt-out': new Map(), blacklist: new Map() };
  #size = 0;

  get empty(): boolean {
    return this.#size === 0;
  }

  /** How many recipients stand on each list, those of all businesses together. */
  sizes(): Record<RecipientList, number> {
    const sum = (list: RecipientList) => [...this.#sets[list].values()].reduce((all, { size }) => all + size, 0);
    return { 'opt-out': sum('opt-out'), blacklist: sum('blacklist') };
  }

  add(list: RecipientList, businessId: number, recipients: readonly number[]): void {
    let set = this.#sets[list].get(businessId);
    if (set === undefined) {
      set = new NumberSet();
      this.#sets[list].set(businessId, set);
    }
    for (const recipient of recipients) if (set.add(recipient)) this.#size++;
  }

  remove(list: RecipientList, businessId: number, recipients: readonly number[]): void {
    const set = this.#sets[list].get(businessId);
    if (set === undefined) return;
    for (const recipient of recipients) if (set.delete(recipient)) this.#size--;
    if (set.size === 0) this.#sets[list].delete(businessId);
  }

  clear(): void {
    for (const sets of Object.values(this.#sets)) sets.clear();
    this.#size = 0;
  }

  /** What asks about a business's messages of a category; null when no list could stop any of them. */
  gate(businessId: number, category: Category): Gate | null {
    if (this.#size === 0) return null;
    const found: [RecipientList, NumberSet][] = [];
    // The installation's blacklist first: it weighs most.
    for (const [list, owner] of [['blacklist', EVERYBODY] as const, ...own(businessId)]) {
      const set = this.#sets[list].get(owner);
      if (set !== undefined && stops(list, category)) found.push([list, set]);
    }
    if (found.length === 0) return null;
    return (recipient) => {
      for (const [list, set] of found) if (set.has(recipient)) return list;
      return null;
    };
  }
}

const own = (businessId: number) => [...RECIPIENT_LISTS].reverse().map((list) => [list, businessId] as const);
