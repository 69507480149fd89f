import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hotp, totpStep } from '../../src/lib/totp.ts';
import { type House, startHouse, type TestBusiness } from '../house.ts';
import { type Browser, browsers } from './browser.ts';

let house: House;
let newBrowser: () => Browser;
let browser: Browser;
let business: TestBusiness;

beforeAll(async () => {
  house = await startHouse({ simulator: false });
  newBrowser = await browsers(house);
  business = await house.createBusiness();
});
afterAll(() => house?.stop());
beforeEach(() => {
  browser = newBrowser();
});

let names = 0;

/** A member with a password of its own, made the way the command line does it. */
async function member(role: string, businessId?: number): Promise<{ id: number; name: string; password: string }> {
  const name = `person-${++names}`;
  const made = await house.asRoot('POST', '/api/v1/members', {
    name,
    role,
    ...(businessId !== undefined && { business_id: businessId }),
  });
  expect(made.status).toBe(201);
  const first = newBrowser();
  await first.signIn(name, made.json.password);
  const password = `password of ${name}`;
  expect((await first.ask('POST', '/session/password', { current: made.json.password, next: password })).status).toBe(
    200,
  );
  await first.ask('DELETE', '/session');
  return { id: made.json.id, name, password };
}

/** Status and code of an answer. */
const said = async (answer: ReturnType<Browser['ask']>) => {
  const { status, json } = await answer;
  return [status, json?.code ?? null];
};

describe('signing in', () => {
  it('gives root a session of an admin, in a cookie that scripts and other sites do not get', async () => {
    const { json } = await browser.signIn('root', house.rootPassword);
    expect(json.member).toMatchObject({
      id: null,
      name: 'root',
      role: 'admin',
      business_id: null,
      must_change_password: false,
      totp: false,
    });
    expect(json.member.permissions).toContain('channels:manage');
    expect(browser.setCookie).toMatch(/^signet_session=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/$/);
    expect((await browser.ask('GET', '/session')).json).toEqual(json);
    expect((await browser.ask('GET', '/businesses')).status).toBe(200);
  });

  it('makes a business by its own login its owner, who sees nothing of others', async () => {
    const { json } = await browser.signIn(business.user, business.password);
    expect(json.member).toMatchObject({ id: null, role: 'owner', business_id: business.businessId });
    expect(await said(browser.ask('GET', '/businesses'))).toEqual([403, 'adminOnly']);
    expect(await said(browser.ask('GET', '/businesses/root'))).toEqual([404, 'businessNotFound']);
    expect(await said(browser.ask('GET', `/businesses/${business.user}`))).toEqual([200, null]);
  });

  it('is refused with a wrong password and for nobody alike, and no browser is made to ask', async () => {
    for (const name of ['root', 'nobody']) {
      const answer = await browser.ask('POST', '/session', { name, password: 'wrong password' });
      expect([answer.status, answer.json.code]).toEqual([401, 'badCredentials']);
      expect(answer.headers.get('www-authenticate')).toBe('Session realm="signet"');
      expect(browser.setCookie).toBe(null);
    }
  });

  it('makes a new session each time, whatever cookie the browser came with', async () => {
    const planted = `signet_session=${'a'.repeat(43)}`;
    browser.cookie = planted;
    await browser.signIn('root', house.rootPassword);
    const first = browser.cookie;
    expect(first).not.toBe(planted);
    await browser.signIn('root', house.rootPassword);
    expect(browser.cookie).not.toBe(first);
    const thief = newBrowser();
    thief.cookie = planted;
    expect(await said(thief.ask('GET', '/session'))).toEqual([401, 'sessionOver']);
  });

  it('over https sets a cookie that only travels over https', async () => {
    const behindProxy = await startHouse({ simulator: false, env: { SIGNET_TRUSTED_PROXIES: '127.0.0.1' } });
    try {
      const answer = await behindProxy.request('POST', '/api/v1/session', {
        body: { name: 'root', password: behindProxy.rootPassword },
        headers: { 'x-forwarded-proto': 'https', 'x-forwarded-for': '192.0.2.1' },
      });
      expect(answer.headers.get('set-cookie')).toMatch(/; Secure$/);
    } finally {
      await behindProxy.stop();
    }
  });

  it('has to wait after 20 failures, by Basic and here together', async () => {
    const other = await house.createBusiness();
    for (let i = 0; i < 10; i++) {
      await house.request('GET', '/api/v1/me', { ...other, password: 'wrong' });
      expect(await said(browser.ask('POST', '/session', { name: other.user, password: 'wrong' }))).toEqual([
        401,
        'badCredentials',
      ]);
    }
    const answer = await browser.ask('POST', '/session', { name: other.user, password: other.password });
    expect([answer.status, answer.json.code]).toEqual([429, 'tooManyLogins']);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  });
});

