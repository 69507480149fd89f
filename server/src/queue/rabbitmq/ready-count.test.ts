import { beforeEach, expect, test } from 'vitest';
import { ReadyCount } from './ready-count.ts';

let count: ReadyCount;
beforeEach(() => {
  count = new ReadyCount();
});

/** What the server answers, with so many tasks that it may not have counted. */
function answers(tasks: number, unconfirmed = 0): void {
  count.asked(unconfirmed);
  count.answered(tasks);
}

test('what was published here is known task by task, and leaves in that order', () => {
  for (const size of [10, 20, 30]) count.came(size);
  expect(count.messages).toBe(60);
  count.left();
  expect(count.messages).toBe(50);
  for (let i = 0; i < 3; i++) count.left();
  expect(count.messages).toBe(0);
});

test('what others took is gone when the server has said so twice', () => {
  for (let i = 0; i < 10; i++) count.came(7);
  answers(10);
  answers(4);
  expect(count.messages).toBe(70);
  answers(4);
  expect(count.messages).toBe(28);
});

test('what the server does not count yet is not taken for gone, and not for the task of another afterwards', () => {
  for (let i = 0; i < 10; i++) count.came(7);
  answers(2, 8);
  answers(3);
  expect(count.messages).toBe(70);
  answers(10);
  expect(count.messages).toBe(70);
});

test('tasks of others are guessed', () => {
  count.came(7);
  answers(3);
  expect(count.messages).toBe(7 + 2 * 50);
  count.left();
  count.left();
  expect(count.messages).toBe(50);
  count.empty();
  expect(count.messages).toBe(0);
});
