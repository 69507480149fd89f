import type { SubmitRecord } from '@signet/smpp/simulator';
import { decodeUcs2 } from '@signet/text';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, startHouse } from '../house.ts';
import { accountOf, expectOk, ledgerFaults, listAll, numbersFrom, openSender, type Sender } from './sender.ts';

/** From a business that does not exist yet to a delivered text, step by step, over HTTP and SMPP alone. */
describe('a first message', () => {
  const submitted: SubmitRecord[] = [];
  let house: House;
  beforeAll(async () => {
    house = await startHouse({ simulator: { onSubmit: (records) => submitted.push(...records) } });
  });
  afterAll(() => house.stop());

  it('goes the whole way', async () => {
    const { user, ask, finished, balance } = accountOf(house, await house.createBusiness());

    // A signature and its review.
    const { sign_id } = expectOk(await ask('POST', '/v1/signature', { signature: '星河', source: '官网' })).json;
    const text = '您的验证码是{code}';
    const template = { name: '验证码', template: text, type: 1, description: '登录', sign_id };
    expect((await ask('POST', '/v1/template', template)).json.error).toBe('ER:0031');
    expectOk(await house.asRoot('POST', '/v2/signreview', { sign_id, audit_status: 'passed' }));

    // A template and its review.
    const { temp_id } = expectOk(await ask('POST', '/v1/template', template)).json;
    const send = { sign_id, temp_id, mobiles: ['13800138000'], params: { code: '2468' } };
    expect((await ask('POST', '/v1/message', send)).json.error).toBe('ER:0032');
    expectOk(await house.asRoot('POST', '/v2/tempreview', { temp_id, audit_status: 'passed' }));

    // Credits.
    expect((await ask('POST', '/v1/message', send)).json.error).toBe('ER:0035');
    expectOk(await house.asRoot('POST', '/v2/charge', { user, charge: 10 }));

    // The send, and what became of it.
    const { uuid } = expectOk(await ask('POST', '/v1/message', send)).json;
    const progress = await finished(uuid);
    expect(progress).toMatchObject({ state: 'done', total: 1, counts: { delivered: 1 } });

    // On the air: one submit_sm to the E.164 number, UCS-2, signature first.
    const record = submitted.find(({ destination }) => destination === '8613800138000')!;
    expect(decodeUcs2(record.shortMessage)).toBe('【星河】您的验证码是2468');
    expect(submitted.filter(({ destination }) => destination === '8613800138000')).toHaveLength(1);

    // Money: one credit reserved, then settled; every entry stands in the statement.
    expect(await balance()).toEqual({ available: 9, reserved: 0 });
    const statement = await listAll<{ kind: string; credits: number; available_after: number; reserved_after: number }>(
      (path) => ask('GET', path),
      '/api/v1/statement',
    );
    expect(statement.map((e) => [e.kind, e.credits, e.available_after, e.reserved_after])).toEqual([
      ['settle', 1, 9, 0],
      ['reserve', 1, 9, 1],
      ['top-up', 10, 10, 0],
    ]);
    expect(await ledgerFaults(house)).toEqual([]);

    // Its timeline.
    const [message] = expectOk(await ask('GET', '/api/v1/messages?to=%2B8613800138000')).json.items;
    expect(message).toMatchObject({
      state: 'delivered',
      segments: 1,
      settled: 1,
      attempts: 1,
      repeats: 0,
      simulated: false,
    });
    const history = expectOk(await ask('GET', `/api/v1/messages/${message.message_id}`)).json;
    expect(history.timeline.map((step: { state: string }) => step.state)).toEqual([
      'accepted',
      'dispatching',
      'submitted',
      'delivered',
    ]);
    expect(history.ledger.map((entry: { kind: string }) => entry.kind)).toEqual(['reserve', 'settle']);

    // What happened, in order, written with the changes that made it happen.
    const events = await listAll<{ kind: string; state?: string; change?: string }>(
      (path) => ask('GET', path),
      '/api/v1/events',
    );
    expect(events.map(({ kind, state, change }) => [kind, state ?? change].filter(Boolean).join(' '))).toEqual([
      'business.changed created',
      'signature.changed',
      'signature.review approved',
      'template.changed',
      'template.review approved',
      'balance.topped-up',
      'plan.state running',
      'message.state dispatching',
      'message.state submitted',
      'plan.state done',
      'message.state delivered',
    ]);
  });
});

/** A long text goes out in parts that a handset puts together again, and is charged by the part. */
describe('a long text', () => {
  const submitted: SubmitRecord[] = [];
  let house: House;
  let sender: Sender;
  beforeAll(async () => {
    house = await startHouse({ simulator: { onSubmit: (records) => submitted.push(...records) }, smpp: { window: 2 } });
    sender = await openSender(house, { template: '{text}', credits: 1_000 });
  });
  afterAll(() => house.stop());

  const partsTo = (number: string) =>
    submitted
      .filter(({ destination }) => destination === `86${number}`)
      .sort((a, b) => a.part!.number - b.part!.number);

  it('goes in parts of 67 characters, with a window smaller than the text', async () => {
    const [number] = numbersFrom(0, 1) as [string];
    const text = '长'.repeat(67 * 5 - '【Signet】'.length);
    const uuid = await sender.send([number], { params: { text } });
    await sender.finished(uuid);
    const parts = partsTo(number);
    expect(parts.map(({ part }) => [part!.number, part!.total])).toEqual([1, 2, 3, 4, 5].map((n) => [n, 5]));
    expect(new Set(parts.map(({ part }) => part!.reference)).size).toBe(1);
    // The header is six octets: its own length, and the concatenation element of five.
    expect(parts.map(({ shortMessage }) => decodeUcs2(shortMessage.subarray(6))).join('')).toBe(`【Signet】${text}`);
    const [message] = await sender.messages(uuid);
    expect(message).toMatchObject({ state: 'delivered', segments: 5, reserved: 5, settled: 5 });
    expect(await sender.balance()).toEqual({ available: 995, reserved: 0 });
  });

  it('never splits a surrogate pair, and every recipient has a text of its own', async () => {
    const numbers = numbersFrom(10, 30);
    const texts = numbers.map((_, i) => '😀'.repeat(20 + i));
    const recipients = numbers.map((mobile, i) => ({ mobile, params: { text: texts[i] } }));
    const uuid = await sender.send([], { recipients });
    await sender.finished(uuid);
    for (let i = 0; i < numbers.length; i++) {
      const records = submitted.filter(({ destination }) => destination === `86${numbers[i]}`);
      const long = records.length > 1;
      const payloads = (long ? partsTo(numbers[i]!) : records).map(({ shortMessage }) =>
        decodeUcs2(long ? shortMessage.subarray(6) : shortMessage),
      );
      for (const payload of payloads) expect(payload.isWellFormed()).toBe(true);
      expect(payloads.join('')).toBe(`【Signet】${texts[i]}`);
    }
    expect(await ledgerFaults(house)).toEqual([]);
  });
});
