import { useMemo } from 'react';
import { useLook } from '../../api/hooks.ts';
import { useSession } from '../../api/session.ts';
import { momentOf, now } from '../../lib/time.ts';
import { useSpeaking } from '../../words/index.tsx';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How things are written in the language that is spoken, and times in the zone of the business. */
export interface Format {
  /** An IANA time zone. */
  zone: string;
  /** 12,345 */
  number(value: number): string;
  /** 98.7 %; an en dash for 0 of 0. */
  share(part: number, whole: number): string;
  /** 26 Nov 2026, 18:39:13, in the zone. */
  time(iso: string): string;
  /** 26 Nov, 18:39 */
  shortTime(iso: string): string;
  /** 26 Nov 2026 */
  day(iso: string): string;
  /** 5 minutes ago, in 2 hours. */
  ago(iso: string): string;
  /** €0.0315 of 31,500 millionths; without a currency, the plain number. */
  money(micros: number, currency: string | null): string;
  /** Germany, of DE. */
  country(code: string): string;
  /** 12 KB, 3.4 MB, 69.1 GB */
  octets(count: number): string;
}

const browserZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** The time zone of the member's business; of the browser, for staff of the platform. */
export function useZone(): string {
  const { data: session } = useSession();
  const business = session?.member.business_id ?? null;
  const { data } = useLook(
    'GET /businesses/{business}',
    { path: { business: String(business) } },
    { enabled: business !== null },
  );
  return (business === null ? undefined : data?.time_zone) ?? browserZone();
}

export function useFormat(): Format {
  const { language } = useSpeaking();
  const zone = useZone();
  return useMemo(() => formatOf(language, zone), [language, zone]);
}

const MICROS = 1_000_000;

/** Prices of segments are small: as many places as there are, two at least. */
const moneyFormat = (locale: string, currency: string | null): Intl.NumberFormat =>
  new Intl.NumberFormat(locale, {
    minimumFractionDigits: 2,
    maximumFractionDigits: 6,
    ...(currency !== null && { style: 'currency', currency, currencyDisplay: 'code' }),
  });

/** @param zone an IANA time zone */
export function formatOf(language: string, zone: string): Format {
  const locale = language === 'en' ? 'en-GB' : language;
  const number = new Intl.NumberFormat(locale);
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 });
  const day = new Intl.DateTimeFormat(locale, { timeZone: zone, dateStyle: 'medium' });
  const time = new Intl.DateTimeFormat(locale, {
    timeZone: zone,
    dateStyle: 'medium',
    timeStyle: 'medium',
    hour12: false,
  });
  const shortTime = new Intl.DateTimeFormat(locale, {
    timeZone: zone,
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hour12: false,
  });
  const countries = new Intl.DisplayNames(locale, { type: 'region' });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  return {
    zone,
    number: (value) => number.format(value),
    share: (part, whole) => (whole === 0 ? '–' : percent.format(part / whole)),
    time: (iso) => time.format(momentOf(iso)),
    shortTime: (iso) => shortTime.format(momentOf(iso)),
    day: (iso) => day.format(momentOf(iso)),
    ago: (iso) => {
      const distance = momentOf(iso) - now();
      const size = Math.abs(distance);
      if (size < MINUTE) return relative.format(Math.round(distance / SECOND), 'second');
      if (size < HOUR) return relative.format(Math.round(distance / MINUTE), 'minute');
      if (size < DAY) return relative.format(Math.round(distance / HOUR), 'hour');
      return relative.format(Math.round(distance / DAY), 'day');
    },
    money: (micros, currency) => moneyFormat(locale, currency).format(micros / MICROS),
    country: (code) => countries.of(code) ?? code,
    octets: (count) => {
      if (count < 1_000) return `${count} B`;
      if (count < 1_000_000) return `${number.format(Math.round(count / 1_000))} KB`;
      if (count < 1_000_000_000) return `${number.format(Math.round(count / 100_000) / 10)} MB`;
      return `${number.format(Math.round(count / 100_000_000) / 10)} GB`;
    },
  };
}

/** How the digits after a country's code stand together; what is not listed is written in threes from the left. */
const GROUPS: readonly [prefix: string, groups: readonly number[]][] = [
  ['+86', [3, 4, 4]],
  ['+852', [4, 4]],
  ['+853', [4, 4]],
  ['+886', [3, 3, 3]],
  ['+1', [3, 3, 4]],
  ['+44', [4, 6]],
];

/** A number in E.164, masked or not, as people read it: +86 138 0013 8000. */
export function phoneText(number: string): string {
  const known = GROUPS.find(
    ([prefix, groups]) => number.startsWith(prefix) && number.length === prefix.length + groups.reduce((a, b) => a + b),
  );
  if (known === undefined) return number;
  const [prefix, groups] = known;
  const parts = [prefix];
  let from = prefix.length;
  for (const size of groups) {
    parts.push(number.slice(from, from + size));
    from += size;
  }
  return parts.join('\u00a0');
}
