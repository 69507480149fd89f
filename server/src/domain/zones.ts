import { countryOf } from './recipient.ts';
import { ZONES_OF_COUNTRIES, ZONES_OF_PREFIXES } from './zone-table.ts';

/** IANA names of the time zones a number may be in, as one list for all numbers alike. */
export type ZoneList = readonly string[];

const lists = new Map<string, ZoneList>();

/** The same list for the same zones, so that what is known of it can be kept beside it. */
function listOf(zones: string): ZoneList {
  let list = lists.get(zones);
  if (list === undefined) {
    list = zones.split(' ');
    lists.set(zones, list);
  }
  return list;
}

const ofCountry = new Map<string, ZoneList>(
  ZONES_OF_COUNTRIES.trim()
    .split(/,\s*/)
    .map((row): [string, ZoneList] => [row.slice(0, 2), listOf(row.slice(3))]),
);

/** By calling code and area code, and how many digits an area code has. */
const ofPrefix = new Map<string, ZoneList>();
const areaDigits = new Map<string, number>();
for (const [callingCode, areas, zones] of ZONES_OF_PREFIXES) {
  for (const area of areas.split(/\s+/)) {
    ofPrefix.set(callingCode + area, listOf(zones));
    areaDigits.set(callingCode, area.length);
  }
}

/** Every zone of the tables: where a number may be that belongs to no country. */
const EVERYWHERE: ZoneList = [...new Set([...ofCountry.values()].flat())].sort();

/** Time zones a recipient may be in: by its area code where the tables know it, otherwise all of its country. */
export function zonesOf(recipient: number): ZoneList {
  const digits = String(recipient);
  for (const [callingCode, length] of areaDigits) {
    if (!digits.startsWith(callingCode)) continue;
    const zones = ofPrefix.get(digits.slice(0, callingCode.length + length));
    if (zones !== undefined) return zones;
  }
  const country = countryOf(recipient);
  return (country === null ? undefined : ofCountry.get(country)) ?? EVERYWHERE;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Minutes since midnight on the clocks of a zone. @param at milliseconds since 1970 */
export function minuteOfDay(zone: string, at: number): number {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
    formats.set(zone, format);
  }
  const text = format.format(at);
  return Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5));
}
