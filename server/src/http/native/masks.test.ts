import Type from 'typebox';
import { describe, expect, test } from 'vitest';
import { closed, orNull, PhoneNumber, withNumbers } from './fields.ts';
import { maskerOf } from './masks.ts';

const NUMBER = '+8613800138000';
const MASKED = '+8613***00';

describe('numbers in an answer', () => {
  test('are masked wherever the schema has some, and nothing else is touched', () => {
    const item = closed({ id: Type.Integer(), to: PhoneNumber, from: orNull(PhoneNumber), text: Type.String() });
    const mask = maskerOf(closed({ items: Type.Array(item), next: Type.Integer() }))!;
    const answer = {
      items: [
        { id: 1, to: NUMBER, from: null, text: NUMBER },
        { id: 2, to: '12', from: NUMBER, text: '' },
      ],
      next: 13_800_138_000,
    };
    const before = structuredClone(answer);
    expect(mask(answer)).toEqual({
      items: [
        { id: 1, to: MASKED, from: null, text: NUMBER },
        { id: 2, to: '***', from: MASKED, text: '' },
      ],
      next: 13_800_138_000,
    });
    expect(answer).toEqual(before);
  });

  test('of several choices are each masked once', () => {
    const choice = Type.Union([
      closed({ kind: Type.Literal('a'), to: PhoneNumber }),
      closed({ kind: Type.Literal('b'), to: Type.Optional(PhoneNumber), other: Type.String() }),
      closed({ kind: Type.Literal('c'), inner: closed({ list: Type.Array(PhoneNumber) }) }),
    ]);
    const mask = maskerOf(Type.Array(choice))!;
    expect(
      mask([
        { kind: 'a', to: NUMBER },
        { kind: 'b', other: NUMBER },
        { kind: 'c', inner: { list: [NUMBER, NUMBER] } },
      ]),
    ).toEqual([
      { kind: 'a', to: MASKED },
      { kind: 'b', other: NUMBER },
      { kind: 'c', inner: { list: [MASKED, MASKED] } },
    ]);
  });

  test('that stand in texts, or in lists of recipients somewhere, are found', () => {
    const schema = closed({
      raw: withNumbers('text', Type.String()),
      after: withNumbers('within', orNull(Type.Object({}, { additionalProperties: true }))),
    });
    const mask = maskerOf(schema)!;
    expect(
      mask({ raw: 'id:12 to:8613800138000 sub:001', after: { recipients: [8613800138000], n: 8613800138000 } }),
    ).toEqual({ raw: `id:12 to:${MASKED} sub:001`, after: { recipients: [MASKED], n: 8613800138000 } });
    expect(mask({ raw: '', after: null })).toEqual({ raw: '', after: null });
  });

  test('are none where the schema has none', () => {
    expect(maskerOf(closed({ id: Type.Integer(), items: Type.Array(Type.String()) }))).toBe(null);
    expect(maskerOf(null)).toBe(null);
  });
});
