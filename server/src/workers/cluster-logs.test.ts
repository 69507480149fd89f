import { beforeEach, describe, expect, test } from 'vitest';
import { FakeDesk, settle } from '../../test/workers.ts';
import {
  homeOf,
  type LoggedExchange,
  type LogPage,
  type LogQuestion,
  type MarkedQuestion,
} from '../domain/exchange.ts';
import type { SeenNode } from '../leases/leases.ts';
import { createLogger } from '../lib/log.ts';
import { ManualClock } from '../lib/manual-clock.ts';
import type { Notice } from '../services/verb.ts';
import { ClusterLogs } from './cluster-logs.ts';

const [API, ONE, TWO] = ['a'.repeat(16), 'b'.repeat(16), 'c'.repeat(16)];
const FILTER = { from: null, to: null, message: null, carrierId: null, status: null, kind: null };
const QUESTION: MarkedQuestion = { channelId: 3, filter: FILTER, before: null, after: null, limit: 50 };

/** Processes that hear what each tells, and one log each. */
describe('channel logs of several processes', () => {
  let clock: ManualClock;
  /** Of channel 3. */
  let owner: string | null;
  let deaf: Set<string>;
  let asked: { process: string; question: LogQuestion }[];
  let pages: Map<string, LogPage | Error>;
  let desks: Map<string, FakeDesk>;

  beforeEach(() => {
    clock = new ManualClock();
    owner = ONE;
    deaf = new Set();
    asked = [];
    pages = new Map([API, ONE, TWO].map((id) => [id, { exchanges: [line(id, 1, 5_000)], next: [1, 2, 3] }]));
    desks = new Map();
  });

  const line = (detail: string, number: number, at: number) =>
    ({ place: [1, 0, number], at, detail }) as unknown as LoggedExchange;
  const nodeOf = (id: string): SeenNode => ({
    id,
    roles: 'channel',
    host: `host-${id[0]}`,
    pid: id.charCodeAt(0),
    version: '1',
    startedAt: 0,
    busy: 0,
    seenMs: 0,
  });
  const tellAll = (notice: Notice) => {
    for (const [id, desk] of desks) if (!deaf.has(id)) desk.tell(notice);
    return null;
  };
  const join = (self: string): ClusterLogs => {
    const desk = new FakeDesk({
      askLog: (input) => tellAll({ kind: 'logAsked', ...input }),
      tellLog: (input) => tellAll({ kind: 'logTold', ...input }),
    });
    desks.set(self, desk);
    return new ClusterLogs({
      desk: desk.desk,
      own: {
        on: true,
        async read(question) {
          asked.push({ process: self, question });
          const page = pages.get(self)!;
          if (page instanceof Error) throw page;
          return page;
        },
      },
      self,
      holder: {
        view: { beat: { renewed: new Set(), leases: [], nodes: [API, ONE, TWO].map(nodeOf) }, ageMs: 0 },
        otherOwner: (name) => (name !== 'channel:3' || owner === null || owner === self ? null : nodeOf(owner)),
      },
      clock,
      log: createLogger('silent'),
    });
  };
  const place = (id: string) => ({ host: `host-${id[0]}`, pid: id.charCodeAt(0) });
  const joinAll = () => [API, ONE, TWO].map(join)[0]!;

  test('are told by whoever runs the channel, some lines at a time', async () => {
    const page = await joinAll().read({ ...QUESTION, limit: 1_000 });
    expect(asked).toEqual([{ process: ONE, question: { ...QUESTION, limit: 100 } }]);
    expect(page.exchanges.map(({ detail }) => detail)).toEqual([ONE]);
    expect(page).toMatchObject({ home: homeOf(ONE), linesOf: place(ONE), runBy: place(ONE) });
    expect(page.next).toEqual({ place: [1, 2, 3], at: 5_000, home: homeOf(ONE) });
  });

  test('are its own where it runs the channel itself, or nobody does', async () => {
    const logs = joinAll();
    for (const runner of [API, null]) {
      owner = runner;
      expect(await logs.read(QUESTION)).toMatchObject({ home: homeOf(API), linesOf: null, runBy: null });
    }
    expect(asked.map(({ process }) => process)).toEqual([API, API]);
  });

  test('go on where a page ended, also when the channel has gone to another process', async () => {
    const logs = joinAll();
    const { next } = await logs.read(QUESTION);
    owner = TWO;
    const page = await logs.read({ ...QUESTION, before: next });
    expect(asked.at(-1)).toEqual({ process: ONE, question: { ...QUESTION, before: [1, 2, 3] } });
    expect(page).toMatchObject({ linesOf: place(ONE), runBy: place(TWO) });
  });

  test('are followed to the process that has taken the channel over, by the time', async () => {
    const logs = joinAll();
    const { exchanges, home } = await logs.read(QUESTION);
    owner = TWO;
    const { place: at } = exchanges[0]!;
    await logs.read({ ...QUESTION, after: { place: at, at: 5_000, home } });
    expect(asked.at(-1)).toEqual({ process: TWO, question: { ...QUESTION, filter: { ...FILTER, from: 5_001 } } });
  });

  test('are its own where the owner does not answer in time, and it says so', async () => {
    const logs = joinAll();
    deaf.add(ONE);
    let page: unknown = null;
    const reading = logs.read(QUESTION).then((told) => {
      page = told;
    });
    await settle();
    clock.advance(2_999);
    await settle();
    expect(page).toBe(null);
    clock.advance(1);
    await reading;
    expect(page).toMatchObject({ home: homeOf(API), linesOf: null, runBy: place(ONE) });
  });

  test('are its own at once where the owner cannot read them', async () => {
    pages.set(ONE, new Error('no disk'));
    expect(await joinAll().read(QUESTION)).toMatchObject({ linesOf: null, runBy: place(ONE) });
  });
});
