import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js/mobile';
import { callingCodeOf, claimsOn, type NumberingPlan, planOfCountry, planOfHead } from './recipient-plans.ts';

/**
 * A recipient is an E.164 number kept as an integer: calling code and national number, at most 15 digits (ITU-T E.164),
 * so below 2^53 and exact in JSON.
 *
 * Valid means "can be a mobile number": what `parsePhoneNumberFromString(…).isValid()` of `libphonenumber-js/mobile`
 * answers. That build of libphonenumber's metadata keeps for every country the patterns of its mobile numbers only, so
 * a number known to be a fixed line is refused; where numbering does not tell the two apart (+1), both pass; calling
 * codes without a country pass by whatever kinds they have. It says nothing about the number being in use.
 *
 * The library costs about 10 µs a number. The common cases are decided here by expressions compiled from the same
 * metadata, with the same answers; whatever needs more of the library's reasoning is given to the library.
 */

export { callingCodeOf };

const MAX_DIGITS = 15;
const MAX_RECIPIENT = 10 ** MAX_DIGITS - 1;
const POWER_OF_TEN = Array.from({ length: MAX_DIGITS + 1 }, (_, exponent) => 10 ** exponent);

const PLUS = 43;
const ZERO = 48;

/**
 * The recipient a text names, or null when it can be no mobile number. ASCII digits only, after at most one +: no
 * spaces, dashes or letters.
 *
 * - With + the digits are calling code and national number, whatever the default country.
 * - Bare digits, default country null: the same.
 * - Bare digits with a default country (ISO 3166-1 alpha-2, upper case): a number as dialled in that country.
 *
 * As in the library, a national prefix is dropped wherever it can only be one (07400123456 in GB, but also
 * +4407400123456), a dialled-out number is international (008613800138000 in CN), and so is one that fits only when it
 * begins with the default country's own calling code (8613800138000 in CN).
 */
export function parseRecipient(text: string, defaultCountry: string | null): number | null {
  const hasPlus = text.charCodeAt(0) === PLUS;
  let value = 0; // exact up to 15 digits, not used beyond
  for (let i = hasPlus ? 1 : 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - ZERO;
    if (digit < 0 || digit > 9) return null;
    value = value * 10 + digit;
  }
  if (hasPlus || defaultCountry === null) return international(text, hasPlus ? 1 : 0, value);
  const plan = planOfCountry(defaultCountry);
  return plan === null ? null : dialled(text, value, plan, defaultCountry);
}

/** The same for a JSON integer: read as its decimal digits, bare. Null for anything but a safe positive integer. */
export function parseRecipientInteger(value: number, defaultCountry: string | null): number | null {
  return Number.isSafeInteger(value) && value > 0 ? parseRecipient(String(value), defaultCountry) : null;
}

/**
 * ISO 3166-1 alpha-2 country of a recipient, found by its national number where several countries share a calling code;
 * null for a calling code that belongs to no country.
 */
export function countryOf(recipient: number): string | null {
  const plan = planOf(recipient);
  if (plan === null) return null;
  const claims = claimsOn(plan.callingCode);
  if (claims.length === 0) return plan.country;
  const digits = String(recipient);
  const national = digits.slice(plan.callingCode.length);
  if (hasPrefix(plan, national)) return parsePhoneNumberFromString(`+${digits}`)?.country ?? null;
  for (const claim of claims) if (claim.pattern.test(national)) return claim.country;
  return null;
}

/** The calling code a recipient begins with; null when it begins with none. */
export const callingCodeFor = (recipient: number): string | null => planOf(recipient)?.callingCode ?? null;

function planOf(recipient: number): NumberingPlan | null {
  let head = recipient;
  while (head >= 1000) head = Math.floor(head / 10);
  return planOfHead(head);
}

/** Whether numbers of this country (ISO 3166-1 alpha-2, upper case) can be read. */
export function isCountry(code: string): boolean {
  return callingCodeOf(code) !== null;
}

/** Calling code and national number: the digits of `text` from `start`, worth `value`. */
function international(text: string, start: number, value: number): number | null {
  const length = text.length - start;
  if (length > MAX_DIGITS) return askLibrary(`+${text.slice(start)}`, null);
  if (length < 3) return null;
  const plan = planOfHead(Math.floor(value / POWER_OF_TEN[length - 3]!));
  if (plan === null) return null;
  const national = text.slice(start + plan.callingCode.length);
  const prefix = prefixLength(plan, national);
  if (prefix === 0) return value;
  if (prefix === INVALID) return null;
  if (prefix === UNDECIDED) return askLibrary(`+${text.slice(start)}`, null);
  return Number(plan.callingCode + national.slice(prefix));
}

/** Digits as dialled in the plan's country. */
function dialled(digits: string, value: number, plan: NumberingPlan, country: string): number | null {
  if (digits.length > MAX_DIGITS || plan.dialsOut.test(digits)) return askLibrary(digits, country);
  const prefix = prefixLength(plan, digits);
  if (prefix === UNDECIDED) return askLibrary(digits, country);
  if (digits.startsWith(plan.callingCode)) {
    // The library takes the calling code off when that makes a better number: surely when the number is longer than any
    // of the country, surely not when it fits the country's outline as it is.
    if (prefix === INVALID) {
      if (digits.length > plan.maxLength && !hasPrefix(plan, digits)) return international(digits, 0, value);
      return askLibrary(digits, country);
    }
    const national = digits.slice(prefix);
    if (national.length > plan.maxLength || !plan.general.test(national)) return askLibrary(digits, country);
  }
  if (prefix === INVALID) return null;
  if (prefix > 0) return withinE164(Number(plan.callingCode + digits.slice(prefix)));
  return withinE164(Number(plan.callingCode) * POWER_OF_TEN[digits.length]! + value);
}

const INVALID = -1;
const UNDECIDED = -2;

/**
 * The length of the national prefix to take off to be left with a valid national number: 0 usually, INVALID when there
 * is no such number, UNDECIDED when the library has to say.
 */
function prefixLength(plan: NumberingPlan, national: string): number {
  const validAsIs = plan.mobile.test(national);
  if (!hasPrefix(plan, national)) return validAsIs ? 0 : INVALID;
  if (plan.rewritesPrefix) return UNDECIDED;
  const prefix = plan.nationalPrefix!.exec(national)![0];
  const rest = national.slice(prefix.length);
  const validWithout = plan.mobile.test(rest);
  // The library keeps a prefix when dropping it would lose the outline or leave an impossible length.
  if (validWithout && plan.general.test(rest)) return prefix.length;
  return validAsIs || validWithout ? UNDECIDED : INVALID;
}

const hasPrefix = (plan: NumberingPlan, national: string): boolean => plan.nationalPrefix?.test(national) ?? false;

function askLibrary(text: string, defaultCountry: string | null): number | null {
  const parsed = parsePhoneNumberFromString(text, (defaultCountry ?? undefined) as CountryCode | undefined);
  return parsed?.isValid() ? withinE164(Number(parsed.number.slice(1))) : null;
}

const withinE164 = (recipient: number): number | null => (recipient <= MAX_RECIPIENT ? recipient : null);
