import { describe, expect, test } from 'vitest';
import { refused } from '../../test/refused.ts';
import { detectLayout, type LayoutWishes, valueSources } from './layout.ts';

const rowsOf = (...rows: string[][]) => rows.map((cells, i) => ({ cells, line: i + 1 }));
const layout = (rows: string[][], wishes: Partial<LayoutWishes> = {}) =>
  detectLayout(rowsOf(...rows), { country: 'CN', ...wishes });

describe('where the numbers are', () => {
  test.each([
    [['name', 'Mobile'], 1],
    [['name', 'phone_number', 'x'], 1],
    [['姓名', '手机号'], 1],
    [['手機 號碼', '姓名'], 0],
    [['MSISDN'], 0],
  ])('by the name of the column: %j', (header, numberColumn) => {
    expect(layout([header, ['x', 'y', 'z']])).toMatchObject({ numberColumn, hasHeader: true });
  });

  test('by what the first rows hold, with and without a header', () => {
    expect(
      layout([
        ['id', 'who', 'call'],
        ['10001', 'Ann', '13800138000'],
      ]),
    ).toMatchObject({ numberColumn: 2, hasHeader: true });
    expect(
      layout([
        ['Ann', '13800138000'],
        ['Bob', '13800138001'],
      ]),
    ).toEqual({ numberColumn: 1, hasHeader: false, columns: ['1', '2'] });
  });

  test('by what the sender says, whatever the file looks like', () => {
    const two = [
      ['phone', 'mobile'],
      ['13800138000', '13800138001'],
    ];
    expect(layout(two, { numberColumn: 'Mobile' }).numberColumn).toBe(1);
    expect(layout(two, { numberColumn: '1' }).numberColumn).toBe(0);
    expect(layout([['13800138000'], ['13800138001']], { hasHeader: true })).toMatchObject({
      hasHeader: true,
      columns: ['13800138000'],
    });
  });

  test('or it is said that nobody can tell', () => {
    const why = (rows: string[][], wishes = {}) => (refused(() => layout(rows, wishes)) as { why: string }).why;
    expect(why([])).toBe('it holds no rows');
    expect(
      why([
        ['name', 'town'],
        ['Ann', 'Rome'],
      ]),
    ).toContain('no column holds mobile numbers');
    expect(
      why([
        ['home', 'work'],
        ['13800138000', '13800138001'],
      ]),
    ).toContain('several columns');
    expect(why([['name'], ['x']], { numberColumn: 'mobile' })).toBe('it has no column mobile; its columns are name');
    expect(
      why(
        [
          ['name', 'name'],
          ['x', 'y'],
        ],
        { numberColumn: 'name' },
      ),
    ).toContain('several of its columns');
  });
});

describe('where values come from', () => {
  const found = layout([
    ['mobile', 'Name', 'town'],
    ['13800138000', 'Ann', 'Rome'],
  ]);
  const sources = (variables: string[], mapping = {}, shared = {}) => valueSources(found, variables, mapping, shared);

  test('a mapped column, a column of the same name, a value for all rows', () => {
    expect(sources(['who', 'town', 'shop'], { who: 'name' }, { shop: 'Acme', town: 'somewhere' })).toEqual([
      { variable: 'who', column: 1, fallback: null },
      { variable: 'town', column: 2, fallback: 'somewhere' },
      { variable: 'shop', column: null, fallback: 'Acme' },
    ]);
    expect(sources(['number'], { number: '1' })).toEqual([{ variable: 'number', column: 0, fallback: null }]);
  });

  test('refuses a variable without any, a mapping to nothing, and one of nothing', () => {
    expect(refused(() => sources(['who']))).toMatchObject({ why: expect.stringContaining('no column is named who') });
    expect(refused(() => sources(['mobile']))).toMatchObject({ code: 'fileRefused' });
    expect(refused(() => sources(['who'], { who: 'nobody' }))).toMatchObject({
      why: expect.stringContaining('no column nobody'),
    });
    expect(refused(() => sources(['town'], { twon: 'town' }))).toMatchObject({
      why: expect.stringContaining('{twon}'),
    });
    expect(refused(() => sources(['__proto__']))).toMatchObject({ code: 'fileRefused' });
  });
});
