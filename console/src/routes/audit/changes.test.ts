import { describe, expect, it } from 'vitest';
import { changesOf } from './changes.ts';

describe('changes', () => {
  it('are the fields that differ', () => {
    expect(changesOf({ name: 'a', window: 10, tags: ['x'] }, { name: 'a', window: 20, tags: ['x'] })).toEqual([
      { field: 'window', before: '10', after: '20' },
    ]);
  });

  it('of something new are all its fields, and of something gone as well', () => {
    expect(changesOf(null, { name: 'a' })).toEqual([{ field: 'name', before: '', after: 'a' }]);
    expect(changesOf({ name: 'a', on: false }, null)).toEqual([
      { field: 'name', before: 'a', after: '' },
      { field: 'on', before: 'false', after: '' },
    ]);
    expect(changesOf(null, null)).toEqual([]);
  });
});
