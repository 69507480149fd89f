import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TestDesk } from '../../test/desk.ts';
import type { Business } from '../domain/business.ts';
import { longWindows, NO_FREQUENCY_POLICY } from '../domain/frequency.ts';
import { DEFAULT_REPEAT_AFTER_MS } from '../domain/outcome.ts';
import { Refused } from '../domain/refusals.ts';
import { createLogger } from '../lib/log.ts';
import { UNLIMITED } from '../limits/limits.ts';
import { CommitInDoubt, type ListChange, type NoticeTable, type Store, StoreAway, type Tx } from '../store/store.ts';
import { GrantBook } from './grants.ts';
import { createHotRows } from './hot-rows.ts';
import { RecentInbound } from './recent-inbound.ts';
import { RecipientLists } from './recipient-lists.ts';
import { type Ctx, type Notice, single, type Verb } from './verb.ts';
import { type Arrivals, VerbRunner } from './verb-runner.ts';

const REFUSAL = { code: 'planNotFound' } as const;
const NOTICE: Notice = { kind: 'channelsChanged' };

/** What a runner works with that needs nothing. */
const BASE = {
  now: () => 0,
  settings: {
    repeatAfterMs: DEFAULT_REPEAT_AFTER_MS,
    lostRepeats: 1,
    reportsKeptMs: 1,
    messagesKeptMs: 0,
    eventsKeptMs: 0,
    unknownAfterMs: 1,
    sessions: { idleMs: 0, maxMs: 0 },
    maxLateMs: 0,
    sweepStep: 1,
    longWindows: longWindows(NO_FREQUENCY_POLICY),
    validityMs: { verification: 1, notification: 1, marketing: 1 },
    quiet: null,
  },
  limits: UNLIMITED,
  grants: new GrantBook(),
  hot: createHotRows(),
  recipientLists: new RecipientLists(),
  recentInbound: new RecentInbound(),
  log: createLogger('silent'),
};

describe('what runs together', () => {
  /** Names of verbs with the inputs they were run with, a list a transaction. */
  let transactions: string[][];
  let runner: VerbRunner;

  const recording = (name: string, priority: 0 | 1 | 2, weight: number): Verb<unknown, unknown> => ({
    priority,
    rows: () => weight,
    async run(_tx, _ctx, inputs) {
      transactions.at(-1)!.push(`${name} ${inputs.join(' ')}`);
      return inputs.map((value) => ({ value }));
    },
  });

  beforeEach(() => {
    transactions = [];
    const store = {
      async transact(work: (tx: Tx) => Promise<unknown>) {
        transactions.push([]);
        return work({ rules: 0, notices: null, lists: { news: async () => [] } } as unknown as Tx);
      },
    } as unknown as Store;
    const verbs = {
      first: recording('first', 0, 100),
      second: recording('second', 1, 100),
      third: recording('third', 2, 100),
      another: recording('another', 1, 100),
      huge: recording('huge', 1, 5_000),
    };
    runner = new VerbRunner(store, verbs, BASE);
  });

  const add = (verb: string, id: number) => runner.add({ id, verb, input: id });
  const commitAll = async () => {
    const replies = [];
    while (!runner.idle) replies.push(...(await runner.commitNext()).replies);
    return replies;
  };

  test('is ordered by priority, then as it came; neighbours of one verb share a run', async () => {
    for (const [verb, id] of [
      ['third', 1],
      ['second', 2],
      ['first', 3],
      ['second', 4],
      ['another', 5],
      ['second', 6],
      ['first', 7],
    ] as const) {
      add(verb, id);
    }
    const replies = await commitAll();
    expect(transactions).toEqual([['first 3 7', 'second 2 4', 'another 5', 'second 6', 'third 1']]);
    expect(replies).toEqual([3, 7, 2, 4, 5, 6, 1].map((id) => ({ id, value: id })));
    expect(runner.idle).toBe(true);
  });

  test('is bounded by rows; what is larger runs alone', async () => {
    for (let id = 1; id <= 25; id++) add('second', id);
    add('huge', 26);
    add('second', 27);
    await commitAll();
    const sizes = transactions.map((runs) => runs.flatMap((run) => run.split(' ').slice(1)).length);
    expect(sizes).toEqual([20, 5, 1, 1]);
    expect(transactions[2]).toEqual(['huge 26']);
  });

  test('leaves something of every priority a place, so that none waits for ever', async () => {
    for (let id = 1; id <= 100; id++) add('second', id);
    for (let id = 101; id <= 130; id++) add('first', id);
    add('third', 131);
    add('third', 132);
    await runner.commitNext();
    const ran = transactions[0]!.map((run) => run.split(' ')[0]);
    expect(ran).toEqual(['first', 'second', 'third']);
    expect(transactions[0]![0]!.split(' ').slice(1)).toHaveLength(20);
    expect(transactions[0]![2]).toBe('third 131');
  });

  test('must have a name', () => {
    expect(() => runner.add({ id: 1, verb: 'nothing', input: null })).toThrow('nothing');
  });
});

