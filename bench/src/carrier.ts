import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { mostInOneSecond } from '@signet/smpp/simulator';
import { type CarrierBench, numbersFrom, openTenant, withCarrier } from './carrier-bench.ts';
import { sleep, waitUntil } from './lib/time.ts';

/** How full a window was kept. */
export interface WindowUse {
  window: number;
  /** From the read of a submit_sm to the write of its answer, as the carrier recorded it. */
  answerMs: number;
  perSecond: number;
  /** `perSecond` as a share of what the window allows: window / answer time. */
  share: number;
}

/** How a contract for so many a second was kept, by the times of packets on the wire. */
export interface Pacing {
  contract: number;
  /** The most submit_sm in any one second, wherever it begins. */
  most: number;
  perSecond: number;
  seconds: number;
}

const ANSWER_MS = 50;
const WINDOWS = [10, 100] as const;
const CONTRACT = 500;
const MEASURED_MS = 15_000;
/** By then links are up, and queues are filled. */
const SETTLED_MS = 3_000;

/** Keeps windows of 10 and of 100 full against a carrier that answers after 50 ms. */
export async function measureWindows(scale: number, workDir: string): Promise<WindowUse[]> {
  const used: WindowUse[] = [];
  for (const window of WINDOWS) {
    used.push(
      await withCarrier(workDir, { answerMs: ANSWER_MS }, { window }, async (bench) => {
        const { from, to } = await stretch(bench, (window / ANSWER_MS) * 1000, scale);
        const count = bench.seen.filter(({ at }) => at >= from && at < to).length;
        const perSecond = (count / (to - from)) * 1000;
        const answerMs = bench.smsc.answerTimes.medianMs;
        return { window, answerMs, perSecond, share: perSecond / ((window / answerMs) * 1000) };
      }),
    );
  }
  return used;
}

/** Null where there is no tshark to capture the packets. */
export async function measurePacing(scale: number, workDir: string): Promise<Pacing | null> {
  if (spawnSync('tshark', ['--version']).status !== 0) return null;
  return withCarrier(workDir, { answerMs: 5 }, { rate: CONTRACT }, async (bench) => {
    const file = join(workDir, 'pacing.pcap');
    const capture = await startCapture(bench.smsc.port, file);
    await stretch(bench, CONTRACT, scale);
    await endCapture(capture);
    const times = submitTimes(file, bench.smsc.port);
    rmSync(file);
    const seconds = (times.at(-1)! - times[0]!) / 1000;
    return { contract: CONTRACT, most: mostInOneSecond(times), perSecond: (times.length - 1) / seconds, seconds };
  });
}

/** Has more waiting than leaves in a while, and returns from when to when that while was, once things had settled. */
async function stretch(
  { server, seen }: CarrierBench,
  perSecond: number,
  scale: number,
): Promise<{ from: number; to: number }> {
  const ms = Math.max(2_000, MEASURED_MS * scale);
  const tenant = await openTenant(server, 'sender', 'marketing', 'Hello.');
  await tenant.send(numbersFrom(0, Math.ceil((perSecond * (ms + SETTLED_MS) * 1.5) / 1000)));
  await waitUntil('the first message', () => seen.length > 0, 30_000);
  await sleep(SETTLED_MS + ms);
  const to = seen.at(-1)!.at;
  return { from: to - ms, to };
}

async function startCapture(port: number, file: string): Promise<ChildProcess> {
  const capture = spawn('tshark', ['-i', 'lo', '-f', `tcp dst port ${port}`, '-w', file], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  capture.stderr!.on('data', (piece: Buffer) => {
    said += piece;
  });
  await waitUntil('the capture', () => said.includes('Capturing on') || capture.exitCode !== null, 10_000);
  if (capture.exitCode !== null) throw new Error(`tshark ended: ${said}`);
  await sleep(500);
  return capture;
}

function endCapture(capture: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    capture.once('exit', () => resolve());
    capture.kill('SIGINT');
  });
}

/** When each submit_sm was on the wire, in milliseconds. */
function submitTimes(file: string, port: number): number[] {
  const read = ['-r', file, '-d', `tcp.port==${port},smpp`, '-T', 'fields'];
  const { stdout } = spawnSync('tshark', [...read, '-e', 'frame.time_epoch', '-e', 'smpp.command_id'], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  return stdout.split('\n').flatMap((line) => {
    const [time, commands = ''] = line.split('\t');
    const submits = commands.split(',').filter((command) => Number(command) === 4);
    return submits.map(() => Number(time) * 1000);
  });
}