describe('a sign-in that fails', () => {
  it('is in the audit log, of a business in its own, and not each time', async () => {
    const { id, name } = await member('owner', business.businessId);
    const failures = async () =>
      (await house.asRoot('GET', '/api/v1/audit?action=session.fail&limit=100')).json.items.filter(
        ({ by }: { by: { kind: string; id: number } }) => by.kind === 'member' && by.id === id,
      );
    for (let i = 0; i < 19; i++) await browser.ask('POST', '/session', { name, password: 'not the password' });
    const [noted, ...others] = await failures();
    expect(others).toEqual([]);
    expect(noted).toMatchObject({
      action: 'session.fail',
      object: 'session',
      business_id: business.businessId,
      after: { wrong: 'password', failures: 1, from: '127.0.0.1' },
    });
    await browser.ask('POST', '/session', { name, password: 'not the password' });
    expect((await failures()).map(({ after }: { after: { failures: number } }) => after.failures)).toEqual([20, 1]);
    expect(await said(browser.ask('POST', '/session', { name, password: 'not the password' }))).toEqual([
      429,
      'tooManyLogins',
    ]);
    expect(await failures()).toHaveLength(2);
  });

  it('is in it as well when it came by Basic, with the way in', async () => {
    const { user, password, businessId } = await house.createBusiness();
    const made = await house.request('POST', '/api/v1/api-keys', { user, password, body: { permissions: ['read'] } });
    for (let i = 0; i < 3; i++) {
      await house.request('GET', '/v1/signature?sign_id=1', { user, password: 'wrong' });
      await house.request('GET', '/api/v1/me', { user: made.json.api_key, password: 'wrong' });
    }
    const all = (await house.asRoot('GET', '/api/v1/audit?action=session.fail&limit=100')).json.items;
    const own = all.filter((entry: { business_id: number | null }) => entry.business_id === businessId);
    expect(own).toHaveLength(2);
    expect(own[1]).toMatchObject({
      by: { kind: 'business', id: businessId },
      after: { wrong: 'password', failures: 1, from: '127.0.0.1', via: 'tsms' },
    });
    expect(own[0]).toMatchObject({ after: { wrong: 'secret', failures: 1, via: 'native' } });
  });

  it('under a name that nobody has does not tell the name, which may be a password', async () => {
    await browser.ask('POST', '/session', { name: 'correct horse', password: 'battery staple' });
    const [newest] = (await house.asRoot('GET', '/api/v1/audit?action=session.fail&limit=1')).json.items;
    expect(newest).toMatchObject({ business_id: null, after: { wrong: 'password', failures: 1 } });
    expect(JSON.stringify(newest)).not.toContain('horse');
  });
});

describe('a session', () => {
  it('ends with signing out, and its cookie opens nothing any more', async () => {
    await browser.signIn('root', house.rootPassword);
    const thief = newBrowser();
    thief.cookie = browser.cookie;
    thief.csrf = browser.csrf;
    expect((await thief.ask('GET', '/me')).status).toBe(200);
    expect((await browser.ask('DELETE', '/session')).status).toBe(204);
    expect(browser.setCookie).toMatch(/^signet_session=; .*Max-Age=0/);
    expect(await said(thief.ask('GET', '/me'))).toEqual([401, 'sessionOver']);
    expect(await said(thief.ask('GET', '/session'))).toEqual([401, 'sessionOver']);
  });

  it.each(['', 'x', 'a'.repeat(43), `${'a'.repeat(42)}\\`, 'a'.repeat(5_000)])(
    'is none with the token %j',
    async (token) => {
      browser.cookie = `other=1; signet_session=${token}`;
      expect(await said(browser.ask('GET', '/me'))).toEqual([401, 'sessionOver']);
    },
  );

  it('is one of a list, and each can be ended', async () => {
    const { name, password } = await member('viewer', business.businessId);
    const other = newBrowser();
    await browser.ask('POST', '/session', { name, password }, { 'user-agent': 'Browser/1' });
    await other.signIn(name, password);
    const { items } = (await browser.ask('GET', '/sessions')).json;
    expect(items.map((item: { current: boolean; agent: string }) => [item.current, item.agent])).toEqual([
      [false, 'node'],
      [true, 'Browser/1'],
    ]);
    const stranger = newBrowser();
    await stranger.signIn('root', house.rootPassword);
    expect(await said(stranger.ask('DELETE', `/sessions/${items[0].id}`))).toEqual([404, 'sessionNotFound']);
    expect((await browser.ask('DELETE', `/sessions/${items[0].id}`)).status).toBe(204);
    expect(await said(other.ask('GET', '/session'))).toEqual([401, 'sessionOver']);
    expect((await browser.ask('GET', '/sessions')).json.items).toHaveLength(1);
  });

  it('is not what name and secret are: routes about sessions want one', async () => {
    expect(await said(house.request('GET', '/api/v1/session', business))).toEqual([401, 'sessionOver']);
    expect(await said(house.request('POST', '/api/v1/session/totp', business))).toEqual([401, 'sessionOver']);
  });
});