describe('what comes while a transaction is open', () => {
  /** Milliseconds since the beginning, and what comes when. */
  let now: number;
  let coming: { at: number; verb: string; id: number }[];
  let runner: VerbRunner;
  /** What ran, and when it was committed. */
  let told: string[];

  const recording = (name: string, priority: 0 | 1 | 2, patient?: true): Verb<unknown, unknown> => ({
    priority,
    rows: () => 1,
    ...(patient && { patient }),
    async run(_tx, _ctx, inputs) {
      told.push(`${name} ${inputs.join(' ')}`);
      return inputs.map((value) => ({ value }));
    },
  });
  const takeComing = (): boolean => {
    const come = coming.filter(({ at }) => at <= now);
    coming = coming.filter(({ at }) => at > now);
    for (const { verb, id } of come) add(verb, id);
    return come.length > 0;
  };
  const arrivals: Arrivals = {
    take: () => void takeComing(),
    async wait(ms) {
      const next = Math.min(...coming.map(({ at }) => at));
      now = Math.min(now + ms, next);
      return now === next;
    },
    now: () => now,
  };
  beforeEach(() => {
    now = 0;
    coming = [];
    told = [];
    const store = {
      async transact(work: (tx: Tx) => Promise<unknown>) {
        const result = await work({ rules: 0, notices: null, lists: { news: async () => [] } } as unknown as Tx);
        told.push(`commit at ${now}`);
        return result;
      },
    } as unknown as Store;
    const bulk: Verb<unknown, unknown> = {
      ...recording('bulk', 1),
      together(tx, ctx) {
        let count = 0;
        return {
          async run(inputs) {
            count += inputs.length;
            const answers = await recording('bulk', 1).run(tx, ctx, inputs);
            if (inputs.includes(13)) throw new Error('no luck');
            return answers;
          },
          end: async () => void told.push(`end of ${count}`),
        };
      },
    };
    const verbs = {
      bulk,
      answers: recording('answers', 0, true),
      reports: recording('reports', 0),
      send: recording('send', 1),
    };
    runner = new VerbRunner(store, verbs, BASE, '', arrivals);
  });
  const add = (verb: string, id: number) => runner.add({ id, verb, input: id });
  const commit = async () => (await runner.commitNext()).replies.map(({ id }) => id);

  test('goes along, and is answered with it', async () => {
    add('send', 1);
    coming = [
      { at: 0, verb: 'send', id: 2 },
      { at: 0, verb: 'send', id: 3 },
    ];
    expect(await commit()).toEqual([1, 2, 3]);
    expect(told).toEqual(['send 1', 'send 2 3', 'commit at 0']);
    expect(runner.idle).toBe(true);
  });

  test('runs together with what was there, where its verb can', async () => {
    add('bulk', 1);
    add('bulk', 2);
    coming = [
      { at: 0, verb: 'bulk', id: 3 },
      { at: 0, verb: 'send', id: 4 },
    ];
    expect(await commit()).toEqual([1, 2, 3, 4]);
    expect(told).toEqual(['bulk 1 2', 'bulk 3', 'end of 3', 'send 4', 'commit at 0']);
    add('bulk', 5);
    await commit();
    expect(told.slice(5)).toEqual(['bulk 5', 'end of 1', 'commit at 1']);
  });

  test('is tried alone with what was there, when one of them breaks', async () => {
    add('bulk', 1);
    coming = [{ at: 0, verb: 'bulk', id: 13 }];
    expect((await runner.commitNext()).replies).toEqual([
      { id: 1, value: 1 },
      { id: 13, defect: 'no luck' },
    ]);
    expect(told).toEqual(['bulk 1', 'bulk 13', 'bulk 1', 'end of 1', 'commit at 0', 'bulk 13']);
  });

  test('is waited for a millisecond, as long as it is less than nine tenths of what came last time', async () => {
    for (let id = 1; id <= 10; id++) add('send', id);
    await commit();
    add('send', 11);
    coming = [0.2, 0.4].flatMap((at, i) => [1, 2, 3, 4].map((n) => ({ at, verb: 'send', id: 20 + i * 10 + n })));
    expect(await commit()).toHaveLength(9);
    expect(told.slice(2)).toEqual(['send 11', 'send 21 22 23 24', 'send 31 32 33 34', 'commit at 0.4']);
  });

  test('is waited for no longer than that, and then not expected any more', async () => {
    for (let id = 1; id <= 10; id++) add('send', id);
    await commit();
    add('send', 11);
    expect(await commit()).toEqual([11]);
    expect(told.at(-1)).toBe('commit at 1');
    add('send', 12);
    await commit();
    expect(told.at(-1)).toBe('commit at 1');
  });

  test('does not keep a transaction open for ever', async () => {
    add('send', 1);
    coming = [];
    const original = arrivals.take;
    let id = 1;
    arrivals.take = () => add('send', ++id);
    expect(await commit()).toHaveLength(8);
    arrivals.take = original;
  });

  test('answers of carriers wait five milliseconds for something to go along with', async () => {
    add('answers', 1);
    coming = [{ at: 3, verb: 'answers', id: 2 }];
    expect(await commit()).toEqual([1, 2]);
    expect(told).toEqual(['answers 1 2', 'commit at 5']);
  });

  test('they do not hold up what somebody waits for, but are written while that has been told', async () => {
    add('answers', 1);
    coming = [
      { at: 2, verb: 'send', id: 2 },
      { at: 6, verb: 'send', id: 3 },
    ];
    expect(await commit()).toEqual([2]);
    expect(told).toEqual(['send 2', 'commit at 2']);
    expect(await commit()).toEqual([1, 3]);
    expect(told.slice(2)).toEqual(['answers 1', 'send 3', 'commit at 6']);
  });

  test('and are committed five milliseconds later when nothing comes', async () => {
    add('answers', 1);
    add('send', 2);
    await commit();
    await commit();
    expect(told).toEqual(['send 2', 'commit at 0', 'answers 1', 'commit at 5']);
  });

  test('reports come after the answers that they are about', async () => {
    add('answers', 1);
    add('reports', 2);
    await commit();
    expect(told).toEqual(['answers 1', 'reports 2', 'commit at 0']);
  });
});

