import type { SubmitRecord } from '@signet/smpp/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, startHouse, type TestBusiness, until } from '../house.ts';
import { type Client, nativeClients, rootOf } from '../native/client.ts';
import { approved, newTemplate } from '../native/seed.ts';
import { ledgerFaults } from './sender.ts';

/**
 * A month's end: messages of every fate are sent at several prices, the server is killed and started in between, and then
 * the figures, the statement, the carrier's list and the ledger say the same, to the unit.
 */
describe('money', () => {
  const accepted: SubmitRecord[] = [];
  let house: House;
  let root: Client;
  let own: Client;
  let business: TestBusiness;
  let channelId: number;

  beforeAll(async () => {
    house = await startHouse({
      simulator: {
        onSubmit: (records) => accepted.push(...records.filter(({ status }) => status === 0)),
        rules: [
          { suffix: '3', status: 'ESME_RINVDSTADR' },
          { suffix: '5', receipt: 'undeliverable' },
          { suffix: '7', receipt: 'expired' },
        ],
      },
    });
    const as = await nativeClients(house);
    root = as(rootOf(house));
    business = await house.createBusiness({ credits: 10_000 });
    own = as(business);
    channelId = (await root.get('/channels')).json.items[0].id;
    await root.post(`/businesses/${business.user}/time-zone`, { time_zone: 'Asia/Kolkata' });
    await root.post(`/businesses/${business.user}/pay-on-delivery`, { on: true });
    await root.post('/price-rows', { rows: [{ credits: 2 }, { prefix: '44', credits: 5, category: 'notification' }] });
    await root.post(`/price-rows?business_id=${business.businessId}`, { rows: [{ prefix: '8613800138', credits: 3 }] });
    await root.post(`/channels/${channelId}/costs`, {
      rows: [
        { micros: 15_000, currency: 'EUR' },
        { prefix: '44', micros: 41_000, currency: 'EUR' },
      ],
    });
  });
  afterAll(() => house?.stop());

  const chinese = Array.from({ length: 40 }, (_, i) => `+86138001380${String(i + 10)}`);
  const british = Array.from({ length: 10 }, (_, i) => `+4474001234${String(i + 50)}`);
  const RATE = (to: string) => (to.startsWith('+44') ? 5 : 3);
  const FINAL = ['delivered', 'undelivered', 'expired', 'refused'];

  it('adds up', async () => {
    const { templateId, signatureId } = await approved(house, root, business);
    const long = await newTemplate(house, business, signatureId, { template: 'x'.repeat(100) });
    await root.post(`/templates/${long}/review`, { state: 'approved' });
    const plans: number[] = [];
    const send = async (template_id: number, recipients: string[]) => {
      plans.push((await own.post('/plans', { template_id, recipients })).json.plan_id);
    };
    await send(templateId, [...chinese, ...british]);
    await send(long, chinese.slice(0, 20));
    const messages = async () => {
      const all: {
        to: string;
        state: string;
        segments: number;
        settled: number;
        released: number;
        refunded: number;
      }[] = [];
      for (const plan of plans) all.push(...(await own.get(`/plans/${plan}/messages?limit=1000`)).json.items);
      return all;
    };
    const allEnded = () =>
      until(async () => (await messages()).every(({ state }) => FINAL.includes(state)), 'every message to end');
    await allEnded();
    // What is in flight then may be sent twice; here nothing is, so that every number can be told.
    await house.kill();
    await house.start();
    await send(templateId, british);
    await allEnded();
    const sent = await messages();
    expect(sent).toHaveLength(80);
    const sum = (of: (each: (typeof sent)[number]) => number) => sent.reduce((total, each) => total + of(each), 0);
    for (const { to, state, segments, settled, released, refunded } of sent) {
      const price = segments * RATE(to);
      const lost = state === 'undelivered' || state === 'expired';
      expect([settled, released, refunded]).toEqual(state === 'refused' ? [0, price, 0] : [price, 0, lost ? price : 0]);
    }

    // The ledger.
    expect(await ledgerFaults(house)).toEqual([]);
    const charged = sum(({ settled, refunded }) => settled - refunded);
    const balance = (await own.get('/balance')).json;
    expect(balance).toEqual({ available: 10_000 - charged, reserved: 0 });

    // The figures.
    const query = '/figures?by=month&group=country';
    await until(async () => {
      const { counted_until, totals } = (await root.get(query)).json;
      return counted_until === null && totals.delivered + totals.failed === sent.length;
    }, 'everything to be counted');
    const { totals, items } = (await root.get(query)).json;
    const count = (...states: string[]) => sent.filter(({ state }) => states.includes(state)).length;
    const carried = sent.filter(({ state }) => state !== 'refused');
    const costOf = (each: { to: string; segments: number }) =>
      each.segments * (each.to.startsWith('+44') ? 41_000 : 15_000);
    const cost = carried.reduce((total, each) => total + costOf(each), 0);
    expect(totals).toEqual({
      sent: carried.length,
      delivered: count('delivered'),
      failed: count('undelivered', 'expired', 'refused'),
      segments: carried.reduce((total, { segments }) => total + segments, 0),
      credits: charged,
      refunded: sum(({ refunded }) => refunded),
      costs: [{ currency: 'EUR', micros: cost }],
    });
    const perCountry = items.map(({ country, credits }: { country: string; credits: number }) => [country, credits]);
    expect(new Map(perCountry)).toEqual(
      new Map(
        [
          ['CN', '+86'],
          ['GB', '+44'],
        ].map(([country, head]) => [
          country,
          sent
            .filter(({ to }) => to.startsWith(head!))
            .reduce((total, each) => total + each.settled - each.refunded, 0),
        ]),
      ),
    );

    // The statement.
    const zone = 'Asia/Kolkata';
    const month = new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit' }).format(
      Date.now(),
    );
    const statement = (await own.get(`/statement.csv?month=${month}`)).text.replace('\ufeff', '').trimEnd();
    const lines = statement.split('\r\n').map((line) => line.split(','));
    const [names, ...rows] = lines as [string[], ...string[][]];
    const cell = (row: string[], name: string) => row[names.indexOf(name)]!;
    const balanceOf = (line: string) => Number(cell(rows.find((row) => cell(row, 'line') === line)!, 'balance'));
    const moved = rows.reduce((total, row) => total + Number(cell(row, 'credits')), 0);
    expect(balanceOf('closing balance')).toBe(balance.available);
    expect(balanceOf('opening balance') + moved).toBe(balanceOf('closing balance'));
    expect(statement).not.toContain('not in the figures');

    // The carrier's list, which has one row for each part that it accepted.
    const list = [
      'id,to,time,cost',
      ...accepted.map(({ messageId, destination, at }) =>
        [messageId, destination, new Date(at).toISOString(), destination.startsWith('44') ? '0.041' : '0.015'].join(
          ',',
        ),
      ),
    ].join('\n');
    const utcMonth = new Date().toISOString().slice(0, 7);
    const compared = (await root.upload(`/channels/${channelId}/cdr?month=${utcMonth}&zone=UTC`, list)).json;
    const segments = carried.reduce((total, each) => total + each.segments, 0);
    expect(compared).toMatchObject({
      matched: carried.length,
      segments_differ: 0,
      cost_differs: 0,
      only_ours: 0,
      only_theirs: 0,
      ours: { messages: carried.length, segments, cost_micros: cost },
      theirs: { rows: segments, cost_micros: cost },
    });
  }, 240_000);
});
