import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Helper, startHelper } from './lib/helper.ts';
import { cpuSeconds, MemoryWatch, threadCpuSeconds } from './lib/proc.ts';
import { monotonicMs, sleep } from './lib/time.ts';
import type { Peer, RunningPeer } from './peers/peer.ts';
import type { Load, LoadHelper, LoadResult } from './processes/load.ts';
import type { SinkHelper } from './processes/sink.ts';
import type { Seen, SmscHelper } from './processes/smsc.ts';

/** Connections of the load generator, kept alive. */
const CONNECTIONS = 64;
/** From submit_sm to its report. */
const RECEIPT_DELAY_MS = 50;
/** Without any progress for so long a run has lost messages. */
const STALL_MS = 20_000;

/** What one run asks for. */
export interface RunSetting {
  numbersPerRequest: number;
  receipts: boolean;
  messages: number;
  warmUp: number;
  seed: number;
  /** Requests a second; null for as fast as the answers come. */
  perSecond: number | null;
  /** Where data directories are made. */
  workDir: string;
}

/** What one run measured. */
export interface RunResult {
  messages: number;
  /** Messages a second, from the first request to the last submit_sm at the SMSC, or the last report at the sink. */
  rate: number;
  acceptP50Ms: number;
  acceptP99Ms: number;
  acceptMaxMs: number;
  /** CPU seconds of each process in the measured part. */
  cpu: Record<string, number>;
  /** CPU seconds of the two busiest threads of the peer's first process, in the order of their start. */
  threads: number[];
  peakMegabytes: number;
  /** HTTP requests the reports came in. */
  reportRequests: number;
  bodies: string[];
}

interface Helpers {
  smsc: Helper<SmscHelper>;
  sink: Helper<SinkHelper>;
  load: Helper<LoadHelper>;
}

/** Runs a peer once, everything fresh. @throws Error when a message was lost, doubled or wrongly charged */
export async function runOnce(peer: Peer, setting: RunSetting): Promise<RunResult> {
  mkdirSync(setting.workDir, { recursive: true });
  const dir = mkdtempSync(join(setting.workDir, 'run-'));
  const helpers: Helpers = {
    smsc: startHelper<SmscHelper>('smsc'),
    sink: startHelper<SinkHelper>('sink'),
    load: startHelper<LoadHelper>('load'),
  };
  let running: RunningPeer | undefined;
  try {
    const smscPort = await helpers.smsc.start(RECEIPT_DELAY_MS, null);
    const sinkPort = await helpers.sink.start();
    running = await peer.start({
      dir,
      smscPort,
      sinkPort: setting.receipts ? sinkPort : null,
      numbersPerRequest: setting.numbersPerRequest,
    });
    const result = await measure(running, helpers, setting);
    rmSync(dir, { recursive: true, force: true });
    return result;
  } catch (error) {
    throw new Error(`${peer.name} failed; what it wrote is in ${dir}`, { cause: error });
  } finally {
    await running?.stop();
    await Promise.all(Object.values(helpers).map((helper) => helper.stop()));
  }
}

async function measure(peer: RunningPeer, helpers: Helpers, setting: RunSetting): Promise<RunResult> {
  const load: Load = {
    port: peer.port,
    request: peer.request,
    requests: Math.ceil(setting.messages / setting.numbersPerRequest),
    connections: CONNECTIONS,
    seed: setting.seed,
    perSecond: setting.perSecond,
  };
  const warmUpRequests = Math.ceil(setting.warmUp / setting.numbersPerRequest);
  let warmUpMessages = 0;
  if (warmUpRequests > 0) {
    const warmUp = { ...load, requests: warmUpRequests, seed: setting.seed + 1_000_003, perSecond: null };
    warmUpMessages = (await flow(helpers, warmUp, setting)).loaded.numbers;
  }

  const pids = { ...peer.pids, smsc: helpers.smsc.pid, sink: helpers.sink.pid, load: helpers.load.pid };
  const cpuBefore = Object.values(pids).map(cpuSeconds);
  const [mainPid] = Object.values(peer.pids) as [number];
  const threadsBefore = threadCpuSeconds(mainPid);
  const memory = new MemoryWatch(mainPid);
  const { loaded, seen, finishedAt } = await flow(helpers, load, setting).finally(() => memory.stop());
  const threads = [...threadCpuSeconds(mainPid)].map(([id, seconds]) => seconds - (threadsBefore.get(id) ?? 0));
  const cpu = Object.fromEntries(Object.entries(pids).map(([name, pid], i) => [name, cpuSeconds(pid) - cpuBefore[i]!]));
  const told = await helpers.sink.told();
  await peer.check(warmUpMessages + loaded.numbers);
  return {
    messages: loaded.numbers,
    rate: (loaded.numbers / (finishedAt - loaded.firstAt)) * 1000,
    acceptP50Ms: loaded.p50Ms,
    acceptP99Ms: loaded.p99Ms,
    acceptMaxMs: loaded.maxMs,
    cpu,
    threads: busiest(threads),
    peakMegabytes: memory.stop(),
    reportRequests: told.requests,
    bodies: seen.bodies,
  };
}

/** The two largest, in the order they stand in. */
function busiest(threads: readonly number[]): number[] {
  const second = threads.toSorted((a, b) => b - a)[1] ?? 0;
  return threads.filter((seconds) => seconds >= second).slice(0, 2);
}

/** Sends a load and follows it to its end; both judges are asked. */
async function flow(
  { smsc, sink, load }: Helpers,
  what: Load,
  { receipts }: RunSetting,
): Promise<{ loaded: LoadResult; seen: Seen; finishedAt: number }> {
  await smsc.clear();
  await sink.clear();
  const loaded = await load.run(what);
  const accepted = Object.entries(loaded.statuses).filter(([status]) => !status.startsWith('2'));
  if (accepted.length > 0) throw new Error(`not every request was accepted: ${JSON.stringify(loaded.statuses)}`);
  await untilCount('submit_sm at the SMSC', () => smsc.submits(), loaded.numbers);
  if (receipts) await untilCount('reports at the sink', () => sink.reports(), loaded.numbers);
  const seen = await smsc.seen();
  if (seen.submits !== loaded.numbers || seen.distinct !== loaded.numbers || seen.checksum !== loaded.checksum) {
    throw new Error(`the SMSC took ${seen.submits} messages, ${seen.distinct} different ones, of ${loaded.numbers}`);
  }
  if (!receipts) return { loaded, seen, finishedAt: seen.lastAt };
  const told = await sink.told();
  if (told.reports !== loaded.numbers || told.distinct !== loaded.numbers) {
    throw new Error(`the sink took ${told.reports} reports, ${told.distinct} different ones, of ${loaded.numbers}`);
  }
  return { loaded, seen, finishedAt: told.lastAt };
}

async function untilCount(what: string, count: () => Promise<number>, expected: number): Promise<void> {
  let last = -1;
  let changedAt = monotonicMs();
  for (;;) {
    const now = await count();
    if (now >= expected) return;
    if (now !== last) {
      last = now;
      changedAt = monotonicMs();
    } else if (monotonicMs() - changedAt > STALL_MS) throw new Error(`${now} of ${expected} ${what}, and no more come`);
    await sleep(20);
  }
}

/** Where a bench keeps its data while it runs. */
export function workDirectory(): string {
  return join(tmpdir(), `signet-bench-${process.pid}`);
}