describe('forged requests', () => {
  it('change nothing without the token of the session, or with that of another', async () => {
    await browser.signIn('root', house.rootPassword);
    const other = newBrowser();
    await other.signIn('root', house.rootPassword);
    const right = browser.csrf;
    for (const csrf of [null, '', 'x', other.csrf, right!.slice(1), `${right}=`]) {
      browser.csrf = csrf;
      const answer = browser.ask('POST', `/businesses/${business.businessId}/weight`, { weight: 7 });
      expect(await said(answer)).toEqual([403, 'csrfWrong']);
    }
    expect((await browser.ask('GET', `/businesses/${business.businessId}`)).json.weight).toBe(1);
    browser.csrf = right;
    const path = `/businesses/${business.businessId}/weight`;
    expect((await browser.ask('POST', path, { weight: 1 })).status).toBe(200);
  });

  it('from another site change nothing, also where the browser remembers name and password', async () => {
    await browser.signIn('root', house.rootPassword);
    for (const site of ['cross-site', 'same-site']) {
      const headers = { 'sec-fetch-site': site };
      expect(await said(browser.ask('DELETE', '/session', undefined, headers))).toEqual([403, 'csrfWrong']);
      const basic = house.request('POST', `/api/v1/businesses/${business.businessId}/suspend`, {
        user: 'root',
        password: house.rootPassword,
        headers,
      });
      expect(await said(basic)).toEqual([403, 'csrfWrong']);
      const login = { name: business.user, password: business.password };
      expect(await said(newBrowser().ask('POST', '/session', login, headers))).toEqual([403, 'csrfWrong']);
    }
    expect((await browser.ask('GET', '/session')).status).toBe(200);
  });

  it('a form cannot sign anybody in', async () => {
    const answer = house.request('POST', '/api/v1/session', {
      raw: JSON.stringify({ name: 'root', password: house.rootPassword }),
      headers: { 'content-type': 'text/plain' },
    });
    expect(await said(answer)).toEqual([415, 'unsupportedMediaType']);
  });
});

describe('a password', () => {
  it('somebody else made works for nothing but choosing another', async () => {
    const made = await house.asRoot('POST', '/api/v1/members', { name: 'newcomer', role: 'operator' });
    const { json } = await browser.signIn('newcomer', made.json.password);
    expect(json.member).toMatchObject({ must_change_password: true, role: 'operator', business_id: null });
    for (const [method, path] of [
      ['GET', '/channels'],
      ['GET', '/me'],
      ['GET', '/roles'],
      ['POST', '/channels/1/enable'],
    ] as const) {
      expect(await said(browser.ask(method, path))).toEqual([403, 'passwordChangeNeeded']);
    }
    const next = 'a password of my own';
    const wrong = browser.ask('POST', '/session/password', { current: 'wrong', next });
    expect(await said(wrong)).toEqual([401, 'badCredentials']);
    const short = browser.ask('POST', '/session/password', { current: made.json.password, next: '1234567' });
    expect(await said(short)).toEqual([400, 'invalidField']);
    const same = browser.ask('POST', '/session/password', {
      current: made.json.password,
      next: made.json.password,
    });
    expect(await said(same)).toEqual([400, 'invalidField']);
    const changed = await browser.ask('POST', '/session/password', { current: made.json.password, next });
    expect(changed.json.member.must_change_password).toBe(false);
    expect((await browser.ask('GET', '/channels')).status).toBe(200);
    const again = newBrowser();
    expect(await said(again.ask('POST', '/session', { name: 'newcomer', password: made.json.password }))).toEqual([
      401,
      'badCredentials',
    ]);
    await again.signIn('newcomer', next);
  });

  it('that is changed ends all sessions; the one that changed it goes on under another token', async () => {
    const { name, password } = await member('viewer', business.businessId);
    const other = newBrowser();
    await browser.signIn(name, password);
    await other.signIn(name, password);
    const [cookie, csrf] = [browser.cookie, browser.csrf];
    await browser.ask('POST', '/session/password', { current: password, next: 'another password' });
    expect([browser.cookie === cookie, browser.csrf === csrf]).toEqual([false, false]);
    expect((await browser.ask('GET', '/session')).status).toBe(200);
    expect(await said(other.ask('GET', '/session'))).toEqual([401, 'sessionOver']);
    other.cookie = cookie;
    expect(await said(other.ask('GET', '/session'))).toEqual([401, 'sessionOver']);
  });

  it('of a business, changed anywhere, ends the sessions of its own login', async () => {
    const { user, password, businessId } = await house.createBusiness();
    await browser.signIn(user, password);
    await house.asRoot('POST', `/api/v1/businesses/${businessId}/password`, { password: 'set by root' });
    expect(await said(browser.ask('GET', '/session'))).toEqual([401, 'sessionOver']);
    await browser.signIn(user, 'set by root');
    await browser.ask('POST', '/session/password', { current: 'set by root', next: 'chosen in the console' });
    expect((await house.request('GET', '/api/v1/me', { user, password: 'chosen in the console' })).status).toBe(200);
    expect((await house.request('GET', '/api/v1/me', { user, password: 'set by root' })).status).toBe(401);
  });
});

