import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** A file is followed by the next one when it is this large. */
const ROTATE_OCTETS = 8 << 20;
const NAME = /^flight-(\d+)\.log$/;

/** What the log knows about the moment the process ended. */
export interface FlightRecords {
  /** Messages whose octets left and whose answer is not in the log; null when the log cannot tell. */
  left: { planId: number; index: number }[] | null;
  /** Messages that were accepted and whose answer may not be in the store. */
  accepted: { channelId: number; planId: number; index: number; carrierIds: string[]; recipient: number }[];
}

/**
 * What leaves and what is answered, written to a file before the octets leave and before a place in the window is given
 * away. A killed process leaves what it wrote to the operating system, so after a kill it is known which messages may
 * have reached the carrier, and no more than a window of them is uncertain. It needs no fsync: after a power failure,
 * which a changed boot id tells, every message being dispatched counts as uncertain.
 *
 * Lines: `b <boot id>`, `w <plan> <index>` (leaves), `a <channel> <plan> <index> <recipient> <carrier ids …>` (accepted),
 * `n <plan> <index>` (not accepted).
 */
export class FlightLog {
  readonly #dir: string;
  readonly #bootId: string;
  #file = 0;
  #fd = -1;
  #octets = 0;
  /** Messages of each file that are not yet recorded in the store. */
  readonly #open = new Map<number, number>();
  #lines = '';

  constructor(dir: string, bootId = currentBootId()) {
    this.#dir = dir;
    this.#bootId = bootId;
    mkdirSync(dir, { recursive: true });
  }

  /** Reads what the last process left, and begins anew. The old files go when {@link forget} is called. */
  recover(): FlightRecords {
    const left = new Map<string, { planId: number; index: number }>();
    const accepted = new Map<string, FlightRecords['accepted'][number]>();
    // A power failure may have emptied the files or taken them away, so only a line of this boot makes them trusted.
    const boots = new Set<string>();
    for (const file of this.#files()) {
      this.#file = Math.max(this.#file, file);
      const lines = readFileSync(this.#path(file), 'latin1').split('\n');
      // What follows the last line end was cut off by the kill.
      lines.pop();
      for (const line of lines) {
        const [kind, ...rest] = line.split(' ');
        if (kind === 'b') boots.add(rest[0] ?? '');
        else if (kind === 'a') {
          const [channelId, planId, index, recipient] = rest.slice(0, 4).map(Number) as [
            number,
            number,
            number,
            number,
          ];
          const key = `${planId}.${index}`;
          left.delete(key);
          accepted.set(key, { channelId, planId, index, recipient, carrierIds: rest.slice(4) });
        } else {
          const [planId, index] = rest.map(Number) as [number, number];
          const key = `${planId}.${index}`;
          accepted.delete(key);
          if (kind === 'w') left.set(key, { planId, index });
          else left.delete(key);
        }
      }
    }
    const trusted = boots.size === 1 && boots.has(this.#bootId) && this.#bootId !== '';
    return { left: trusted ? [...left.values()] : null, accepted: [...accepted.values()] };
  }

  /** Drops the last process's files once what they say is in the store. */
  forget(): void {
    for (const file of this.#files()) unlinkSync(this.#path(file));
    this.#openNext();
  }

  /** Notes that a message is about to leave; returns the place to give back in {@link recorded}. */
  leaving(planId: number, index: number): number {
    this.#lines += `w ${planId} ${index}\n`;
    this.#open.set(this.#file, (this.#open.get(this.#file) ?? 0) + 1);
    return this.#file;
  }

  accepted(channelId: number, planId: number, index: number, recipient: number, carrierIds: readonly string[]): void {
    this.#lines += `a ${channelId} ${planId} ${index} ${recipient} ${carrierIds.join(' ')}\n`;
  }

  notAccepted(planId: number, index: number): void {
    this.#lines += `n ${planId} ${index}\n`;
  }

  /** Hands what was noted to the operating system. To be called before octets leave and before answers are passed on. */
  write(): void {
    if (this.#lines === '') return;
    this.#octets += writeSync(this.#fd, this.#lines, null, 'latin1');
    this.#lines = '';
    if (this.#octets > ROTATE_OCTETS) this.#openNext();
  }

  /** Says that `count` messages noted at `place` are recorded in the store, or were never going to be. */
  recorded(place: number, count: number): void {
    const open = (this.#open.get(place) ?? 0) - count;
    this.#open.set(place, open);
    if (open <= 0 && place !== this.#file) {
      this.#open.delete(place);
      // Answers stand in the file in which they came, which may be a later one: files go oldest first.
      for (const file of this.#files()) {
        if (file >= this.#file || (this.#open.get(file) ?? 0) > 0) break;
        unlinkSync(this.#path(file));
      }
    }
  }

  close(): void {
    this.write();
    if (this.#fd >= 0) closeSync(this.#fd);
    this.#fd = -1;
  }

  #openNext(): void {
    if (this.#fd >= 0) closeSync(this.#fd);
    this.#file++;
    this.#fd = openSync(this.#path(this.#file), 'a');
    this.#octets = 0;
    writeSync(this.#fd, `b ${this.#bootId}\n`);
  }

  #files(): number[] {
    return readdirSync(this.#dir)
      .map((name) => NAME.exec(name)?.[1])
      .filter((number) => number !== undefined)
      .map(Number)
      .sort((a, b) => a - b);
  }

  #path(file: number): string {
    return join(this.#dir, `flight-${file}.log`);
  }
}

const BOOT_ID_PATH = '/proc/sys/kernel/random/boot_id';

/** Changes with every start of the machine; empty where the system does not tell. */
function currentBootId(): string {
  return existsSync(BOOT_ID_PATH) ? readFileSync(BOOT_ID_PATH, 'utf8').trim() : '';
}
