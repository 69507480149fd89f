import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { until } from '../house.ts';

const BIN = fileURLToPath(new URL('../../bin/signet.js', import.meta.url));

/** How a command ended. */
export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
  /** Standard output, which must be one JSON value. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever was printed
  readonly json: any;
}

/** A command that runs. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  stdout(): string;
  stderr(): string;
}

/** Starts a command; `env` holds its only SIGNET_ settings, and `input` whether it has something to read. */
export function start(args: string[], env: Record<string, string> = {}, input: 'ignore' | 'pipe' = 'ignore'): Running {
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('SIGNET_')));
  const child = spawn(process.execPath, [BIN, ...args], {
    env: { ...inherited, ...env },
    stdio: [input, 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout!.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr!.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code) => {
      resolve({
        code,
        stdout,
        stderr,
        get json() {
          return JSON.parse(stdout);
        },
      });
    });
  });
  return { child, ended, stdout: () => stdout, stderr: () => stderr };
}

/** Runs a command to its end. */
export function run(args: string[], env: Record<string, string> = {}): Promise<Ended> {
  return start(args, env).ended;
}

/** Starts `signet serve --json` and waits until it says where it is. */
export async function serve(env: Record<string, string>): Promise<Running & { url: string; rootPassword: string }> {
  const running = start(['--json', 'serve'], { SIGNET_PORT: '0', SIGNET_LOG_LEVEL: 'silent', ...env });
  let over: Ended | null = null;
  void running.ended.then((ended) => {
    over = ended;
  });
  await until(() => over !== null || running.stdout().includes('\n'), 'the server to be up');
  if (over !== null) throw new Error(`the server ended: ${JSON.stringify(over)}`);
  const { url, root_password: rootPassword } = JSON.parse(running.stdout());
  return { ...running, url, rootPassword };
}

/** A directory that goes with the test. */
export function scratch(): string {
  const directory = mkdtempSync(join(tmpdir(), 'signet-cli-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
