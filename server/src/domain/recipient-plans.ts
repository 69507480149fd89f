import metadata from 'libphonenumber-js/mobile/metadata';

/**
 * Telephone numbering plans as regular expressions compiled once, from the metadata libphonenumber-js ships
 * (`metadata.mobile.json`, format version 4, described in that package's METADATA.md). "National" below is a national
 * (significant) number: the digits after the calling code.
 *
 * A plan is compiled when its first number arrives: a server meets a few of the 250, and the shared ones are long.
 */
export interface NumberingPlan {
  /** ISO 3166-1 alpha-2, null for a plan without a country, such as +882. */
  readonly country: string | null;
  readonly callingCode: string;
  /** Most digits of any national number in this plan. */
  readonly maxLength: number;
  /** Begins with the prefix that dials out of the country, such as 00. */
  readonly dialsOut: RegExp;
  /** The plan's outline of all its national numbers, of any type. */
  readonly general: RegExp;
  /** Begins with a national prefix such as 0, never an empty one; null where the plan has none. */
  readonly nationalPrefix: RegExp | null;
  /** Whether a national prefix can stand for digits of the number, so that dropping it is not enough. */
  readonly rewritesPrefix: boolean;
  /** National numbers that can be mobile. */
  readonly mobile: RegExp;
}

/** One plan as shipped: the positions the library reads, 0 or absent where there is nothing. */
type Row = readonly unknown[];
const CALLING_CODE = 0;
const DIALS_OUT = 1;
const GENERAL = 2;
const LENGTHS = 3;
const NATIONAL_PREFIX = 5;
const NATIONAL_PREFIX_FOR_PARSING = 7;
const PREFIX_REWRITE = 8;
const LEADING_DIGITS = 10;
const TYPES = 11;

if (metadata.version !== 4) throw new Error(`unknown libphonenumber-js metadata version ${metadata.version}`);

const rowOf = new Map<string, Row>(Object.entries(metadata.countries as Record<string, unknown>) as [string, Row][]);
const placelessRowOf = new Map<string, Row>(
  Object.entries(metadata.nonGeographic as Record<string, unknown>) as [string, Row][],
);
/** The countries of each calling code, in the library's order: the first is the main one. */
const countriesOf = new Map<string, readonly string[]>(Object.entries(metadata.country_calling_codes));

/**
 * The calling code at each possible first three digits of an international number. No calling code begins with another
 * (ITU-T E.164), so three digits decide.
 */
const callingCodeAt: (string | undefined)[] = new Array(1000).fill(undefined);
for (const code of [...countriesOf.keys(), ...placelessRowOf.keys()]) {
  const from = Number(code.padEnd(3, '0'));
  callingCodeAt.fill(code, from, from + 10 ** (3 - code.length));
}

const text = (row: Row, position: number): string | null => {
  const value = row[position];
  return typeof value === 'string' && value !== '' ? value : null;
};

const whole = (pattern: string): string => `(?:${pattern})$`;
const start = (pattern: string): RegExp => new RegExp(`^(?:${pattern})`);

/** A national number of one of the types this plan lists, as in the library's getNumberType; null when it lists none. */
function typed(row: Row): string | null {
  const types = (row[TYPES] || []) as readonly (0 | readonly [pattern: string, lengths?: readonly number[]])[];
  const alternatives: string[] = [];
  for (const type of types) {
    if (type === 0 || type[0] === '') continue;
    const lengths = type[1] ?? (row[LENGTHS] as readonly number[]);
    alternatives.push(`(?=(?:${lengths.map((length) => `\\d{${length}}`).join('|')})$)${whole(type[0])}`);
  }
  if (alternatives.length === 0) return null;
  return `(?=${whole(text(row, GENERAL)!)})(?:${alternatives.join('|')})`;
}

/** A valid national number of this very plan: by its types, or by its outline when the metadata gives it no types. */
const valid = (row: Row): string => typed(row) ?? whole(text(row, GENERAL)!);

