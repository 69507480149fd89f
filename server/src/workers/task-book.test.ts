import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ADMIN, TestDesk } from '../../test/desk.ts';
import type { ChoreName } from '../domain/task.ts';
import { createLogger } from '../lib/log.ts';
import { createMetrics } from '../lib/metrics.ts';
import { type Going, TaskBook } from './task-book.ts';

describe('the books of chores', () => {
  let desk: TestDesk;
  let book: TaskBook;

  beforeEach(async () => {
    desk = await TestDesk.open();
    book = await open();
  });
  afterEach(async () => {
    await book.stop();
    await desk.close();
  });

  const open = async () => {
    const log = createLogger('silent');
    const opened = new TaskBook({
      desk,
      clock: desk.clock,
      log,
      metrics: createMetrics(),
      worker: 'this process',
      over: { worker: null },
    });
    await opened.start();
    return opened;
  };
  /** What has been asked of the desk is done. */
  const settled = async () => {
    for (let i = 0; i < 10; i++) {
      await new Promise((resolve) => setImmediate(resolve));
      await desk.ask('lastEvent', {});
    }
  };
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 1_000) {
      desk.clock.advance(1_000);
      await settled();
    }
  };
  const runs = async () => {
    const filter = { kinds: ['chore'] as const, states: null, name: null, businessId: null, worker: null };
    const asked = { filter: { ...filter, search: null, since: null, until: null }, before: null, limit: 100 };
    return (await desk.ask('listTasks', { ...asked, now: desk.clock.now() })).tasks;
  };
  /** A chore that goes on until it is told to end. */
  const long = (name: ChoreName) => {
    let going: Going | undefined;
    let end = (_error?: Error) => {};
    const done = book.run(name, (given) => {
      going = given;
      return new Promise<void>((resolve, reject) => {
        end = (error) => (error === undefined ? resolve() : reject(error));
      });
    });
    return { done, going: () => going!, end: (error?: Error) => end(error) };
  };

  it('tells short runs together, a row a minute, and nothing of those that did nothing', async () => {
    const did = (items: number) => book.run('parked', async (going) => going.did(items));
    await did(0);
    await did(3);
    await pass(11_000);
    await did(4);
    await pass(11_000);
    expect(await runs()).toMatchObject([{ name: 'parked', state: 'succeeded', args: { runs: 2, items: 7 } }]);
    await pass(60_000);
    await did(1);
    await pass(11_000);
    expect((await runs()).map(({ args }) => args.items)).toEqual([1, 7]);
    expect(book.countsOf('parked')).toEqual({ runs: 4, items: 8, failed: 0 });
  });

  it('has a row of a long run while it goes on, with what it got through', async () => {
    const chore = long('numbers');
    chore.going().did(2_000);
    await pass(2_000);
    const [running] = await runs();
    expect(running).toMatchObject({ state: 'running', progress: { done: 2_000 }, worker: 'this process' });
    expect(book.current).toMatchObject([{ name: 'numbers', taskId: running!.id.key }]);
    chore.going().did(500);
    chore.end();
    await chore.done;
    await pass(1_000);
    expect(await runs()).toMatchObject([{ id: running!.id, state: 'succeeded', args: { items: 2_500 } }]);
  });

  it('ends a chore that runs at its next step when it is revoked', async () => {
    const chore = long('numbers');
    await pass(2_000);
    const [running] = await runs();
    await desk.do('revokeTask', { actor: ADMIN, id: running!.id });
    expect(chore.going().stop).toBe(true);
    chore.end();
    await chore.done;
    await pass(1_000);
    expect(await runs()).toMatchObject([{ id: running!.id, state: 'revoked', actions: ['retry'] }]);
  });

  it('says what failed, and why', async () => {
    const chore = long('ledger');
    chore.end(new Error('the disk is gone'));
    await expect(chore.done).rejects.toThrow('the disk is gone');
    await pass(1_000);
    expect(await runs()).toMatchObject([{ state: 'failed', error: 'the disk is gone', actions: ['retry'] }]);
    expect(book.countsOf('ledger').failed).toBe(1);
  });

  it('runs a chore that was asked for, also while it stands still, and one that waited for a start', async () => {
    const chore = long('ledger');
    chore.end(new Error('no'));
    await chore.done.catch(() => {});
    await pass(1_000);
    const [failed] = await runs();
    await desk.do('pauseQueue', { actor: ADMIN, queue: 'chore.ledger', reason: '' });
    await settled();
    let ran = 0;
    const run = () => book.run('ledger', async () => void ran++);
    await run();
    expect(ran).toBe(0);
    book.offer('ledger', () => void run());
    const again = await desk.do('retryTask', { actor: ADMIN, id: failed!.id });
    expect(again).toMatchObject({ state: 'reserved', actions: ['revoke'] });
    await settled();
    await pass(1_000);
    expect(ran).toBe(1);
    expect((await runs())[0]).toMatchObject({ id: again!.id, state: 'succeeded' });
    // Nobody takes it before the next start.
    await book.stop();
    const waiting = await desk.do('retryTask', { actor: ADMIN, id: failed!.id });
    book = await open();
    book.offer('ledger', () => void run());
    await settled();
    await pass(1_000);
    expect((await runs()).find(({ id }) => id.key === waiting!.id.key)?.state).toBe('succeeded');
  });

  it('lets what was asked for be revoked before it begins', async () => {
    const chore = long('aging');
    chore.end(new Error('no'));
    await chore.done.catch(() => {});
    await pass(1_000);
    await book.stop();
    const [failed] = await runs();
    const again = await desk.do('retryTask', { actor: ADMIN, id: failed!.id });
    expect(await desk.do('revokeTask', { actor: ADMIN, id: again!.id })).toMatchObject({ state: 'revoked' });
    book = await open();
    let ran = 0;
    book.offer('aging', () => void ran++);
    await settled();
    expect(ran).toBe(0);
  });

  it('ends, in the books, what the last process did not', async () => {
    const chore = long('numbers');
    await pass(2_000);
    const next = await open();
    expect(await runs()).toMatchObject([{ state: 'failed', error: 'the server stopped before it ended' }]);
    await next.stop();
    chore.end();
    await chore.done;
  });
});
