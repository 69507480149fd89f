import { beforeEach, describe, expect, test } from 'vitest';
import { FakeDesk, settle } from '../../test/workers.ts';
import type { LoggedExchange, LogPage, LogQuestion } from '../domain/exchange.ts';
import type { MergedPage, MergedQuestion } from '../domain/merged-log.ts';
import type { SeenNode } from '../leases/leases.ts';
import { createLogger } from '../lib/log.ts';
import { ManualClock } from '../lib/manual-clock.ts';
import type { Notice } from '../services/verb.ts';
import { ClusterLogs } from './cluster-logs.ts';

const PROCESSES = ['api', 'one', 'two', 'worker'];
const [API, ONE, TWO, WORKER] = PROCESSES as [string, string, string, string];
const FILTER = { from: null, to: null, message: null, carrierId: null, status: null, kind: null };
const QUESTION: MergedQuestion = { channelId: 3, filter: FILTER, before: null, after: null, limit: 50 };

/** Processes that hear what each tells, and a log of each. */
describe('channel logs of several processes', () => {
  let clock: ManualClock;
  let deaf: Set<string>;
  let gone: Set<string>;
  let asked: Map<string, LogQuestion>;
  let pages: Map<string, LogPage | Error>;
  let desks: Map<string, FakeDesk>;

  beforeEach(() => {
    clock = new ManualClock();
    [deaf, gone, asked, pages, desks] = [new Set(), new Set(), new Map(), new Map(), new Map()];
    const line = (at: number) => ({ place: [1, 0, at], at }) as unknown as LoggedExchange;
    for (const [home, id] of PROCESSES.entries()) {
      pages.set(id, { exchanges: [line(20 + home), line(10 + home)], next: null });
    }
  });

  const nodeOf = (id: string): SeenNode => ({
    id,
    roles: id === API ? 'api,worker' : id === WORKER ? 'worker' : 'channel',
    host: `host of ${id}`,
    pid: PROCESSES.indexOf(id),
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
          asked.set(self, question);
          const page = pages.get(self)!;
          if (page instanceof Error) throw page;
          return page;
        },
      },
      home: PROCESSES.indexOf(self),
      self,
      holder: {
        view: { beat: { renewed: new Set(), leases: [], nodes: PROCESSES.map(nodeOf) }, ageMs: 0 },
        get alive() {
          return new Set(PROCESSES.filter((id) => !gone.has(id)));
        },
      },
      clock,
      log: createLogger('silent'),
    });
  };
  const joinAll = (): ClusterLogs => PROCESSES.map(join)[0]!;
  const told = ({ exchanges }: MergedPage) => exchanges.map(({ at, home }) => [at, home]);
  const unheard = (id: string) => ({ host: `host of ${id}`, pid: PROCESSES.indexOf(id) });

  test('are those of all that speak with carriers, some lines of each at a time', async () => {
    const page = await joinAll().read({ ...QUESTION, limit: 1_000 });
    expect(told(page).slice(0, 3)).toEqual([
      [23, 3],
      [22, 2],
      [21, 1],
    ]);
    expect(told(page).length).toBe(8);
    expect(page).toMatchObject({ next: null, unheard: [] });
    for (const id of [API, ONE, TWO]) expect(asked.get(id)).toEqual({ ...QUESTION, limit: 100 });
  });

  test('go on in those that have more', async () => {
    const before = [
      { home: 0, before: [1, 0, 20] as const },
      { home: 2, before: [1, 0, 22] as const },
    ];
    await joinAll().read({ ...QUESTION, before });
    expect([...asked.keys()].sort()).toEqual([API, TWO]);
    expect(asked.get(TWO)).toEqual({ ...QUESTION, before: [1, 0, 22] });
  });

  test('name whoever does not answer in time', async () => {
    const logs = joinAll();
    deaf.add(ONE);
    let page: MergedPage | null = null;
    const reading = logs.read(QUESTION).then((read) => {
      page = read;
    });
    await settle();
    clock.advance(2_999);
    await settle();
    expect(page).toBe(null);
    clock.advance(1);
    await reading;
    expect(page).toMatchObject({ unheard: [unheard(ONE)] });
    expect(told(page!).map(([, home]) => home)).not.toContain(1);
  });

  test('name whoever cannot read them, at once', async () => {
    pages.set(TWO, new Error('no disk'));
    expect((await joinAll().read(QUESTION)).unheard).toEqual([unheard(TWO)]);
  });

  test('are not waited for of processes that are gone, or speak with nobody', async () => {
    for (const id of [ONE, TWO]) gone.add(id);
    deaf.add(WORKER);
    const page = await joinAll().read(QUESTION);
    expect(page.unheard).toEqual([]);
    gone.add(API);
    gone.add(WORKER);
    expect(told(await join(API).read(QUESTION))).toEqual([
      [20, 0],
      [10, 0],
    ]);
  });
});