describe('what goes wrong', () => {
  let desk: TestDesk;
  const undone: string[] = [];
  const set = (tx: Tx, name: string) => tx.installation.set(name, 'set');
  const get = (name: string) => desk.read((reader) => reader.installation.get(name));

  /** Sets the name it is given, then does what the name begins with. */
  const act = async (tx: Tx, ctx: Ctx, name: string) => {
    ctx.notify({ kind: 'credentialChanged', key: name });
    ctx.onRollback(() => undone.push(name));
    await set(tx, name);
    if (name.startsWith('wait')) ctx.notify({ kind: 'workWaiting' });
    if (name.startsWith('refuse')) throw new Refused(REFUSAL);
    if (name.startsWith('break')) throw new Error(`${name} broke`);
    return name;
  };
  const alone = single(act);
  const together: Verb<string, string> = {
    priority: 1,
    rows: () => 1,
    async run(tx, ctx, inputs) {
      const answers = [];
      for (const input of inputs) answers.push({ value: await act(tx, ctx, input) });
      return answers;
    },
  };

  beforeEach(async () => {
    undone.length = 0;
    desk = await TestDesk.open({ verbs: { alone, together } });
  });
  afterEach(() => desk.close());

  const noticed = () => desk.notices.map((notice) => (notice.kind === 'credentialChanged' ? notice.key : notice.kind));

  test('a refused input is undone alone: its rows, its notices and what it did outside the store', async () => {
    const settled = await desk.together(['alone', 'one'], ['alone', 'refuse'], ['alone', 'two']);
    expect(settled).toEqual([{ value: 'one' }, { refusal: REFUSAL }, { value: 'two' }]);
    expect([await get('one'), await get('refuse'), await get('two')]).toEqual(['set', null, 'set']);
    expect(noticed()).toEqual(['one', 'two']);
    expect(undone).toEqual(['refuse']);
  });

  test('that work waits is said once for all that was done together, also where each was tried again alone', async () => {
    await desk.together(['together', 'wait one'], ['together', 'wait two'], ['alone', 'wait three']);
    expect(noticed()).toEqual(['wait one', 'workWaiting', 'wait two', 'wait three']);
    desk.notices.length = 0;
    await desk.together(['together', 'wait one'], ['together', 'break'], ['together', 'wait two']);
    expect(noticed()).toEqual(['wait one', 'workWaiting', 'wait two']);
  });

  test('a batch that breaks is replayed one by one, and only what breaks alone is a defect', async () => {
    const settled = await desk.together(
      ['together', 'one'],
      ['together', 'break'],
      ['together', 'two'],
      ['alone', 'refuse'],
      ['alone', 'three'],
      ['alone', 'break again'],
    );
    expect(settled).toEqual([
      { value: 'one' },
      { defect: 'break broke' },
      { value: 'two' },
      { refusal: REFUSAL },
      { value: 'three' },
      { defect: 'break again broke' },
    ]);
    for (const name of ['one', 'two', 'three']) expect(await get(name)).toBe('set');
    for (const name of ['break', 'refuse', 'break again']) expect(await get(name)).toBe(null);
    expect(noticed()).toEqual(['one', 'two', 'three']);
    // The first run of the batch, last done first; then what failed alone.
    expect(undone).toEqual(['break', 'one', 'break', 'refuse', 'break again']);
  });

  test('what a change did outside the store is taken back with a transaction that breaks later', async () => {
    expect(await desk.together(['alone', 'one'], ['alone', 'break'])).toEqual([
      { value: 'one' },
      { defect: 'break broke' },
    ]);
    expect(undone).toEqual(['break', 'one', 'break']);
    expect(noticed()).toEqual(['one']);
  });

  test('a command alone that breaks is a defect, and the next one is not touched by it', async () => {
    expect(await desk.together(['alone', 'break'])).toEqual([{ defect: 'break broke' }]);
    expect(undone).toEqual(['break']);
    expect(noticed()).toEqual([]);
    expect(await desk.together(['alone', 'one'])).toEqual([{ value: 'one' }]);
    expect(noticed()).toEqual(['one']);
    expect(undone).toEqual(['break']);
  });

  test('rows remembered in a transaction that breaks are forgotten', async () => {
    const remember = single(async (tx, ctx, id: number) => {
      ctx.hot.businesses.set(id, (await tx.businesses.byId(1))!);
      throw new Error('broken');
    });
    await desk.close();
    desk = await TestDesk.open({ verbs: { remember } });
    await desk.together(['remember', 7]);
    expect(desk.hot.businesses.get(7)).toBe(undefined);
  });

  const hot = createHotRows();
  /** What others have put on lists of recipients. */
  let news: readonly ListChange[] = [];
  const recipientLists = new RecipientLists();
  /** When rules last changed. */
  let rules = 0;
  /** A runner with one verb, which notes what was undone, over a store whose commits go as `commit` says. */
  function runnerOver(commit: () => void, notices: NoticeTable | null = null): VerbRunner {
    return runnerOn({
      async transact(work: (tx: Tx) => Promise<unknown>) {
        const result = await work({ rules, notices, lists: { news: async () => news } } as unknown as Tx);
        commit();
        return result;
      },
    } as unknown as Store);
  }

  function runnerOn(store: Store): VerbRunner {
    const noting: Verb<unknown, unknown> = {
      priority: 1,
      rows: () => 1,
      async run(_tx, ctx, inputs) {
        ctx.notify(NOTICE);
        ctx.onRollback(() => undone.push(inputs.join(' ')));
        return inputs.map((value) => ({ value }));
      },
    };
    return new VerbRunner(store, { noting }, { ...BASE, hot, recipientLists }, 'us');
  }

  test('a commit that fails changes nothing and is tried command by command', async () => {
    let commits = 0;
    const runner = runnerOver(() => {
      if (++commits === 1) throw new Error('the disk is full');
    });
    runner.add({ id: 1, verb: 'noting', input: 'a' });
    runner.add({ id: 2, verb: 'noting', input: 'b' });
    const done = await runner.commitNext();
    expect(done.replies).toEqual([
      { id: 1, value: 'a' },
      { id: 2, value: 'b' },
    ]);
    expect(undone).toEqual(['a b']);
    expect(done.notices).toEqual([NOTICE, NOTICE]);
  });

  test('a store that is away is not asked for each command', async () => {
    let commits = 0;
    const runner = runnerOver(() => {
      commits++;
      throw new StoreAway('nobody is there');
    });
    runner.add({ id: 1, verb: 'noting', input: 'a' });
    runner.add({ id: 2, verb: 'noting', input: 'b' });
    const refusal = { code: 'storeAway', retryAfterS: 5 };
    expect(await runner.commitNext()).toEqual({
      replies: [
        { id: 1, refusal },
        { id: 2, refusal },
      ],
      notices: [],
    });
    expect(commits).toBe(1);
    expect(undone).toEqual(['a b']);
  });

  test('a commit of which nobody knows is not said to have changed nothing; when the store is back, all is looked at again', async () => {
    let commits = 0;
    const runner = runnerOver(() => {
      if (++commits <= 2) throw commits === 1 ? new CommitInDoubt() : new StoreAway('nobody is there');
    });
    const commit = (id: number) => {
      runner.add({ id, verb: 'noting', input: 'a' });
      return runner.commitNext();
    };
    const unknown = { code: 'outcomeUnknown', retryAfterS: 5 };
    expect(await commit(1)).toEqual({ replies: [{ id: 1, refusal: unknown }], notices: [] });
    expect((await commit(2)).replies).toEqual([{ id: 2, refusal: { code: 'storeAway', retryAfterS: 5 } }]);
    expect((await commit(3)).notices).toEqual([NOTICE, { kind: 'missed' }]);
    expect((await commit(4)).notices).toEqual([NOTICE]);
  });

  test('what waits for a commit of which nobody knows what became can be refused', async () => {
    let settle = () => {};
    const store = {
      transact: (work: (tx: Tx) => Promise<unknown>, onDoubt: () => void) =>
        new Promise((resolve) => {
          onDoubt();
          settle = () => resolve(work({ rules, notices: null, lists: { news: async () => [] } } as unknown as Tx));
        }),
    } as unknown as Store;
    const runner = runnerOn(store);
    runner.add({ id: 1, verb: 'noting', input: 'a' });
    let doubts = 0;
    const doubtful = runner.commitNext(() => doubts++);
    runner.add({ id: 2, verb: 'noting', input: 'b' });
    expect(doubts).toBe(1);
    expect(runner.refuseWaiting()).toEqual([{ id: 2, refusal: { code: 'storeAway', retryAfterS: 5 } }]);
    expect(runner.idle).toBe(true);
    settle();
    expect((await doubtful).replies).toEqual([{ id: 1, value: 'a' }]);
  });

  test('what a transaction changes is told others with it, each time it is tried', async () => {
    let commits = 0;
    const told: string[] = [];
    const notices: NoticeTable = { add: async (process, body) => void told.push(`${process} ${body}`) };
    const runner = runnerOver(() => {
      if (++commits === 1) throw new Error('the disk is full');
    }, notices);
    runner.add({ id: 1, verb: 'noting', input: 'a' });
    runner.add({ id: 2, verb: 'noting', input: 'b' });
    await runner.commitNext();
    // What was undone has undone its telling; each of the others has told its own.
    expect(told).toEqual(Array(3).fill(`us ${JSON.stringify([NOTICE])}`));
  });

  test('what is remembered of rules is forgotten once somebody else has changed one', async () => {
    const runner = runnerOver(() => {});
    const commit = async () => {
      runner.add({ id: 1, verb: 'noting', input: 'a' });
      await runner.commitNext();
    };
    await commit();
    hot.businesses.set(7, { id: 7 } as Business);
    await commit();
    expect(hot.businesses.get(7)).toBeDefined();
    rules++;
    await commit();
    expect(hot.businesses.get(7)).toBeUndefined();
  });

  test('recipients that others put on a list, or took off it, are known before the next command', async () => {
    const stops = () => recipientLists.gate(7, 'marketing')?.(8_613_800_138_000) ?? null;
    for (const listed of [true, false]) {
      news = [{ list: 'opt-out', businessId: 7, recipient: 8_613_800_138_000, listed }];
      const runner = runnerOver(() => {});
      runner.add({ id: 1, verb: 'noting', input: 'a' });
      await runner.commitNext();
      expect(stops()).toBe(listed ? 'opt-out' : null);
    }
    news = [];
  });
});
