import { createHmac } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type House, startHouse, until } from '../house.ts';
import { type ProviderRequest, say, startProvider, type TestProvider } from '../provider.ts';
import { expectOk, ledgerFaults, numbersFrom, openSender, type Sender } from './sender.ts';

/** A carrier with an HTTP API of its own making: texts go out as it wants them, and its callbacks come back. */
describe('a carrier over HTTP', () => {
  let house: House;
  let provider: TestProvider;
  let sender: Sender;
  let id: number;
  let path: string;

  beforeAll(async () => {
    provider = await startProvider();
    // The second runs the channel, and can be asked for its log.
    house = await startHouse({
      simulator: false,
      clusterNodes: ['api', 'api,worker,channel'],
      env: { SIGNET_PUBLIC_URL: 'https://sms.example/' },
    });
    const added = await house.asRoot('POST', '/api/v1/channels', {
      name: 'provider',
      http: {
        url: `${provider.url}/sms/{to_country}/send`,
        headers: { 'X-Ref': '{reference}' },
        auth: { kind: 'bearer', secret: 'token' },
        secrets: { token: 'hush', account: 'acme "1"', hook: 'hook-secret' },
        body: {
          account: '{secret.account}',
          mobile: '{to_national}',
          content: '{text}',
          notify: '{callback_url}',
          extra: { sign: '{signature}', kind: '{category}', tries: 3 },
        },
        success: { path: 'code', equals: [0] },
        message_id: 'data.0.id',
        error_text: 'msg',
        errors: [
          { path: 'code', equals: [105], outcome: 'never' },
          { path: 'code', equals: [110], outcome: 'throttled' },
        ],
        response_timeout_ms: 2_000,
        reports: {
          items: 'reports',
          id: 'id',
          status: 'stat',
          states: { DELIVRD: 'delivered', UNDELIV: 'undelivered', ENROUTE: 'ignored' },
          recipient: 'mobile',
          country: 'CN',
          error: 'err',
        },
        inbound: { from: 'phone', to: 'number', text: 'words', id: 'sms', country: 'CN' },
        signature: { header: 'X-Sign', secret: 'hook', prefix: 'sha256=' },
        answer: { type: 'application/json', body: '{"code":0}' },
      },
    });
    expect(added.status).toBe(201);
    ({ id } = added.json);
    path = added.json.http.callback_path;
    sender = await openSender(house, { signature: '星河', template: '您好 "{name}" \\ 退订回T' });
  });
  afterAll(async () => {
    await house?.stop();
    await provider?.close();
  });
  const answerWell = () => {
    provider.answer = ({ json }, response) => say(response, 200, { code: 0, data: [{ id: `m${json.mobile}` }] });
  };
  afterEach(answerWell);

  const report = (reports: unknown, sign: string | null = 'hook-secret') => {
    const raw = JSON.stringify({ reports });
    const headers: Record<string, string> =
      sign === null ? {} : { 'x-sign': `sha256=${createHmac('sha256', sign).update(raw).digest('hex')}` };
    return house.request('POST', path, { raw, headers });
  };
  const asked = (mobile: string): ProviderRequest[] => provider.requests.filter(({ json }) => json.mobile === mobile);

  it('is given each message as its API wants it, and its reports come home', async () => {
    answerWell();
    const [one, two] = numbersFrom(0, 2) as [string, string];
    const uuid = await sender.send([one, two], { params: { name: '王"五' } });
    await sender.finished(uuid, ['submitted']);
    const [request] = asked(one);
    const [message] = await sender.messages(uuid);
    expect(request).toMatchObject({
      method: 'POST',
      url: '/sms/86/send',
      headers: { authorization: 'Bearer hush', 'content-type': 'application/json', 'x-ref': message.message_id },
      json: {
        account: 'acme "1"',
        mobile: one,
        content: '【星河】您好 "王"五" \\ 退订回T',
        notify: `https://sms.example${path}`,
        extra: { sign: '星河', kind: 'notification', tries: 3 },
      },
    });
    expect(await sender.balance()).toMatchObject({ reserved: 0 });

    const answer = await report([
      { id: `m${one}`, stat: 'ENROUTE', mobile: one },
      { id: `m${one}`, stat: 'DELIVRD', mobile: `86${one}` },
      { id: `m${two}`, stat: 'UNDELIV', mobile: `+86${two}`, err: 'MK:0013' },
      { id: 'who', stat: 'LOST', mobile: one },
      { stat: 'DELIVRD' },
    ]);
    expect([answer.status, answer.text]).toEqual([200, '{"code":0}']);
    // It was answered after the commit: there is nothing to wait for.
    expect((await sender.progress(uuid)).counts).toEqual({ delivered: 1, undelivered: 1 });
    const [, undelivered] = await sender.messages(uuid);
    expect(undelivered.error).toBe('MK:0013');
    expect(await ledgerFaults(house)).toEqual([]);
  });

  it('may say no in its own words', async () => {
    const [number] = numbersFrom(10, 1) as [string];
    provider.answer = (_request, response) => say(response, 200, { code: 105, msg: `+86${number} is blocked` });
    const uuid = await sender.send([number], { params: { name: 'x' } });
    await sender.finished(uuid, ['refused']);
    expect((await sender.messages(uuid))[0]).toMatchObject({ error: `HTTP 200: +86${number} is blocked`, settled: 0 });
    expect(await ledgerFaults(house)).toEqual([]);
  });

  it('is sent the message again when it asks for less speed', async () => {
    const [number] = numbersFrom(20, 1) as [string];
    let slow = 2;
    provider.answer = (request, response) => {
      if (slow-- > 0) say(response, 200, { code: 110, msg: 'too fast' });
      else say(response, 200, { code: 0, data: [{ id: `m${request.json.mobile}` }] });
    };
    const uuid = await sender.send([number], { params: { name: 'x' } });
    await sender.finished(uuid, ['submitted']);
    expect(asked(number)).toHaveLength(3);
    expect((await sender.messages(uuid))[0]).toMatchObject({ attempts: 3, repeats: 0, settled: 1 });
  });

  it('leaves a message uncertain when it does not answer, and a report settles it', async () => {
    const [number] = numbersFrom(30, 1) as [string];
    provider.answer = (_request, _response, socket) => socket.destroy();
    const uuid = await sender.send([number], { params: { name: 'x' } });
    await until(async () => (await sender.progress(uuid)).counts.uncertain === 1, 'an uncertain message');
    expect((await report([{ id: 'late', stat: 'DELIVRD', mobile: `86${number}` }])).status).toBe(200);
    await sender.finished(uuid);
    expect(asked(number)).toHaveLength(1);
    expect(await ledgerFaults(house)).toEqual([]);
  });

  it('is waited for while it cannot be reached, and shown as down', async () => {
    const { port } = provider;
    await provider.close();
    const linkOf = async () => expectOk(await house.asRoot('GET', `/api/v1/channels/${id}`)).json.state;
    const [number] = numbersFrom(40, 1) as [string];
    const uuid = await sender.send([number], { params: { name: 'x' } });
    await until(async () => (await linkOf()).reason === 'it refuses connections', 'the link to be down');
    // What came back from the channel is recorded a moment later.
    await until(async () => (await sender.progress(uuid)).counts.accepted === 1, 'the message to wait');
    provider = await startProvider(port);
    answerWell();
    await sender.finished(uuid, ['submitted']);
    // What was never sent counts as no attempt.
    expect((await sender.messages(uuid))[0]).toMatchObject({ attempts: 1, repeats: 0 });
  });

  it('takes callbacks from the carrier only', async () => {
    const item = [{ id: 'x', stat: 'DELIVRD' }];
    expect((await report(item, null)).status).toBe(401);
    expect((await report(item, 'another-secret')).status).toBe(401);
    const wrong = `${path.slice(0, -1)}${path.endsWith('A') ? 'B' : 'A'}`;
    for (const other of [wrong, '/callbacks/channels/x', `${wrong}/inbound`]) {
      const answer = await house.request('POST', other, { raw: '{}' });
      expect([answer.status, answer.text]).toEqual([404, 'not found']);
    }
    const raw = 'no JSON';
    const sign = { 'x-sign': `sha256=${createHmac('sha256', 'hook-secret').update(raw).digest('hex')}` };
    expect((await house.request('POST', path, { raw, headers: sign })).status).toBe(400);
    expect((await house.request('POST', path, { raw: Buffer.alloc((1 << 20) + 1, 'x') })).status).toBe(413);
    const many = Array.from({ length: 10_001 }, () => ({ id: 1, stat: 'x' }));
    expect((await report(many)).status).toBe(413);

    expectOk(await house.asRoot('PATCH', `/api/v1/channels/${id}`, { http: { networks: ['203.0.113.0/24'] } }));
    await until(async () => (await report(item)).status === 403, 'the list to hold');
    expectOk(
      await house.asRoot('PATCH', `/api/v1/channels/${id}`, { http: { networks: ['203.0.113.0/24', '127.0.0.1'] } }),
    );
    await until(async () => (await report(item)).status === 200, 'the list to hold');
  });

  it('has a new address for callbacks when that is wanted, and takes them at the one before for a while', async () => {
    const [one, two, three] = numbersFrom(700, 3) as [string, string, string];
    const uuid = await sender.send([one, two, three], { params: { name: 'A' } });
    await sender.finished(uuid, ['submitted']);
    const idOf = (number: string) => `m${number.replace(/^\+86/, '')}`;
    const tell = (at: string, number: string) => {
      const raw = JSON.stringify({ reports: [{ id: idOf(number), stat: 'DELIVRD' }] });
      const sign = { 'x-sign': `sha256=${createHmac('sha256', 'hook-secret').update(raw).digest('hex')}` };
      return house.request('POST', at, { raw, headers: sign });
    };
    const renew = async (body: object) =>
      expectOk(await house.asRoot('POST', `/api/v1/channels/${id}/callback/renew`, body)).json.http;

    const renewed = await renew({});
    expect(renewed.callback_path).not.toBe(path);
    expect(renewed.earlier_callback).toEqual({ path, until: expect.any(String) });
    await until(async () => (await tell(renewed.callback_path, one)).status === 200, 'the new address to work');
    expect((await tell(path, two)).status).toBe(200);
    await until(
      async () => (await sender.messages(uuid)).filter((m) => m.state === 'delivered').length === 2,
      'reports',
    );

    const again = await renew({ overlap_hours: 0 });
    expect(again.earlier_callback).toBe(null);
    await until(async () => (await tell(again.callback_path, three)).status === 200, 'the newest address to work');
    for (const gone of [path, renewed.callback_path]) expect((await tell(gone, three)).status).toBe(404);
    await sender.finished(uuid, ['delivered']);
    path = again.callback_path;
    // Where channels run in another process, it hears of the change a little later.
    let number = 710;
    await until(async () => {
      provider.requests.length = 0;
      const next = await sender.send(numbersFrom(number++, 1), { params: { name: 'A' } });
      await sender.finished(next, ['submitted']);
      return provider.requests[0]!.json.notify === `https://sms.example${path}`;
    }, 'carriers to be told the newest address');
  });

  it('brings texts from handsets', async () => {
    const raw = JSON.stringify({ sms: 'i-1', phone: '13800138000', number: '10690000', words: '还有货吗' });
    const tell = () => {
      const sign = createHmac('sha256', 'hook-secret').update(raw).digest('hex');
      return house.request('POST', `${path}/inbound`, { raw, headers: { 'x-sign': `sha256=${sign}` } });
    };
    expect((await tell()).text).toBe('{"code":0}');
    // What is told twice is there once.
    expect((await tell()).status).toBe(200);
    const { items } = expectOk(await house.asRoot('GET', '/api/v1/inbound')).json;
    expect(items).toMatchObject([{ from: '+8613800138000', to: '10690000', text: '还有货吗', channel_id: id }]);
  });

  it('has a log of what was said, without texts', async () => {
    // The process that runs it has what was asked of the carrier, and whoever takes requests what it has called back.
    const answer = expectOk(await house.asRoot('GET', `/api/v1/channels/${id}/log?limit=1000`)).json;
    expect(answer).toMatchObject({ next_cursor: null, unheard: [] });
    const items: { kind: string }[] = answer.items;
    const kinds = new Set(items.map(({ kind }) => kind));
    expect(kinds).toEqual(new Set(['bind', 'submit', 'down', 'report', 'inbound']));
    expect(JSON.stringify(items)).not.toMatch(/还有货吗|您好|\+86138/);
    expect(JSON.stringify(items)).toContain('+8613***10 is blocked');
    // A process tells the others how its channels are every second.
    const binds = async () => expectOk(await house.asRoot('GET', `/api/v1/channels/${id}/facts`)).json.binds;
    await until(async () => (await binds())[0]?.link === 'bound', 'the link to be shown as bound');
    expect(await binds()).toMatchObject([{ type: 'http', link: 'bound' }]);
  });

  it('is still listened to when the channel is disabled, and not when it is gone', async () => {
    const [number] = numbersFrom(50, 1) as [string];
    const uuid = await sender.send([number], { params: { name: 'x' } });
    await sender.finished(uuid, ['submitted']);
    expectOk(await house.asRoot('POST', `/api/v1/channels/${id}/disable`));
    const item = [{ id: `m${number}`, stat: 'DELIVRD', mobile: number }];
    expect((await report(item)).status).toBe(200);
    expect((await sender.progress(uuid)).counts).toEqual({ delivered: 1 });
    expectOk(await house.asRoot('DELETE', `/api/v1/channels/${id}`));
    await until(async () => (await report(item)).status === 404, 'the address to be gone');
  });
});
