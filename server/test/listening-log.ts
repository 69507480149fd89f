import type { Logger } from '../src/lib/log.ts';

/** Keeps what is logged: level and words. */
export function listeningLog(): { log: Logger; said: string[] } {
  const said: string[] = [];
  const say = (level: string) => (_what: unknown, words?: string) => void said.push(`${level}: ${words ?? _what}`);
  const log = { info: say('info'), warn: say('warn'), error: say('error') } as unknown as Logger;
  return { log, said };
}
