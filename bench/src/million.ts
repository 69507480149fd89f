import { createReadStream, createWriteStream, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Agent, request } from 'undici';
import { startHelper } from './lib/helper.ts';
import { NumberSource } from './lib/numbers.ts';
import { cpuSeconds, MemoryWatch } from './lib/proc.ts';
import { monotonicMs, waitUntil } from './lib/time.ts';
import { businessAuthorization, checkBooks, prepare, SignetServer } from './peers/signet.ts';
import type { SmscHelper } from './processes/smsc.ts';

const ROWS = 1_000_000;
/** What the file's second column fills in; together with the signature one segment of UCS-2. */
const TEMPLATE = 'Your parcel {parcel} has arrived.';
const ROWS_A_PIECE = 10_000;
/** Reading and writing a million rows, on whatever machine. */
const ANSWER_MS = 900_000;

/** What became of a large file that was cancelled half way. */
export interface MillionRun {
  rows: number;
  megabytes: number;
  /** From the first octet of the upload to the answer with the whole price. */
  draftSeconds: number;
  /** From the confirmation to the first message at the SMSC. */
  firstMessageMs: number;
  /** CPU seconds of the server until the draft was answered. */
  draftCpuSeconds: number;
  peakMegabytes: number;
  sent: number;
  released: number;
}

interface Plan {
  accepted: number;
  state: string;
  done_at: string | null;
  counts: Record<string, number>;
}

/** Uploads a file, confirms its draft and cancels the plan half way. @throws Error when a message or a credit is missing */
export async function measureMillion(scale: number, workDir: string): Promise<MillionRun> {
  mkdirSync(workDir, { recursive: true });
  const dir = mkdtempSync(join(workDir, 'million-'));
  const smsc = startHelper<SmscHelper>('smsc');
  let server: SignetServer | undefined;
  try {
    const smscPort = await smsc.start(50, null);
    server = await SignetServer.start(join(dir, 'data'));
    const { tempId } = await prepare(server, smscPort, true, TEMPLATE);
    const rows = Math.ceil(ROWS * scale);
    const csv = join(dir, 'numbers.csv');
    const bytes = await writeNumbers(csv, rows);

    const memory = new MemoryWatch(server.pid);
    const cpuBefore = cpuSeconds(server.pid);
    const startedAt = monotonicMs();
    const draft = await upload(server, tempId, csv);
    const draftSeconds = (monotonicMs() - startedAt) / 1000;
    const draftCpuSeconds = cpuSeconds(server.pid) - cpuBefore;
    if (draft.accepted !== rows || draft.credits !== rows) throw new Error(`not all rows: ${JSON.stringify(draft)}`);

    const confirmedAt = monotonicMs();
    await server.call('POST', `/api/v1/plans/${draft.plan_id}/confirm`, {}, 'business');
    await waitUntil('the first message', async () => (await smsc.submits()) > 0, 60_000, 5);
    const firstMessageMs = monotonicMs() - confirmedAt;
    await waitUntil('half of the messages', async () => (await smsc.submits()) >= rows / 2, 600_000);
    await server.call('POST', `/api/v1/plans/${draft.plan_id}/cancel`, {}, 'business');
    const plan = await ended(server, draft.plan_id);
    const peakMegabytes = memory.stop();

    const { cancelled: released = 0, ...others } = plan.counts;
    const sent = Object.values(others).reduce((sum, count) => sum + count, 0);
    const { submits, distinct } = await smsc.seen();
    if (sent + released !== rows || submits !== sent || distinct !== sent) {
      throw new Error(`of ${rows} rows ${sent} were sent, ${released} released, ${submits} at the SMSC (${distinct})`);
    }
    await checkBooks(server, sent);
    return {
      rows,
      megabytes: bytes / 1_000_000,
      draftSeconds,
      firstMessageMs,
      draftCpuSeconds,
      peakMegabytes,
      sent,
      released,
    };
  } finally {
    await server?.stop();
    await smsc.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function upload(
  server: SignetServer,
  templateId: number,
  file: string,
): Promise<{ plan_id: number; accepted: number; credits: number }> {
  const agent = new Agent({ headersTimeout: ANSWER_MS });
  const { statusCode, body } = await request(`${server.url}/api/v1/plans?template_id=${templateId}`, {
    method: 'POST',
    dispatcher: agent,
    headers: { authorization: businessAuthorization(), 'content-type': 'text/csv' },
    body: createReadStream(file),
  });
  const text = await body.text();
  await agent.close();
  if (statusCode !== 201) throw new Error(`the upload was answered ${statusCode} ${text}`);
  return JSON.parse(text);
}

/** Waits until nothing of a cancelled plan is under way. */
async function ended(server: SignetServer, planId: number): Promise<Plan> {
  let plan: Plan | undefined;
  await waitUntil(
    'the plan to end',
    async () => {
      plan = (await server.call('GET', `/api/v1/plans/${planId}`, undefined, 'business')) as Plan;
      return plan.done_at !== null;
    },
    120_000,
    200,
  );
  return plan!;
}

async function writeNumbers(path: string, count: number): Promise<number> {
  const source = new NumberSource(17);
  const file = createWriteStream(path);
  function* pieces() {
    yield 'mobile,parcel\n';
    for (let from = 0; from < count; from += ROWS_A_PIECE) {
      let piece = '';
      for (let i = from; i < Math.min(from + ROWS_A_PIECE, count); i++)
        piece += `${source.next()},${1000 + (i % 9000)}\n`;
      yield piece;
    }
  }
  await pipeline(Readable.from(pieces(), { objectMode: false }), file);
  return file.bytesWritten;
}
