import type { TariffRow } from './tariff.ts';

/** What a carrier charges for one segment: a figure, which never touches credits. */
export interface CostRow extends TariffRow {
  /** Millionths of a unit of the currency, an integer from 0 on. */
  micros: number;
  /** ISO 4217. */
  currency: string;
}

/** Most a segment may cost: a thousand units. */
export const MAX_COST_MICROS = 1_000_000_000;

export const CURRENCY = /^[A-Z]{3}$/;

/**
 * Millionths in a decimal text such as 0.0315, exactly; null when it is none, has more than six places behind its point,
 * or is 10^9 or more.
 */
export function parseMicros(text: string): number | null {
  const match = /^(\d{1,9})(?:\.(\d{1,6}))?$/.exec(text);
  if (match === null) return null;
  return Number(match[1]) * 1_000_000 + Number((match[2] ?? '').padEnd(6, '0'));
}

/** Millionths as a decimal text, without needless zeros: 31500 is 0.0315. */
export function microsText(micros: number): string {
  const sign = micros < 0 ? '-' : '';
  const digits = String(Math.abs(micros)).padStart(7, '0');
  const places = digits.slice(-6).replace(/0+$/, '');
  return `${sign}${digits.slice(0, -6)}${places === '' ? '' : `.${places}`}`;
}
