import type { Knobs } from '@signet/smpp/simulator';
import { afterEach, describe, expect, it } from 'vitest';
import { type House, startHouse, until } from '../house.ts';
import { ledgerFaults, numbersFrom, openSender } from './sender.ts';

/** Three parts with its signature. */
const LONG = 'x'.repeat(150);

/** Whatever a carrier does with its reports, each finds its message, and no other. */
describe('reports', () => {
  let house: House;
  afterEach(() => house.stop());

  const ADVERSE: Partial<Knobs> = {
    earlyReceipts: 0.3,
    duplicateReceipts: 0.3,
    shuffleReceipts: true,
    receiptDelayMs: { min: 0, max: 100 },
    receipts: { delivered: 8, undeliverable: 1, expired: 1 },
  };

  it.each<[string, Partial<Knobs>, Record<string, unknown>?]>([
    ['hexadecimal ids, decimal in reports', { ids: 'hex', receiptIds: 'other-base', receiptTlvs: false }],
    ['padded ids, the other base in reports', { ids: 'padded-hex', receiptIds: 'other-base', receiptTlvs: false }],
    ['decimal ids, hexadecimal in reports', { ids: 'decimal', receiptIds: 'other-base', receiptText: false }],
    ['padded ids, not so in reports', { ids: 'padded-decimal', receiptIds: 'unpadded' }],
    ['ids in another case', { ids: 'upper-hex', receiptIds: 'other-case' }],
    ['one id for all parts, one report', { partReceipts: 'shared' }],
    ['one id for all parts, a report each', { partReceipts: 'shared-each' }],
    ['a report for all parts, with the id of the first', { partReceipts: 'first' }, { part_reports: 'one' }],
    ['a report for all parts, with the id of the last', { partReceipts: 'last' }, { part_reports: 'one' }],
  ])('find their messages: %s', async (_what, knobs, smpp = {}) => {
    house = await startHouse({ simulator: { ...ADVERSE, ...knobs }, smpp });
    const short = await openSender(house, { credits: 10_000 });
    const long = await openSender(house, { credits: 10_000, template: LONG });
    const uuids = [
      [short, await short.send(numbersFrom(0, 200))],
      [long, await long.send(numbersFrom(500, 60))],
    ] as const;
    for (const [sender, uuid] of uuids) {
      const counts = (await sender.finished(uuid, ['delivered', 'undelivered', 'expired'])).counts;
      expect(counts.delivered).toBeGreaterThan(0);
      const messages = await sender.messages(uuid);
      expect(messages.every(({ settled, segments }) => settled === segments)).toBe(true);
    }
    expect(await ledgerFaults(house)).toEqual([]);
  });

  it('on messages of channels that share an account may come on any of them', async () => {
    house = await startHouse({ smpp: { receipt_group: 'account' } });
    const { port } = house.simulator;
    const smpp = { host: '127.0.0.1', port, system_id: 'test', password: 'test', receipt_group: 'account' };
    const second = await house.asRoot('POST', '/api/v1/channels', { name: 'second', smpp });
    expect(second.status).toBe(201);
    const bound = async () => {
      const { items } = (await house.asRoot('GET', '/api/v1/channels')).json;
      return items.filter(({ state }: { state: { link: string } }) => state.link === 'bound').length === 2;
    };
    await until(bound, 'both channels to be bound');
    const sender = await openSender(house, { credits: 1_000 });
    // One after the other, so that the account's sessions take turns in getting the reports.
    for (let round = 0; round < 5; round++) {
      await sender.finished(await sender.send(numbersFrom(round * 100, 50)));
    }
    const { items } = (await house.asRoot('GET', '/api/v1/orphan-reports')).json;
    expect(items).toEqual([]);
  });

  it('are shown as the carrier wrote them, to the administrator alone', async () => {
    house = await startHouse({ simulator: { receipts: { undeliverable: 1 } } });
    const sender = await openSender(house, { credits: 1_000, template: LONG });
    const uuid = await sender.send(numbersFrom(0, 1));
    await sender.finished(uuid, ['undelivered']);
    await until(() => house.simulator.stats.receiptsAnswered === 3, 'all parts to be reported');
    const [{ message_id: id, to }] = await sender.messages(uuid);
    const shown = (await house.asRoot('GET', `/api/v1/messages/${id}`)).json;
    expect(shown.carrier_ids).toHaveLength(3);
    expect(shown.reports).toHaveLength(3);
    const [first] = shown.reports;
    expect(first).toMatchObject({ to, state: 'undelivered', error: '001', channel_id: 1 });
    expect(first.raw).toMatch(
      /^id:\S+ sub:001 .* stat:UNDELIV err:001 text: receipted_message_id:\S+ message_state:5$/,
    );
    expect((await sender.ask('GET', `/api/v1/messages/${id}`)).json).not.toHaveProperty('reports');

    const found = (await house.asRoot('GET', `/api/v1/reports?carrier_id=${first.carrier_id}`)).json;
    expect(found).toEqual({ items: [first], next_cursor: null });
    const page = (await house.asRoot('GET', `/api/v1/reports?to=${to.slice(1)}&limit=2`)).json;
    expect(page.items).toHaveLength(2);
    const rest = (await house.asRoot('GET', `/api/v1/reports?to=${to.slice(1)}&limit=2&cursor=${page.next_cursor}`))
      .json;
    expect([...page.items, ...rest.items].reverse()).toEqual(shown.reports);
    const early = await house.asRoot(
      'GET',
      `/api/v1/reports?carrier_id=${first.carrier_id}&until=2020-01-01T00:00:00Z`,
    );
    expect(early.json.items).toEqual([]);
    expect((await house.asRoot('GET', '/api/v1/reports')).json).toMatchObject({
      code: 'invalidField',
      field: 'carrier_id',
    });
    expect((await sender.ask('GET', `/api/v1/reports?to=${to.slice(1)}`)).json).toMatchObject({ code: 'adminOnly' });
    expect((await sender.ask('GET', '/api/v1/orphan-reports')).json).toMatchObject({ code: 'adminOnly' });
  });
});
