import { CATEGORIES, type Category } from '../../domain/category.ts';
import type { Outgoing } from '../channel.ts';

const none = () => ({ verification: [], notification: [], marketing: [] }) as Record<Category, Outgoing[]>;

/** Messages that wait to be sent: the most urgent lane leaves first, within a lane whoever came first. */
export class Lanes {
  #waiting = none();

  add(batch: readonly Outgoing[]): void {
    for (const message of batch) this.#waiting[message.lane].push(message);
  }

  count(lane: Category): number {
    return this.#waiting[lane].length;
  }

  /** How many wait, by lane. */
  get counts(): Record<Category, number> {
    const { verification, notification, marketing } = this.#waiting;
    return { verification: verification.length, notification: notification.length, marketing: marketing.length };
  }

  get empty(): boolean {
    return CATEGORIES.every((lane) => this.#waiting[lane].length === 0);
  }

  /** Takes up to so many, those that leave first in front. */
  take(count: number): Outgoing[] {
    const taken: Outgoing[] = [];
    for (const lane of CATEGORIES) {
      if (taken.length === count) break;
      taken.push(...this.#waiting[lane].splice(0, count - taken.length));
    }
    return taken;
  }

  /** Takes all of these plans. */
  takePlans(planIds: ReadonlySet<number>): Outgoing[] {
    const taken: Outgoing[] = [];
    for (const lane of CATEGORIES) {
      const kept: Outgoing[] = [];
      for (const message of this.#waiting[lane]) (planIds.has(message.planId) ? taken : kept).push(message);
      this.#waiting[lane] = kept;
    }
    return taken;
  }

  takeAll(): Outgoing[] {
    const taken = CATEGORIES.flatMap((lane) => this.#waiting[lane]);
    this.#waiting = none();
    return taken;
  }
}
