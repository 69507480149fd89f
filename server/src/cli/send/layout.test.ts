import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { detectLayout, digitsOf } from './layout.ts';

const directory = mkdtempSync(join(tmpdir(), 'signet-layout-'));
afterAll(() => rmSync(directory, { recursive: true }));

async function layoutOf(content: string, numberColumn?: string) {
  const path = join(directory, 'numbers.csv');
  writeFileSync(path, content);
  const { header, numberColumn: found } = await detectLayout(path, {
    encoding: 'utf-8',
    country: 'CN',
    ...(numberColumn && { numberColumn }),
  });
  return { header, numberColumn: found };
}

describe('detectLayout', () => {
  it.each([
    ['a known name', 'name,Mobile,code\nAnn,13800138000,1\n', ['name', 'Mobile', 'code'], 1],
    ['a known name in Chinese', '姓名,手机号码\n李雷,13800138000\n', ['姓名', '手机号码'], 1],
    ['a known name, written apart', 'Phone Number;x\n13800138000;1\n', ['Phone Number', 'x'], 0],
    ['the column of valid numbers', 'who,where to\nAnn,+8613800138000\n', ['who', 'where to'], 1],
    ['no header', '13800138000,Ann\n13800138001,Bob\n', null, 0],
    ['one column', '+8613800138000\n', null, 0],
    ['two known names, one with numbers', 'to,number\nAnn,13800138000\n', ['to', 'number'], 1],
    ['a known name though nothing is valid', 'mobile\nnobody\n', ['mobile'], 0],
  ])('finds the numbers by %s', async (_, content, header, numberColumn) => {
    expect(await layoutOf(content)).toEqual({ header, numberColumn });
  });

  it('takes the column it is told', async () => {
    const content = 'a,b\n13800138000,13800138001\n';
    expect(await layoutOf(content, 'B')).toMatchObject({ numberColumn: 1 });
    expect(await layoutOf(content, '1')).toMatchObject({ numberColumn: 0 });
    await expect(layoutOf(content, 'c')).rejects.toThrow('no column c');
    await expect(layoutOf(content, '3')).rejects.toThrow('no column 3');
  });

  it('asks when it cannot tell', async () => {
    await expect(layoutOf('a,b\n13800138000,13800138001\n')).rejects.toThrow('several columns');
    await expect(layoutOf('a,b\nx,y\n')).rejects.toThrow('no column of the file holds mobile numbers');
    await expect(layoutOf('\n')).rejects.toThrow('holds no rows');
  });

  it('reads numbers as people write them', () => {
    expect(digitsOf("'+86 138-0013-8000")).toBe('+8613800138000');
    expect(digitsOf('(138) 0013.8000')).toBe('13800138000');
  });
});
