import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  unlinkSync,
} from 'node:fs';
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
        const entry = readLine(line);
        if (entry === null) continue;
        if (entry.kind === 'boot') {
          boots.add(entry.id);
          continue;
        }
        const { planId, index } = entry.message;
        const key = `${planId}.${index}`;
        if (entry.kind === 'leaves') left.set(key, { planId, index });
        else left.delete(key);
        if (entry.kind === 'accepted') accepted.set(key, entry.message);
        else accepted.delete(key);
      }
    }
    const trusted = boots.size === 1 && boots.has(this.#bootId) && this.#bootId !== '';
    return { left: trusted ? [...left.values()] : null, accepted: [...accepted.values()] };
  }

  /** Drops all files once what they say is in the store. */
  forget(): void {
    this.#openNext();
    for (const file of this.#files()) if (file < this.#file) unlinkSync(this.#path(file));
  }

  /** Notes that a message is about to leave; returns the place to give back in {@link recorded}. */
  leaving(planId: number, index: number): number {
    this.#lines += `w ${planId} ${index}\n`;
    this.#open.set(this.#file, (this.#open.get(this.#file) ?? 0) + 1);
    return this.#file;
  }

  accepted(channelId: number, planId: number, index: number, recipient: number, carrierIds: readonly string[]): void {
    this.#lines += `a ${channelId} ${planId} ${index} ${recipient} ${carrierIds.map(escapeId).join(' ')}\n`;
  }

  notAccepted(planId: number, index: number): void {
    this.#lines += `n ${planId} ${index}\n`;
  }

  /** Hands what was noted to the operating system. To be called before octets leave and before answers are passed on. */
  write(): void {
    if (this.#lines === '') return;
    appendFileSync(this.#fd, this.#lines, 'latin1');
    this.#octets += this.#lines.length;
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
    if (this.#fd < 0) return;
    // The next start need not read what is in the store already.
    if ([...this.#open.values()].every((open) => open <= 0)) this.forget();
    closeSync(this.#fd);
    this.#fd = -1;
  }

  #openNext(): void {
    if (this.#fd >= 0) closeSync(this.#fd);
    this.#file++;
    this.#fd = openSync(this.#path(this.#file), 'a');
    this.#octets = 0;
    appendFileSync(this.#fd, `b ${this.#bootId}\n`);
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

type Entry =
  | { kind: 'boot'; id: string }
  | { kind: 'leaves' | 'notAccepted'; message: { planId: number; index: number } }
  | { kind: 'accepted'; message: FlightRecords['accepted'][number] };

/** What a line says; null for one that says nothing, since a power failure may leave any octets. */
function readLine(line: string): Entry | null {
  const [kind, ...words] = line.split(' ');
  if (kind === 'b') return { kind: 'boot', id: words[0] ?? '' };
  const count = kind === 'a' ? 4 : 2;
  const numbers = words.slice(0, count).map((word) => (/^\d+$/.test(word) ? Number(word) : Number.NaN));
  if (numbers.length < count || !numbers.every(Number.isSafeInteger)) return null;
  if (kind === 'a') {
    const [channelId, planId, index, recipient] = numbers as [number, number, number, number];
    const carrierIds = words.slice(count).map(unescapeId);
    return { kind: 'accepted', message: { channelId, planId, index, recipient, carrierIds } };
  }
  const [planId, index] = numbers as [number, number];
  if (kind === 'w') return { kind: 'leaves', message: { planId, index } };
  return kind === 'n' ? { kind: 'notAccepted', message: { planId, index } } : null;
}

/** A carrier may put any octets into an id: those that would end a word or a line are written as % and two digits. */
const escapeId = (id: string): string =>
  /^[!-$&-~]*$/.test(id)
    ? id
    : id.replace(/[^!-$&-~]/g, (octet) => `%${octet.charCodeAt(0).toString(16).padStart(2, '0')}`);

const unescapeId = (id: string): string =>
  id.replace(/%([0-9a-f]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));

const BOOT_ID_PATH = '/proc/sys/kernel/random/boot_id';

/** Changes with every start of the machine; empty where the system does not tell. */
function currentBootId(): string {
  return existsSync(BOOT_ID_PATH) ? readFileSync(BOOT_ID_PATH, 'utf8').trim() : '';
}
