const MINUTE_MS = 60_000;
export const DAY_MS = 86_400_000;
/** How long the history is. */
export const DAYS = 30;
/** Days that retention forgets at the end. */
export const FORGOTTEN_DAYS = 2;

/** Ids as `lib/ids.ts` lays them out. */
const ID_EPOCH_MS = 1_735_689_600_000;
const IDS_A_MS = 4_096;
/** The first id of a millisecond. */
export const idAt = (ms: number): number => (ms - ID_EPOCH_MS) * IDS_A_MS;

/** Of the messages, those that are plans of one. */
const SINGLE_SHARE = 0.2;
/** Plans of many, as shares of the rest. */
const LARGE = [
  { messages: 1_000_000, share: 0.125 },
  { messages: 50_000, share: 0.375 },
  { messages: 5_000, share: 0.25 },
  { messages: 1_000, share: 0.25 },
] as const;
/** The largest plan there may be. */
export const LARGEST = LARGE[0].messages;

/** A number that got one in a hundred of all messages together with 999 others. */
export const HOT_NUMBER = 8_613_900_000_000;
export const FIRST_NUMBER = 8_613_800_000_000;
export const NUMBERS = 10_000_000;

/** How one message of so many is written down: what there is one of for each so many messages. */
export const MESSAGES_A = { delivery: 50, auditEntry: 50, choreRun: 100, inbound: 50, optOut: 100 } as const;

/** A plan of many messages. */
export interface LargePlan {
  at: number;
  /** From 0 in the order of their making; tells apart what is random. */
  serial: number;
  size: number;
  /** Which of the businesses, by its place. */
  business: number;
}

/** What a day adds. */
export interface Day {
  from: number;
  /** Plans of one, evenly over the day, `stepMs` apart; `before` is the number of those of earlier days. */
  singles: { before: number; count: number; stepMs: number };
  large: LargePlan[];
}

/** A month that ends at `until`, day by day. */
export function* daysOf(until: number, messages: number, businesses: number): Generator<Day> {
  const since = until - DAYS * DAY_MS;
  const count = Math.round((messages * SINGLE_SHARE) / DAYS);
  let serial = 0;
  for (let day = 0; day < DAYS; day++) {
    const from = since + day * DAY_MS;
    const large: LargePlan[] = [];
    for (const { messages: size, share } of LARGE) {
      const all = Math.round((messages * (1 - SINGLE_SHARE) * share) / size);
      const [first, last] = [Math.round((all * day) / DAYS), Math.round((all * (day + 1)) / DAYS)];
      for (let i = first; i < last; i++) {
        const at = from + Math.floor(((i - first + 0.5) / (last - first)) * DAY_MS);
        // Two of three belong to the first business, none to the last; none is so late that it ends after the day.
        const business = i % 3 === 2 ? 1 + (Math.floor(i / 3) % (businesses - 2)) : 0;
        large.push({ at: Math.min(at, from + DAY_MS - 30 * MINUTE_MS), serial: serial++, size, business });
      }
    }
    large.sort((a, b) => a.at - b.at);
    yield { from, singles: { before: day * count, count, stepMs: Math.floor(DAY_MS / count) }, large };
  }
}

/** Numbers that look random, of one, as SQL; `salt` tells apart what is made of it. */
const hash = (of: string, salt: number): string =>
  `((((${of}) * 2654435761 + ${salt} * 40503) & 4294967295) * 1103515245 >> ${9 + salt})`;

/** The recipient of a message, as SQL. */
export const numberOf = (of: string): string =>
  `(CASE WHEN ${hash(of, 1)} % 100 = 0 THEN ${HOT_NUMBER} + ${hash(of, 2)} % 1000
    ELSE ${FIRST_NUMBER} + ${hash(of, 3)} % ${NUMBERS} END)`;

/** 94 in 100 delivered, the rest every way a message may end: codes of `domain/message.ts`, by a number below 10,000. */
const STATES = [
  { below: 9_400, code: 4 },
  { below: 9_600, code: 5 },
  { below: 9_700, code: 6 },
  { below: 9_780, code: 7 },
  { below: 9_850, code: 8 },
  { below: 9_900, code: 11 },
  { below: 9_960, code: 12 },
  { below: 9_990, code: 9 },
  { below: 10_000, code: 14 },
] as const;
export const stateOf = (of: string): string =>
  `(CASE ${STATES.slice(0, -1)
    .map(({ below, code }) => `WHEN ${hash(of, 4)} % 10000 < ${below} THEN ${code}`)
    .join(' ')} ELSE ${STATES.at(-1)!.code} END)`;

/** The first business has half of all, the last nearly nothing, the others the same each. */
export function businessOf(of: string, businesses: readonly number[]): string {
  const tiny = businesses.at(-1)!;
  const others = businesses.slice(1, -1);
  const cases = others.map((id, i) => `WHEN ${i} THEN ${id}`).join(' ');
  return `(CASE WHEN ${hash(of, 7)} % 5000 = 0 THEN ${tiny} WHEN ${hash(of, 5)} % 2 = 0 THEN ${businesses[0]}
    ELSE CASE ${hash(of, 6)} % ${others.length} ${cases} END END)`;
}

/** One of the channels. */
export const channelOf = (of: string, channels: readonly number[]): string =>
  `(CASE ${hash(of, 8)} % ${channels.length} ${channels.map((id, i) => `WHEN ${i} THEN ${id}`).join(' ')} END)`;
