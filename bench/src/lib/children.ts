import type { ChildProcess } from 'node:child_process';

/** Processes that nobody has ended yet, and whether each is the first of a group. */
const running = new Map<ChildProcess, boolean>();

process.on('exit', () => {
  for (const [child, group] of running) signal(child, 'SIGKILL', group);
});

/** Sees to it that a process does not outlive this one. @param group whether it is the first of a group, all of which ends */
export function endWithUs(child: ChildProcess, group = false): void {
  running.set(child, group);
  child.once('exit', () => {
    // What it started may still be there.
    if (group) signal(child, 'SIGKILL', true);
    running.delete(child);
  });
}

/** Sends a signal to a process, or to its whole group; nothing happens where nobody is left. */
export function signal(child: ChildProcess, name: NodeJS.Signals, group: boolean): void {
  if (child.pid === undefined) return;
  try {
    process.kill(group ? -child.pid : child.pid, name);
  } catch {
    // Nobody is left.
  }
}
