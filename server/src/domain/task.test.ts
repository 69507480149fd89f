import { describe, expect, test } from 'vitest';
import {
  actionsOf,
  newerFirst,
  parseTaskId,
  queueKindOf,
  queueNames,
  TASK_KINDS,
  TASK_STATES,
  taskIdText,
} from './task.ts';

describe('a task', () => {
  test('is named by a text that names it again', () => {
    for (const kind of TASK_KINDS) {
      const index = kind === 'retry' || kind === 'uncertain' ? 17 : 0;
      const id = { kind, key: 244_813_135_872_000, index };
      expect(parseTaskId(taskIdText(id))).toEqual(id);
    }
    for (const text of [
      '',
      'chore',
      'chore-',
      'chore-0',
      'chore-1-2',
      'retry-1',
      'nothing-1',
      'chore-99999999999999999',
    ])
      expect(parseTaskId(text), text).toBe(null);
  });

  test('comes before those that were made earlier', () => {
    const at = (kind: 'chore' | 'retry', key: number, index = 0) => ({ kind, key, index });
    const sorted = [at('retry', 5, 1), at('chore', 5), at('retry', 5, 2), at('chore', 9)].sort(newerFirst);
    expect(sorted.map(taskIdText)).toEqual(['chore-9', 'retry-5-2', 'retry-5-1', 'chore-5']);
  });

  test('that ended is only done again, and one that waits is never', () => {
    for (const kind of TASK_KINDS) {
      for (const state of TASK_STATES) {
        const actions = actionsOf(kind, state);
        if (state === 'succeeded' && kind === 'delivery') expect(actions).toEqual([]);
        if (kind === 'chore' || kind === 'delivery') {
          const ended = state === 'succeeded' || state === 'failed' || state === 'revoked';
          expect(actions.includes('revoke') && ended, `${kind} ${state}`).toBe(false);
          expect(actions.includes('retry') && !ended, `${kind} ${state}`).toBe(false);
        }
      }
    }
  });

  test('stands in a queue with a name', () => {
    for (const name of queueNames([0, 3])) expect(queueKindOf(name), name).not.toBe(null);
    for (const name of ['', 'dispatch.3', 'dispatch.x.marketing', 'chore.nothing', 'retries.codes'])
      expect(queueKindOf(name), name).toBe(null);
  });
});
