import { type Simulator, type SimulatorOptions, type SubmitRecord, startSimulator } from '@signet/smpp/simulator';

/**
 * Messages through carriers that do everything wrong that carriers do, and what became of each, judged by what the
 * carriers saw: reports early, late, twice, in any order, with ids in another form than the answer's; links that are cut,
 * half open, slow, or full of garbage; throttling and full queues.
 */

/** A server that is running, as whoever judges it sees it. */
export interface Judged {
  /** Answers of the API to the administrator. @throws Error unless answered 2xx */
  get(path: string): Promise<unknown>;
  post(path: string, body: unknown): Promise<unknown>;
  /** Businesses that send to numbers of mainland China, written without the country; texts of one part and of several. */
  readonly senders: readonly { send(numbers: readonly string[]): Promise<void> }[];
}

/** What became of the messages. */
export interface Adversity {
  messages: number;
  seconds: number;
  /** Of those that a carrier took whole and reported: how many are in the state that was reported. */
  matched: number;
  reported: number;
  /** Messages in another state than the one that was reported of them. */
  wrong: string[];
  /** Messages that are said to be with their recipient or the carrier, which took them in part or not at all. */
  incomplete: string[];
  /** Messages that no carrier took and of which the platform does not say so. */
  lost: string[];
  /** Messages that a carrier took whole whose report did not find them, and the states they are in. */
  unmatched: Record<string, number>;
  /** Messages of which a carrier took some part more than once. */
  repeated: number;
  /** Of those: without a link that broke before, or not marked as repeats. */
  unexplained: string[];
  /** Messages that the platform marks as repeated. */
  flagged: number;
  /** States of all messages. */
  states: Record<string, number>;
  /** Faults in the ledger, and messages that cost something else than their segments. */
  ledgerFaults: unknown[];
  /** What the carriers did. */
  deeds: Record<string, number>;
}

/** What a carrier reports of a number, by its last digit, and how the platform calls that. */
const OUTCOMES = [
  { suffix: '7', receipt: 'undeliverable', state: 'undelivered' },
  { suffix: '8', receipt: 'expired', state: 'expired' },
  { suffix: '9', receipt: 'rejected', state: 'rejected' },
] as const;

const stateOf = (number: string): string =>
  OUTCOMES.find(({ suffix }) => number.endsWith(suffix))?.state ?? 'delivered';

const DISTURBANCES: SimulatorOptions = {
  answerMs: { min: 0, max: 40 },
  receiptDelayMs: { min: 0, max: 1000 },
  earlyReceipts: 0.1,
  lateReceipts: { share: 0.05, delayMs: { min: 3000, max: 15_000 } },
  duplicateReceipts: 0.05,
  shuffleReceipts: true,
  rules: [{ share: 0.01, status: 'ESME_RMSGQFUL' }, ...OUTCOMES.map(({ suffix, receipt }) => ({ suffix, receipt }))],
  throttle: { perSecond: 900 },
  dropLink: { chance: 0.0003 },
  halfOpen: { chance: 0.0001 },
  garbage: { pdus: 0.02, streams: 0.0005 },
  readPauseMs: { min: 0, max: 15 },
  // Whatever an ESME did not answer is brought again soon.
  responseTimeoutMs: 5000,
  enquireLinkMs: 5000,
};

/** A carrier of each kind of ids; each has the numbers that begin with its three digits. */
const CARRIERS: readonly { prefix: string; options: SimulatorOptions; channel?: object }[] = [
  { prefix: '138', options: { ids: 'hex', receiptIds: 'other-base' } },
  { prefix: '139', options: { ids: 'decimal', receiptIds: 'other-base' } },
  { prefix: '137', options: { ids: 'padded-decimal', receiptIds: 'unpadded' } },
  // Reports without parameters.
  {
    prefix: '136',
    options: { ids: 'upper-hex', receiptIds: 'other-case', receiptTlvs: false },
    channel: { long_messages: 'sar' },
  },
  // One id for all parts of a message, and reports of parameters alone.
  { prefix: '135', options: { ids: 'padded-hex', partReceipts: 'shared-each', receiptText: false } },
];

/** What carriers took of one number: times by part, over which binds, and whether any of them broke. */
interface Taken {
  parts: Map<number, number>;
  total: number;
  broken: boolean;
}

interface Running {
  smsc: Simulator;
  /** Submits that were accepted, by number, each with its bind. */
  binds: Map<string, Set<number>>;
}

