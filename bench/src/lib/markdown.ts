/** A number without decimals, for people. */
export const whole = (value: number): string => Math.round(value).toLocaleString('en');

/** A number with as many decimals as say something. */
export const fixed = (value: number): string => value.toFixed(value < 10 ? 2 : 1);

/** Whether a bar is met. */
export const verdict = (holds: boolean): string => (holds ? 'passed' : '**missed**');

/** A table of Markdown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
