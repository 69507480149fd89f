/** What Retry-After says (RFC 9110 §10.2.3): seconds, or a date. In milliseconds; 0 without it or when it is over. */
export function retryAfterMs(header: string | undefined, now: number, mostMs: number): number {
  if (header === undefined) return 0;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return ms > 0 ? Math.min(ms, mostMs) : 0;
}
