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
  /** By kind and plan. */
  readonly #charged = new Map<LedgerKind, Map<number, { businessId: number; credits: number }>>();
  readonly #answered = new Map<number, { businessId: number; count: number }>();

  constructor(tx: Tx, ctx: Ctx) {
    this.#tx = tx;
    this.#ctx = ctx;
  }

  /** Messages that a carrier has answered, or never will: they are charged and no longer left. */
  add(touched: readonly Touched[], state: keyof typeof CHARGE_OF_OUTCOME, error?: string): void {
    for (const run of touched) {
      this.#charge(run, CHARGE_OF_OUTCOME[state], run.reserved);
      this.#answer(run);
    }
    this.changed(touched, state, error);
  }

  /** A message that ends while a carrier has some parts of it: `settled` of its credits are paid, the others come back. */
  addInParts(touched: Touched, state: keyof typeof CHARGE_OF_OUTCOME, settled: number, error: string): void {
    if (settled > 0) this.#charge(touched, 'settle', settled);
    if (settled < touched.reserved) this.#charge(touched, 'release', touched.reserved - settled);
    this.#answer(touched);
    this.changed([touched], state, error);
  }

  #charge({ planId, businessId }: Touched, kind: LedgerKind, credits: number): void {
    let ofKind = this.#charged.get(kind);
    if (ofKind === undefined) {
      ofKind = new Map();
      this.#charged.set(kind, ofKind);
    }
    const charged = ofKind.get(planId);
    if (charged === undefined) ofKind.set(planId, { businessId, credits });
    else charged.credits += credits;
  }

  #answer({ planId, businessId, count }: Touched): void {
    const answered = this.#answered.get(planId);
    if (answered === undefined) this.#answered.set(planId, { businessId, count });
    else answered.count += count;
  }

  /** Credits of a plan that are given back because of reports. */
  refund(run: Touched, credits: number): void {
    this.#charge(run, 'refund', credits);
  }

  /** Messages that changed state without an effect on money or plan. */
  changed(touched: readonly Touched[], state: MessageState, error?: string, repeat?: true): void {
    const change = { state, ...(error && { error }), ...(repeat && { repeat }) };
    for (const run of touched) this.#events.messages(run.businessId, run, change);
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
    for (const [kind, plans] of this.#charged) {
      for (const [planId, { businessId, credits }] of plans) {
        const entry = { kind, planId, credits };
        const entries = byBusiness.get(businessId);
        if (entries === undefined) byBusiness.set(businessId, [entry]);
        else entries.push(entry);
      }
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
        const { planId, kind, credits } = entry;
        const id = this.#ctx.nextId('ledger');
        const at = this.#ctx.now();
        rows.push({ id, businessId, planId, kind, credits, availableAfter, reservedAfter, reason: '', at });
      }
    }
    await this.#tx.ledger.add(rows);
  }
}
