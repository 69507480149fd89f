import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../../bin/signet.js', import.meta.url));

/** Runs `signet serve` in an environment that is expected to end it; resolves with how it ended and what it wrote. */
export async function serveToTheEnd(env: Record<string, string>): Promise<{ code: number | null; output: string }> {
  const known = Object.entries(process.env).filter(([name]) => !name.startsWith('SIGNET_'));
  const child = spawn(process.execPath, [BIN, 'serve'], {
    env: { ...Object.fromEntries(known), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  // A server that starts after all must not stay.
  const guard = setTimeout(() => child.kill('SIGKILL'), 30_000);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  clearTimeout(guard);
  return { code, output };
}
