import { type Simulator, startSimulator } from '@signet/smpp/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, startHouse, until } from '../house.ts';
import { haveMysql } from '../mysql.ts';
import { haveRabbitmq } from '../rabbitmq.ts';
import { expectOk, numbersFrom, openSender, type Sender } from './sender.ts';

const services = (await haveMysql()) && (await haveRabbitmq());
const NODES = ['api', 'worker', 'worker', 'channel', 'channel'];
const LANE = 'notification';

interface Worker {
  id: string;
  role: string;
  host: string;
  pid: number;
  version: string;
  seen_at: string;
  memory_bytes: number | null;
  loads: { thread: string; share: number }[];
}

interface Queue {
  name: string;
  depth: number;
  done: number;
  paused: { reason: string } | null;
}

/** Who works on what, looked at and acted upon over a process that does none of it. */
describe.runIf(services)('the work of several processes', () => {
  let house: House;
  let sender: Sender;
  const carriers: Simulator[] = [];

  const get = async (path: string) => expectOk(await house.asRoot('GET', `/api/v1${path}`)).json;
  const post = (path: string, body?: unknown) => house.asRoot('POST', `/api/v1${path}`, body);
  const workers = async (): Promise<Worker[]> => (await get('/workers')).items;
  const queues = async (): Promise<Map<string, Queue>> =>
    new Map((await get('/queues')).items.map((queue: Queue) => [queue.name, queue]));
  const channelOwners = async () => [await house.ownerOf('channel:1'), await house.ownerOf('channel:2')];
  const workerOf = async (pid: number) => (await workers()).find((worker) => worker.pid === pid)!;

  beforeAll(async () => {
    house = await startHouse({ nodes: NODES, simulator: false, env: { SIGNET_FREQUENCY: 'off' } });
    for (const name of ['one', 'two']) {
      const carrier = await startSimulator({ receiptDelayMs: 0 });
      carriers.push(carrier);
      const smpp = { host: '127.0.0.1', port: carrier.port, system_id: name, password: 'test' };
      expectOk(await post('/channels', { name, smpp }));
    }
    const targets = [1, 2].map((channel_id) => ({ channel_id, weight: 1 }));
    expectOk(await post('/routes', { name: 'both', targets }));
    sender = await openSender(house);
    await until(async () => {
      const [one, two] = await channelOwners();
      const { items } = await get('/channels');
      const bound = items.every(({ state }: { state: { link: string } }) => state.link === 'bound');
      return bound && one !== null && two !== null && one !== two;
    }, 'each channel process to have one channel');
  });
  afterAll(async () => {
    await house?.stop();
    for (const carrier of carriers) await carrier.close();
  });

  it('shows each with its role, version, memory, load and heartbeat', async () => {
    await until(
      async () => (await workers()).every(({ memory_bytes }) => memory_bytes !== null),
      'all to tell of themselves',
    );
    const seen = await workers();
    expect(seen.map(({ role }) => role).sort()).toEqual([...NODES].sort());
    expect(new Set(seen.map(({ pid }) => pid))).toEqual(new Set(house.nodes.map(({ pid }) => pid)));
    for (const worker of seen) {
      expect(worker.version).toBe(seen[0]!.version);
      expect(worker.memory_bytes).toBeGreaterThan(1_000_000);
      expect(worker.loads.map(({ thread }) => thread)).toEqual(['main', 'storage']);
    }
    const other = seen.at(-1)!;
    await until(async () => (await workerOf(other.pid)).seen_at > other.seen_at, 'the next heartbeat of another');
  });

  it('shows queues of channels that others run, pauses one and lets it go on', async () => {
    await sender.finished(await sender.send(numbersFrom(0, 200)));
    const names = [`dispatch.1.${LANE}`, `dispatch.2.${LANE}`];
    await until(async () => {
      const all = await queues();
      return names.reduce((sum, name) => sum + (all.get(name)?.done ?? 0), 0) === 200;
    }, 'all that was handed over to be counted');
    for (const name of names) {
      expect((await queues()).get(name)!.done).toBeGreaterThan(0);
      expectOk(await post(`/queues/${name}/pause`, { reason: 'to look' }));
    }
    const codes = await openSender(house, { category: 'verification', signature: 'Codes' });
    let uuid = '';
    let sent = 1;
    // Whoever chooses what is sent has to hear of it; another lane passes, so what is sent has been looked at.
    await until(async () => {
      uuid = await sender.send(numbersFrom(200, 20));
      await codes.finished(await codes.send(numbersFrom(sent++, 1)));
      return (await sender.progress(uuid)).counts.accepted === 20;
    }, 'the pause to hold');
    expect((await queues()).get(names[0]!)!.paused).toMatchObject({ reason: 'to look' });
    for (const name of names) expectOk(await post(`/queues/${name}/resume`));
    await sender.finished(uuid);
  });

  it('shows the log of channels that others run, page by page, and what comes later', async () => {
    for (const id of [1, 2]) {
      const path = `/channels/${id}/log?limit=60`;
      const ids: string[] = [];
      let cursor = '';
      do {
        const page = await get(`${path}${cursor}`);
        expect(page).toMatchObject({ logging: true, unheard: [] });
        ids.push(...page.items.map(({ id }: { id: string }) => id));
        cursor = page.next_cursor === null ? '' : `&cursor=${page.next_cursor}`;
      } while (cursor !== '');
      expect(ids.length).toBeGreaterThan(60);
      expect(new Set(ids).size).toBe(ids.length);
      const later = (await get(`${path}&after=${ids[3]}`)).items.map((line: { id: string }) => line.id);
      expect(later).toEqual(expect.arrayContaining(ids.slice(0, 3)));
      expect(later).not.toContain(ids[3]);
    }
  });

  it('runs a chore where it is done, when somebody asks for it elsewhere', async () => {
    const owner = (await house.ownerOf('caretaker'))!;
    const { id } = await workerOf(owner.pid);
    // A run of before, to be done again.
    await house.rows(
      `INSERT INTO chore_run (id, name, state, asked_by, created_at, started_at, ended_at, runs, run_ms, items, error, worker)
       VALUES (1, 8, 3, '', 1, 1, 2, 1, 1, 0, '', 'somebody')`,
    );
    const { task } = expectOk(await post('/tasks/chore-1/retry')).json;
    expect(task).toMatchObject({ name: 'ledger', state: 'reserved' });
    await until(async () => (await get(`/tasks/${task.id}`)).state === 'succeeded', 'the run that was asked for');
    expect((await get(`/tasks/${task.id}`)).worker).toBe(id);
  });

  it('ends the runs of a process that is killed, and of no other', async () => {
    const [gone, stays] = [house.nodes[1]!, house.nodes[2]!];
    const ids = [await workerOf(gone.pid), await workerOf(stays.pid)].map(({ id }) => id);
    const running = (id: number, worker: string) =>
      house.rows(
        `INSERT INTO chore_run (id, name, state, asked_by, created_at, started_at, ended_at, runs, run_ms, items, error, worker)
         VALUES (${id}, 7, 2, '', 1, 1, NULL, 1, 1, 0, '', '${worker}')`,
      );
    await running(101, ids[0]!);
    await running(102, ids[1]!);
    const { pid } = gone;
    await gone.end('SIGKILL');
    await until(async () => (await get('/tasks/chore-101')).state === 'failed', 'the run to be ended in the books');
    expect(await get('/tasks/chore-102')).toMatchObject({ state: 'running', worker: ids[1]! });
    await until(async () => {
      const seen = Date.parse((await workerOf(pid)).seen_at);
      return seen < Date.parse((await workerOf(stays.pid)).seen_at) - 5_000;
    }, 'its heartbeat to stand still');
    await gone.start();
  });
});
