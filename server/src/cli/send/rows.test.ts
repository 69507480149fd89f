import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Layout } from './layout.ts';
import type { FileRecord } from './records.ts';
import { cut, isRejection, RowJudge, valueSources } from './rows.ts';

const layout: Layout = { encoding: 'utf-8', delimiter: ',', header: ['mobile', 'name', 'code'], numberColumn: 0 };
const record = (...cells: string[]): FileRecord => ({ cells, line: 2 });
const judge = (variables: string[] | null, params: Record<string, string> = {}) =>
  new RowJudge(layout, valueSources(layout, variables, params), 'CN');

describe('valueSources', () => {
  it('sends only what the template uses', () => {
    expect(valueSources(layout, ['code'], { name: 'x' })).toEqual([
      { name: 'code', column: 2, fallback: null, required: true },
    ]);
  });

  it('offers every column when the template is not known', () => {
    expect(valueSources(layout, null, { city: 'Rome' }).map(({ name }) => name)).toEqual(['name', 'code', 'city']);
  });

  it('refuses a variable that would never have a value', () => {
    expect(() => valueSources(layout, ['code', 'city'], {})).toThrow('{city}');
    expect(() => valueSources({ ...layout, header: null }, ['code'], {})).toThrow('{code}');
    expect(() => valueSources({ ...layout, header: ['mobile', 'a', 'a'] }, ['a'], {})).toThrow('several columns');
  });
});

describe('RowJudge', () => {
  it('makes a message of a good row', () => {
    expect(judge(['name', 'code']).judge(record('13800138000', 'Ann', '007'))).toMatchObject({
      mobile: '+8613800138000',
      params: { name: 'Ann', code: '007' },
    });
    expect(judge([]).judge(record('+1 (555) 000-1234'))).toMatchObject({ reason: 'not a mobile number' });
    expect(judge([]).judge(record('13800138000'))).toMatchObject({ params: undefined });
  });

  it.each([
    [['', 'Ann', '1'], 'no_number'],
    [['hello', 'Ann', '1'], 'invalid_number'],
    [['1.38E+10', 'Ann', '1'], 'invalid_number'],
    [['13800138000', '', '1'], 'missing_value'],
    [['13800138000'], 'missing_value'],
    [['13800138000', 'A\0', '1'], 'bad_value'],
  ])('rejects %j as %s', (cells, code) => {
    expect(judge(['name', 'code']).judge(record(...cells))).toMatchObject({ code });
  });

  it('fills an empty cell with the value for all rows', () => {
    const filled = judge(['name'], { name: 'customer' });
    expect(filled.judge(record('13800138000', ''))).toMatchObject({ params: { name: 'customer' } });
    expect(filled.judge(record('13800138001', 'Ann'))).toMatchObject({ params: { name: 'Ann' } });
  });

  it('leaves an empty value out when the server knows better what is needed', () => {
    expect(judge(null).judge(record('13800138000', '', '1'))).toMatchObject({ params: { code: '1' } });
  });

  it('lets a number pass once, however it is written', () => {
    const once = judge([]);
    expect(isRejection(once.judge(record('13800138000')))).toBe(false);
    expect(once.judge(record('+86 138 0013 8000'))).toMatchObject({ code: 'duplicate' });
  });

  it('lets a number pass after a row of it was rejected for something else', () => {
    const judged = judge(['name']);
    expect(judged.judge(record('13800138000', ''))).toMatchObject({ code: 'missing_value' });
    expect(isRejection(judged.judge(record('13800138000', 'Ann')))).toBe(false);
  });
});

describe('cut', () => {
  it('cuts the same chunks of every file, with every row in one of them', async () => {
    const rows = fc.array(fc.constantFrom('13800138000', '13800138001', '13800138002', 'bad', ''), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(rows, fc.integer({ min: 1, max: 7 }), async (numbers, size) => {
        const records = [['mobile'], ...numbers.map((number) => [number])].map((cells, i) => ({ cells, line: i + 1 }));
        const chunks = [];
        for await (const chunk of cut(stream(records), judge([]), size, 1)) chunks.push(chunk);
        expect(chunks.map(({ index }) => index)).toEqual(chunks.map((_, index) => index));
        const counts = chunks.map(({ rows, rejections }) => rows.length + rejections.length);
        expect(counts.slice(0, -1).every((count) => count === size)).toBe(true);
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(numbers.length);
        const lines = chunks.flatMap((c) => [...c.rows, ...c.rejections].map((row) => row.record.line));
        expect(new Set(lines).size).toBe(numbers.length);
      }),
    );
  });
});

async function* stream(records: FileRecord[]): AsyncGenerator<FileRecord> {
  yield* records;
}
