import { describe, expect, test } from 'vitest';
import { DEFAULT_SMPP_SETTINGS } from '../../domain/channel.ts';
import type { Signature } from '../../domain/signature.ts';
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

    reviewed(theStore, 'templates', (tx, businessId) => tx.templates.insert(aTemplate(businessId)));
  });

  describe('contents', () => {
    test('come back as they were put in', async () => {
      await theStore().transact(async (tx) => {
        const content = {
          templateText: '{name} 您好',
          signatureText: '示例',
          placement: 'prefix' as const,
          category: 'marketing' as const,
        };
        const id = await tx.contents.insert(content, AT);
        const other = await tx.contents.insert({ ...content, templateText: '', placement: 'none' }, AT);
        expect(await tx.contents.byId(id)).toEqual({ id, ...content });
        expect(await tx.contents.byId(other)).toMatchObject({ templateText: '', placement: 'none' });
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
