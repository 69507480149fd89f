import { describe, expect, test } from 'vitest';
import { prepareContent } from '../domain/content.ts';
import { isRejection, RowJudge } from './judge.ts';
import { detectLayout, valueSources } from './layout.ts';
import type { FileRow } from './rows.ts';

const NUMBER = 8_613_800_138_000;

/** Judges rows below `header` for a template. */
function judge(templateText: string, header: string[], rows: string[][], shared: Record<string, string> = {}) {
  const content = prepareContent({
    id: 1,
    templateId: null,
    templateText,
    signatureText: 'Acme',
    placement: 'prefix',
    brackets: 'fullWidth',
    category: 'notification',
  });
  const all: FileRow[] = [header, ...rows].map((cells, i) => ({ cells, line: i + 1 }));
  const layout = detectLayout(all, { country: 'CN', hasHeader: true, numberColumn: '1' });
  const judging = new RowJudge(
    layout,
    valueSources(layout, [...new Set(content.template.names)], {}, shared),
    content,
    'CN',
  );
  return all.slice(1).map((row) => judging.judge(row));
}

const codes = (judged: ReturnType<typeof judge>) =>
  judged.map((each) => (isRejection(each) ? each.code : each.recipient));

describe('a row', () => {
  test('is one message with its values, or tells why it is none', () => {
    const rows = [
      ['13800138000', 'Ann'],
      ['', 'x'],
      ['12345', 'x'],
      ['8.61380013E+12', 'x'],
      ['+86 138 0013 8000', 'x'],
      ['13800138001', ''],
      ['13800138002'],
    ];
    const judged = judge('Hello {name}', ['mobile', 'name'], rows);
    expect(codes(judged)).toEqual([
      NUMBER,
      'no_number',
      'invalid_number',
      'rounded_number',
      'duplicate',
      'missing_value',
      'missing_value',
    ]);
    expect(judged[0]).toEqual({ recipient: NUMBER, segments: 1, parameters: '{"name":"Ann"}' });
  });

  test('that is rejected leaves its number to a later one', () => {
    expect(
      codes(
        judge(
          'Hello {name}',
          ['m', 'name'],
          [
            ['13800138000', ''],
            ['13800138000', 'Ann'],
          ],
        ),
      ),
    ).toEqual(['missing_value', NUMBER]);
  });

  test('costs what its text takes, up to the longest text there is', () => {
    const judged = judge(
      '{text}',
      ['m', 'text'],
      [
        ['13800138000', 'x'.repeat(200)],
        ['13800138001', 'x'.repeat(30_000)],
      ],
    );
    expect(judged[0]).toMatchObject({ segments: 4 });
    expect(codes(judged)[1]).toBe('text_too_long');
  });

  test('takes what all rows have where it has nothing, and values as they are', () => {
    const judged = judge(
      '{name} {shop} {__proto__}',
      ['m', 'name', '__proto__'],
      [['13800138000', "'=1+1", '{name}']],
      { shop: 'Acme' },
    );
    expect(judged).toMatchObject([{ parameters: '{"name":"=1+1","shop":"Acme","__proto__":"{name}"}' }]);
  });

  test('of a text without variables carries none', () => {
    expect(judge('Hello', ['m', 'name'], [['13800138000', 'Ann']])).toMatchObject([{ parameters: null, segments: 1 }]);
  });
});