const NOTHING = '(?!)';

/**
 * Among plans that share a calling code a number is judged by the first that claims it: by leading digits where the plan
 * has them, otherwise by being valid in it. What nobody claims is judged by the plan it was read in.
 */
function validAmong(rows: readonly Row[], unclaimed: Row): string {
  return rows.reduceRight((rest, row) => {
    const leading = text(row, LEADING_DIGITS);
    if (leading === null) return `(?:${typed(row) ?? NOTHING}|${rest})`;
    return `(?:(?=${leading})${valid(row)}|(?!${leading})${rest})`;
  }, valid(unclaimed));
}

const rowsOf = (callingCode: string): readonly Row[] =>
  (countriesOf.get(callingCode) ?? []).map((country) => rowOf.get(country)!);

function compile(country: string | null, row: Row): NumberingPlan {
  const callingCode = text(row, CALLING_CODE)!;
  const sharing = rowsOf(callingCode);
  const judged = sharing.length > 1 ? validAmong(sharing, row) : valid(row);
  const prefix = text(row, NATIONAL_PREFIX_FOR_PARSING) ?? text(row, NATIONAL_PREFIX);
  return {
    country,
    callingCode,
    maxLength: Math.max(...(row[LENGTHS] as readonly number[])),
    dialsOut: start(text(row, DIALS_OUT) ?? NOTHING),
    general: new RegExp(`^${whole(text(row, GENERAL)!)}`),
    // `(?!^)`: some of these patterns match the empty string too, which is no prefix.
    nationalPrefix: prefix === null ? null : new RegExp(`^(?:${prefix})(?!^)`),
    rewritesPrefix: text(row, PREFIX_REWRITE) !== null,
    mobile: start(judged),
  };
}

const planOf = new Map<string, NumberingPlan>();
const planAt: (NumberingPlan | undefined)[] = new Array(1000).fill(undefined);

/** The plan of a country; null when the library knows no such code (codes are upper case). */
export function planOfCountry(country: string): NumberingPlan | null {
  const known = planOf.get(country);
  if (known !== undefined) return known;
  const row = rowOf.get(country);
  if (row === undefined) return null;
  const plan = compile(country, row);
  planOf.set(country, plan);
  return plan;
}

/**
 * The plan international numbers with these first three digits (as an integer) are read in: for a shared calling code
 * that of its main country. Null when no calling code begins so.
 */
export function planOfHead(head: number): NumberingPlan | null {
  const known = planAt[head];
  if (known !== undefined) return known;
  const callingCode = callingCodeAt[head];
  if (callingCode === undefined) return null;
  const main = countriesOf.get(callingCode)?.[0];
  const plan = main === undefined ? compile(null, placelessRowOf.get(callingCode)!) : planOfCountry(main)!;
  planAt[head] = plan;
  return plan;
}

/** Which national numbers a country claims among those that share its calling code. */
interface Claim {
  readonly country: string;
  readonly pattern: RegExp;
}

const claimsOf = new Map<string, readonly Claim[]>();

/** The claims on a calling code, in the order in which the library asks; the only claim of an unshared one is not listed. */
export function claimsOn(callingCode: string): readonly Claim[] {
  const known = claimsOf.get(callingCode);
  if (known !== undefined) return known;
  const countries = countriesOf.get(callingCode) ?? [];
  const claims: Claim[] = [];
  if (countries.length > 1) {
    for (const country of countries) {
      const row = rowOf.get(country)!;
      claims.push({ country, pattern: start(text(row, LEADING_DIGITS) ?? typed(row) ?? NOTHING) });
    }
  }
  claimsOf.set(callingCode, claims);
  return claims;
}

/** The calling code of a country without its +; null when the library knows no such country. */
export function callingCodeOf(country: string): string | null {
  const row = rowOf.get(country);
  return row === undefined ? null : text(row, CALLING_CODE);
}
