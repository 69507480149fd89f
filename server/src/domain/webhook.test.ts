import { describe, expect, it } from 'vitest';
import { Refused } from './refusals.ts';
import { checkUrl, DELIVERY_LIFE_MS, MAX_TRIES, retryAfterMs } from './webhook.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('retries', () => {
  it('wait 1 min, 10 min, 1 h, 2 h, 5 h, 10 h, then a day each', () => {
    const waits = Array.from({ length: 9 }, (_, i) => retryAfterMs(i + 1));
    expect(waits).toEqual([MINUTE, 10 * MINUTE, HOUR, 2 * HOUR, 5 * HOUR, 10 * HOUR, DAY, DAY, DAY]);
  });

  it('are over after 24 tries, 17 days, 18 hours and 11 minutes after the first', () => {
    expect(MAX_TRIES).toBe(24);
    expect(DELIVERY_LIFE_MS).toBe(17 * DAY + 18 * HOUR + 11 * MINUTE);
  });
});

describe('an address', () => {
  const ruleOf = (url: string, allowHttp: boolean): string | null => {
    try {
      checkUrl(url, allowHttp);
      return null;
    } catch (error) {
      const { refusal } = error as Refused;
      expect(error).toBeInstanceOf(Refused);
      return 'rule' in refusal ? refusal.rule : refusal.code;
    }
  };

  it.each([
    'https://example.com',
    'https://example.com:8443/a/b?c=d',
    'https://[2606:4700::1111]/',
    'HTTPS://EXAMPLE.COM/',
  ])('may be %s', (url) => expect(ruleOf(url, false)).toBe(null));

  it.each([
    '',
    'example.com/hook',
    '/hook',
    'ftp://example.com/',
    'javascript:alert(1)',
    'https://user:password@example.com/',
    'https://user@example.com/',
    'https://example.com/#part',
    `https://example.com/${'a'.repeat(2_048)}`,
  ])('may not be %s', (url) => expect(ruleOf(url, true)).toMatch(/^an absolute address/));

  it('may be http:// only where that is allowed', () => {
    expect(ruleOf('http://example.com/', false)).toBe('must be https:// on this installation');
    expect(ruleOf('http://example.com/', true)).toBe(null);
  });
});
