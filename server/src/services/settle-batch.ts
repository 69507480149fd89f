import { CHARGE_OF_OUTCOME, effectOf, type LedgerKind } from '../domain/ledger.ts';
import type { MessageState } from '../domain/message.ts';
import type { NewLedgerEntry, Touched, Tx } from '../store/store.ts';
import { EventBatch } from './event.ts';
import type { Ctx } from './verb.ts';

/**
 * Gathers guarded changes of a batch and writes what follows from them: ledger entries (one per plan and kind),
 * balances, what is left of the plans, and events.
 */
export class SettleBatch {
  readonly #tx: Tx;
  readonly #ctx: Ctx;
  readonly #events = new EventBatch();
  readonly #charged = new Map<string, { businessId: number; planId: number; kind: LedgerKind; credits: number }>();
  readonly #answered = new Map<number, { businessId: number; count: number }>();

  constructor(tx: Tx, ctx: Ctx) {
    this.#tx = tx;
    this.#ctx = ctx;
  }

  /** Messages that a carrier has answered, or never will: they are charged and no longer left. */
  add(touched: readonly Touched[], state: keyof typeof CHARGE_OF_OUTCOME, error?: string): void {
    const kind = CHARGE_OF_OUTCOME[state];
    for (const run of touched) {
      const key = `${run.planId} ${kind}`;
      const charged = this.#charged.get(key);
      if (charged === undefined) {
        this.#charged.set(key, { businessId: run.businessId, planId: run.planId, kind, credits: run.reserved });
      } else charged.credits += run.reserved;
      const answered = this.#answered.get(run.planId);
      if (answered === undefined) this.#answered.set(run.planId, { businessId: run.businessId, count: run.count });
      else answered.count += run.count;
    }
    this.changed(touched, state, error);
  }

  /** Messages that changed state without an effect on money or plan. */
  changed(touched: readonly Touched[], state: MessageState, error?: string, repeat?: true): void {
    for (const run of touched) {
      this.#events.messages(run.businessId, run, { state, ...(error && { error }), ...(repeat && { repeat }) });
    }
  }

  async write(): Promise<void> {
    await this.#writeMoney();
    const counts = [...this.#answered].map(([planId, { count }]) => ({ planId, count }));
    const done = await this.#tx.plans.answered(counts, this.#ctx.now());
    for (const planId of done) this.#events.plan(this.#answered.get(planId)!.businessId, planId, 'done');
    await this.#events.write(this.#tx, this.#ctx);
  }

  async #writeMoney(): Promise<void> {
    const byBusiness = new Map<number, { kind: LedgerKind; planId: number; credits: number }[]>();
    for (const { businessId, ...entry } of this.#charged.values()) {
      const entries = byBusiness.get(businessId);
      if (entries === undefined) byBusiness.set(businessId, [entry]);
      else entries.push(entry);
    }
    const rows: NewLedgerEntry[] = [];
    for (const [businessId, entries] of [...byBusiness].sort((a, b) => a[0] - b[0])) {
      let available = 0;
      let reserved = 0;
      for (const entry of entries) {
        const effect = effectOf(entry.kind, entry.credits);
        available += effect.available;
        reserved += effect.reserved;
      }
      const after = await this.#tx.businesses.moveCredits(businessId, available, reserved);
      let availableAfter = after.available - available;
      let reservedAfter = after.reserved - reserved;
      for (const entry of entries) {
        const effect = effectOf(entry.kind, entry.credits);
        availableAfter += effect.available;
        reservedAfter += effect.reserved;
        const id = this.#ctx.nextId('ledger');
        rows.push({ id, businessId, ...entry, availableAfter, reservedAfter, reason: '', at: this.#ctx.now() });
      }
    }
    await this.#tx.ledger.add(rows);
  }
}
