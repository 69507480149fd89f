import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { request } from 'undici';
import { startHelper } from './lib/helper.ts';
import { monotonicMs, sleep, waitUntil } from './lib/time.ts';
import { businessAuthorization, prepare, SignetServer, sendRequest } from './peers/signet.ts';
import type { LoadHelper } from './processes/load.ts';
import type { SmscHelper } from './processes/smsc.ts';

const RUNS = 5;
/** Messages of the last ten minutes that the store holds at the start: frequency counters are rebuilt from them. */
const STORED = 100_000;
const BULK = 100;

/** Milliseconds from the start of the process to the first accepted message. */
export interface StartTimes {
  stored: number;
  empty: number[];
  filled: number[];
}

/** Starts the server over a store that holds next to nothing, and over one that holds many messages. */
export async function measureStart(scale: number, workDir: string): Promise<StartTimes> {
  mkdirSync(workDir, { recursive: true });
  const dir = mkdtempSync(join(workDir, 'start-'));
  const smsc = startHelper<SmscHelper>('smsc');
  const load = startHelper<LoadHelper>('load');
  const dataDir = join(dir, 'data');
  let server: SignetServer | undefined;
  try {
    const smscPort = await smsc.start(0, null);
    server = await SignetServer.start(dataDir);
    const prepared = await prepare(server, smscPort, true);
    await server.stop();
    const body = JSON.stringify({ sign_id: prepared.signId, temp_id: prepared.tempId, mobiles: ['13800138000'] });
    const empty = await startTimes(dataDir, body);

    server = await SignetServer.start(dataDir);
    const stored = Math.ceil((STORED * scale) / BULK) * BULK;
    const requestText = sendRequest(prepared, BULK);
    await load.run({
      port: server.port,
      request: requestText,
      requests: stored / BULK,
      connections: 8,
      seed: 5,
      perSecond: null,
    });
    await waitUntil('the messages to be sent', async () => (await smsc.submits()) >= stored, 120_000);
    await server.stop();
    return { stored, empty, filled: await startTimes(dataDir, body) };
  } finally {
    await server?.stop();
    await Promise.all([smsc.stop(), load.stop()]);
    rmSync(dir, { recursive: true, force: true });
  }
}

async function startTimes(dataDir: string, body: string): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < RUNS; i++) {
    const startedAt = monotonicMs();
    const server = await SignetServer.spawn(dataDir);
    // The numbers differ, so that no frequency limit is met.
    const text = body.replace('13800138000', String(13_800_138_000 + i));
    while (!(await accepts(server.url, text))) await sleep(5);
    times.push(monotonicMs() - startedAt);
    await server.stop();
  }
  return times;
}

async function accepts(url: string, body: string): Promise<boolean> {
  try {
    const headers = { authorization: businessAuthorization(), 'content-type': 'application/json' };
    const answer = await request(`${url}/v1/message`, { method: 'POST', headers, body });
    await answer.body.dump();
    return answer.statusCode === 200;
  } catch {
    return false;
  }
}
