import { type Logger, pino } from 'pino';

export type { Logger };

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** One JSON object a line on standard error: standard output belongs to the commands. */
export function createLogger(level: LogLevel): Logger {
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: 2, sync: true }),
  );
}

/** A phone number as it may stand in a log: country part and last two digits. */
export function maskNumber(recipient: number | string): string {
  const digits = String(recipient).replace(/\D/g, '');
  return digits.length <= 6 ? '***' : `+${digits.slice(0, 4)}***${digits.slice(-2)}`;
}
