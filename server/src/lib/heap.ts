import { setFlagsFromString } from 'node:v8';

/** How far a heap grows, in percent of what was alive in it, before it is searched for garbage again. */
const GROWTH_PERCENT = 50;

/**
 * Keeps the heaps of this process and of its threads close to what is alive in them. Where there is much memory V8 lets
 * each grow to four times that; messages live just long enough to leave their garbage there, and three threads together
 * held 130 MB of it while a million messages were sent (measured 2026-11-26), for no time saved that could be measured.
 * V8 reads the flag at each collection, so it may be set while the process runs.
 */
export function keepHeapsSmall(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
}
