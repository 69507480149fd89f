import { choreQueue } from '../domain/task.ts';
import type { Clock, Timer } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import type { Service } from '../lib/start-stop.ts';
import { type Desk, logFailure } from '../services/desk.ts';
import { type Books, UNBOOKED } from './task-book.ts';

/** Plans started in one transaction. */
const STARTS_AT_ONCE = 100;
/** Sweeps that go on side by side, a step each in turn. */
const SWEEPS_AT_ONCE = 20;
/** The clock is read this often while a plan is pending: it may have been moved, and timers do not see that. */
const LOOK_AT_CLOCK_MS = 2_000;
/** How long it rests when the store failed it. */
const REST_MS = 1_000;

/**
 * Starts plans when their time has come, and takes the messages of started and ended plans through their sweeps, a
 * bounded step at a time. What is to be done stands in the store, so that it goes on after a start.
 */
export class PlanRunner implements Service {
  readonly #desk: Desk;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #book: Books;
  #timer: Timer | null = null;
  #running: Promise<void> | null = null;
  #again = false;
  #stopped = true;

  constructor(desk: Desk, clock: Clock, log: Logger, book: Books = UNBOOKED) {
    this.#book = book;
    this.#desk = desk;
    this.#clock = clock;
    this.#log = log;
    desk.onNotice((notice) => {
      if (notice.kind === 'plansToRun' || notice.kind === 'missed') this.#nudge();
    });
  }

  async start(): Promise<void> {
    this.#stopped = false;
    this.#book.offer('plan-starts', () => this.#nudge());
    this.#book.offer('sweeps', () => this.#nudge());
    this.#nudge();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#book.withdraw('plan-starts', 'sweeps');
    await this.#running;
  }

  #nudge(): void {
    if (this.#stopped) return;
    if (this.#running !== null) {
      this.#again = true;
      return;
    }
    this.#timer?.cancel();
    this.#running = this.#run()
      .then((nextStart) => {
        if (nextStart !== null) this.#wakeAt(nextStart);
      })
      .catch((error: unknown) => {
        logFailure(this.#log, error, 'plans could not be started or ended');
        this.#wakeIn(REST_MS, () => this.#nudge());
      })
      .finally(() => {
        this.#running = null;
        if (this.#again) this.#nudge();
      });
  }

  /** Does everything that is to be done now. Returns when the next plan is to start. */
  async #run(): Promise<number | null> {
    for (;;) {
      this.#again = false;
      let nextStart = await this.#desk.ask('nextStart', {});
      const isDue = () =>
        nextStart !== null && nextStart <= this.#clock.now() && !this.#book.isPaused(choreQueue('plan-starts'));
      if (isDue()) {
        await this.#book.run('plan-starts', async (going) => {
          const { started, missed } = await this.#desk.do('startPlans', { limit: STARTS_AT_ONCE });
          going.did(started + missed);
        });
        nextStart = await this.#desk.ask('nextStart', {});
      }
      const sweeps = this.#book.isPaused(choreQueue('sweeps'))
        ? []
        : await this.#desk.ask('openSweeps', { limit: SWEEPS_AT_ONCE });
      if (sweeps.length > 0) {
        // One after the other, so that other commits pass between the steps.
        await this.#book.run('sweeps', async (going) => {
          for (const planId of sweeps) {
            if (this.#stopped || going.stop || isDue()) break;
            await this.#desk.do('sweepPlan', { planId });
            going.did(1);
          }
        });
      }
      if (this.#stopped || (sweeps.length === 0 && !this.#again && !isDue())) return nextStart;
    }
  }

  /** Reads the clock again and again until it has come to that time, whichever way it is moved. */
  #wakeAt(at: number): void {
    const left = at - this.#clock.now();
    if (left <= 0) this.#nudge();
    else this.#wakeIn(Math.min(left, LOOK_AT_CLOCK_MS), () => this.#wakeAt(at));
  }

  #wakeIn(ms: number, work: () => void): void {
    if (this.#stopped) return;
    this.#timer?.cancel();
    this.#timer = this.#clock.setTimer(work, ms);
  }
}
