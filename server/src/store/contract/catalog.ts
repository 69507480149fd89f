import { describe, expect, test } from 'vitest';
import type { Signature } from '../../domain/signature.ts';
import { DEFAULT_SMPP_SETTINGS } from '../../domain/smpp-settings.ts';
import type { Template } from '../../domain/template.ts';
import type { Tx } from '../store.ts';
import { AT, addBusiness, type TheStore } from './seed.ts';

const aSignature = (businessId: number) => ({
  businessId,
  text: '示例',
  source: 'trade mark',
  pics: ['a', 'b'],
  createdAt: AT,
});

const aTemplate = (businessId: number, signatureId: number | null = null) => ({
  businessId,
  signatureId,
  placement: 'suffix' as const,
  name: 'code',
  text: 'Your code is {code}',
  category: 'verification' as const,
  description: 'sign-in',
  countryCodes: 'CN,GB',
  createdAt: AT,
});

export function catalogContract(theStore: TheStore): void {
  describe('signatures', () => {
    test('begin pending in version 1', async () => {
      await theStore().transact(async (tx) => {
        const signature = aSignature(await addBusiness(tx));
        const id = await tx.signatures.insert(signature);
        expect(await tx.signatures.byId(id)).toEqual({
          id,
          ...signature,
          review: 'pending',
          rejectReason: '',
          version: 1,
          updatedAt: AT,
        } satisfies Signature);
        expect(await tx.signatures.byId(id + 1)).toBe(null);
      });
    });

    test('are pending again after an edit, in the next version, the last reason still there', async () => {
      await theStore().transact(async (tx) => {
        const signature = aSignature(await addBusiness(tx));
        const id = await tx.signatures.insert(signature);
        await tx.signatures.review(id, { state: 'rejected', reason: 'no proof' }, AT + 1);
        expect(await tx.signatures.byId(id)).toMatchObject({
          review: 'rejected',
          rejectReason: 'no proof',
          version: 1,
          updatedAt: AT + 1,
        });
        await tx.signatures.edit(id, { text: 'new', source: 'other', pics: [], updatedAt: AT + 2 });
        expect(await tx.signatures.byId(id)).toEqual({
          id,
          businessId: signature.businessId,
          text: 'new',
          source: 'other',
          pics: [],
          review: 'pending',
          rejectReason: 'no proof',
          version: 2,
          createdAt: AT,
          updatedAt: AT + 2,
        });
        await tx.signatures.review(id, { state: 'approved', reason: '' }, AT + 3);
        expect(await tx.signatures.byId(id)).toMatchObject({ review: 'approved', rejectReason: '', version: 2 });
      });
    });

    test('are found by exactly their text, among the live ones of the business', async () => {
      await theStore().transact(async (tx) => {
        const businessId = await addBusiness(tx);
        const id = await tx.signatures.insert({ ...aSignature(businessId), text: 'Café' });
        const any = (text: string, except: number | null = null) => tx.signatures.anyWithText(businessId, text, except);
        expect(await any('Café')).toBe(true);
        for (const other of ['café', 'CAFÉ', 'Cafe', 'Cafe\u0301', 'Café ', 'Caf_', '']) {
          expect([other, await any(other)]).toEqual([other, false]);
        }
        expect(await any('Café', id)).toBe(false);
        expect(await any('Café', id + 1)).toBe(true);
        expect(await tx.signatures.anyWithText(await addBusiness(tx), 'Café', null)).toBe(false);
        await tx.signatures.delete(id, AT);
        expect(await any('Café')).toBe(false);
      });
    });

    reviewed(theStore, 'signatures', (tx, businessId) => tx.signatures.insert(aSignature(businessId)));
  });

  describe('templates', () => {
    test('begin pending in version 1', async () => {
      await theStore().transact(async (tx) => {
        const template = aTemplate(await addBusiness(tx), 7);
        const id = await tx.templates.insert(template);
        expect(await tx.templates.byId(id)).toEqual({
          id,
          ...template,
          review: 'pending',
          rejectReason: '',
          version: 1,
          updatedAt: AT,
        } satisfies Template);
      });
    });

    test('are pending again after an edit, in the next version', async () => {
      await theStore().transact(async (tx) => {
        const template = aTemplate(await addBusiness(tx), 7);
        const [id, other] = [await tx.templates.insert(template), await tx.templates.insert(template)];
        await tx.templates.review(id, { state: 'approved', reason: 'fine' }, AT + 1);
        const edit = {
          signatureId: null,
          placement: 'none' as const,
          name: 'other',
          text: 'Other text',
          category: 'marketing' as const,
          description: '',
          countryCodes: '',
          updatedAt: AT + 2,
        };
        await tx.templates.edit(id, edit);
        expect(await tx.templates.byId(id)).toEqual({
          id,
          businessId: template.businessId,
          ...edit,
          review: 'pending',
          rejectReason: 'fine',
          version: 2,
          createdAt: AT,
        });
        expect(await tx.templates.byId(other)).toMatchObject({ name: 'code', version: 1 });
      });
    });

    test('name their signature while they live', async () => {
      await theStore().transact(async (tx) => {
        const businessId = await addBusiness(tx);
        const id = await tx.templates.insert(aTemplate(businessId, 7));
        await tx.templates.insert(aTemplate(businessId, null));
        expect([await tx.templates.anyOfSignature(7), await tx.templates.anyOfSignature(8)]).toEqual([true, false]);
        await tx.templates.delete(id, AT);
        expect(await tx.templates.anyOfSignature(7)).toBe(false);
      });
    });

    test('are counted by signature', async () => {
      await theStore().transact(async (tx) => {
        const businessId = await addBusiness(tx);
        const other = await addBusiness(tx);
        for (const signature of [7, 7, 8, null]) await tx.templates.insert(aTemplate(businessId, signature));
        await tx.templates.insert(aTemplate(other, 7));
        const deleted = await tx.templates.insert(aTemplate(businessId, 9));
        await tx.templates.delete(deleted, AT);
        const counts = async (signatureId: number | null) => [
          ...(await tx.templates.countBySignature(businessId, signatureId)),
        ];
        expect(await counts(null)).toEqual([
          [7, 2],
          [8, 1],
        ]);
        expect(await counts(7)).toEqual([[7, 2]]);
        expect(await counts(9)).toEqual([]);
      });
    });

    reviewed(theStore, 'templates', (tx, businessId) => tx.templates.insert(aTemplate(businessId)));
  });

  describe('what reviewers look at', () => {
    test('the last approved version is kept in place of the one before', async () => {
      await theStore().transact(async (tx) => {
        await tx.approved.keep('template', 1, { version: 1, body: '{"name":"一"}', at: AT });
        await tx.approved.keep('template', 1, { version: 3, body: '{"name":"三"}', at: AT + 1 });
        await tx.approved.keep('signature', 1, { version: 2, body: '{}', at: AT });
        expect(await tx.approved.of('template', [1, 2])).toEqual(
          new Map([[1, { version: 3, body: '{"name":"三"}', at: AT + 1 }]]),
        );
        expect(await tx.approved.of('signature', [1])).toEqual(new Map([[1, { version: 2, body: '{}', at: AT }]]));
        expect(await tx.approved.of('signature', [])).toEqual(new Map());
      });
    });

    test('pictures come back as they were given, to their business', async () => {
      await theStore().transact(async (tx) => {
        const [own, other] = [await addBusiness(tx), await addBusiness(tx)];
        const octets = Uint8Array.from({ length: 70_000 }, (_, i) => i % 256);
        const id = await tx.pictures.insert({ businessId: own, type: 'image/png', octets, createdAt: AT });
        for (const sight of [own, null]) {
          const found = (await tx.pictures.byId(id, sight))!;
          expect({ ...found, octets: Buffer.from(found.octets).equals(octets) }).toEqual({
            id,
            businessId: own,
            type: 'image/png',
            octets: true,
            createdAt: AT,
          });
        }
        expect(await tx.pictures.byId(id, other)).toBe(null);
        expect(await tx.pictures.byId(id + 1, null)).toBe(null);
        expect([await tx.pictures.countOf(own), await tx.pictures.countOf(other)]).toEqual([1, 0]);
      });
    });
  });

  describe('contents', () => {
    test('come back as they were put in', async () => {
      await theStore().transact(async (tx) => {
        const content = {
          templateId: 12,
          templateText: '{name} 您好',
          signatureText: '示例',
          placement: 'prefix' as const,
          brackets: 'fitting' as const,
          category: 'marketing' as const,
        };
        const id = await tx.contents.insert(content, AT);
        const other = await tx.contents.insert(
          { ...content, templateId: null, templateText: '', placement: 'none', brackets: 'fullWidth' },
          AT,
        );
        expect(await tx.contents.byId(id)).toEqual({ id, ...content });
        expect(await tx.contents.byId(other)).toMatchObject({
          templateId: null,
          templateText: '',
          placement: 'none',
          brackets: 'fullWidth',
        });
        expect(await tx.contents.byId(other + 1)).toBe(null);
      });
    });
  });

  describe('channels', () => {
    const aChannel = (name: string) => ({
      name,
      kind: 'smpp' as const,
      enabled: true,
      smpp: { ...DEFAULT_SMPP_SETTINGS, host: 'smsc.example', port: 2775, systemId: 'us', password: 'secret' },
      createdAt: AT,
      updatedAt: AT,
    });

    test('are found by id and name, listed in order, changed and taken away', async () => {
      await theStore().transact(async (tx) => {
        const one = await tx.channels.insert(aChannel('one'));
        const two = await tx.channels.insert(aChannel('two'));
        expect(await tx.channels.byId(one)).toEqual({ id: one, ...aChannel('one') });
        expect(await tx.channels.byName('two')).toEqual({ id: two, ...aChannel('two') });
        expect(await tx.channels.byName('three')).toBe(null);
        await expect(tx.channels.insert(aChannel('one'))).rejects.toThrow();

        const changed = { ...aChannel('one'), id: one, enabled: false, updatedAt: AT + 1 };
        changed.smpp = { ...changed.smpp, port: 2776 };
        await tx.channels.update(changed);
        expect(await tx.channels.byId(one)).toEqual(changed);
        expect((await tx.channels.list()).map(({ id, enabled }) => [id, enabled])).toEqual([
          [one, false],
          [two, true],
        ]);

        await tx.channels.delete(two);
        expect(await tx.channels.byId(two)).toBe(null);
        expect(await tx.channels.insert(aChannel('two'))).not.toBe(two);
      });
    });
  });

  describe('routes', () => {
    const aRoute = (name: string) => ({
      name,
      enabled: true,
      countries: ['CN', 'GB'],
      prefixes: ['8613'],
      categories: ['marketing' as const],
      businesses: [1],
      targets: [{ channelId: 1, weight: 70 }],
      fallback: [2],
      sticky: true,
      createdAt: AT,
      updatedAt: AT,
    });

    test('stand in an order, in which they are added behind, moved, changed and taken away', async () => {
      await theStore().transact(async (tx) => {
        expect(await tx.routes.list()).toEqual([]);
        const a = await tx.routes.insert(aRoute('a'));
        const b = await tx.routes.insert(aRoute('b'));
        const c = await tx.routes.insert(aRoute('c'));
        expect(await tx.routes.byId(b)).toEqual({ id: b, ...aRoute('b') });
        expect(await tx.routes.byName('c')).toEqual({ id: c, ...aRoute('c') });
        expect([await tx.routes.byId(c + 1), await tx.routes.byName('d')]).toEqual([null, null]);
        const names = async () => (await tx.routes.list()).map(({ name }) => name);
        expect(await names()).toEqual(['a', 'b', 'c']);

        await tx.routes.reorder([c, a, b]);
        expect(await names()).toEqual(['c', 'a', 'b']);
        await tx.routes.delete(a);
        const d = await tx.routes.insert(aRoute('d'));
        expect(d).not.toBe(a);
        expect(await names()).toEqual(['c', 'b', 'd']);

        const changed = { ...aRoute('e'), id: b, enabled: false, prefixes: [], sticky: false, updatedAt: AT + 1 };
        await tx.routes.update(changed);
        expect(await tx.routes.list()).toEqual([{ id: c, ...aRoute('c') }, changed, { id: d, ...aRoute('d') }]);
        await expect(tx.routes.insert(aRoute('e'))).rejects.toThrow();
      });
    });

    test('have counts by the hour, which add up, are forgotten, and go with their route', async () => {
      await theStore().transact(async (tx) => {
        const a = await tx.routes.insert(aRoute('a'));
        const b = await tx.routes.insert(aRoute('b'));
        const counts = { given: 5, fallback: 4, standIn: 3, passedOn: 2, deadEnds: 1 };
        const of = (routeId: number | null, channelId: number, times = 1) => ({
          routeId,
          channelId,
          given: 5 * times,
          fallback: 4 * times,
          standIn: 3 * times,
          passedOn: 2 * times,
          deadEnds: times,
        });
        await tx.routes.count(100, []);
        await tx.routes.count(100, [
          { routeId: b, channelId: 2, ...counts },
          { routeId: a, channelId: 1, ...counts },
          { routeId: null, channelId: 1, ...counts },
        ]);
        await tx.routes.count(100, [{ routeId: a, channelId: 1, ...counts }]);
        await tx.routes.count(101, [{ routeId: a, channelId: 1, ...counts }]);
        expect(await tx.routes.figures(100)).toEqual([of(null, 1), of(a, 1, 3), of(b, 2)]);
        expect(await tx.routes.figures(101)).toEqual([of(a, 1)]);
        expect(await tx.routes.figures(102)).toEqual([]);
        await tx.routes.delete(b);
        await tx.routes.forgetFigures(101);
        expect(await tx.routes.figures(0)).toEqual([of(a, 1)]);
      });
    });
  });
}

