import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { refusalOf } from '../../test/desk.ts';
import { type TestCell, workbook, zip } from '../../test/workbook.ts';
import { type FileWishes, openFileOfRows } from './open.ts';
import type { FileRow } from './rows.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'signet-files-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function read(octets: Buffer | string, wishes: FileWishes = {}) {
  const path = join(folder, 'file');
  writeFileSync(path, octets);
  const file = await openFileOfRows(path, wishes);
  const rows: FileRow[] = [];
  for await (const some of file.rows()) rows.push(...some);
  return { ...file, rows, cells: rows.map(({ cells }) => cells) };
}

const why = async (octets: Buffer | string, wishes: FileWishes = {}) => {
  const refusal = await refusalOf(read(octets, wishes));
  expect(refusal.code).toBe('fileRefused');
  return (refusal as { why: string }).why;
};

const utf16 = (text: string, big: boolean): Buffer => {
  const octets = Buffer.from(`\ufeff${text}`, 'utf16le');
  return big ? octets.swap16() : octets;
};
/** 手机号,姓名 and a row, as a Chinese spreadsheet saves it. */
const GB18030 = Buffer.from('cad6bbfabac52cd0d5c3fb0a31333830303133383030302cd5c5c8fd0a', 'hex');
const HEADER = ['手机号', '姓名'];
const ROW = ['13800138000', '张三'];
const TEXT = `${HEADER}\n${ROW}\n`;

describe('a text file', () => {
  test.each<[what: string, octets: Buffer | string, encoding: string]>([
    ['UTF-8', TEXT, 'utf-8'],
    ['UTF-8 with a mark', `\ufeff${TEXT}`, 'utf-8'],
    ['GB18030', GB18030, 'gb18030'],
    ['UTF-16, little end first', utf16(TEXT, false), 'utf-16le'],
    ['UTF-16, big end first', utf16(TEXT, true), 'utf-16be'],
  ])('in %s', async (_what, octets, encoding) => {
    expect(await read(octets)).toMatchObject({ format: 'csv', encoding, cells: [HEADER, ROW] });
  });

  test('in the encoding and with the separator the sender names', async () => {
    expect(
      (await read(Buffer.from('caf\xe9;1,5', 'latin1'), { encoding: 'windows-1252', separator: ';' })).cells,
    ).toEqual([['café', '1,5']]);
    expect(await why(GB18030, { encoding: 'utf-8' })).toBe('it is not utf-8 text');
  });

  test('is judged by all of it: one late character decides', async () => {
    const late = Buffer.concat([Buffer.from('number\n'.repeat(50_000)), Buffer.from('d5c5c8fd', 'hex')]);
    expect(await read(late)).toMatchObject({ encoding: 'gb18030' });
  });

  test('is nothing, or nothing but its mark', async () => {
    expect((await read('')).rows).toEqual([]);
    expect((await read('\ufeff')).rows).toEqual([]);
    expect((await read('\r\n\r\n')).rows).toEqual([]);
  });

  test('that is none', async () => {
    expect(await why(Buffer.from('a\0b'))).toContain('NUL');
    expect(await why(Buffer.from([0xff, 0xff, 0xff, 0x80]))).toContain('neither UTF-8 nor GB18030');
    expect(await why(Buffer.from('d0cf11e0a1b11ae1', 'hex'))).toContain('.xls');
    expect(await why(`a,"${'b'.repeat(10_000_000)}`)).toContain('never closed');
  });
});