const OPEN_STATES = ['accepted', 'queued', 'dispatching', 'submitted', 'uncertain'] as const;
const NUMBERS_OF_REQUEST = 1000;
const REQUESTS_AT_ONCE = 4;
/** Nothing has changed for so long: nothing will. A notification that may be lost is sent again after a minute. */
const STANDSTILL_MS = 90_000;
const LOOK_EVERY_MS = 500;
const EXAMPLES = 10;

/** What servers that carriers are so bad to have to be set to: links break often, and none of their codes may be lost. */
export const ADVERSITY_ENV = { SIGNET_UNCERTAIN_LOST_REPEATS: '3' };

/** @throws Error when a carrier never binds or the API says no */
export async function measureAdversity(
  server: Judged,
  messages: number,
  time: { nowMs(): number; sleep(ms: number): Promise<void> },
  say: (line: string) => void,
): Promise<Adversity> {
  const taken = new Map<string, Taken>();
  const carriers: Running[] = [];
  try {
    for (const { prefix, options, channel } of CARRIERS) {
      const binds: Running['binds'] = new Map();
      const onSubmit = (records: SubmitRecord[]): void => note(records, taken, binds);
      const smsc = await startSimulator({ ...DISTURBANCES, ...options, onSubmit });
      carriers.push({ smsc, binds });
      const { id } = (await server.post('/api/v1/channels', {
        name: `carrier-${prefix}`,
        smpp: {
          ...{ host: '127.0.0.1', port: smsc.port, system_id: 'signet', password: 'x', sender: '10690' },
          ...{ binds: 2, window: 50, response_timeout_ms: 3000, enquire_link_ms: 1000, ...channel },
        },
      })) as { id: number };
      await server.post('/api/v1/routes', {
        name: `carrier-${prefix}`,
        prefixes: [`86${prefix}`],
        targets: [{ channel_id: id }],
      });
    }
    const startedAt = time.nowMs();
    await sendAll(server, messages);
    say(`${messages} messages accepted`);
    await standstill(server, carriers, time, say);
    const seconds = (time.nowMs() - startedAt) / 1000;
    for (const { smsc, binds } of carriers) {
      for (const [number, over] of binds) {
        if ([...over].some((bind) => smsc.brokenBinds.has(bind))) taken.get(number)!.broken = true;
      }
    }
    return { ...(await judge(server, messages, taken)), seconds, deeds: deedsOf(carriers) };
  } finally {
    for (const { smsc } of carriers) await smsc.close();
  }
}

function note(records: readonly SubmitRecord[], taken: Map<string, Taken>, binds: Running['binds']): void {
  for (const { destination, status, part, bind } of records) {
    if (status !== 0) continue;
    const number = destination.slice(2);
    let of = taken.get(number);
    if (of === undefined) {
      of = { parts: new Map(), total: part?.total ?? 1, broken: false };
      taken.set(number, of);
    }
    const which = part?.number ?? 1;
    of.parts.set(which, (of.parts.get(which) ?? 0) + 1);
    const over = binds.get(number);
    if (over === undefined) binds.set(number, new Set([bind]));
    else over.add(bind);
  }
}

/** Numbers of the carriers in turn, so that every request goes to all of them. */
function numbersOf(from: number, count: number): string[] {
  return Array.from({ length: count }, (_, i) => {
    const { prefix } = CARRIERS[(from + i) % CARRIERS.length]!;
    return `${prefix}${String(Math.floor((from + i) / CARRIERS.length)).padStart(8, '0')}`;
  });
}

async function sendAll({ senders }: Judged, messages: number): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < messages) {
      const from = next;
      next += NUMBERS_OF_REQUEST;
      const sender = senders[(from / NUMBERS_OF_REQUEST) % senders.length]!;
      await sender.send(numbersOf(from, Math.min(NUMBERS_OF_REQUEST, messages - from)));
    }
  };
  await Promise.all(Array.from({ length: REQUESTS_AT_ONCE }, worker));
}

