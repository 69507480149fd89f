import { once } from 'node:events';
import { parentPort, receiveMessageOnPort } from 'node:worker_threads';
import { type LimitsChoice, openLimits } from './app/limits.ts';
import { openStore, type StorePlace } from './app/open-store.ts';
import { longWindows } from './domain/frequency.ts';
import { type QuietHours, Rests } from './domain/quiet-hours.ts';
import { Refused } from './domain/refusals.ts';
import { systemClock } from './lib/clock.ts';
import { createLogger, type LogLevel } from './lib/log.ts';
import { GrantBook } from './services/grants.ts';
import { createHotRows } from './services/hot-rows.ts';
import { packReplies, unpackCommands } from './services/packed-accepts.ts';
import { rememberInbound, rememberLists } from './services/remembered.ts';
import type { FromThread, ToThread } from './services/thread-desk.ts';
import type { Notice, Query, Verb, VerbSettings } from './services/verb.ts';
import { awayReply, type Reply, VerbRunner } from './services/verb-runner.ts';
import { queries, verbs } from './services/verbs.ts';
import { type Store, StoreAway } from './store/store.ts';

/** What the house tells a storage thread first. */
export interface StorageThreadData extends LimitsChoice {
  store: StorePlace;
  mode: 'write' | 'read';
  /** This process, as others that write to the store know it. */
  process: string;
  logLevel: LogLevel;
  settings: Omit<VerbSettings, 'longWindows' | 'quiet'>;
  /** Null: none. */
  quietHours: QuietHours | null;
}

// A thread that owns one connection: the writer commits what arrived while its last commit ran; the reader answers
// questions beside it. The second place, after app.ts and its folder, that names implementations.

/** How long a start waits for its database. */
const WAIT_FOR_DATABASE_MS = 60_000;

const port = parentPort!;
const [data] = (await once(port, 'message')) as [StorageThreadData];
const log = createLogger(data.logLevel);
const send = (message: FromThread) => port.postMessage(message);
// A thread that waits for its database has nothing else that keeps it alive.
port.ref();

try {
  const open = () => openStore(data.store, data.mode, { log, waitMs: WAIT_FOR_DATABASE_MS });
  if (data.mode === 'write') await write(await open());
  else read(open);
  send({ kind: 'ready' });
} catch (error) {
  send({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
}

async function write(store: Store): Promise<void> {
  const { limits, close: closeLimits } = await openLimits(store, data, log);
  const grants = new GrantBook();
  const runner = new VerbRunner(
    store,
    verbs as unknown as Record<string, Verb<unknown, unknown>>,
    {
      now: () => systemClock.now(),
      settings: {
        ...data.settings,
        longWindows: longWindows(data.frequency),
        quiet: data.quietHours === null ? null : new Rests(data.quietHours),
      },
      limits,
      grants,
      hot: createHotRows(),
      recipientLists: await rememberLists(store),
      recentInbound: await rememberInbound(store, systemClock.now()),
      log,
    },
    data.process,
    data.shared ? null : { take: () => takeAll(), wait: (ms) => wait(ms), now: () => systemClock.monotonic() },
  );
  let asked: Extract<ToThread, { kind: 'queries' }>['queries'] = [];
  let closing = false;
  let running = false;
  /** The store went away during a commit: nothing can be done until it is back. */
  let doubt = false;
  let batches = 0;
  /** Commands under way that ask for a plan to be accepted. */
  const accepting = new Set<number>();
  const reply = (replies: Reply[], notices: Notice[]) => {
    const packed = packReplies(replies, (id) => accepting.delete(id));
    send({ kind: 'replies', replies: packed, notices, returned: grants.rest(), batches });
    batches = 0;
  };

  const take = (message: ToThread) => {
    if (message.kind === 'commands') {
      batches++;
      grants.add(message.grants);
      for (const command of unpackCommands(message.commands)) {
        if (command.verb === 'acceptPlan') accepting.add(command.id);
        runner.add(command);
      }
    } else if (message.kind === 'queries') asked.push(...message.queries);
    else if (message.kind === 'close') closing = true;
  };
  const takeAll = () => {
    for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) {
      take(next.message as ToThread);
    }
  };
  /** Set while a transaction waits: ends its wait. */
  let came: (() => void) | null = null;
  const wait = async (ms: number): Promise<boolean> => {
    if (asked.length > 0 || closing) return false;
    return new Promise((resolve) => {
      const end = (something: boolean) => {
        came = null;
        timer.cancel();
        resolve(something);
      };
      const timer = systemClock.setTimer(() => end(false), ms);
      came = () => end(true);
    });
  };
  const refuse = () => {
    reply([...runner.refuseWaiting(), ...asked.map(awayReply)], []);
    asked = [];
  };
  const drain = async () => {
    running = true;
    while (!runner.idle || asked.length > 0) {
      if (asked.length > 0) {
        const now = asked;
        asked = [];
        reply(await answer(store, now), []);
      }
      if (!runner.idle) {
        const { replies, notices } = await runner.commitNext(() => {
          doubt = true;
          refuse();
        });
        doubt = false;
        reply(replies, notices);
      }
      // What came while that commit ran goes into the next one.
      takeAll();
    }
    running = false;
    if (closing) {
      await closeLimits();
      await close(store);
    }
  };
  port.on('message', (message: ToThread) => {
    take(message);
    if (came !== null) came();
    else if (doubt) refuse();
    else if (!running) void drain();
  });
}

/** The store is opened with the first question: the reader starts beside the writer, who may have to create it. */
function read(open: () => Promise<Store>): void {
  let store: Promise<Store> | null = null;
  port.on('message', async (message: ToThread) => {
    if (message.kind === 'queries') {
      store ??= open();
      const replies = packReplies(await answer(await store, message.queries), () => false);
      send({ kind: 'replies', replies, notices: [], returned: [], batches: 0 });
    } else if (message.kind === 'close') await close((await store) ?? null);
  });
}

async function answer(store: Store, asked: readonly { id: number; query: string; input: unknown }[]): Promise<Reply[]> {
  const replies: Reply[] = [];
  for (const { id, query, input } of asked) {
    const run = queries[query as keyof typeof queries] as Query<unknown, unknown>;
    replies.push(await outcome(id, query, () => store.read((reader) => run(reader, input))));
  }
  return replies;
}

async function outcome(id: number, what: string, run: () => Promise<unknown>): Promise<Reply> {
  try {
    return { id, value: await run() };
  } catch (error) {
    if (error instanceof Refused) return { id, refusal: error.refusal };
    if (error instanceof StoreAway) return awayReply({ id });
    log.error({ err: error, query: what }, 'a query failed');
    return { id, defect: error instanceof Error ? error.message : String(error) };
  }
}

async function close(store: Store | null): Promise<void> {
  await store?.close();
  send({ kind: 'closed' });
  port.close();
}
