import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../cli/cli.ts';
import { type House, startHouse, until } from '../house.ts';
import { expectOk, numbersFrom, openSender, type Sender } from '../journeys/sender.ts';
import { type Client, nativeClients, rootOf } from './client.ts';
import { openLive } from './live.ts';

// biome-ignore lint/suspicious/noExplicitAny: read from the wire
type Task = any;

/** The table of docs/operating/tasks.md, row by row, on a house that works. */
describe('the task monitor', () => {
  let house: House;
  let root: Client;
  let sender: Sender;
  let channelId: number;

  beforeAll(async () => {
    house = await startHouse({
      simulator: { rules: [{ suffix: '7', status: 'ESME_RSYSERR' }] },
      env: { SIGNET_WEBHOOK_ALLOW_HTTP: 'yes', SIGNET_WEBHOOK_ALLOW_NETWORKS: '127.0.0.0/8' },
    });
    root = (await nativeClients(house))(rootOf(house));
    sender = await openSender(house, { credits: 100_000 });
    channelId = (await root.get('/channels')).json.items[0].id;
  });
  afterAll(() => house?.stop());

  const tasks = async (query = ''): Promise<Task[]> => expectOk(await root.get(`/tasks${query}`)).json.items;
  const queue = async (name: string) =>
    expectOk(await root.get('/queues')).json.items.find((each: { name: string }) => each.name === name);
  const later = () => new Date(Date.now() + 3_600_000).toISOString();
  const schedule = async (count: number): Promise<number> => {
    const made = await house.request('POST', '/api/v1/plans', {
      ...sender,
      body: {
        template_id: sender.tempId,
        recipients: numbersFrom(count * 100, count).map((n) => ({ to: `+86${n}` })),
        start_at: later(),
      },
    });
    return expectOk(made).json.plan_id;
  };
  /** Asks for a run of a chore, by doing again one that has ended. */
  const ranChore = async (name: string): Promise<Task> => {
    let found: Task | undefined;
    await until(async () => {
      [found] = await tasks(`?kind=chore&name=${name}&state=succeeded`);
      return found !== undefined;
    }, `a run of ${name}`);
    return found;
  };

  it('shows workers: heartbeat, role, load, version, uptime, what they do', async () => {
    const { items } = expectOk(await root.get('/workers')).json;
    expect(items).toHaveLength(house.nodes.length);
    const roles = items.flatMap(({ role }: { role: string }) => role.split(','));
    expect(roles.sort()).toEqual(['api', 'channel', 'worker']);
    expect(items[0].version).toMatch(/^\d/);
    expect(items[0].loads.map(({ thread }: { thread: string }) => thread)).toEqual(['main', 'storage']);
    expect(items[0].memory_bytes).toBeGreaterThan(10_000_000);
    const seen = items[0].seen_at;
    await until(async () => (await root.get('/workers')).json.items[0].seen_at > seen, 'the next heartbeat');
  });

  it('shows what is scheduled, with its arguments, and revokes it', async () => {
    const planId = await schedule(3);
    const [start] = await tasks('?kind=plan-start&state=scheduled');
    expect(start).toMatchObject({
      id: `plan-start-${planId}`,
      state: 'scheduled',
      business_id: sender.businessId,
      args: { plan_id: planId, messages: 3 },
      actions: ['revoke'],
    });
    expect(Date.parse(start.due_at)).toBeGreaterThan(Date.now());
    const { available, reserved } = await sender.balance();
    expect(reserved).toBe(3);
    expect(expectOk(await root.post(`/tasks/${start.id}/revoke`)).json).toEqual({ task: null });
    expect((await root.get(`/plans/${planId}`)).json.state).toBe('cancelled');
    expect(await sender.balance()).toEqual({ available: available + 3, reserved: 0 });
    expect((await root.get(`/tasks/${start.id}`)).status).toBe(404);
  });

  it('shows drafts, with when they are discarded, and discards one', async () => {
    const upload = async () => {
      const made = await house.request('POST', `/api/v1/plans?template_id=${sender.tempId}&name=march`, {
        ...sender,
        raw: 'mobile\n13800139001\n13800139002\n',
        headers: { 'content-type': 'text/csv' },
      });
      return expectOk(made).json.plan_id as number;
    };
    const kept = await upload();
    const planId = await upload();
    const drafts = await tasks('?kind=draft&state=scheduled');
    expect(drafts.map(({ id }) => id)).toEqual([`draft-${planId}`, `draft-${kept}`]);
    const [draft] = drafts;
    expect(draft).toMatchObject({
      name: 'notification',
      business_id: sender.businessId,
      args: { plan_id: planId, name: 'march', messages: 2, credits: 2 },
      actions: ['revoke'],
    });
    expect(Date.parse(draft.due_at) - Date.parse(draft.created_at)).toBeGreaterThan(23 * 3_600_000);
    expect((await root.post(`/tasks/${draft.id}/requeue`)).json.code).toBe('taskActionWrong');
    expect(expectOk(await root.post(`/tasks/${draft.id}/revoke`)).json).toEqual({ task: null });
    expect((await root.get(`/plans/${planId}/draft`)).status).toBe(404);
    expect((await tasks('?kind=draft,intake')).map(({ id }) => id)).toEqual([`draft-${kept}`]);
    expect((await root.get(`/tasks/draft-${kept}`)).json).toMatchObject({ state: 'scheduled' });
    // Once it is confirmed it is a draft no more.
    expectOk(await house.request('POST', `/api/v1/plans/${kept}/confirm`, { ...sender }));
    expect((await root.get(`/tasks/draft-${kept}`)).status).toBe(404);
  });

  it('shows messages that are tried again, does one at once, and revokes another', async () => {
    await sender.send(['13800130007', '13800130017']);
    let waiting: Task[] = [];
    await until(async () => {
      waiting = await tasks('?kind=retry');
      return waiting.length === 2;
    }, 'two retries');
    const [second, first] = waiting;
    expect(first).toMatchObject({ name: 'notification', tries: expect.any(Number), actions: ['requeue', 'revoke'] });
    const messageOf = async (task: Task) => (await root.get(`/messages/${task.args.message_id}`)).json;
    const { attempts } = await messageOf(first);
    // It may be on its way at this very moment.
    const requeued = await root.post(`/tasks/${first.id}/requeue`);
    expect([200, 404]).toContain(requeued.status);
    await until(async () => (await messageOf(first)).attempts > attempts, 'another attempt');
    await until(async () => {
      const revoked = await root.post(`/tasks/${second.id}/revoke`);
      return revoked.status === 200 && (await messageOf(second)).state === 'cancelled';
    }, 'a message that is revoked');
    expect(await messageOf(second)).toMatchObject({ state: 'cancelled', error: 'revoked', settled: 0, released: 1 });
    await until(async () => {
      const answer = await root.post(`/tasks/${first.id}/revoke`);
      return answer.status === 200;
    }, 'the other one');
    expect((await root.get('/ledger/check')).json.ok).toBe(true);
  });

  it('pauses a lane of a channel, also after a restart, and resumes it', async () => {
    const name = `dispatch.${channelId}.notification`;
    const paused = expectOk(await root.post(`/queues/${name}/pause`, { reason: 'the carrier asked' })).json;
    expect(paused).toMatchObject({ name, by: 'root', reason: 'the carrier asked' });
    await until(async () => (await queue(name))?.paused?.reason === 'the carrier asked', 'the pause to be seen');
    const uuid = await sender.send(numbersFrom(10, 5));
    await house.terminate();
    await house.start();
    await until(async () => (await queue(name)) !== undefined, 'the queue');
    expect((await queue(name)).paused).toMatchObject({ by: 'root' });
    const other = await openSender(house, { category: 'verification', signature: 'Codes' });
    await other.finished(await other.send(['13800138000']));
    expect((await sender.progress(uuid)).counts).toEqual({ accepted: 5 });
    expect((await root.post(`/queues/${name}/resume`)).status).toBe(204);
    await sender.finished(uuid);
    expect((await queue(name)).paused).toBe(null);
  });

  it('keeps the history of chores, searches it, and does one again', async () => {
    const before = await ranChore('figures');
    expect(before).toMatchObject({ kind: 'chore', worker: expect.any(String), error: '', actions: ['retry'] });
    const again = expectOk(await root.post(`/tasks/${before.id}/retry`)).json.task;
    expect(again).toMatchObject({ name: 'figures', state: 'reserved', args: { asked_by: 'root' } });
    await until(
      async () => (await root.get(`/tasks/${again.id}`)).json.state === 'succeeded',
      'the run that was asked for',
    );
    await house.terminate();
    await house.start();
    const found = await tasks('?search=ROOT&kind=chore');
    expect(found.map(({ id }) => id)).toContain(again.id);
    expect(await tasks('?search=nothing-like-this')).toEqual([]);
    expect((await tasks(`?worker=${again.worker ?? before.worker}`)).length).toBeGreaterThan(0);
  });

  it('lists page by page, newest first, each once', async () => {
    const whole = await tasks('?limit=1000&kind=chore');
    const paged: string[] = [];
    for (let cursor = ''; ; ) {
      const { items, next_cursor } = expectOk(await root.get(`/tasks?limit=1&kind=chore${cursor}`)).json;
      paged.push(...items.map(({ id }: Task) => id));
      if (next_cursor === null || paged.length >= whole.length) break;
      cursor = `&cursor=${next_cursor}`;
    }
    expect(new Set(paged).size).toBe(paged.length);
    // Ids carry their time; processes give them a little before or after that of the row.
    const keys = whole.map(({ id }) => Number(id.split('-').at(-1)));
    expect(keys).toEqual([...keys].sort((a, b) => b - a));
  });

  it('pauses a chore, which then runs only when somebody asks for it', async () => {
    const before = await ranChore('figures');
    expectOk(await root.post('/queues/chore.figures/pause', {}));
    const again = expectOk(await root.post(`/tasks/${before.id}/retry`)).json.task;
    await until(
      async () => (await root.get(`/tasks/${again.id}`)).json.state === 'succeeded',
      'the run that was asked for',
    );
    await root.post('/queues/chore.figures/resume');
  });

  it('shows queues, how long they were, and that over time', async () => {
    const name = `dispatch.${channelId}.notification`;
    const numbers = numbersFrom(1_000, 20).filter((number) => !number.endsWith('7'));
    await sender.finished(await sender.send(numbers));
    await until(async () => ((await queue(name))?.done ?? 0) >= numbers.length, 'messages that were handed over');
    expect(await queue(name)).toMatchObject({ kind: 'dispatch', depth: 0, failed: 0 });
    // What a stop ends is written too.
    await house.terminate();
    await house.start();
    const { items, span_ms } = expectOk(await root.get(`/queues/${name}/history`)).json;
    expect(span_ms).toBe(60_000);
    expect(items.reduce((sum: number, { done }: { done: number }) => sum + done, 0)).toBeGreaterThanOrEqual(
      numbers.length,
    );
    const hours = expectOk(await root.get(`/queues/${name}/history?by=hour`)).json;
    expect(hours.items.length).toBeGreaterThan(0);
  });

  it('is told of live', async () => {
    const stream = await openLive(house, rootOf(house), 'topics=tasks');
    await until(() => stream.events.length > 0, 'news of tasks');
    stream.close();
    const { data } = stream.events[0]!;
    expect(data.workers).toHaveLength(house.nodes.length);
    expect(data.queues.map(({ name }: { name: string }) => name)).toContain('webhooks');
  });

  it('is metrics', async () => {
    const { text } = await house.request('GET', '/metrics');
    for (const name of [
      'signet_worker_info{',
      'signet_worker_load{thread="main"}',
      'signet_queue_depth{queue="webhooks"}',
      'signet_chore_seconds_count{chore="uncertain"}',
      'signet_chore_items_total{chore="figures"}',
      'signet_chore_failures_total{chore="numbers"}',
      'signet_chore_running{chore="ledger"}',
    ])
      expect(text).toContain(`\n${name}`);
  });

  it('is told as events, and in the audit log', async () => {
    const kinds = async (kind: string) => expectOk(await root.get(`/events?kind=${kind}`)).json.items;
    expect((await kinds('task.changed')).map(({ change }: { change: string }) => change)).toContain('revoke');
    expect((await kinds('queue.changed')).map(({ change }: { change: string }) => change)).toContain('resumed');
    const audit = expectOk(await root.get('/audit?object=queue')).json.items;
    expect(audit.map(({ action }: { action: string }) => action)).toContain('queue.pause');
  });

  it('refuses what cannot be done, and whoever is not the administrator', async () => {
    const done = await ranChore('figures');
    const wrong = await root.post(`/tasks/${done.id}/revoke`);
    expect(wrong.status).toBe(409);
    expect(wrong.json).toMatchObject({ code: 'taskActionWrong', detail: expect.stringContaining('retried') });
    expect((await root.get('/tasks/chore-1')).json.code).toBe('taskNotFound');
    expect((await root.post('/tasks/what-1/retry')).json.code).toBe('taskNotFound');
    expect((await root.post('/queues/dispatch.999.marketing/pause', {})).json.code).toBe('queueNotFound');
    expect((await root.get('/tasks?state=lost')).json.code).toBe('invalidField');
    expect((await house.request('GET', '/api/v1/tasks', sender)).json.code).toBe('adminOnly');
  });

  it('is commands', async () => {
    const env = { SIGNET_URL: house.url, SIGNET_PASSWORD: house.rootPassword };
    const listed = await run(['task', 'list', '--kind', 'chore', '--state', 'succeeded'], env);
    expect(listed.stdout).toContain('figures');
    const name = `dispatch.${channelId}.marketing`;
    expect((await run(['task', 'pause', name, '--reason', 'a test'], env)).code).toBe(0);
    expect((await run(['task', 'queues'], env)).stdout).toContain('webhooks');
    expect((await run(['task', 'resume', name], env)).code).toBe(0);
    expect((await run(['task', 'workers', '--json'], env)).stdout).toContain('"role":"api');
    const [task] = await tasks('?kind=chore&state=succeeded');
    expect((await run(['task', 'show', task.id], env)).stdout).toContain(task.id);
    expect((await run(['task', 'retry', task.id], env)).code).toBe(0);
  });
});
