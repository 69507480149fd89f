import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { MISSING, type PartState } from '../domain/parts.ts';

/** A file is followed by the next one when it is this large. */
const ROTATE_OCTETS = 8 << 20;
const NAME = /^flight-(\d+)\.log$/;

/** What the log knows about the moment the process ended. */
export interface FlightRecords {
  /** Messages whose octets left and whose answer is not in the log; null when the log cannot tell. */
  left: Left[] | null;
  /** Messages that were accepted and whose answer may not be in the store. */
  accepted: { channelId: number; planId: number; index: number; carrierIds: string[]; recipient: number }[];
  /** Long messages that were answered in part, or of which some parts left. They are not among `left`. */
  inParts: { message: LongFlight; parts: PartState[] }[];
}

/** A message that left, and our own number for the attempt where it had one. */
export interface Left {
  planId: number;
  index: number;
  userReference?: number;
}

/** A text of several parts that begins to leave. */
export interface LongFlight {
  channelId: number;
  planId: number;
  index: number;
  recipient: number;
  reference: number;
  /** Answers that were given about the message before. */
  round: number;
  /** Its parts, those included that were accepted before. */
  total: number;
  /** Our own number for its first part; null when it has none. */
  userReference: number | null;
}

/**
 * What leaves and what is answered, written to a file before the octets leave and before a place in the window is given
 * away. A killed process leaves what it wrote to the operating system, so after a kill it is known which messages may
 * have reached the carrier, and no more than a window of them is uncertain. It needs no fsync: after a power failure,
 * which a changed boot id tells, every message being dispatched counts as uncertain.
 *
 * Lines: `b <boot id>`, `w <plan> <index> [<user reference>]` (leaves), `a <channel> <plan> <index> <recipient> <carrier ids …>` (accepted),
 * `n <plan> <index>` (not accepted). Of a text of several parts: `h <channel> <plan> <index> <recipient> <reference>
 * <round> <total> [<user reference>]` (its head: parts will leave), and with `<plan> <index> <part>`: `q` (the part leaves), `p … <carrier
 * id>` (it is accepted), `r` (it is refused).
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
    const left = new Map<string, Left>();
    const accepted = new Map<string, FlightRecords['accepted'][number]>();
    const inParts = new Map<string, FlightRecords['inParts'][number]>();
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
        if (entry.kind === 'part') {
          const { parts } = inParts.get(key) ?? { parts: [] };
          if (entry.part < parts.length) parts[entry.part] = entry.state;
          continue;
        }
        left.delete(key);
        accepted.delete(key);
        inParts.delete(key);
        if (entry.kind === 'leaves') left.set(key, entry.message);
        if (entry.kind === 'accepted') accepted.set(key, entry.message);
        if (entry.kind === 'leavesInParts') {
          const parts = Array.from({ length: entry.message.total }, () => MISSING);
          inParts.set(key, { message: entry.message, parts });
        }
      }
    }
    const trusted = boots.size === 1 && boots.has(this.#bootId) && this.#bootId !== '';
    for (const [key, { message, parts }] of inParts) {
      // Where lines may be missing, each part that was not accepted may have left.
      if (!trusted) for (const [i, { kind }] of parts.entries()) if (kind === 'missing') parts[i] = { kind: 'unknown' };
      const carrierIds = parts.flatMap((part) => (part.kind === 'accepted' ? [part.carrierId] : []));
      if (message.round > 0 || carrierIds.length < message.total) continue;
      const { channelId, planId, index, recipient } = message;
      accepted.set(key, { channelId, planId, index, recipient, carrierIds });
      inParts.delete(key);
    }
    return {
      left: trusted ? [...left.values()] : null,
      accepted: [...accepted.values()],
      inParts: [...inParts.values()],
    };
  }

  /** Drops all files once what they say is in the store. */
  forget(): void {
    this.#openNext();
    for (const file of this.#files()) if (file < this.#file) unlinkSync(this.#path(file));
  }

  /** Notes that a message is about to leave; returns the place to give back in {@link recorded}. */
  leaving(planId: number, index: number, userReference?: number): number {
    this.#lines += userReference === undefined ? `w ${planId} ${index}\n` : `w ${planId} ${index} ${userReference}\n`;
    return this.#opened();
  }

  /** The same of a text of several parts; each of them is noted as well. */
  leavingInParts(flight: LongFlight): number {
    const { channelId, planId, index, recipient, reference, round, total, userReference } = flight;
    const own = userReference === null ? '' : ` ${userReference}`;
    this.#lines += `h ${channelId} ${planId} ${index} ${recipient} ${reference} ${round} ${total}${own}\n`;
    return this.#opened();
  }

  partLeaving(planId: number, index: number, part: number): void {
    this.#lines += `q ${planId} ${index} ${part}\n`;
  }

  partAccepted(planId: number, index: number, part: number, carrierId: string): void {
    this.#lines += `p ${planId} ${index} ${part} ${escapeId(carrierId)}\n`;
  }

  partRefused(planId: number, index: number, part: number): void {
    this.#lines += `r ${planId} ${index} ${part}\n`;
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
    // Not appendFileSync, which takes twice as long over a few lines.
    while (this.#lines !== '') {
      const octets = writeSync(this.#fd, this.#lines, null, 'latin1');
      this.#octets += octets;
      this.#lines = this.#lines.slice(octets);
    }
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

  #opened(): number {
    this.#open.set(this.#file, (this.#open.get(this.#file) ?? 0) + 1);
    return this.#file;
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
  | { kind: 'leaves'; message: Left }
  | { kind: 'notAccepted'; message: { planId: number; index: number } }
  | { kind: 'accepted'; message: FlightRecords['accepted'][number] }
  | { kind: 'leavesInParts'; message: LongFlight }
  | { kind: 'part'; message: { planId: number; index: number }; part: number; state: PartState };

/** Numbers that stand behind the letter of a line. */
const NUMBERS: Readonly<Record<string, number>> = { w: 2, n: 2, a: 4, h: 7, q: 3, p: 3, r: 3 };
/** More parts than any text has (3GPP 23.040 §9.2.3.24.1 counts them in an octet). */
const MAX_PARTS = 255;

/** What a line says; null for one that says nothing, since a power failure may leave any octets. */
function readLine(line: string): Entry | null {
  const [kind, ...words] = line.split(' ');
  if (kind === 'b') return { kind: 'boot', id: words[0] ?? '' };
  const count = NUMBERS[kind ?? ''];
  if (count === undefined) return null;
  const numbers = words.slice(0, count).map((word) => (/^\d+$/.test(word) ? Number(word) : Number.NaN));
  if (numbers.length < count || !numbers.every(Number.isSafeInteger)) return null;
  if (kind === 'a') {
    const [channelId, planId, index, recipient] = numbers as [number, number, number, number];
    const carrierIds = words.slice(count).map(unescapeId);
    return { kind: 'accepted', message: { channelId, planId, index, recipient, carrierIds } };
  }
  if (kind === 'h') {
    const [channelId, planId, index, recipient, reference, round, total] = numbers as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    if (total > MAX_PARTS) return null;
    const userReference = userReferenceIn(words[count]) ?? null;
    const message = { channelId, planId, index, recipient, reference, round, total, userReference };
    return { kind: 'leavesInParts', message };
  }
  const [planId, index, part] = numbers as [number, number, number];
  const message = { planId, index };
  if (kind === 'w') {
    const userReference = userReferenceIn(words[count]);
    return { kind: 'leaves', message: userReference === undefined ? message : { ...message, userReference } };
  }
  if (kind === 'n') return { kind: 'notAccepted', message };
  if (kind === 'q') return { kind: 'part', message, part, state: { kind: 'unknown' } };
  if (kind === 'r') return { kind: 'part', message, part, state: MISSING };
  const [carrierId] = words.slice(count);
  return carrierId === undefined
    ? null
    : { kind: 'part', message, part, state: { kind: 'accepted', carrierId: unescapeId(carrierId) } };
}

const userReferenceIn = (word: string | undefined): number | undefined =>
  word !== undefined && /^\d{1,5}$/.test(word) ? Number(word) : undefined;

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
