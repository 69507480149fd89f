import type { SmppSettings } from '../../domain/smpp-settings.ts';
import { isoTime } from '../../lib/clock.ts';

const SECOND = 1_000;
/** The last year that two digits can name is 99; nothing is valid for longer than this. */
const MAX_RELATIVE_MS = 30 * 86_400_000;

/**
 * validity_period (SMPP 3.4 §7.1.1) of a message that is of use until `expiresAt`: a moment in UTC, or how long that is
 * from `now`. Empty: the carrier decides.
 * @param expiresAt milliseconds since 1970
 */
export function validityPeriod(form: SmppSettings['validityPeriod'], expiresAt: number, now: number): string {
  if (form === 'none') return '';
  if (form === 'absolute') return `${digits(expiresAt)}000+`;
  const left = Math.min(MAX_RELATIVE_MS, Math.max(SECOND, expiresAt - now));
  const days = Math.floor(left / 86_400_000);
  const time = isoTime(left % 86_400_000)
    .slice(11, 19)
    .replaceAll(':', '');
  return `0000${String(days).padStart(2, '0')}${time}000R`;
}

/** YYMMDDhhmmss */
const digits = (ms: number): string => isoTime(ms).slice(2, 19).replaceAll(/[-T:]/g, '');
