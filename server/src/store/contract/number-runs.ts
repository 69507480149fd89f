import { describe, expect, test } from 'vitest';
import type { MessageFilter, SortedPiece, Tx } from '../store.ts';
import { addBusiness, addPlan, aPlan, type TheStore } from './seed.ts';

const A = 8_613_800_138_000;
const B = A + 1;
const C = A + 2;

export function numberRunsContract(theStore: TheStore): void {
  describe('number runs', () => {
    const filter = (change: Partial<MessageFilter>): MessageFilter => ({
      businessId: null,
      planId: null,
      state: null,
      recipient: A,
      since: null,
      until: null,
      before: null,
      limit: 100,
      ...change,
    });
    const send = async (tx: Tx, businessId: number, planId: number, recipients: number[]) => {
      await tx.plans.insert([aPlan(planId, businessId, { total: recipients.length })]);
      await tx.messages.insert([{ planId, from: 0, recipients, segments: 1, reserved: 1, parameters: null }]);
    };
    const places = async (tx: Tx, change: Partial<MessageFilter> = {}) =>
      (await tx.messages.list(filter(change))).messages.map(({ planId, index }) => `${planId}.${index}`);
    /** Sorts and seals the next run of at least `size` messages, in pieces; whether there was one. */
    const sealNext = async (tx: Tx, size: number, pieceSize: number): Promise<boolean> => {
      const run = await tx.numberRuns.next(size);
      if (run === null) return false;
      let pieces = 0;
      for (let after: SortedPiece['end'] = null; pieces === 0 || after !== null; pieces++) {
        const piece: SortedPiece = await tx.numberRuns.sort(run, after, pieceSize);
        await tx.numberRuns.add(run.id + pieces, piece.numbers);
        after = piece.end;
      }
      await tx.numberRuns.seal(run, pieces);
      return true;
    };

    test('hold whole plans, sorted by number, and follow each other without a gap', async () => {
      await theStore().transact(async (tx) => {
        const businessId = await addBusiness(tx);
        await send(tx, businessId, 10, [C, A, B]);
        await send(tx, businessId, 20, [A]);
        await send(tx, businessId, 30, [B, A]);
        expect(await tx.numberRuns.next(7)).toBe(null);
        const first = (await tx.numberRuns.next(2))!;
        expect(first).toEqual({ id: 1, after: 0, to: 10 });
        expect(await tx.numberRuns.sort(first, null, 3)).toEqual({
          numbers: {
            recipients: Float64Array.of(A, B, C),
            planIds: Float64Array.of(10, 10, 10),
            indexes: Uint32Array.of(1, 2, 0),
          },
          end: null,
        });
        await tx.numberRuns.seal(first, 1);
        const second = (await tx.numberRuns.next(3))!;
        expect(second).toEqual({ id: 2, after: 10, to: 30 });
        const { recipients, planIds } = (await tx.numberRuns.sort(second, null, 10)).numbers;
        expect([recipients, planIds]).toEqual([Float64Array.of(A, A, B), Float64Array.of(20, 30, 30)]);
        await tx.numberRuns.seal(second, 1);
        expect(await tx.numberRuns.next(1)).toBe(null);
      });
    });

    test('of more messages than are sorted at once have several pieces', async () => {
      await theStore().transact(async (tx) => {
        const businessId = await addBusiness(tx);
        await send(tx, businessId, 10, [C]);
        await send(tx, businessId, 20, [C, B, A, B, A]);
        await send(tx, businessId, 30, [A]);
        const run = (await tx.numberRuns.next(2))!;
        expect(run).toEqual({ id: 1, after: 0, to: 20 });
        const places = async (after: SortedPiece['end']) => {
          const { numbers, end } = await tx.numberRuns.sort(run, after, 2);
          return { places: [...numbers.indexes].map((index, i) => `${numbers.planIds[i]}.${index}`), end };
        };
        expect(await places(null)).toEqual({ places: ['10.0', '20.0'], end: { planId: 20, index: 0 } });
        expect(await places({ planId: 20, index: 0 })).toEqual({
          places: ['20.2', '20.1'],
          end: { planId: 20, index: 2 },
        });
        expect(await places({ planId: 20, index: 2 })).toEqual({ places: ['20.4', '20.3'], end: null });
        await tx.numberRuns.seal(run, 3);
        expect(await tx.numberRuns.next(1)).toEqual({ id: 4, after: 20, to: 30 });
      });
    });

    test('wait for plans that are being written, and know nobody who is no number', async () => {
      await theStore().transact(async (tx) => {
        const businessId = await addBusiness(tx);
        await addPlan(tx, businessId, 10, 2, { state: 'staged' });
        await send(tx, businessId, 20, [A]);
        expect(await tx.numberRuns.next(1)).toBe(null);
        await tx.plans.accept(10, { state: 'running', total: 3, accepted: 2, invalid: 1, stopped: 0, sendable: 2 });
        await tx.messages.insertInvalid([{ planId: 10, from: 2, texts: ['x'] }], 1);
        const run = (await tx.numberRuns.next(3))!;
        expect((await tx.numberRuns.sort(run, null, 3)).numbers.indexes).toEqual(Uint32Array.of(0, 1));
      });
    });

    test('change nothing of what a search finds, wherever the messages are', async () => {
      await theStore().transact(async (tx) => {
        const [mine, other] = [await addBusiness(tx), await addBusiness(tx)];
        for (let plan = 1; plan <= 12; plan++) {
          await send(tx, plan % 3 === 0 ? other : mine, plan * 10, plan % 2 === 0 ? [A, B, A] : [C, A]);
        }
        await tx.messages.move({
          ranges: [{ planId: 40, from: 0, to: 2 }],
          from: ['accepted'],
          to: 'cancelled',
          charge: 'release',
          at: 5,
        });
        const questions: Partial<MessageFilter>[] = [
          {},
          { businessId: mine },
          { businessId: other, limit: 3 },
          { recipient: B },
          { recipient: A - 1 },
          { state: 'cancelled' },
          { before: { planId: 60, index: 2 } },
          { before: { planId: 60, index: 0 }, limit: 4, businessId: mine },
          { before: { planId: 10, index: 1 } },
        ];
        const answers = async () => {
          const all = [];
          for (const question of questions) all.push(await places(tx, question));
          return all;
        };
        const expected = await answers();
        expect(expected[0]).toHaveLength(18);
        expect(expected[4]).toEqual([]);
        expect(expected[5]).toEqual(['40.2', '40.0']);
        expect(expected[6]!.slice(0, 2)).toEqual(['60.0', '50.1']);
        expect(expected[8]).toEqual([]);
        let runs = 0;
        while (await sealNext(tx, 7, 2)) {
          runs++;
          expect(await answers()).toEqual(expected);
        }
        expect(runs).toBeGreaterThan(2);
      });
    });

    test('may get the same numbers twice', async () => {
      await theStore().transact(async (tx) => {
        await send(tx, await addBusiness(tx), 10, [A, B]);
        const run = (await tx.numberRuns.next(2))!;
        const { numbers } = await tx.numberRuns.sort(run, null, 2);
        await tx.numberRuns.add(run.id, numbers);
        await tx.numberRuns.add(run.id, numbers);
        await tx.numberRuns.seal(run, 1);
        expect(await places(tx)).toEqual(['10.0']);
      });
    });
  });
}
