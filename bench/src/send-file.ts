import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { startHelper } from './lib/helper.ts';
import { NumberSource } from './lib/numbers.ts';
import { MemoryWatch } from './lib/proc.ts';
import { monotonicMs } from './lib/time.ts';
import { BIN, checkBooks, commandEnvironment, prepare, SignetServer } from './peers/signet.ts';
import type { SmscHelper } from './processes/smsc.ts';

const MESSAGES = 100_000;
/** What the file's second column fills in; together with the signature one segment of UCS-2. */
const TEMPLATE = 'Your parcel {parcel} has arrived.';
/** Columns of the SMSC's log, from 0. */
const DESTINATION_COLUMN = 3;
const STATUS_COLUMN = 5;

/** What became of a file sent with `signet send`. */
export interface FileRun {
  messages: number;
  /** From the start of the command until every message was final. */
  seconds: number;
  peakMegabytes: number;
  /** Lines in the SMSC's own log, all accepted, and different destinations in them. */
  logged: number;
  distinct: number;
  delivered: number;
}

/** What `signet send --wait --json` prints, as far as it is looked at. */
interface Summary {
  accepted: number;
  states: Record<string, number>;
}

/** Sends a file of numbers with the command line and follows every message to its end. @throws Error when one is missing */
export async function sendFile(scale: number, workDir: string): Promise<FileRun> {
  mkdirSync(workDir, { recursive: true });
  const dir = mkdtempSync(join(workDir, 'file-'));
  const smsc = startHelper<SmscHelper>('smsc');
  let server: SignetServer | undefined;
  try {
    const logPath = join(dir, 'smsc.log');
    const smscPort = await smsc.start(50, logPath);
    server = await SignetServer.start(join(dir, 'data'));
    const { signId, tempId } = await prepare(server, smscPort, true, TEMPLATE);
    const messages = Math.ceil(MESSAGES * scale);
    const csv = join(dir, 'numbers.csv');
    writeNumbers(csv, messages);

    const memory = new MemoryWatch(server.pid);
    const startedAt = monotonicMs();
    const wishes = ['--sign', String(signId), '--temp', String(tempId), '--file', csv, '--yes', '--wait', '--json'];
    const summary = JSON.parse(await command(['send', ...wishes], server.url, dir)) as Summary;
    const seconds = (monotonicMs() - startedAt) / 1000;
    const peakMegabytes = memory.stop();
    const delivered = summary.states.delivered ?? 0;
    if (summary.accepted !== messages || delivered !== messages) {
      throw new Error(`of ${messages} messages not all were delivered: ${JSON.stringify(summary)}`);
    }
    await checkBooks(server, messages);
    await server.stop();
    await smsc.close();

    const lines = readFileSync(logPath, 'latin1')
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t'));
    const taken = lines.filter((columns) => columns[STATUS_COLUMN] === '0x00000000');
    const distinct = new Set(taken.map((columns) => columns[DESTINATION_COLUMN])).size;
    if (taken.length !== messages || lines.length !== messages || distinct !== messages) {
      throw new Error(`the SMSC logged ${lines.length} messages to ${distinct} numbers, of ${messages}`);
    }
    return { messages, seconds, peakMegabytes, logged: taken.length, distinct, delivered };
  } finally {
    await server?.stop();
    await smsc.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

function writeNumbers(path: string, count: number): void {
  const source = new NumberSource(11);
  const rows = Array.from({ length: count }, (_, i) => `${source.next()},${1000 + (i % 9000)}`);
  writeFileSync(path, `mobile,parcel\n${rows.join('\n')}\n`);
}

/** Runs `signet` and returns what it printed; @throws Error with its words when it fails */
async function command(args: readonly string[], url: string, dir: string): Promise<string> {
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd: dir,
    env: commandEnvironment(url),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [printed, complaints, code] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  if (code !== 0) throw new Error(`signet ${args[0]} ended with ${code}: ${complaints.slice(-2_000)}`);
  return printed;
}
