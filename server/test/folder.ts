import { accessSync, constants, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A new folder for one test, in memory where the system has such a place: tests of what is written need not wait for a
 * disk.
 */
export function newFolder(): string {
  return mkdtempSync(join(memoryFolder() ?? tmpdir(), 'signet-test-'));
}

function memoryFolder(): string | null {
  try {
    accessSync('/dev/shm', constants.W_OK);
    return '/dev/shm';
  } catch {
    return null;
  }
}
