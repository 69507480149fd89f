import { describe, expect, it } from 'vitest';
import { type Grant, GrantBook } from './grants.ts';

const grant = (
  channelId: number,
  room: number,
  lines: Record<string, number>,
  lane: Grant['lane'] = 'verification',
): Grant => ({
  lane,
  channelId,
  room,
  lines: new Map(Object.entries(lines)),
});

describe('the grant book', () => {
  it('gives room to messages of a line and lane that have some', () => {
    const book = new GrantBook();
    expect(book.empty).toBe(true);
    book.add([grant(1, 5, { a: 1, b: 1 }), grant(2, 3, { c: 1 })]);
    expect(book.empty).toBe(false);
    expect(book.take('notification', 'a', 1)).toBe(null);
    expect(book.take('verification', 'd', 1)).toBe(null);
    expect(book.take('verification', 'a', 3)).toBe(1);
    // Lines share the room of their channel.
    expect(book.take('verification', 'b', 3)).toBe(null);
    expect(book.take('verification', 'b', 2)).toBe(1);
    book.giveBack('verification', 1, 2);
    expect(book.take('verification', 'a', 1)).toBe(1);
    expect(book.rest().map(({ channelId, room }) => [channelId, room])).toEqual([
      [1, 1],
      [2, 3],
    ]);
    expect(book.empty).toBe(true);
  });

  it('shares the messages of a line by weight, over many moments', () => {
    const book = new GrantBook();
    const taken = { 1: 0, 2: 0 } as Record<number, number>;
    for (let i = 0; i < 1_000; i++) {
      book.add([grant(1, 10, { a: 70 }), grant(2, 10, { a: 30 }), grant(1, 10, { a: 70 })]);
      taken[book.take('verification', 'a', 1)!]!++;
      book.rest();
    }
    expect(taken).toEqual({ 1: 700, 2: 300 });
  });

  it('gives all to the channel that has room', () => {
    const book = new GrantBook();
    book.add([grant(1, 1, { a: 99 }), grant(2, 10, { a: 1 })]);
    expect([book.take('verification', 'a', 2), book.take('verification', 'a', 2)]).toEqual([2, 2]);
  });
});
