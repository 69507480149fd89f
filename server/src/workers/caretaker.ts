import { statfs } from 'node:fs/promises';
import type { Clock, Timer } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import type { Service } from '../lib/start-stop.ts';
import type { Desk } from '../services/desk.ts';
import type { Range } from '../store/store.ts';

const DISK_EVERY_MS = 2_000;
const UNCERTAIN_EVERY_MS = 250;
const AGING_EVERY_MS = 600_000;
const LEDGER_EVERY_MS = 3_600_000;
const BATCH = 500;
/** Reports that came early wait this long for what they speak of. */
const PARKED_MS = 600_000;
/** A message without a report is `unreported` after this long. */
const UNREPORTED_MS = 72 * 3_600_000;
/** A report that comes later than this finds nothing to change. */
const LATE_REPORT_MS = 14 * 24 * 3_600_000;

/** The house's chores, each at its own pace. */
export class Caretaker implements Service {
  readonly #desk: Desk;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #dataDir: string;
  readonly #minFreeBytes: number;
  readonly #timers = new Map<string, Timer>();
  readonly #busy = new Set<Promise<void>>();
  #stopped = false;
  #diskFull = false;

  constructor(deps: { desk: Desk; clock: Clock; log: Logger; dataDir: string; minFreeDiskBytes: number }) {
    this.#desk = deps.desk;
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.#dataDir = deps.dataDir;
    this.#minFreeBytes = deps.minFreeDiskBytes;
  }

  /** Whether the disk has less room than accepting needs. */
  get diskFull(): boolean {
    return this.#diskFull;
  }

  async start(): Promise<void> {
    await this.#checkDisk();
    this.#every('disk', DISK_EVERY_MS, () => this.#checkDisk());
    this.#every('uncertain', UNCERTAIN_EVERY_MS, () => this.#decideUncertain());
    this.#every('aging', AGING_EVERY_MS, () => this.#age());
    this.#every('ledger', LEDGER_EVERY_MS, () => this.#checkLedger());
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#timers.values()) timer.cancel();
    await Promise.all(this.#busy);
  }

  #every(name: string, ms: number, chore: () => Promise<void>): void {
    if (this.#stopped) return;
    const run = async () => {
      try {
        await chore();
      } catch (error) {
        this.#log.error({ err: error, chore: name }, 'a chore failed');
      }
    };
    this.#timers.set(
      name,
      this.#clock.setTimer(() => {
        const work: Promise<void> = run().finally(() => {
          this.#busy.delete(work);
          this.#every(name, ms, chore);
        });
        this.#busy.add(work);
      }, ms),
    );
  }

  async #checkDisk(): Promise<void> {
    const { bavail, bsize } = await statfs(this.#dataDir);
    const full = bavail * bsize < this.#minFreeBytes;
    if (full !== this.#diskFull) {
      if (full) this.#log.error({ freeBytes: bavail * bsize }, 'the disk is nearly full: no new messages are accepted');
      else this.#log.info('the disk has room again: messages are accepted');
    }
    this.#diskFull = full;
  }

  async #decideUncertain(): Promise<void> {
    let decided = BATCH;
    while (decided === BATCH && !this.#stopped) {
      ({ decided } = await this.#desk.do('decideUncertain', { limit: BATCH }));
    }
  }

  async #age(): Promise<void> {
    const now = this.#clock.now();
    let after: Range | null = null;
    do {
      const aged: { next: Range | null } = await this.#desk.do('ageReceipts', {
        parkedBefore: now - PARKED_MS,
        awaitingBefore: now - UNREPORTED_MS,
        forgottenBefore: now - LATE_REPORT_MS,
        after,
        limit: BATCH,
      });
      after = aged.next;
    } while (after !== null && !this.#stopped);
    await this.#desk.do('forgetIdempotency', {});
  }

  async #checkLedger(): Promise<void> {
    const faults = await this.#desk.ask('ledgerFaults', {});
    if (faults.length > 0) this.#log.error({ faults: faults.slice(0, 10) }, 'the ledger does not reconcile');
  }
}
