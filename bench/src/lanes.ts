import { type CarrierBench, FIRST, numbersFrom, openTenant, type Tenant, withCarrier } from './carrier-bench.ts';
import { quantile } from './lib/stats.ts';
import { monotonicMs, sleep, waitUntil } from './lib/time.ts';

/** A carrier that answers a window of 100 after 200 ms: 500 submit_sm a second. */
const WINDOW = 100;
const ANSWER_MS = 200;
const RATE = (WINDOW / ANSWER_MS) * 1000;

/** How long codes took while advertisements waited. */
export interface Overtaking {
  waiting: number;
  /** From the request to submit_sm at the SMSC. */
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
  codes: number;
}

/** What businesses of the same weight had of a channel. */
export interface Fairness {
  /** Messages each had waiting. */
  waiting: readonly number[];
  /** Segments of each in every 10 s. */
  shares: number[][];
  /** The largest distance of a share from the even one, in percent. */
  worstPercent: number;
}

const withSlowCarrier = <T>(workDir: string, work: (bench: CarrierBench) => Promise<T>): Promise<T> =>
  withCarrier(workDir, { answerMs: ANSWER_MS }, { window: WINDOW }, work);

const WAITING = 200_000;
const CODES = 300;
const CODE_EVERY_MS = 100;

/** Sends codes while 200,000 advertisements wait for a channel of 500 a second. */
export function measureOvertaking(scale: number, workDir: string): Promise<Overtaking> {
  return withSlowCarrier(workDir, async ({ server, seen }) => {
    const adverts = await openTenant(server, 'adverts', 'marketing', 'Everything must go.');
    const codes = await openTenant(server, 'codes', 'verification', 'Your code is 123456.');
    const waiting = Math.ceil(WAITING * scale);
    await adverts.send(numbersFrom(0, waiting));
    await waitUntil('the channel to be busy', () => seen.length > RATE, 60_000);
    const count = Math.ceil(CODES * Math.max(scale, 0.1));
    const sentAt = new Map<number, number>();
    const sending: Promise<void>[] = [];
    for (let i = 0; i < count; i++) {
      const number = FIRST + 50_000_000 + i;
      sentAt.set(number, monotonicMs());
      sending.push(codes.send([String(number)]));
      await sleep(CODE_EVERY_MS);
    }
    await Promise.all(sending);
    const arrived = () => seen.filter(({ destination }) => sentAt.has(destination));
    await waitUntil('all codes', () => arrived().length === count, 60_000);
    const took = arrived()
      .map(({ at, destination }) => at - sentAt.get(destination)!)
      .sort((a, b) => a - b);
    return {
      waiting,
      p50Ms: quantile(took, 0.5),
      p99Ms: quantile(took, 0.99),
      maxMs: took.at(-1)!,
      codes: count,
    };
  });
}

/** Messages of each business: one has 1,000, one 100,000. */
const BACKLOGS = [1_000, 5_000, 10_000, 10_000, 10_000, 20_000, 20_000, 50_000, 50_000, 100_000];
const SPACE = 1_000_000;
const STRETCH_MS = 10_000;
const STRETCHES = 4;
/** What was handed on before all of them were there has left by then. */
const SETTLED_MS = 10_000;

/** Lets ten businesses of the same weight, with short and long texts, wait for a channel of 500 a second. */
export function measureFairness(scale: number, workDir: string): Promise<Fairness> {
  return withSlowCarrier(workDir, async ({ server, seen }) => {
    // Six segments each, so that the smallest backlog lasts as long as it is looked at.
    const texts = ['Long. '.repeat(60), 'Short.', '{text}'];
    const tenants: Tenant[] = [];
    for (let i = 0; i < BACKLOGS.length; i++) {
      tenants.push(await openTenant(server, `tenant-${i}`, 'marketing', texts[i % texts.length]!));
    }
    const waiting = BACKLOGS.map((count) => Math.max(1_000, Math.ceil(count * scale)));
    await Promise.all(tenants.map((tenant, i) => tenant.send(numbersFrom(i * SPACE, waiting[i]!))));
    const from = monotonicMs() + SETTLED_MS;
    const stretches = scale < 1 ? 1 : STRETCHES;
    await sleep(SETTLED_MS + stretches * STRETCH_MS);
    const shares: number[][] = [];
    for (let stretch = 0; stretch < stretches; stretch++) {
      const share = new Array<number>(BACKLOGS.length).fill(0);
      for (const { at, destination } of seen) {
        if (Math.floor((at - from) / STRETCH_MS) === stretch) share[Math.floor((destination - FIRST) / SPACE)]!++;
      }
      shares.push(share);
    }
    const off = shares.flatMap((share) => {
      const even = share.reduce((sum, each) => sum + each, 0) / share.length;
      return share.map((each) => (Math.abs(each - even) / even) * 100);
    });
    return { waiting, shares, worstPercent: Math.max(...off) };
  });
}
