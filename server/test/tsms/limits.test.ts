import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, startHouse, until } from '../house.ts';
import { newAccount, numbers, said } from './dialect.ts';

/** What one person gets, how often a request counts, and what an Idempotency-Key is worth. */
let house: House;
beforeAll(async () => {
  house = await startHouse();
});
afterAll(() => house.stop());

describe('frequency', () => {
  it('is 20 a recipient and account, whichever template is sent', async () => {
    const owner = await newAccount(house, 1_000);
    const sender = await owner.ready();
    const other = await owner.ready();
    const mobiles = numbers(1);
    for (let i = 0; i < 20; i++) {
      expect(said(await owner.send({ ...(i % 2 === 0 ? sender : other), mobiles }))).toMatch(/^200 /);
    }
    for (const each of [sender, other]) expect(said(await owner.send({ ...each, mobiles }))).toBe('ER:0036');
    expect(said(await owner.send({ ...sender, mobiles: ['+8613800130000'] }))).toBe('ER:0036');
    expect(await owner.available()).toBe(980);

    const second = await newAccount(house, 1);
    expect(said(await second.send({ ...(await second.ready()), mobiles }))).toMatch(/^200 /);
  });

  it('refuses the whole request and counts nothing of it', async () => {
    const owner = await newAccount(house, 1_000);
    const sender = await owner.ready();
    const [busy, idle] = numbers(2, 10) as [string, string];
    for (let i = 0; i < 20; i++) await owner.send({ ...sender, mobiles: [busy] });
    for (let i = 0; i < 30; i++) expect(said(await owner.send({ ...sender, mobiles: [idle, busy] }))).toBe('ER:0036');
    expect(await owner.available()).toBe(980);
    for (let i = 0; i < 20; i++) expect(said(await owner.send({ ...sender, mobiles: [idle] }))).toMatch(/^200 /);
    expect(said(await owner.send({ ...sender, mobiles: [idle] }))).toBe('ER:0036');
  });

  it.each([1, 1_200])('counts nothing of a request of %d that is refused for its balance', async (count) => {
    const owner = await newAccount(house);
    const sender = await owner.ready();
    const mobiles = numbers(count, 1_000);
    for (let i = 0; i < 25; i++) expect(said(await owner.send({ ...sender, mobiles }))).toBe('ER:0035');
    await house.asRoot('POST', '/v2/charge', { user: owner.user, charge: count });
    expect(said(await owner.send({ ...sender, mobiles }))).toMatch(/^200 /);
    expect(await owner.available()).toBe(0);
  });

  it('counts a number given twice in one request once', async () => {
    const owner = await newAccount(house, 1_000);
    const sender = await owner.ready();
    const [mobile] = numbers(1, 20) as [string];
    for (let i = 0; i < 20; i++) {
      expect(said(await owner.send({ ...sender, mobiles: [mobile, mobile, `+86${mobile}`] }))).toMatch(/^200 /);
    }
    expect(said(await owner.send({ ...sender, mobiles: [mobile] }))).toBe('ER:0036');
  });

  it('is counted exactly when requests come together', async () => {
    const owner = await newAccount(house, 1_000);
    const sender = await owner.ready();
    const answers = await Promise.all(
      Array.from({ length: 40 }, () => owner.send({ ...sender, mobiles: numbers(1, 30) })),
    );
    const words = answers.map(said);
    expect(words.filter((word) => word === 'ER:0036')).toHaveLength(20);
    expect(words.filter((word) => word.startsWith('200 '))).toHaveLength(20);
    expect(await owner.available()).toBe(980);
  });
});

describe('balance', () => {
  it('pays for whole requests only', async () => {
    const owner = await newAccount(house, 5);
    const sender = await owner.ready();
    expect(said(await owner.send({ ...sender, mobiles: numbers(6, 40) }))).toBe('ER:0035');
    expect(await owner.balance()).toEqual({ available: 5, reserved: 0 });
    expect(said(await owner.send({ ...sender, mobiles: numbers(5, 40) }))).toMatch(/^200 /);
    expect(await owner.available()).toBe(0);
    expect(said(await owner.send({ ...sender, mobiles: numbers(1, 50) }))).toBe('ER:0035');
  });

  it('is never overdrawn by requests that come together', async () => {
    const owner = await newAccount(house, 10);
    const sender = await owner.ready();
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, i) => owner.send({ ...sender, mobiles: numbers(1, 60 + i) })),
    );
    const words = answers.map(said);
    expect(words.filter((word) => word === 'ER:0035')).toHaveLength(20);
    expect(await owner.available()).toBe(0);
  });
});