/** What signatures and templates have in common. */
function reviewed(
  theStore: TheStore,
  kind: 'signatures' | 'templates',
  add: (tx: Tx, businessId: number) => Promise<number>,
): void {
  const idsOf = (items: readonly { id: number }[]) => items.map(({ id }) => id);

  test('are listed newest first, whole or by page, without deleted and other ones', async () => {
    await theStore().transact(async (tx) => {
      const [mine, other] = [await addBusiness(tx), await addBusiness(tx)];
      const ids: number[] = [];
      for (let i = 0; i < 5; i++) ids.push(await add(tx, mine));
      await add(tx, other);
      await tx[kind].delete(ids[2]!, AT);
      const [a, b, , d, e] = ids as [number, number, number, number, number];
      const listed = async (page: Parameters<Tx['signatures']['ofBusiness']>[1]) => {
        const { items, total } = await tx[kind].ofBusiness(mine, page);
        return [idsOf(items), total];
      };
      expect(await listed(null)).toEqual([[e, d, b, a], 4]);
      expect(await listed({ page: 1, pageSize: 3 })).toEqual([[e, d, b], 4]);
      expect(await listed({ page: 2, pageSize: 3 })).toEqual([[a], 4]);
      expect(await listed({ page: 3, pageSize: 3 })).toEqual([[], 4]);
      expect(await tx[kind].byId(ids[2]!)).toBe(null);
    });
  });

  test('wait for a reviewer in the order of their ids until they are decided or deleted', async () => {
    await theStore().transact(async (tx) => {
      const [one, two] = [await addBusiness(tx), await addBusiness(tx)];
      const ids = [await add(tx, one), await add(tx, two), await add(tx, one), await add(tx, two), await add(tx, one)];
      await tx[kind].review(ids[1]!, { state: 'approved', reason: '' }, AT);
      await tx[kind].delete(ids[3]!, AT);
      const waiting = async (cursor: number, limit: number) => {
        const items = await tx[kind].pending(cursor, limit);
        for (const { item, businessName } of items) {
          expect(businessName).toBe((await tx.businesses.byId(item.businessId))?.name);
        }
        return idsOf(items.map(({ item }) => item));
      };
      expect(await waiting(0, 10)).toEqual([ids[0], ids[2], ids[4]]);
      expect(await waiting(0, 2)).toEqual([ids[0], ids[2]]);
      expect(await waiting(ids[2]!, 2)).toEqual([ids[4]]);
    });
  });
}
