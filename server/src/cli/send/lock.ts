import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { CommandFailed } from '../failure.ts';

/**
 * Keeps a second send of the same file out. The lock names its process, so that one left behind by a killed process is
 * taken over.
 * @returns releases it
 */
export function lock(path: string): () => void {
  const own = String(process.pid);
  for (;;) {
    try {
      writeFileSync(path, own, { flag: 'wx' });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = Number(readFileSync(path, 'utf8'));
    if (isAlive(holder)) {
      throw new CommandFailed(
        `process ${holder} is sending this file already`,
        `Wait for it; if that is another program, remove ${path}.`,
        { code: 'locked' },
      );
    }
    rmSync(path, { force: true });
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid < 1) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
