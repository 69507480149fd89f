import type { Clock, Timer } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import type { Bell, BellListener, Nudge, RungSource, Urgency } from './bell.ts';

/** How often is looked without a nudge. */
const LOOK_MS = 250;
/** Told at once. */
const LIMIT = 500;
/** A process that has not looked for longer may have missed something: what is told can be read for twice as long. */
const MISSED_MS = 30_000;

/** Looks often what there is to hear, and at once when it is nudged about something that concerns this process. */
export class PollingBell implements Bell {
  readonly #source: RungSource;
  readonly #process: string;
  readonly #nudge: Nudge | null;
  readonly #clock: Clock;
  readonly #log: Logger;
  #listener: BellListener | null = null;
  #seq = 0;
  #lookedAt = 0;
  #timer: Timer | null = null;
  #looking: Promise<void> | null = null;
  #again = false;
  #failing = false;
  #stopped = true;

  /**
   * @param process this process: what it has told itself it does not hear
   * @param nudge null: others are heard when it is looked next
   */
  constructor(
    source: RungSource,
    process: string,
    nudge: Nudge | null,
    deps: {
      /** Whether this process hands out messages that wait. */
      handsOut: () => boolean;
      clock: Clock;
      log: Logger;
    },
  ) {
    this.#source = source;
    this.#process = process;
    this.#nudge = nudge;
    this.#clock = deps.clock;
    this.#log = deps.log;
    nudge?.onRing((urgency) => {
      if (urgency === 'all' || deps.handsOut()) this.#look();
    });
  }

  async start(listener: BellListener): Promise<void> {
    this.#listener = listener;
    this.#seq = await this.#source.latest();
    this.#lookedAt = this.#clock.monotonic();
    this.#stopped = false;
    this.#look();
  }

  ring(urgency: Urgency): void {
    this.#nudge?.ring(urgency);
  }

  get heardUpTo(): number {
    return this.#seq;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#looking;
    await this.#source.close();
  }

  #look(): void {
    if (this.#stopped) return;
    if (this.#looking !== null) {
      this.#again = true;
      return;
    }
    this.#timer?.cancel();
    this.#looking = this.#hear().finally(() => {
      this.#looking = null;
      if (this.#stopped) return;
      if (this.#again) {
        this.#again = false;
        this.#look();
      } else this.#timer = this.#clock.setTimer(() => this.#look(), LOOK_MS);
    });
  }

  async #hear(): Promise<void> {
    try {
      const began = this.#clock.monotonic();
      if (began - this.#lookedAt > MISSED_MS) {
        const latest = await this.#source.latest();
        this.#seq = Math.max(this.#seq, latest);
        this.#log.warn('what other processes have changed may have been missed: everything is looked at again');
        this.#listener!.missed();
      } else {
        for (let more = true; more && !this.#stopped; ) {
          const rung = await this.#source.after(this.#seq, LIMIT);
          more = rung.length === LIMIT;
          const others = rung.filter(({ process }) => process !== this.#process);
          if (rung.length > 0) this.#seq = rung.at(-1)!.seq;
          if (others.length > 0) this.#listener!.heard(others);
        }
      }
      this.#lookedAt = began;
      this.#failing = false;
    } catch (error) {
      if (!this.#failing) this.#log.warn({ err: error }, 'what other processes change cannot be read now');
      this.#failing = true;
    }
  }
}
