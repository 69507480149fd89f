import { describe, expect, test } from 'vitest';
import type { InboundMessage, InboundNumber } from '../../domain/inbound.ts';
import type { Keyword } from '../../domain/keyword.ts';
import type { InboundFilter, PartGroup, Store } from '../store.ts';
import { AT, idOf, NUMBER } from './seed.ts';

const HOUR = 3_600_000;

const message = (id: number, change: Partial<InboundMessage> = {}): InboundMessage => ({
  id,
  channelId: 1,
  businessId: 7,
  from: '+8613800138000',
  to: '1069001',
  text: 'hi 😀',
  parts: 1,
  missing: 0,
  kind: 'plain',
  keyword: '',
  replyPlanId: null,
  replyError: '',
  receivedAt: AT,
  ...change,
});

const ALL: InboundFilter = {
  businessId: null,
  unmatched: false,
  kind: null,
  from: null,
  to: null,
  since: null,
  until: null,
  before: null,
  limit: 100,
};

const GROUP: PartGroup = { channelId: 1, from: '+8613800138000', to: '1069001', reference: 7, total: 3 };

/** What comes in from handsets. */
export function inboundContract(theStore: () => Store): void {
  describe('inbound messages', () => {
    const idsOf = async (filter: Partial<InboundFilter>) =>
      (await theStore().read((reader) => reader.inbound.list({ ...ALL, ...filter }))).map(({ id }) => id);

    test('are kept as they are', async () => {
      const all = [
        message(1),
        message(2, { businessId: null, kind: 'opt-out', parts: 3, missing: 1 }),
        message(3, { kind: 'keyword', keyword: 'JOIN', replyPlanId: 2 ** 52, replyError: '' }),
        message(4, { kind: 'keyword', keyword: 'JOIN', replyError: 'balanceTooLow' }),
      ];
      await theStore().transact((tx) => tx.inbound.insert(all));
      for (const each of all) {
        expect(await theStore().read((reader) => reader.inbound.byId(each.id))).toEqual(each);
      }
      expect(await theStore().read((reader) => reader.inbound.byId(5))).toBe(null);
    });

    test("that are nobody's become a business's, others stay whose they are", async () => {
      await theStore().transact(async (tx) => {
        await tx.inbound.insert([message(1, { businessId: null }), message(2, { businessId: 7 })]);
        for (const id of [1, 2, 3]) await tx.inbound.assign(id, 8, 'opt-out');
        expect(await tx.inbound.byId(1)).toEqual(message(1, { businessId: 8, kind: 'opt-out' }));
        expect(await tx.inbound.byId(2)).toEqual(message(2, { businessId: 7 }));
      });
    });

    test('are listed newest first, by whatever is asked for', async () => {
      const [a, b, c, d] = [idOf(AT), idOf(AT + 10), idOf(AT + 20), idOf(AT + HOUR)];
      await theStore().transact((tx) =>
        tx.inbound.insert([
          message(a, { businessId: 8 }),
          message(b, { businessId: null, to: '1069002', receivedAt: AT + 10 }),
          message(c, { from: 'Signet', kind: 'opt-out', receivedAt: AT + 20 }),
          // One in parts: it came long before it was whole.
          message(d, { receivedAt: AT + 15 }),
        ]),
      );
      expect(await idsOf({})).toEqual([d, c, b, a]);
      expect(await idsOf({ limit: 2 })).toEqual([d, c]);
      expect(await idsOf({ before: c })).toEqual([b, a]);
      expect(await idsOf({ businessId: 7 })).toEqual([d, c]);
      expect(await idsOf({ unmatched: true })).toEqual([b]);
      expect(await idsOf({ kind: 'opt-out' })).toEqual([c]);
      expect(await idsOf({ from: 'Signet' })).toEqual([c]);
      expect(await idsOf({ from: '8613800138000' })).toEqual([d, b, a]);
      expect(await idsOf({ to: '1069002' })).toEqual([b]);
      expect(await idsOf({ since: AT + 15 })).toEqual([d, c]);
      expect(await idsOf({ until: AT + 15 })).toEqual([b, a]);
      expect(await idsOf({ since: AT + 10, until: AT + 20 })).toEqual([d, b]);
    });

    test('that were seen are shown in order, and forgotten, a bounded number at once', async () => {
      const seen = (fingerprint: number, at: number) => ({ channelId: 1, fingerprint, at, takenAt: at + 3 });
      const list = [seen(2 ** 52, AT), seen(5, AT + 1), seen(5, AT + 2)];
      await theStore().transact((tx) => tx.inbound.noteSeen(list));
      const since = (at: number) =>
        theStore().read(async (reader) => {
          const visits: unknown[] = [];
          await reader.inbound.seenSince(at, (each) => visits.push(each));
          return visits;
        });
      expect(await since(AT)).toEqual(list);
      expect(await since(AT + 1)).toEqual(list.slice(1));
      const forget = (before: number, limit: number) => theStore().transact((tx) => tx.inbound.forget(before, limit));
      expect(await forget(AT, 10)).toBe(0);
      expect(await forget(AT + 2, 1)).toBe(1);
      expect(await since(AT)).toEqual(list.slice(1));
      expect(await forget(AT + 2, 10)).toBe(1);
      expect(await since(AT)).toEqual(list.slice(2));
    });
  });

  describe('parts of a text', () => {
    test('wait by sender, receiver, channel, reference and number', async () => {
      const half = { index: 2, text: '\ud83d', at: AT };
      await theStore().transact(async ({ inbound }) => {
        await inbound.addPart(GROUP, half);
        await inbound.addPart(GROUP, { index: 1, text: 'a', at: AT + 1 });
        for (const other of [{ channelId: 2 }, { from: 'x' }, { to: 'x' }, { reference: 8 }, { total: 4 }]) {
          await inbound.addPart({ ...GROUP, ...other }, { index: 1, text: 'other', at: AT + 5 });
        }
        expect(await inbound.partsOf(GROUP)).toEqual([half, { index: 1, text: 'a', at: AT + 1 }]);
        expect(await inbound.countParts()).toBe(7);
        await inbound.removeParts(GROUP);
        expect(await inbound.partsOf(GROUP)).toEqual([]);
        expect(await inbound.countParts()).toBe(5);
      });
    });

    test('are found by when the first of them came', async () => {
      await theStore().transact(async ({ inbound }) => {
        const later = { ...GROUP, reference: 8 };
        await inbound.addPart(later, { index: 1, text: 'a', at: AT + 2 });
        await inbound.addPart(GROUP, { index: 1, text: 'a', at: AT + 1 });
        await inbound.addPart(GROUP, { index: 2, text: 'b', at: AT + 50 });
        expect(await inbound.partsBefore(AT + 1, 10)).toEqual([]);
        expect(await inbound.partsBefore(AT + 2, 10)).toEqual([GROUP]);
        expect(await inbound.partsBefore(AT + 9, 10)).toEqual([later, GROUP]);
        expect(await inbound.partsBefore(AT + 9, 1)).toEqual([later]);
      });
    });
  });

  test('automatic replies are counted, and forgotten', async () => {
    await theStore().transact(async ({ inbound }) => {
      await inbound.noteReply(7, 1, NUMBER, AT);
      await inbound.noteReply(7, 2, NUMBER, AT + 10);
      await inbound.noteReply(7, 1, NUMBER + 1, AT + 10);
      await inbound.noteReply(8, 1, NUMBER, AT + 10);
      const count = (since: number, keywordSince: number) => inbound.countReplies(7, 1, NUMBER, since, keywordSince);
      expect(await count(AT - 1, AT - 1)).toEqual({ ofBusiness: 2, ofKeyword: 1 });
      expect(await count(AT - 1, AT)).toEqual({ ofBusiness: 2, ofKeyword: 0 });
      expect(await count(AT, AT)).toEqual({ ofBusiness: 1, ofKeyword: 0 });
      expect(await inbound.forget(AT + 1, 10)).toBe(1);
      expect(await count(0, 0)).toEqual({ ofBusiness: 1, ofKeyword: 0 });
    });
  });

  describe('numbers that messages come in on', () => {
    const given = (change: Partial<InboundNumber> = {}): Omit<InboundNumber, 'id'> => ({
      number: '1069001',
      prefix: false,
      channelId: null,
      businessId: 7,
      createdAt: AT,
      ...change,
    });

    test('are found by the digits they could stand for', async () => {
      await theStore().transact(async ({ inboundNumbers: table }) => {
        const exact = await table.insert(given());
        const here = await table.insert(given({ channelId: 3, businessId: 8 }));
        const begins = await table.insert(given({ number: '1069', prefix: true }));
        const every = await table.insert(given({ number: '', prefix: true }));
        await table.insert(given({ number: '10' }));
        const fitting = async (digits: string) => (await table.fitting(digits)).map(({ id }) => id);
        expect(await fitting('1069001')).toEqual([exact, here, begins, every]);
        expect(await fitting('10690')).toEqual([begins, every]);
        expect(await fitting('7')).toEqual([every]);
        expect(await fitting('')).toEqual([every]);
        expect(await table.byId(here)).toEqual({ id: here, ...given({ channelId: 3, businessId: 8 }) });
        expect((await table.list(null, 0, 2)).map(({ id }) => id)).toEqual([exact, here]);
        expect((await table.list(7, exact, 9)).map(({ businessId }) => businessId)).toEqual([7, 7, 7]);
        await table.delete(exact);
        expect(await table.byId(exact)).toBe(null);
      });
    });

    test('are given once', async () => {
      await theStore().transact(async ({ inboundNumbers: table }) => {
        await table.insert(given());
        expect(await table.taken(given({ businessId: 9 }))).toBe(true);
        expect(await table.taken(given({ prefix: true }))).toBe(false);
        expect(await table.taken(given({ channelId: 1 }))).toBe(false);
      });
      await expect(theStore().transact((tx) => tx.inboundNumbers.insert(given()))).rejects.toThrow();
    });
  });

  test('keywords are found by their word', async () => {
    const given = (change: Partial<Keyword> = {}): Omit<Keyword, 'id'> => ({
      businessId: 7,
      word: 'JOIN',
      shared: false,
      templateId: null,
      createdAt: AT,
      ...change,
    });
    await theStore().transact(async ({ keywords: table }) => {
      const one = await table.insert(given());
      const two = await table.insert(given({ businessId: 8, shared: true, templateId: 3 }));
      const three = await table.insert(given({ word: '查询' }));
      expect(await table.byId(two)).toEqual({ id: two, ...given({ businessId: 8, shared: true, templateId: 3 }) });
      expect((await table.ofWord('JOIN')).map(({ id }) => id)).toEqual([one, two]);
      expect(await table.ofWord('join')).toEqual([]);
      expect((await table.list(7, 0, 9)).map(({ id }) => id)).toEqual([one, three]);
      expect((await table.list(null, one, 1)).map(({ id }) => id)).toEqual([two]);
      expect(await table.count(7)).toBe(2);
      await table.delete(one);
      expect(await table.byId(one)).toBe(null);
    });
    await expect(theStore().transact((tx) => tx.keywords.insert(given({ word: '查询' })))).rejects.toThrow();
  });

  describe('lists of recipients', () => {
    const entry = { since: AT, source: 'business', note: 'asked by phone' } as const;

    test('take each recipient once, and tell who was new', async () => {
      await theStore().transact(async ({ lists }) => {
        expect(await lists.add('opt-out', 7, [NUMBER + 1, NUMBER], entry)).toEqual([NUMBER + 1, NUMBER]);
        const again = { since: AT + 1, source: 'reply', note: '' } as const;
        expect(await lists.add('opt-out', 7, [NUMBER, NUMBER + 2], again)).toEqual([NUMBER + 2]);
        expect(await lists.find('opt-out', 7, NUMBER)).toEqual({ recipient: NUMBER, ...entry });
        expect(await lists.list('opt-out', 7, 0, 2)).toEqual([
          { recipient: NUMBER, ...entry },
          { recipient: NUMBER + 1, ...entry },
        ]);
        expect((await lists.list('opt-out', 7, NUMBER + 1, 2)).map(({ recipient }) => recipient)).toEqual([NUMBER + 2]);
        expect(await lists.add('opt-out', 7, [], entry)).toEqual([]);
      });
    });

    test('are each for itself', async () => {
      await theStore().transact(async ({ lists }) => {
        await lists.add('opt-out', 7, [NUMBER], entry);
        await lists.add('blacklist', 7, [NUMBER + 1], entry);
        await lists.add('blacklist', 0, [NUMBER + 2], entry);
        expect(await lists.find('blacklist', 7, NUMBER)).toBe(null);
        expect(await lists.find('opt-out', 8, NUMBER)).toBe(null);
        expect((await lists.list('blacklist', 0, 0, 9)).map(({ recipient }) => recipient)).toEqual([NUMBER + 2]);
        const visits: unknown[] = [];
        await lists.all((...visit) => visits.push(visit));
        expect(visits).toEqual(
          expect.arrayContaining([
            ['opt-out', 7, NUMBER],
            ['blacklist', 7, NUMBER + 1],
            ['blacklist', 0, NUMBER + 2],
          ]),
        );
        expect(visits).toHaveLength(3);
      });
    });

    test('give up recipients, and tell who was there', async () => {
      await theStore().transact(async ({ lists }) => {
        await lists.add('blacklist', 7, [NUMBER, NUMBER + 1], entry);
        expect(await lists.remove('blacklist', 7, [NUMBER, NUMBER + 5])).toEqual([NUMBER]);
        expect(await lists.remove('blacklist', 8, [NUMBER + 1])).toEqual([]);
        expect((await lists.list('blacklist', 7, 0, 9)).map(({ recipient }) => recipient)).toEqual([NUMBER + 1]);
      });
    });

    test('have words of a business beside them', async () => {
      await theStore().transact(async ({ lists }) => {
        expect(await lists.words(7)).toBe(null);
        await lists.setWords(7, { optOut: ['退订'], optIn: null });
        expect(await lists.words(7)).toEqual({ optOut: ['退订'], optIn: null });
        await lists.setWords(7, { optOut: null, optIn: [] });
        expect(await lists.words(7)).toEqual({ optOut: null, optIn: [] });
        expect(await lists.words(8)).toBe(null);
      });
    });
  });
}