/** Waits until every message has ended, or until nothing changes any more. */
async function standstill(
  server: Judged,
  carriers: readonly Running[],
  time: { nowMs(): number; sleep(ms: number): Promise<void> },
  say: (line: string) => void,
): Promise<void> {
  let before = '';
  let changedAt = time.nowMs();
  for (;;) {
    const open: string[] = [];
    for (const state of OPEN_STATES) {
      const { items } = (await server.get(`/api/v1/messages?state=${state}&limit=1000`)) as { items: unknown[] };
      if (items.length > 0) open.push(`${state} ${items.length}${items.length === 1000 ? ' or more' : ''}`);
    }
    const waiting = carriers.reduce((sum, { smsc }) => sum + smsc.waiting, 0);
    if (open.length === 0 && waiting === 0) return;
    const answered = carriers.reduce((sum, { smsc }) => sum + smsc.stats.submits + smsc.stats.receiptsAnswered, 0);
    const now = `${open.join(', ')}; ${waiting} reports on their way`;
    if (`${now} ${answered}` !== before) {
      before = `${now} ${answered}`;
      changedAt = time.nowMs();
    } else if (time.nowMs() - changedAt > STANDSTILL_MS) {
      say(`nothing changes any more: ${now}`);
      return;
    }
    await time.sleep(LOOK_EVERY_MS);
  }
}

interface Message {
  message_id: string;
  to: string;
  state: string;
  segments: number;
  repeats: number;
  settled: number;
  released: number;
  reserved: number;
}

async function judge(
  server: Judged,
  messages: number,
  taken: ReadonlyMap<string, Taken>,
): Promise<Omit<Adversity, 'seconds' | 'deeds'>> {
  const result: Omit<Adversity, 'seconds' | 'deeds'> = {
    ...{
      messages,
      matched: 0,
      reported: 0,
      wrong: [],
      incomplete: [],
      lost: [],
      unmatched: {},
      repeated: 0,
      unexplained: [],
    },
    ...{ flagged: 0, states: {}, ledgerFaults: [] },
  };
  const reportedStates = new Set(['delivered', ...OUTCOMES.map(({ state }) => state)]);
  const unsent = new Set(['refused', 'failed', 'unknown', 'expired_unsent', 'cancelled']);
  const charged = new Set(['submitted', 'unreported', 'unknown', ...reportedStates]);
  const numbers = new Set<string>();
  let cursor: string | null = '';
  while (cursor !== null) {
    const path: string = `/api/v1/messages?limit=1000${cursor === '' ? '' : `&cursor=${cursor}`}`;
    const page = (await server.get(path)) as { items: Message[]; next_cursor: string | null };
    for (const message of page.items) {
      const { state, repeats } = message;
      const number = message.to.slice(3);
      const words = `${message.message_id} to ${message.to}: ${state}, repeats ${repeats}`;
      numbers.add(number);
      result.states[state] = (result.states[state] ?? 0) + 1;
      if (repeats > 0) result.flagged++;
      const of = taken.get(number);
      const whole = of !== undefined && of.parts.size === of.total;
      if (whole) {
        result.reported++;
        if (state === stateOf(number)) result.matched++;
        else if (reportedStates.has(state)) result.wrong.push(`${words}, reported ${stateOf(number)}`);
        else result.unmatched[state] = (result.unmatched[state] ?? 0) + 1;
      } else if (state === 'delivered' || state === 'submitted') result.incomplete.push(words);
      else if (!reportedStates.has(state) && !unsent.has(state)) result.lost.push(words);
      if (of !== undefined && [...of.parts.values()].some((times) => times > 1)) {
        result.repeated++;
        if (repeats === 0 || !of.broken) {
          result.unexplained.push(`${words}, link broken before: ${of.broken}, taken ${[...of.parts].join(' ')}`);
        }
      }
      // What is still open has its credits reserved.
      if (state !== 'submitted' && (OPEN_STATES as readonly string[]).includes(state)) continue;
      const cost = charged.has(state) ? message.segments : 0;
      const partly = state === 'failed' || state === 'refused' || state === 'expired_unsent';
      if (message.reserved !== message.settled + message.released || (!partly && message.settled !== cost)) {
        result.ledgerFaults.push(`${words}: ${message.segments} segments, settled ${message.settled}`);
      }
    }
    cursor = page.next_cursor;
  }
  if (numbers.size !== messages) result.lost.push(`${messages - numbers.size} messages are not to be found`);
  const { faults } = (await server.get('/api/v1/ledger/check')) as { faults: unknown[] };
  result.ledgerFaults.push(...faults);
  return result;
}

function deedsOf(carriers: readonly Running[]): Record<string, number> {
  const deeds: Record<string, number> = {};
  for (const { smsc } of carriers) {
    for (const [name, count] of Object.entries(smsc.stats)) {
      if (name !== 'peakPerSecond') deeds[name] = (deeds[name] ?? 0) + count;
    }
  }
  return deeds;
}

/** The first few of a list, for people. */
export const firstOf = (list: readonly unknown[]): string => list.slice(0, EXAMPLES).map(String).join('; ');
