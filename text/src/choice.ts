import { countParts } from './boundary.ts';
import { ABSENT, type Codes, codesOf, ESCAPED } from './codes.ts';
import { isLatin1 } from './latin1.ts';
import { type Encoding, type SegmentLimits, segmentLimits } from './limits.ts';
import type { LockingTable, NationalTable } from './national.ts';

/** What the carrier of a text allows. UCS-2 need not be: it takes every text that nothing else holds. */
export interface SegmentOptions {
  /** The alphabets beside UCS-2, the preferred first; none for UCS-2 alone. Default: GSM 7 bit. */
  readonly alphabets?: readonly Exclude<Encoding, 'ucs2'>[];
  /** National single shift tables the carrier passes on, the preferred first. Default: none. */
  readonly national?: readonly NationalTable[];
  /**
   * National locking shift tables the carrier passes on, the preferred first. Default: none. They replace the default
   * alphabet itself, so that a handset that does not know one shows wrong letters in plain words too; an unknown single
   * shift table spoils the escaped characters only.
   */
  readonly locking?: readonly LockingTable[];
}

/** One way of carrying a text. */
interface Way {
  readonly encoding: Encoding;
  /** The national single shift table the text needs, null for none. */
  readonly national: NationalTable | null;
  /** The national locking shift table the text needs, null for none. */
  readonly locking: LockingTable | null;
  readonly limits: SegmentLimits;
  /** The septets of every character; null unless the encoding is GSM 7 bit. */
  readonly codes: Codes | null;
}

/** What a caller allows, one way after the other: tables are made ready when a text first comes to them. */
type Ways = readonly (() => Way)[];

/** How a text will be carried. */
export interface Choice extends Way {
  /** Units of the whole text: septets with their escapes, octets, or 16-bit units. */
  readonly units: number;
  /** The codes when some character of the text costs two septets, else null; for `segmentEnd`. */
  readonly escapes: Codes | null;
}

const gsm7: Way = gsm7With(null, null)();
const latin1: Way = {
  encoding: 'latin1',
  national: null,
  locking: null,
  limits: segmentLimits('latin1'),
  codes: null,
};
const ucs2: Way = { encoding: 'ucs2', national: null, locking: null, limits: segmentLimits('ucs2'), codes: null };

const DEFAULT_WAYS: Ways = [() => gsm7];

/** Callers hand in the same options text after text. */
const waysOfOptions = new WeakMap<SegmentOptions, Ways>();

/** Whether the GSM 7 bit default alphabet, or an allowed national table, carries a text. */
export function fitsGsm7(text: string, options?: SegmentOptions): boolean {
  return chooseEncoding(text, options).encoding === 'gsm7';
}

/**
 * Chooses how a text is carried: of the allowed ways that hold every character, the one that takes the fewest segments;
 * between equals the simplest GSM 7 bit way (default alphabet, then single shift, then locking shift, then both; tables
 * in the caller's order), and alphabets in the caller's order. UCS-2 when none holds the text; it would never take fewer
 * segments than one that does.
 */
export function chooseEncoding(text: string, options?: SegmentOptions): Choice {
  const ways = options === undefined ? DEFAULT_WAYS : allowedWays(options);
  let best: Choice | undefined;
  let fewest = Number.POSITIVE_INFINITY;
  for (const wayAt of ways) {
    const way = wayAt();
    const units = unitsBy(way, text);
    if (units === undefined) continue;
    const choice = chosen(way, units, text);
    if (units <= way.limits.single || ways.length === 1) return choice;
    const segments = countParts(text, way.limits.part, choice.escapes);
    if (segments < fewest) {
      best = choice;
      fewest = segments;
    }
    // A septet a character under the shortest header: no way takes fewer segments.
    if (way === gsm7 && units === text.length) break;
  }
  return best ?? chosen(ucs2, text.length, text);
}

function chosen(way: Way, units: number, text: string): Choice {
  const { encoding, national, locking, limits, codes } = way;
  return { encoding, national, locking, limits, codes, units, escapes: units === text.length ? null : codes };
}

function allowedWays(options: SegmentOptions): Ways {
  const known = waysOfOptions.get(options);
  if (known !== undefined) return known;
  const ways = listWays(options);
  waysOfOptions.set(options, ways);
  return ways;
}

function listWays({ alphabets, national = [], locking = [] }: SegmentOptions): Ways {
  if (alphabets === undefined && national.length === 0 && locking.length === 0) return DEFAULT_WAYS;
  const ways: (() => Way)[] = [];
  for (const alphabet of alphabets ?? ['gsm7']) {
    if (alphabet === 'latin1') {
      ways.push(() => latin1);
      continue;
    }
    ways.push(() => gsm7);
    for (const single of national) ways.push(gsm7With(null, single));
    for (const table of locking) ways.push(gsm7With(table, null));
    for (const table of locking) for (const single of national) ways.push(gsm7With(table, single));
  }
  return ways;
}

function gsm7With(locking: LockingTable | null, national: NationalTable | null): () => Way {
  let way: Way | undefined;
  return () => {
    way ??= {
      encoding: 'gsm7',
      national,
      locking,
      limits: segmentLimits('gsm7', national, locking),
      codes: codesOf(locking, national),
    };
    return way;
  };
}

/** Units of a text; undefined when the way does not hold all of it. */
function unitsBy({ codes }: Way, text: string): number | undefined {
  if (codes === null) {
    for (let index = 0; index < text.length; index++) if (!isLatin1(text.charCodeAt(index))) return undefined;
    return text.length;
  }
  let escapes = 0;
  for (let index = 0; index < text.length; index++) {
    const code = codes[text.charCodeAt(index)]!;
    if (code === ABSENT) return undefined;
    escapes += code & ESCAPED;
  }
  return text.length + escapes / ESCAPED;
}
