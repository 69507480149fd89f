import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';

/** What the dissector made of a capture file. */
export interface Judgement {
  /** Frames with a malformed mark, as it words them. */
  malformed: string[];
  /** command_id of every PDU, in order. */
  commands: number[];
  /** command_status of every response. */
  statuses: Set<number>;
  /** Parts of long texts: how many, and which. */
  parts: Set<string>;
}

const FIELDS = {
  commands: 'smpp.command_id',
  statuses: 'smpp.command_status',
  totals: 'gsm_sms.udh.mm.msg_parts',
  numbers: 'gsm_sms.udh.mm.msg_part',
  malformed: '_ws.malformed',
} as const;

const OPTIONS = ['-o', 'tcp.desegment_tcp_streams:TRUE', '-o', 'smpp.reassemble_smpp_over_tcp:TRUE'];

/** Reads a capture file; what goes over `port` is SMPP. */
export async function judge(file: string, port: number): Promise<Judgement> {
  const fields = Object.values(FIELDS).flatMap((field) => ['-e', field]);
  const { stdout } = await promisify(execFile)(
    'tshark',
    [
      '-r',
      file,
      ...OPTIONS,
      '-d',
      `tcp.port==${port},smpp`,
      '-T',
      'fields',
      '-E',
      'separator=/t',
      '-E',
      'aggregator=|',
      ...fields,
    ],
    { maxBuffer: 64 << 20 },
  );
  const judgement: Judgement = { malformed: [], commands: [], statuses: new Set(), parts: new Set() };
  for (const [at, line] of stdout.split('\n').entries()) {
    const columns = line.split('\t').map((column) => (column === '' ? [] : column.split('|')));
    const [commands = [], statuses = [], totals = [], numbers = [], malformed = []] = columns;
    if (malformed.length > 0) judgement.malformed.push(`frame ${at + 1}: ${malformed.join(', ')}`);
    judgement.commands.push(...commands.map(Number));
    for (const status of statuses) judgement.statuses.add(Number(status));
    for (const [i, total] of totals.entries()) judgement.parts.add(`${Number(numbers[i])}/${Number(total)}`);
  }
  return judgement;
}

/** The capture's buffers reach it in such steps. */
const SETTLE_MS = 1_000;

/** A capture under way; null where this user may not capture. */
export interface Capture {
  /** Ends it; the file is whole then. */
  stop(): Promise<void>;
}

/** Captures what goes over a port of the loopback interface. */
export async function capture(file: string, port: number): Promise<Capture | null> {
  const child = spawn('dumpcap', ['-q', '-i', 'lo', '-f', `tcp port ${port}`, '-w', file], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const ended = once(child, 'close').catch(() => {});
  await Promise.race([ended, waitFor(() => /^File: /m.test(said) && existsSync(file))]);
  if (child.exitCode !== null || child.pid === undefined) {
    console.warn(`the loopback interface cannot be captured here (${said.trim().split('\n')[0] ?? ''})`);
    return null;
  }
  return {
    async stop() {
      // What is still with the kernel at the end would be lost.
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
      child.kill('SIGINT');
      await ended;
    },
  };
}

async function waitFor(condition: () => boolean): Promise<void> {
  for (let look = 0; look < 1_500 && !condition(); look++) await new Promise((resolve) => setTimeout(resolve, 20));
}