describe('a second factor', () => {
  /** What the app on the phone shows, `steps` from now. */
  const codeOf = (secret: string, steps = 0) => hotp(decoded(secret), totpStep(Date.now()) + steps);

  it('is asked for once it is confirmed, takes each code once, and can be taken away', async () => {
    const { name, password, id } = await member('developer', business.businessId);
    await browser.signIn(name, password);
    const other = newBrowser();
    await other.signIn(name, password);
    const { secret, otpauth_url } = (await browser.ask('POST', '/session/totp')).json;
    expect(otpauth_url).toBe(
      `otpauth://totp/Signet:${name}?secret=${secret}&issuer=Signet&algorithm=SHA1&digits=6&period=30`,
    );
    expect(await said(browser.ask('POST', '/session/totp/confirm', { code: codeOf(secret, 9) }))).toEqual([
      401,
      'codeWrong',
    ]);
    expect((await newBrowser().signIn(name, password)).json.member.totp).toBe(false);
    const used = codeOf(secret, -1);
    const confirmed = await browser.ask('POST', '/session/totp/confirm', { code: used });
    expect([confirmed.status, confirmed.json.member.totp]).toEqual([200, true]);
    expect((await browser.ask('GET', '/session')).json.member.totp).toBe(true);
    expect(await said(other.ask('GET', '/session'))).toEqual([401, 'sessionOver']);

    const login = { name, password };
    expect(await said(other.ask('POST', '/session', login))).toEqual([401, 'codeRequired']);
    expect(await said(other.ask('POST', '/session', { ...login, code: used }))).toEqual([401, 'codeWrong']);
    expect(await said(other.ask('POST', '/session', { name, password: 'wrong', code: used }))).toEqual([
      401,
      'badCredentials',
    ]);
    const fresh = codeOf(secret, 1);
    await other.signIn(name, password, fresh);
    expect(await said(newBrowser().ask('POST', '/session', { ...login, code: fresh }))).toEqual([401, 'codeWrong']);
    expect(await said(other.ask('POST', '/session/totp'))).toEqual([409, 'secondFactorState']);
    expect(await said(other.ask('DELETE', '/session/totp', { code: fresh }))).toEqual([401, 'codeWrong']);

    // Whoever has lost the phone is let in by somebody who manages members.
    const reset = await house.asRoot('PATCH', `/api/v1/members/${id}`, { totp: false });
    expect(reset.json.totp).toBe(false);
    await newBrowser().signIn(name, password);
    expect(await said(other.ask('DELETE', '/session/totp', { code: fresh }))).toEqual([409, 'secondFactorState']);
  });

  it('cannot be guessed: after ten wrong codes everybody has to wait', async () => {
    const { name, password } = await member('viewer', business.businessId);
    await browser.signIn(name, password);
    const { secret } = (await browser.ask('POST', '/session/totp')).json;
    await browser.ask('POST', '/session/totp/confirm', { code: codeOf(secret, -1) });
    const wrong = codeOf(secret, 100);
    for (let i = 0; i < 10; i++) {
      expect(await said(browser.ask('POST', '/session', { name, password, code: wrong }))).toEqual([401, 'codeWrong']);
    }
    const right = { name, password, code: codeOf(secret, 1) };
    expect(await said(browser.ask('POST', '/session', right))).toEqual([429, 'tooManyLogins']);
  });

  it('is for members only', async () => {
    await browser.signIn('root', house.rootPassword);
    expect(await said(browser.ask('POST', '/session/totp'))).toEqual([409, 'notAMember']);
  });

  it.each(['12345', '1234567', 'abcdef', ''])('has no code %j', async (code) => {
    await browser.signIn('root', house.rootPassword);
    expect(await said(browser.ask('POST', '/session/totp/confirm', { code }))).toEqual([400, 'invalidField']);
  });

  function decoded(secret: string): Buffer {
    const bits = [...secret].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0'));
    return Buffer.from(
      bits
        .join('')
        .match(/.{8}/g)!
        .map((octet) => Number.parseInt(octet, 2)),
    );
  }
});
