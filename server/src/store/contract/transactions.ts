import { describe, expect, test } from 'vitest';
import type { TheStore } from './seed.ts';

export function transactionsContract(theStore: TheStore): void {
  const set = (name: string, value: string) => theStore().transact((tx) => tx.installation.set(name, value));
  const get = (name: string) => theStore().read((reader) => reader.installation.get(name));

  describe('transactions', () => {
    test('give what the work gives, and keep what it wrote', async () => {
      const value = await theStore().transact(async (tx) => {
        await tx.installation.set('a', '1');
        return tx.installation.get('a');
      });
      expect(value).toBe('1');
      expect(await get('a')).toBe('1');
    });

    test('keep nothing of work that rejects, pass its error on, and are usable afterwards', async () => {
      await set('a', 'before');
      const broken = theStore().transact(async (tx) => {
        await tx.installation.set('a', 'after');
        await tx.installation.set('b', 'new');
        throw new Error('broken');
      });
      await expect(broken).rejects.toThrow('broken');
      expect([await get('a'), await get('b')]).toEqual(['before', null]);
      await set('a', 'again');
      expect(await get('a')).toBe('again');
    });

    test('undo a savepoint alone', async () => {
      await theStore().transact(async (tx) => {
        await tx.installation.set('outer', '1');
        const broken = tx.savepoint(async () => {
          await tx.installation.set('outer', '2');
          await tx.installation.set('inner', '1');
          throw new Error('broken');
        });
        await expect(broken).rejects.toThrow('broken');
        expect(await tx.installation.get('outer')).toBe('1');
        expect(await tx.savepoint(() => tx.installation.set('next', '1').then(() => 'value'))).toBe('value');
      });
      expect([await get('outer'), await get('inner'), await get('next')]).toEqual(['1', null, '1']);
    });

    test('undo the inner of two savepoints alone, and both with the outer', async () => {
      await theStore().transact(async (tx) => {
        const inner = (name: string) =>
          tx.savepoint(async () => {
            await tx.installation.set(name, '1');
            throw new Error('inner');
          });
        await tx.savepoint(async () => {
          await tx.installation.set('kept', '1');
          await expect(inner('undone')).rejects.toThrow('inner');
        });
        const outer = tx.savepoint(async () => {
          await tx.savepoint(() => tx.installation.set('released, then undone', '1'));
          throw new Error('outer');
        });
        await expect(outer).rejects.toThrow('outer');
      });
      expect([await get('kept'), await get('undone'), await get('released, then undone')]).toEqual(['1', null, null]);
    });

    test('undo savepoints that were kept when the transaction itself rejects', async () => {
      const broken = theStore().transact(async (tx) => {
        await tx.savepoint(() => tx.installation.set('a', '1'));
        throw new Error('broken');
      });
      await expect(broken).rejects.toThrow('broken');
      expect(await get('a')).toBe(null);
    });
  });
}
