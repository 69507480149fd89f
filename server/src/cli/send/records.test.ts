import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { detectDelimiter, inspect, readRecords } from './records.ts';

const directory = mkdtempSync(join(tmpdir(), 'signet-records-'));
afterAll(() => rmSync(directory, { recursive: true }));

function file(content: string | Uint8Array): string {
  const path = join(directory, 'numbers.csv');
  writeFileSync(path, content);
  return path;
}

async function cells(content: string | Uint8Array, encoding = 'utf-8', delimiter = ','): Promise<string[][]> {
  const all: string[][] = [];
  for await (const record of readRecords(file(content), { encoding, delimiter })) all.push(record.cells);
  return all;
}

describe('readRecords', () => {
  it('reads rows with their lines, quoted ones over several lines too', async () => {
    const records = [];
    const path = file('mobile,name\r\n1,"a, b"\r\n\r\n2,"x\ny"\r\n3,z');
    for await (const record of readRecords(path, { encoding: 'utf-8', delimiter: ',' })) records.push(record);
    expect(records).toEqual([
      { cells: ['mobile', 'name'], line: 1 },
      { cells: ['1', 'a, b'], line: 2 },
      { cells: ['2', 'x\ny'], line: 5 },
      { cells: ['3', 'z'], line: 6 },
    ]);
  });

  it('drops the byte order mark, spaces around cells, and rows of nothing', async () => {
    expect(await cells('\ufeffmobile , name\n 1, Ann \n,\n,,\n')).toEqual([
      ['mobile', 'name'],
      ['1', 'Ann'],
    ]);
  });

  it('keeps rows that are too short or too long, and a stray quotation mark', async () => {
    expect(await cells('a,b\n1\n2,3,4\n5,6" tall\n')).toEqual([['a', 'b'], ['1'], ['2', '3', '4'], ['5', '6" tall']]);
  });

  it('reads other encodings', async () => {
    const gbk = Buffer.from([0xca, 0xd6, 0xbb, 0xfa, 0x2c, 0x61, 0x0a, 0x31, 0x2c, 0x32, 0x0a]);
    expect(await cells(gbk, 'gb18030')).toEqual([
      ['手机', 'a'],
      ['1', '2'],
    ]);
    expect(await cells(Buffer.from('\ufeffa\tb\n', 'utf16le'), 'utf-16le', '\t')).toEqual([['a', 'b']]);
  });

  it('says what is wrong with a file it cannot read', async () => {
    await expect(cells(Buffer.from([0x61, 0xff, 0xfe, 0x0a]))).rejects.toThrow('is not utf-8 text');
    await expect(cells(`a,b\n1,"${'x'.repeat(70_000)}\n`)).rejects.toThrow('cannot be read as CSV');
    await expect(cells('a,b\n1,"never closed\n2,3\n')).rejects.toThrow('cannot be read as CSV');
    await expect(inspect(join(directory, 'missing.csv'), { encoding: 'utf-8', delimiter: ',' })).rejects.toThrow(
      'ENOENT',
    );
    await expect(detectDelimiter(directory, 'utf-8')).rejects.toThrow('EISDIR');
  });

  it('gives files of the same content the same fingerprint', async () => {
    const dialect = { encoding: 'utf-8', delimiter: ',' };
    const first = await inspect(file('mobile\n1\n2\n'), dialect);
    expect(await inspect(file('mobile\n1\n2\n'), dialect)).toEqual(first);
    expect(first).toMatchObject({ records: 3, bytes: 11 });
    expect((await inspect(file('mobile\n1\n3\n'), dialect)).sha256).not.toBe(first.sha256);
  });
});

describe('detectDelimiter', () => {
  it.each([
    ['mobile,name\n', ','],
    ['mobile;name;"a,b,c"\n', ';'],
    ['mobile\tname\n', '\t'],
    ['mobile|name\n', '|'],
    ['mobile\n1,2,3\n', ','],
    ['', ','],
  ])('finds %j in its first line', async (content, delimiter) => {
    expect(await detectDelimiter(file(content), 'utf-8')).toBe(delimiter);
  });
});
