const START_MS = Number(process.hrtime.bigint()) / 1e6 - performance.now();

/** Milliseconds of the machine's monotonic clock, which all processes share. */
export function monotonicMs(): number {
  return START_MS + performance.now();
}

/** Resolves after so many milliseconds. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/**
 * Resolves once `reached` says so.
 * @throws Error naming `what`, after `limitMs`
 */
export async function waitUntil(
  what: string,
  reached: () => boolean | Promise<boolean>,
  limitMs: number,
  everyMs = 20,
): Promise<void> {
  const end = monotonicMs() + limitMs;
  while (!(await reached())) {
    if (monotonicMs() > end) throw new Error(`waited ${limitMs / 1000} s in vain for ${what}`);
    await sleep(everyMs);
  }
}
