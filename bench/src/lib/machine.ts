import { execFileSync } from 'node:child_process';
import { arch, cpus, loadavg, release, totalmem, type } from 'node:os';

/** What a result depends on, as lines. */
export function machineFacts(): string[] {
  const processors = cpus();
  return [
    `${processors.length} × ${processors[0]?.model.trim() ?? arch()}, ${Math.round(totalmem() / 2 ** 30)} GiB`,
    `${type()} ${release()} ${arch()}, Node ${process.versions.node}`,
    `commit ${said('git', ['describe', '--always', '--dirty'])}; load ${loadavg()[0]!.toFixed(2)} when it began`,
  ];
}

function said(command: string, args: readonly string[]): string {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return 'unknown';
  }
}