describe('Idempotency-Key', () => {
  it.each([1, 1_200])('replays the first answer to the same body of %d numbers, charged once', async (count) => {
    const owner = await newAccount(house, 10_000);
    const body = { ...(await owner.ready()), mobiles: numbers(count, 3_000) };
    const first = await owner.send(body, 'key-1');
    expect(first.status).toBe(200);
    for (let i = 0; i < 25; i++) expect((await owner.send(body, 'key-1')).text).toBe(first.text);
    expect(await owner.available()).toBe(10_000 - count);
    const second = await owner.send(body, 'key-2');
    expect(second.json.uuid).not.toBe(first.json.uuid);
    expect((await owner.send(body)).json.uuid).not.toBe(first.json.uuid);
    expect(await owner.available()).toBe(10_000 - 3 * count);
  });

  it.each([1, 1_200])('makes parallel repeats of %d numbers wait for one answer', async (count) => {
    const owner = await newAccount(house, 50_000);
    const body = { ...(await owner.ready()), mobiles: numbers(count, 5_000) };
    const answers = await Promise.all(Array.from({ length: 12 }, () => owner.send(body, 'parallel')));
    expect(new Set(answers.map((answer) => `${answer.status} ${answer.text}`)).size).toBe(1);
    expect(answers[0]!.status).toBe(200);
    expect(await owner.available()).toBe(50_000 - count);
    expect((await owner.get('/api/v1/plans')).json.items).toHaveLength(1);
  });

  it('refuses the same key with another body', async () => {
    const owner = await newAccount(house, 100);
    const sender = await owner.ready();
    const body = { ...sender, mobiles: numbers(1, 100) };
    await owner.send(body, 'k');
    expect(said(await owner.send({ ...sender, mobiles: numbers(1, 101) }, 'k'))).toBe('ER:0004');
    expect(said(await owner.send({ ...body, mobiles: numbers(1_001, 100) }, 'k'))).toBe('ER:0004');
    const raw = `${JSON.stringify(body)} `;
    const headers = { 'idempotency-key': 'k' };
    expect(said(await owner.call('POST', '/v1/message', { raw, headers }))).toBe('ER:0004');
    expect(await owner.available()).toBe(99);
  });

  it('replays although the template has changed since', async () => {
    const owner = await newAccount(house, 10_000);
    const sender = await owner.ready();
    for (const count of [1, 1_200]) {
      const body = { ...sender, mobiles: numbers(count, 7_000) };
      const first = await owner.send(body, `k${count}`);
      await owner.finished(first.json.uuid);
      await house.asRoot('POST', '/v2/tempreview', { temp_id: sender.temp_id, audit_status: 'rejected' });
      expect((await owner.send(body, `k${count}`)).text).toBe(first.text);
      await house.asRoot('POST', '/v2/tempreview', { temp_id: sender.temp_id, audit_status: 'passed' });
    }
  });

  it('remembers no refusal', async () => {
    const owner = await newAccount(house);
    const body = { ...(await owner.ready()), mobiles: numbers(1, 110) };
    expect(said(await owner.send(body, 'k'))).toBe('ER:0035');
    await house.asRoot('POST', '/v2/charge', { user: owner.user, charge: 1 });
    expect(said(await owner.send(body, 'k'))).toMatch(/^200 /);
  });

  it("is the account's own", async () => {
    const [first, second] = [await newAccount(house, 10), await newAccount(house, 10)];
    const one = await first.send({ ...(await first.ready()), mobiles: numbers(1, 120) }, 'k');
    const two = await second.send({ ...(await second.ready()), mobiles: numbers(1, 120) }, 'k');
    expect([one.status, two.status]).toEqual([200, 200]);
    expect(one.json.uuid).not.toBe(two.json.uuid);
  });

  it('is 1 to 128 printable ASCII characters', async () => {
    const owner = await newAccount(house, 10);
    const body = { ...(await owner.ready()), mobiles: numbers(1, 130) };
    for (const key of ['', 'x'.repeat(129), 'schlüssel', 'a\tb']) {
      expect([key, said(await owner.send(body, key))]).toEqual([key, 'ER:0004']);
    }
    expect(await owner.available()).toBe(10);
    for (const key of ['x'.repeat(128), '!', 'a b~']) expect((await owner.send(body, key)).status).toBe(200);
  });
});

describe('a server that is stopped and started again', () => {
  it.each(['terminate', 'kill'] as const)('remembers keys and frequencies (%s)', async (end) => {
    const owner = await newAccount(house, 100);
    const sender = await owner.ready();
    const body = { ...sender, mobiles: numbers(1, 140) };
    const first = await owner.send(body, 'before');
    for (let i = 0; i < 19; i++) expect((await owner.send(body)).status).toBe(200);
    await house[end]();
    await house.start();
    expect((await owner.send(body, 'before')).text).toBe(first.text);
    expect(said(await owner.send(body))).toBe('ER:0036');
    expect(said(await owner.send({ ...body, mobiles: numbers(1, 141) }, 'before'))).toBe('ER:0004');
    expect(await owner.available()).toBe(80);
  });
});

describe('logins that fail', () => {
  it('have to wait after twenty in a minute, and say how long', async () => {
    const owner = await newAccount(house);
    const wrong = { user: owner.user, password: 'a-wrong-password' };
    for (let i = 0; i < 20; i++) expect(said(await house.request('GET', '/v1/signature', wrong))).toBe('ER:0001');
    const answer = await house.request('GET', '/v1/signature', wrong);
    expect(said(answer)).toBe('ER:0429');
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await (await newAccount(house)).get('/v1/signature')).status).toBe(200);
  });
});

describe('settings', () => {
  it('change how often, within what time, and how many numbers', async () => {
    const env = { SIGNET_FREQUENCY: '2/1s', SIGNET_MAX_RECIPIENTS: '3' };
    const strict = await startHouse({ env });
    try {
      const owner = await newAccount(strict, 1_000);
      const sender = await owner.ready();
      expect(said(await owner.send({ ...sender, mobiles: numbers(4) }))).toBe('ER:0033');
      expect(said(await owner.send({ ...sender, mobiles: numbers(3) }))).toMatch(/^200 /);
      // However slow the machine: enough together go over the limit, and later ones are let through again.
      const burst = await Promise.all(
        Array.from({ length: 50 }, () => owner.send({ ...sender, mobiles: numbers(1, 10) })),
      );
      expect(burst.map(said)).toContain('ER:0036');
      await until(
        async () => (await owner.send({ ...sender, mobiles: numbers(1, 10) })).status === 200,
        'the window to pass',
      );
    } finally {
      await strict.stop();
    }
  });
});
