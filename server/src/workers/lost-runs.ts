import type { Clock, Timer } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import type { Service } from '../lib/start-stop.ts';
import { type Desk, logFailure } from '../services/desk.ts';

const LOOK_EVERY_MS = 5_000;
/** A process has a run or two at a time that has a row. */
const RUNS_AT_ONCE = 1_000;

/** Ends, in the books, the runs of processes that have ended without a word; one process of an installation looks. */
export class LostRuns implements Service {
  readonly #desk: Desk;
  readonly #alive: () => ReadonlySet<string> | null;
  readonly #clock: Clock;
  readonly #log: Logger;
  /** Workers that were missed at the last look. One that has just begun may be missed once. */
  #missed: ReadonlySet<string> = new Set();
  #timer: Timer | null = null;
  #looking: Promise<void> | null = null;
  #stopped = true;

  /** @param deps.alive the workers that are there; null: it is not known */
  constructor(deps: { desk: Desk; alive: () => ReadonlySet<string> | null; clock: Clock; log: Logger }) {
    this.#desk = deps.desk;
    this.#alive = deps.alive;
    this.#clock = deps.clock;
    this.#log = deps.log;
  }

  async start(): Promise<void> {
    this.#stopped = false;
    this.#missed = new Set();
    this.#lookLater();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#looking;
  }

  #lookLater(): void {
    if (this.#stopped) return;
    this.#timer = this.#clock.setTimer(() => {
      this.#looking = this.#look()
        .catch((error: unknown) => logFailure(this.#log, error, 'runs of ended processes could not be ended'))
        .finally(() => {
          this.#looking = null;
          this.#lookLater();
        });
    }, LOOK_EVERY_MS);
  }

  async #look(): Promise<void> {
    const runs = await this.#desk.ask('runningRuns', { limit: RUNS_AT_ONCE });
    const alive = this.#alive();
    if (alive === null) return;
    const missing = new Set(runs.map(({ worker }) => worker).filter((worker) => !alive.has(worker)));
    for (const worker of missing) {
      if (this.#missed.has(worker)) await this.#desk.do('abandonRuns', { worker });
    }
    this.#missed = missing;
  }
}