describe('a workbook', () => {
  const rows = (cells: TestCell[][], more = {}) => read(workbook({ rows: cells, ...more }));

  test('with shared and inline texts, numbers and gaps', async () => {
    const cells: TestCell[][] = [
      ['手机号', 'name', null, 'x'],
      [13_800_138_000, ' Ann & <Bob> ', null, 1.5],
      [],
      ['8613800138000'],
    ];
    const expected = [
      HEADER.slice(0, 1).concat('name', '', 'x'),
      ['13800138000', 'Ann & <Bob>', '', '1.5'],
      ['8613800138000'],
    ];
    for (const inline of [false, true]) {
      const file = await rows(cells, { inline });
      expect(file).toMatchObject({ format: 'xlsx', encoding: null, cells: expected });
      expect(file.rows.map(({ line }) => line)).toEqual([1, 2, 4]);
    }
  });

  test('whose numbers are written in any way', async () => {
    const xml = (value: string, attributes = '') => ({ xml: `<c${attributes}><v>${value}</v></c>` });
    const cells = [
      xml('8.61380013E+12'),
      xml('1.3800138000000000E10'),
      xml('0.1'),
      xml('0.30000000000000004'),
      xml('-7'),
      xml('x'),
    ];
    expect((await rows([cells])).cells).toEqual([['8613800130000', '13800138000', '0.1', '0.3', '-7', 'x']]);
  });

  test('with results of formulas, truths, errors and rich text', async () => {
    const cells = [
      { xml: '<c t="str"><f>A1&amp;"x"</f><v>ax</v></c>' },
      { xml: '<c><f>1+1</f><v>2</v></c>' },
      { xml: '<c><f>1+1</f></c>' },
      { xml: '<c t="b"><v>1</v></c>' },
      { xml: '<c t="e"><v>#N/A</v></c>' },
      { xml: '<c t="inlineStr"><is><r><t>a</t></r><r><t>b</t></r><rPh><t>no</t></rPh></is></c>' },
    ];
    expect((await rows([cells])).cells).toEqual([['ax', '2', '', 'TRUE', '', 'ab']]);
    const strings = '<sst><si><r><t>手</t></r><r><t>机</t></r><rPh sb="0" eb="1"><t>shou</t></rPh></si></sst>';
    expect((await rows([['x']], { parts: { 'xl/sharedStrings.xml': strings } })).cells).toEqual([['手机']]);
  });

  test('whose dates are dates', async () => {
    const styled = (value: number, style: number) => ({ xml: `<c s="${style}"><v>${value}</v></c>` });
    const formats = [14, 22, 'yyyy"年"m"月"d"日"', '[h]:mm:ss', '0.00', '[Red]#,##0" days"', 'General'];
    const cells = [
      styled(46_348, 1),
      styled(46_348.354166667, 2),
      styled(46_348, 3),
      styled(0.5, 4),
      styled(46_348, 5),
      styled(46_348, 6),
      styled(46_348, 7),
      styled(46_348, 0),
      styled(-1, 1),
    ];
    expect((await rows([cells], { formats })).cells).toEqual([
      ['2026-11-22', '2026-11-22 08:30:00', '2026-11-22', '12:00:00', '46348', '46348', '46348', '46348', '-1'],
    ]);
    const parts = {
      'xl/workbook.xml': '<workbook><workbookPr date1904="1"/><sheets><sheet name="a" r:id="s1"/></sheets></workbook>',
    };
    expect((await rows([[styled(44_886, 1)]], { formats, parts })).cells).toEqual([['2026-11-22']]);
  });

  test('of several sheets: the first that is not hidden, or the one that is named', async () => {
    const sheets = [{ name: 'old', state: 'hidden' }, { name: '名单' }];
    expect((await rows([['a']], { sheets })).cells).toEqual([['a']]);
    const book = workbook({ rows: [['a']], sheets: [{ name: 'empty' }, { name: '名单' }] });
    expect((await read(book)).cells).toEqual([]);
    expect((await read(book, { sheet: '名单' })).cells).toEqual([['a']]);
    expect(await why(book, { sheet: 'x' })).toBe('there is no such sheet; it has empty, 名单');
    expect(await why(workbook({ rows: [], sheets: [{ name: 'a', state: 'veryHidden' }] }))).toContain(
      'no visible sheet',
    );
  });

  test('with names in a namespace, and without places', async () => {
    const sheet =
      '<x:worksheet><x:sheetData><x:row><x:c><x:v>1</x:v></x:c><x:c t="str"><x:v>b</x:v></x:c></x:row><x:row/></x:sheetData></x:worksheet>';
    expect((await rows([], { parts: { 'xl/worksheets/sheet1.xml': sheet } })).cells).toEqual([['1', 'b']]);
  });

  test('that unpacks to a mountain is not unpacked', async () => {
    const mountain = Buffer.alloc(50_000_000, ' ');
    expect(await why(workbook({ rows: [], parts: { 'xl/worksheets/sheet1.xml': mountain.toString() } }))).toContain(
      'unpacks to far more',
    );
    const liar = zip([{ name: 'xl/workbook.xml', octets: Buffer.alloc(5_000_000, ' '), lies: 100 }]);
    expect(await why(liar)).toContain('damaged');
  });

  test('that is damaged, hostile or none', async () => {
    const whole = workbook({ rows: [['a']] });
    expect(await why(whole.subarray(0, whole.length - 30))).toContain('damaged');
    const broken = Buffer.from(whole);
    broken.fill(0xff, 60, 80);
    expect(await why(broken)).toContain('damaged');
    expect(await why(zip([{ name: 'a.txt', octets: Buffer.from('a') }]))).toContain('no XLSX workbook');
    const of = (sheet: string) => workbook({ rows: [], parts: { 'xl/worksheets/sheet1.xml': sheet } });
    expect(await why(of('<worksheet><sheetData><row>'))).toContain('damaged');
    expect(await why(of(`<!DOCTYPE a [<!ENTITY b "cccc">]><worksheet><v>&b;</v></worksheet>`))).toContain('damaged');
    expect(await why(of('<worksheet><row r="1"><c r="XFD1"><v>1</v></c></row></worksheet>'))).toContain('columns');
    expect(
      await why(of(`<worksheet><row r="1"><c t="str"><v>${'x'.repeat(40_000)}</v></c></row></worksheet>`)),
    ).toContain('longer');
  });

  test('gives back what was written', async () => {
    const text = fc.string({ unit: fc.constantFrom('a', '手', '&', '<', '"', '\n', ' ', '😀', "'"), maxLength: 8 });
    const row = fc.array(fc.oneof(text, fc.integer()), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 6 }), fc.boolean(), async (cells, inline) => {
        const expected = cells
          .map((each) => each.map((cell) => String(cell).trim()))
          .filter((each) => each.some((cell) => cell !== ''));
        expect((await read(workbook({ rows: cells, inline }))).cells).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });
});
