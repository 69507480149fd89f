import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { refused } from '../../test/refused.ts';
import { CsvParser, detectSeparator, SEPARATORS, type Separator } from './csv.ts';
import { csvLine, unprotected } from './csv-writer.ts';
import type { FileRow } from './rows.ts';

/** Reads a text cut at some places. */
function read(text: string, { separator = ',' as Separator, cuts = [] as number[] } = {}): FileRow[] {
  const parser = new CsvParser(separator);
  const at = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].sort((a, b) => a - b);
  const rows: FileRow[] = [];
  let from = 0;
  for (const to of [...at, text.length]) {
    rows.push(...parser.push(text.slice(from, to)));
    from = to;
  }
  return [...rows, ...parser.end()];
}

const cells = (text: string, separator: Separator = ',') => read(text, { separator }).map((row) => row.cells);

/** Text of the kind that breaks readers. */
const nasty = fc.string({ unit: fc.constantFrom(...'",;|\t\r\n \'=+-@aé号😀'.split(''), '😀'), maxLength: 12 });

describe('reading CSV', () => {
  test.each<[what: string, text: string, expected: string[][]]>([
    [
      'lines of every end',
      'a,b\r\nc,d\ne,f\rg,h',
      [
        ['a', 'b'],
        ['c', 'd'],
        ['e', 'f'],
        ['g', 'h'],
      ],
    ],
    ['quoted separators, line ends and marks', '"a,1","b\n2","c""3"""', [['a,1', 'b\n2', 'c"3"']]],
    ['spaces around cells, not those between marks', ' a , " b " ,\tc', [['a', ' b ', 'c']]],
    ['a mark inside a cell', '5" pipe,x', [['5" pipe', 'x']]],
    ['text behind a closing mark', '"a" b,c', [['a b', 'c']]],
    [
      'empty cells at the end',
      'a,,\n,,b',
      [
        ['a', '', ''],
        ['', '', 'b'],
      ],
    ],
    ['nothing but empty rows', '\n,,\n""\r\n \n', []],
  ])('%s', (_what, text, expected) => {
    expect(cells(text)).toEqual(expected);
  });

  test('tells the line each row begins on', () => {
    expect(read('a\n\n"b\r\nb\rb"\nc\r\n\r\nd').map(({ line }) => line)).toEqual([1, 3, 6, 8]);
  });

  test('a mark that is never closed, a cell that is too long, too many columns', () => {
    expect(refused(() => read('a,b\nc,"d\ne'))).toMatchObject({
      code: 'fileRefused',
      why: expect.stringMatching(/^line 2: .*never closed/),
    });
    expect(refused(() => read(`a\n"${'b'.repeat(40_000)}`))).toMatchObject({
      why: expect.stringMatching(/^line 2: .*longer/),
    });
    expect(refused(() => read(`a\n${'b'.repeat(40_000)}\n`))).toMatchObject({
      why: expect.stringMatching(/^line 2: .*longer/),
    });
    expect(refused(() => read(`a\n${','.repeat(256)}`))).toMatchObject({
      why: expect.stringMatching(/^line 2 has more/),
    });
  });

  test('it does not matter where the text is cut', () => {
    fc.assert(
      fc.property(nasty, fc.array(nasty), fc.array(fc.nat()), (head, tail, cuts) => {
        const text = [head, ...tail].join(',');
        const outcome = (pieces: number[]) => {
          try {
            return read(text, { cuts: pieces });
          } catch (error) {
            return (error as Error).message;
          }
        };
        expect(outcome(cuts)).toEqual(outcome([]));
      }),
    );
  });

  test('what was written is read again', () => {
    const row = fc.array(nasty, { minLength: 1, maxLength: 4 }).filter((each) => each.some((cell) => cell !== ''));
    fc.assert(
      fc.property(fc.array(row), fc.array(fc.nat()), (rows, cuts) => {
        const text = rows.map(csvLine).join('');
        const again = read(text, { cuts }).map((each) => each.cells.map(unprotected));
        expect(again).toEqual(
          rows.map((each) => each.map((cell) => (/^'[=+\-@\t\r]/.test(cell) ? cell.slice(1) : cell))),
        );
      }),
    );
  });
});

describe('writing CSV', () => {
  test.each([
    ['=1+1', "'=1+1\r\n"],
    ['+8613800138000', "'+8613800138000\r\n"],
    ['-1', "'-1\r\n"],
    ['@x', "'@x\r\n"],
    ['\tx', '"\'\tx"\r\n'],
    ['a,"b"', '"a,""b"""\r\n'],
    ['plain', 'plain\r\n'],
  ])('%j is no formula to a spreadsheet', (cell, line) => {
    expect(csvLine([cell])).toBe(line);
  });
});

test.each([
  ['a,b;c,d', ','],
  ['a;b;c,d', ';'],
  ['a\tb', '\t'],
  ['a|b|c', '|'],
  ['"a;b;c;d",e', ','],
  ['single', ','],
  ['', ','],
])('the separator of %j', (line, separator) => {
  expect(detectSeparator(`${line}\n;;;;;;`)).toBe(separator);
  expect(SEPARATORS).toContain(separator);
});
