import { Presets, SingleBar } from 'cli-progress';
import { grouped } from '../output.ts';
import type { World } from '../world.ts';

/** Without a terminal, a line is written this often. */
const LINE_EVERY_MS = 10_000;

/** Shows how far a long job is: a bar on a terminal, a line now and then elsewhere. */
export class Progress {
  readonly #world: Pick<World, 'stderr' | 'clock'>;
  readonly #total: number;
  readonly #noun: string;
  readonly #bar: SingleBar | null;
  #lineAt: number;
  #done = 0;

  /** @param total steps in all; @param noun what they are, in the plural */
  constructor(world: Pick<World, 'stderr' | 'clock'>, total: number, noun: string) {
    this.#world = world;
    this.#total = total;
    this.#noun = noun;
    this.#lineAt = world.clock.monotonic() + LINE_EVERY_MS;
    this.#bar = world.stderr.isTTY ? this.#createBar() : null;
    this.#bar?.start(total, 0, { remark: '' });
  }

  update(done: number, remark: string): void {
    this.#done = done;
    this.#bar?.update(done, { remark });
    const now = this.#world.clock.monotonic();
    if (this.#bar !== null || now < this.#lineAt) return;
    this.#lineAt = now + LINE_EVERY_MS;
    this.#world.stderr.write(`${grouped(done)} of ${grouped(this.#total)} ${this.#noun}, ${remark}\n`);
  }

  /** Says something without breaking the bar. */
  note(text: string): void {
    this.#bar?.stop();
    this.#world.stderr.write(`${text}\n`);
    this.#bar?.start(this.#total, this.#done, { remark: '' });
  }

  stop(): void {
    this.#bar?.stop();
  }

  #createBar(): SingleBar {
    const format = ` {bar} {percentage}% {value}/{total} ${this.#noun} | {remark} | {eta_formatted} left`;
    const options = { format, stream: this.#world.stderr, hideCursor: true, etaBuffer: 50, fps: 5 };
    return new SingleBar(options, Presets.shades_classic);
  }
}
