import { LIVE_FEED } from '../domain/figure.ts';
import type { Clock, Timer } from '../lib/clock.ts';
import { timeOfId } from '../lib/ids.ts';
import type { Logger } from '../lib/log.ts';
import type { Service } from '../lib/start-stop.ts';
import { type Desk, logFailure } from '../services/desk.ts';
import { type Books, type Going, UNBOOKED } from './task-book.ts';

const LOOK_EVERY_MS = 2_000;
/** Rests so many times as long as a step took: counting has a tenth of a core at most, the rest is for sending. */
const REST = 9;
/** It rests no longer than this: a step may have waited for others, or for the disk. */
const MAX_REST_MS = 5_000;
/** A cursor that moved over events of which nothing is counted is written when it has moved so far. */
const WRITE_AFTER_MS = 60_000;

/**
 * Keeps figures up with what happens, some thousand messages at a time, counts again what is to be, and then adds up what was
 * counted before there were spans.
 */
export class FigureKeeper implements Service {
  readonly #desk: Desk;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #book: Books;
  #timer: Timer | null = null;
  /** Ends a rest. */
  #wake = (): void => {};
  #looking: Promise<void> | null = null;
  #stopped = false;

  constructor(desk: Desk, clock: Clock, log: Logger, book: Books = UNBOOKED) {
    this.#book = book;
    this.#desk = desk;
    this.#clock = clock;
    this.#log = log;
  }

  async start(): Promise<void> {
    this.#stopped = false;
    // Whoever asks for a run gets the next look.
    this.#book.offer('figures', () => {});
    this.#lookLater();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#book.withdraw('figures');
    this.#wake();
    await this.#looking;
  }

  #lookLater(): void {
    if (this.#stopped) return;
    this.#timer = this.#clock.setTimer(() => {
      this.#looking = this.#look().finally(() => {
        this.#looking = null;
        this.#lookLater();
      });
    }, LOOK_EVERY_MS);
  }

  async #look(): Promise<void> {
    try {
      await this.#book.run('figures', (going) => this.#countAll(going));
    } catch (error) {
      logFailure(this.#log, error, 'figures could not be counted');
    }
  }

  async #countAll(going: Going): Promise<void> {
    for (let more = true; more && !this.#stopped && !going.stop; ) {
      const begun = this.#clock.monotonic();
      const live = await this.#step(going, LIVE_FEED);
      const again = live ? null : await this.#desk.ask('openRebuild', {});
      more = live || (again === null ? await this.#span() : await this.#step(going, again));
      if (more) await this.#rest(Math.min((this.#clock.monotonic() - begun) * REST, MAX_REST_MS));
    }
  }

  /** One step of adding up; whether there was one to be taken. */
  async #span(): Promise<boolean> {
    if (await this.#desk.ask('figuresSpanned', {})) return false;
    await this.#desk.do('spanFigures', {});
    return true;
  }

  /** A stop ends it. */
  async #rest(ms: number): Promise<void> {
    if (this.#stopped) return;
    await new Promise<void>((resolve) => {
      this.#timer = this.#clock.setTimer(resolve, ms);
      this.#wake = resolve;
    });
  }

  /** One step of a feed; whether there is more to be counted. */
  async #step(going: Going, feedId: number): Promise<boolean> {
    const step = await this.#desk.ask('countFigures', { feedId });
    if (step === null) return false;
    const moved = timeOfId(step.to) - timeOfId(step.from);
    const worthIt = step.rows.length > 0 || step.more || moved >= WRITE_AFTER_MS || feedId !== LIVE_FEED;
    if (worthIt) await this.#desk.do('addFigures', step);
    going.did(step.rows.length);
    return step.more;
  }
}
