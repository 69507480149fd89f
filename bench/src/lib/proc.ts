import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** Clock ticks of /proc a second; 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;
const MEGABYTE = 1_000_000;

/** Whether this machine tells about processes as Linux does. */
export const HAS_PROC = existsSync('/proc/self/stat');

/** CPU seconds a process has used, all its threads together; 0 when it is gone. */
export function cpuSeconds(pid: number): number {
  return readStat(`/proc/${pid}/stat`);
}

/** CPU seconds of each thread of a process, by the order of their start. */
export function threadCpuSeconds(pid: number): Map<number, number> {
  const threads = new Map<number, number>();
  try {
    for (const name of readdirSync(`/proc/${pid}/task`)) {
      threads.set(Number(name), readStat(`/proc/${pid}/task/${name}/stat`));
    }
  } catch {
    // Gone, or a system without /proc: nothing to tell.
  }
  return threads;
}

/** Resident memory of a process in megabytes; 0 when it is gone. */
export function residentMegabytes(pid: number): number {
  try {
    const match = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
    return match === null ? 0 : (Number(match[1]) * 1024) / MEGABYTE;
  } catch {
    return 0;
  }
}

function readStat(path: string): number {
  try {
    const stat = readFileSync(path, 'latin1');
    // proc(5): the name in brackets may hold anything; user and system time are the 12th and 13th field after it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  } catch {
    return 0;
  }
}

/** Watches the resident memory of a process. */
export class MemoryWatch {
  #peak = 0;
  readonly #timer: NodeJS.Timeout;

  constructor(pid: number, everyMs = 100) {
    this.#timer = setInterval(() => {
      this.#peak = Math.max(this.#peak, residentMegabytes(pid));
    }, everyMs);
  }

  /** Ends the watch; the most it has seen, in megabytes. */
  stop(): number {
    clearInterval(this.#timer);
    return this.#peak;
  }
}
