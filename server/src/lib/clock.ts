/** A timer that can be taken back. */
export interface Timer {
  cancel(): void;
}

/** Where time comes from. Everything outside `lib/` takes one, so the whole house can run under a clock moved by hand. */
export interface Clock {
  /** Wall time, milliseconds since 1970. */
  now(): number;
  /** Milliseconds from an arbitrary start; never goes back. */
  monotonic(): number;
  /** Runs `fn` once after `ms` milliseconds. Does not keep the process alive by itself. */
  setTimer(fn: () => void, ms: number): Timer;
  /** Runs `fn` once after the input that is already waiting has been read. */
  afterInput(fn: () => void): void;
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimer(fn, ms) {
    const handle = setTimeout(fn, ms);
    handle.unref();
    return { cancel: () => clearTimeout(handle) };
  },
  afterInput: (fn) => void setImmediate(fn),
};

/** Resolves after `ms` milliseconds of `clock`. */
export function sleep(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => clock.setTimer(resolve, ms));
}

/** RFC 3339 text, UTC, of a wall time in milliseconds. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

let dateSecond = 0;
let dateText = '';

/** The HTTP date (RFC 9110 §5.6.7) of a wall time in milliseconds; made anew once a second. */
export function httpDate(ms: number): string {
  const second = Math.floor(ms / 1_000);
  if (second !== dateSecond) {
    dateSecond = second;
    dateText = new Date(ms).toUTCString();
  }
  return dateText;
}

/** Milliseconds since 1970 of an RFC 3339 text, or null when it is none or names a day that does not exist. */
export function parseTime(text: string): number | null {
  const ms = Date.parse(text);
  return Number.isNaN(ms) || !dayExists(text.slice(0, 10)) ? null : ms;
}

/** Whether a day written as 2026-11-22 exists; Date.parse takes 30 February for 2 March. */
function dayExists(day: string): boolean {
  const midnight = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(midnight) && isoTime(midnight).startsWith(day);
}
