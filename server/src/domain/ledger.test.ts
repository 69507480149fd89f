import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CHARGE_OF_OUTCOME, effectOf, LEDGER_KINDS, ledgerCode, ledgerKindOfCode } from './ledger.ts';
import { priceOf } from './price.ts';

describe('ledger entries', () => {
  test('have the codes that are stored', () => {
    expect(LEDGER_KINDS.map((kind) => [kind, ledgerCode(kind)])).toEqual([
      ['top-up', 0],
      ['reserve', 1],
      ['settle', 2],
      ['release', 3],
      ['refund', 4],
      ['correction', 5],
    ]);
    for (const kind of LEDGER_KINDS) expect(ledgerKindOfCode(ledgerCode(kind))).toBe(kind);
    for (const code of [-1, 6]) expect(() => ledgerKindOfCode(code)).toThrow();
  });

  test('move balances', () => {
    expect(LEDGER_KINDS.map((kind) => [kind, effectOf(kind, 7)].map((value) => value))).toEqual([
      ['top-up', { available: 7, reserved: 0 }],
      ['reserve', { available: -7, reserved: 7 }],
      ['settle', { available: 0, reserved: -7 }],
      ['release', { available: 7, reserved: -7 }],
      ['refund', { available: 7, reserved: 0 }],
      ['correction', { available: 7, reserved: 0 }],
    ]);
    expect(effectOf('correction', -7).available).toBe(-7);
  });

  test('of a reserve are undone by its release, and spent by its settle', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), (credits) => {
        const [reserve, release, settle] = [
          effectOf('reserve', credits),
          effectOf('release', credits),
          effectOf('settle', credits),
        ];
        expect([reserve.available + release.available, reserve.reserved + release.reserved]).toEqual([0, 0]);
        expect([reserve.available + settle.available, reserve.reserved + settle.reserved]).toEqual([-credits, 0]);
      }),
    );
  });
});

test('what a carrier accepted or may have sent is paid; what nobody took is given back', () => {
  expect(CHARGE_OF_OUTCOME).toEqual({
    submitted: 'settle',
    unknown: 'settle',
    refused: 'release',
    failed: 'release',
    cancelled: 'release',
    expired_unsent: 'release',
  });
});

test('a message costs its segments', () => {
  expect([1, 2, 255].map((segments) => priceOf(segments, 8_613_800_138_000, 'marketing', null))).toEqual([1, 2, 255]);
});
