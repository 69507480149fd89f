import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ERRORS, type ErrorCode } from './errors.ts';

it('the documented error list is said literally', () => {
  const documented: { status: number; body: { error: ErrorCode; message: string } }[] = JSON.parse(
    readFileSync(new URL('wire/errors.json', import.meta.url), 'utf8'),
  );
  expect(documented).toHaveLength(15);
  for (const { status, body } of documented) expect(ERRORS[body.error]).toEqual({ status, message: body.message });
});
