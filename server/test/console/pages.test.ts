import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type House, startHouse } from '../house.ts';

const dist = fileURLToPath(new URL('../../../console/dist', import.meta.url));
const page = { headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } };

let house: House;
beforeAll(async () => {
  // `npm ci` and `npm start` build it; without it there would be nothing to ask for.
  expect(existsSync(`${dist}/index.html`)).toBe(true);
  house = await startHouse({ simulator: false });
});
afterAll(() => house?.stop());

describe('the page', () => {
  test.each(['/', '/overview', '/plans/123', '/templates?state=approved'])('stands at %s', async (path) => {
    const answer = await house.request('GET', path, page);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(answer.headers.get('cache-control')).toBe('no-cache');
    expect(answer.text).toContain('<div id="root">');
  });

  test('allows its own files alone, and styles that carry a nonce nobody has seen before', async () => {
    const [one, two] = await Promise.all([house.request('GET', '/', page), house.request('GET', '/', page)]);
    const policy = one.headers.get('content-security-policy')!;
    const directives = new Map(policy.split('; ').map((each) => [each.split(' ')[0], each.split(' ').slice(1)]));
    expect(directives.get('default-src')).toEqual(["'none'"]);
    expect(directives.get('script-src')).toEqual(["'self'"]);
    expect(directives.get('frame-ancestors')).toEqual(["'none'"]);
    expect(policy).not.toContain('unsafe');
    const nonce = /'nonce-([\w-]{20,})'/.exec(policy)![1]!;
    expect(one.text).toContain(`nonce="${nonce}"`);
    expect(one.text).not.toContain('__NONCE__');
    expect(two.headers.get('content-security-policy')).not.toBe(policy);
    // Nothing runs that stands in the page itself.
    expect([...one.text.matchAll(/<script(?![^>]* src="\/assets\/)/g)]).toEqual([]);
    expect(one.text).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
  });

  test('is for people: programs are told where the APIs are', async () => {
    const answer = await house.request('GET', '/');
    expect(answer.json).toMatchObject({ name: 'signet', console: '/', native_api: '/api/v1' });
    expect(answer.headers.get('vary')).toContain('accept');
  });

  test.each([
    ['/nothing', 'pathNotFound'],
    ['/api/v1/nothing', 'pathNotFound'],
    ['/plans-of-mine', 'pathNotFound'],
  ])('does not stand at %s', async (path, code) => {
    const answer = await house.request('GET', path, page);
    expect(answer.status).toBe(404);
    expect(answer.json.code).toBe(code);
  });

  test('leaves unknown paths of the dialects to them', async () => {
    const answer = await house.request('GET', '/v1/nothing', page);
    expect(answer.headers.get('content-type')).toContain('application/json');
    expect(answer.text).not.toContain('<div');
  });

  test('is not there for what changes something', async () => {
    expect((await house.request('POST', '/overview', page)).status).toBe(404);
  });
});

describe('its files', () => {
  const script = () => readdirSync(`${dist}/assets`).find((name) => name.endsWith('.js'))!;

  test('are kept for ever, since their names change with what they hold', async () => {
    const answer = await house.request('GET', `/assets/${script()}`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toContain('immutable');
    expect(answer.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  });

  test('say the same compressed', async () => {
    const path = `/assets/${script()}`;
    const plain = await house.request('GET', path, { headers: { 'accept-encoding': 'identity' } });
    const packed = await house.request('GET', path, { headers: { 'accept-encoding': 'gzip' } });
    expect(plain.headers.get('content-encoding')).toBeNull();
    expect(packed.headers.get('content-encoding')).toBe('gzip');
    expect(packed.text).toBe(plain.text);
  });

  test.each(['/assets/nothing.js', '/assets/..%2findex.html', '/assets/%2e%2e%2fmanifest.json', '/assets/'])(
    'are no way to others: %s',
    async (path) => {
      const answer = await house.request('GET', path);
      expect(answer.status).toBe(404);
      expect(answer.json.code).toBe('pathNotFound');
    },
  );
});
