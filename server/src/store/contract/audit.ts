import { describe, expect, test } from 'vitest';
import type { AuditEntry } from '../../domain/audit.ts';
import type { AuditFilter } from '../store.ts';
import { AT, type TheStore } from './seed.ts';

const anEntry = (change: Partial<AuditEntry> = {}): Omit<AuditEntry, 'id'> => ({
  at: AT,
  by: { kind: 'member', id: 7, name: 'ada@example.com', staff: false },
  address: '2001:db8::1',
  via: 'console',
  action: 'signature.edit',
  object: 'signature',
  objectId: '12',
  businessId: 3,
  before: { text: '旧' },
  after: { text: 'neu', pics: ['a'] },
  ...change,
});

export function auditContract(theStore: TheStore): void {
  describe('the audit log', () => {
    test('keeps entries as they were added, newest first, a part at a time', async () => {
      const house = anEntry({
        by: { kind: 'house', id: null, name: '', staff: true },
        address: '',
        via: 'house',
        businessId: null,
        before: null,
        after: null,
      });
      await theStore().transact(async (tx) => {
        await tx.audit.add(anEntry());
        await tx.audit.add(house);
        await tx.audit.add(anEntry({ at: AT + 1 }));
      });
      await theStore().read(async (reader) => {
        const all = await reader.audit.list({}, null, 10);
        expect(all.map(({ id: _id, ...entry }) => entry)).toEqual([anEntry({ at: AT + 1 }), house, anEntry()]);
        expect(all[0]!.id).toBeGreaterThan(all[1]!.id);
        expect(await reader.audit.list({}, null, 2)).toEqual(all.slice(0, 2));
        expect(await reader.audit.list({}, all[1]!.id, 10)).toEqual(all.slice(2));
      });
    });

    test('is searched by whose it is, by whom, by what was done to what, and by time', async () => {
      await theStore().transact(async (tx) => {
        await tx.audit.add(anEntry({ objectId: 'first' }));
        await tx.audit.add(anEntry({ businessId: 4, objectId: 'other business' }));
        await tx.audit.add(anEntry({ by: { kind: 'key', id: 7, name: 'sk_7', staff: false }, objectId: 'by key' }));
        await tx.audit.add(anEntry({ action: 'template.edit', object: 'template', objectId: 'template' }));
        await tx.audit.add(anEntry({ at: AT + 100, objectId: 'late' }));
      });
      await theStore().read(async (reader) => {
        const found = async (filter: AuditFilter) =>
          (await reader.audit.list(filter, null, 10)).map(({ objectId }) => objectId);
        expect(await found({ businessId: 4 })).toEqual(['other business']);
        expect(await found({ by: { kind: 'key', id: 7 } })).toEqual(['by key']);
        expect(await found({ by: { kind: 'key', id: 8 } })).toEqual([]);
        expect(await found({ action: 'template.edit' })).toEqual(['template']);
        expect(await found({ object: 'template', objectId: 'template' })).toEqual(['template']);
        expect(await found({ object: 'template', objectId: 'first' })).toEqual([]);
        expect(await found({ from: AT + 100 })).toEqual(['late']);
        expect(await found({ from: AT, to: AT + 100, businessId: 3 })).toEqual(['template', 'by key', 'first']);
      });
    });
  });
}
