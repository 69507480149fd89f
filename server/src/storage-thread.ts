import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { Refused } from './domain/refusals.ts';
import { systemClock } from './lib/clock.ts';
import { IdGenerator } from './lib/ids.ts';
import { createLogger, type LogLevel } from './lib/log.ts';
import { type FrequencyWindow, UNLIMITED } from './limits/limits.ts';
import { MemoryFrequencyLimits } from './limits/memory.ts';
import { createHotRows } from './services/hot-rows.ts';
import type { FromThread, ToThread } from './services/thread-desk.ts';
import type { Notice, Query, Verb, VerbSettings } from './services/verb.ts';
import { type Reply, VerbRunner } from './services/verb-runner.ts';
import { queries, verbs } from './services/verbs.ts';
import { SqliteStore } from './store/sqlite/sqlite.ts';

/** What the house tells a storage thread at its start. */
export interface StorageThreadData {
  path: string;
  mode: 'write' | 'read';
  logLevel: LogLevel;
  settings: VerbSettings;
  /** Null: no limit. */
  frequency: FrequencyWindow | null;
}

// A thread that owns one connection: the writer commits what arrived while its last commit ran; the reader answers
// questions beside it. The second place, after app.ts, that names implementations.

const data = workerData as StorageThreadData;
const port = parentPort!;
const log = createLogger(data.logLevel);
const send = (message: FromThread) => port.postMessage(message);

try {
  if (data.mode === 'write') await write(new SqliteStore(data.path, 'write'));
  else read(() => new SqliteStore(data.path, 'read'));
  send({ kind: 'ready' });
} catch (error) {
  send({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
}

async function write(store: SqliteStore): Promise<void> {
  const highest = store.highestIds();
  const ids = {
    plan: new IdGenerator(systemClock, 0, highest.plan),
    ledger: new IdGenerator(systemClock, 0, highest.ledger),
    event: new IdGenerator(systemClock, 0, highest.event),
  };
  const limits = data.frequency === null ? UNLIMITED : new MemoryFrequencyLimits(data.frequency);
  await store.read((reader) =>
    reader.messages.acceptedSince(systemClock.now() - limits.windowMs, (businessId, recipient, at) =>
      limits.restore(businessId, recipient, at),
    ),
  );
  const runner = new VerbRunner(store, verbs as unknown as Record<string, Verb<unknown, unknown>>, {
    now: () => systemClock.now(),
    nextId: (kind) => ids[kind].next(),
    settings: data.settings,
    limits,
    hot: createHotRows(),
    log,
  });
  let asked: Extract<ToThread, { kind: 'queries' }>['queries'] = [];
  let closing = false;
  let running = false;
  let batches = 0;
  const reply = (replies: Reply[], notices: Notice[]) => {
    send({ kind: 'replies', replies, notices, batches });
    batches = 0;
  };

  const take = (message: ToThread) => {
    if (message.kind === 'commands') {
      batches++;
      for (const command of message.commands) runner.add(command);
    } else if (message.kind === 'queries') asked.push(...message.queries);
    else if (message.kind === 'close') closing = true;
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
        const { replies, notices } = await runner.commitNext();
        reply(replies, notices);
      }
      // What came while that commit ran goes into the next one.
      for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) {
        take(next.message as ToThread);
      }
    }
    running = false;
    if (closing) await close(store);
  };
  port.on('message', (message: ToThread) => {
    take(message);
    if (!running) void drain();
  });
}

/** The store is opened with the first question: the reader starts beside the writer, who may have to create it. */
function read(open: () => SqliteStore): void {
  let store: SqliteStore | null = null;
  port.on('message', async (message: ToThread) => {
    if (message.kind === 'queries') {
      store ??= open();
      send({ kind: 'replies', replies: await answer(store, message.queries), notices: [], batches: 0 });
    } else if (message.kind === 'close') await close(store);
  });
}

async function answer(
  store: SqliteStore,
  asked: readonly { id: number; query: string; input: unknown }[],
): Promise<Reply[]> {
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
    log.error({ err: error, query: what }, 'a query failed');
    return { id, defect: error instanceof Error ? error.message : String(error) };
  }
}

async function close(store: SqliteStore | null): Promise<void> {
  await store?.close();
  send({ kind: 'closed' });
  port.close();
}
